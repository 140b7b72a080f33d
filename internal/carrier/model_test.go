package carrier_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// TestModel has random people do random things to carriers, most of which are refused, and keeps two things true after each: in the
// matter everything registered is somewhere, and each carrier that has not ended has exactly one holder, who changes only by taking.
func TestModel(t *testing.T) {
	const steps, lists = 3500, 8
	each(t, func(t *testing.T, o *office) {
		o.must(o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
		o.Hire("porter", access.Logistics)
		random := rand.New(rand.NewPCG(20261124, 7))
		people := []string{"lead", "handling", "trainee", "keeper", "director", "member", "walled", "outsider"}
		holder, offered, registered, ended, took, out := map[string]string{}, map[string]string{}, 0, 0, 0, 0
		recalled, backed, outside, sent := 0, 0, 0, 0
		destroyed, tried, fetched, erased := 0, 0, 0, 0
		material := o.Receive(o.matter, "a.txt", "证据目录", "证据三份", classification.Confidential)
		o.Review(material, classification.Confidential)
		var ids, files []string
		copier, copied, numbers := o.copier(), 0, map[string]bool{}
		for step := range steps {
			by, to := people[random.IntN(len(people))], people[random.IntN(len(people))]
			if len(ids) == 0 || random.IntN(20) == 0 {
				r := deed
				r.Copies = 1 + random.IntN(3)
				if made, err := o.register(by, r); err == nil {
					for _, id := range made {
						holder[id] = o.IDs[by]
					}
					ids, registered = append(ids, made...), registered+len(made)
				}
			}
			if len(ids) == 0 {
				continue
			}
			id := ids[random.IntN(len(ids))]
			if len(files) > 0 && random.IntN(20) == 0 {
				id = files[random.IntN(len(files))]
			}
			before, now := holder[id], ""
			if random.IntN(2) == 0 {
				for login, person := range o.IDs {
					if person == before {
						by = login
					}
				}
			}
			switch random.IntN(15) {
			case 0, 1, 2:
				due := time.Time{}
				if random.IntN(2) == 0 {
					due = o.clock.Now().Add(time.Duration(random.IntN(100)) * time.Hour)
				}
				if o.offer(by, id, to, due) == nil {
					offered[id] = to
				}
			case 3, 4, 5:
				if asked := offered[id]; asked != "" && random.IntN(2) == 0 {
					by = asked
				}
				if o.take(by, id) == nil {
					took++
					holder[id] = o.IDs[by]
				}
			case 6:
				_ = o.do(by, access.HandCarrier, access.Carrier, id, o.House.Carriers.Withdraw)
			case 7:
				if random.IntN(8) == 0 && (o.giveBack(by, id, "客户") == nil || o.writeOff(by, id) == nil) {
					ended++
				}
			case 8: // off the premises, as far as the rules let it
				if o.askOut(by, id, nil) == nil {
					_ = o.decideOut(to, id, random.IntN(4) > 0, "按需")
					_ = o.decideOut("director", id, true, "")
				}
			case 9:
				if o.goOut(by, id) == nil {
					out++
				}
			case 10:
				_ = o.comeBack(to, id, carrier.Tally{Pages: 12})
			case 11:
				if random.IntN(2) == 0 {
					by = "lead"
				}
				if o.recall(by, id, "归档") == nil {
					recalled++
				}
			case 12, 13:
				if random.IntN(2) == 0 {
					by = o.lenderOf(id, by)
				}
				if o.takeBack(by, id, "完好，数量相符") == nil {
					backed++
					holder[id] = o.IDs[by]
				}
			case 14: // to somebody outside the team, as far as the rules let it
				if leave, err := o.askOutside(by, id, to, 1+random.IntN(100)); err == nil {
					_ = o.say("lead", leave, approval.Yes)
					_ = o.say("director", leave, approval.Decision([]string{"yes", "yes", "no"}[random.IntN(3)]))
				}
				if o.lendOutside(by, id, carrier.Handing{To: o.IDs[to], Due: o.clock.Now().Add(time.Hour), Note: "核对"}) == nil {
					offered[id], outside = to, outside+1
				}
			}
			if random.IntN(30) == 0 { // out of the firm for good
				if leave, err := o.askSend(by, id, toCourt); err == nil {
					_ = o.say("lead", leave, approval.Yes)
					_ = o.say("director", leave, approval.Decision([]string{"yes", "no"}[random.IntN(2)]))
				}
				if o.send(by, id, toCourt) == nil {
					sent, ended = sent+1, ended+1
				}
			}
			if random.IntN(40) == 0 { // an original leaves as a file
				who := []string{"lead", "handling", "trainee"}[random.IntN(3)]
				if who != "lead" {
					o.mayFetch("lead", who, material)
				}
				mine := ""
				switch it, err := o.fetch(who, material); {
				case problem.Is(err, problem.Conflict): // late with the one before, which is then deleted
					for _, id := range files {
						if it, _, err := o.get(who, id); err == nil && it.Holder == o.IDs[who] && it.State == access.Held {
							mine = id
						}
					}
				case err != nil:
					t.Fatal(err)
				default:
					mine = it.ID
					if holder[mine] == "" {
						holder[mine] = o.IDs[who]
						files, registered, fetched = append(files, mine), registered+1, fetched+1
					}
				}
				if o.erase([]string{who, to}[random.IntN(2)], mine) == nil {
					destroyed, ended, erased = destroyed+1, ended+1, erased+1
				}
			}
			if random.IntN(25) == 0 { // copies of it enter the world, some of which come to nothing
				for _, made := range o.copyOf(by, id, copier, 1+random.IntN(3), random.IntN(3), numbers) {
					holder[made] = o.IDs[by]
					ids, registered, copied = append(ids, made), registered+1, copied+1
				}
			}
			if tried < lists && step%(steps/lists) == steps/lists-1 { // a list of some that are there now, some of which cannot be destroyed as they stand
				tried++
				n := o.destroy(ids[random.IntN(len(ids)):])
				destroyed, ended = destroyed+n, ended+n
			}
			if step%7 == 0 {
				o.clock.Forward(time.Duration(random.IntN(6)) * time.Hour)
			}
			o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
				now, err = store.Get(tx, func(row store.Row) (s string, err error) { err = row.Scan(&s); return s, err }, `SELECT holder FROM carrier WHERE id = $1`, id)
				return err
			}))
			if now != holder[id] {
				t.Fatalf("step %d: the holder was %s, is %s, and ought to be %s", step, before, now, holder[id])
			}
			if step%50 == 0 { // nothing else has changed hands meanwhile
				o.heldBy(step, holder)
			}
			if step%50 == 0 || step == steps-1 {
				o.loansAgree(step)
				var b carrier.Balance
				o.must(o.do("lead", access.ViewMatter, access.Matter, o.matter, func(g *guard.Grant) (err error) { b, err = o.House.Carriers.Balance(g); return err }))
				if !b.Even() || b.Registered != registered || b.Held != registered-ended || b.Destroyed != destroyed || b.Sent != sent {
					t.Fatalf("step %d: %+v, with %d registered, %d ended and %d destroyed", step, b, registered, ended, destroyed)
				}
			}
		}
		if copied < 10 {
			t.Errorf("only %d copies were made", copied)
		}
		if fetched < 10 || erased < 10 {
			t.Errorf("only %d originals were fetched and %d deleted", fetched, erased)
		}
		if sent < 3 {
			t.Errorf("only %d were sent out", sent)
		}
		if recalled < 5 || backed < 5 || outside < 3 {
			t.Errorf("little was lent: %d recalled, %d taken back, %d offered outside", recalled, backed, outside)
		}
		if took < 20 || ended < 10 || out < 5 || destroyed < 3 {
			t.Errorf("little happened: %d taken, %d ended, %d taken out, %d destroyed", took, ended, out, destroyed)
		}
	})
}

// lenderOf is who has lent a carrier, or somebody else where nobody has.
func (o *office) lenderOf(id, otherwise string) string {
	it, _, _ := o.get("keeper", id)
	for login, person := range o.IDs {
		if person == it.Lender {
			return login
		}
	}
	return otherwise
}

// loansAgree: every carrier that is lent has one loan that is not over, with its holder, lender and day, and nothing else has one.
func (o *office) loansAgree(step int) {
	o.t.Helper()
	o.must(o.House.DB.Read(o.t.Context(), func(tx *store.Tx) error {
		for what, query := range map[string]string{
			"lent without a loan":        `SELECT COUNT(*) FROM carrier c WHERE c.lender <> '' AND c.state <> 'ended' AND (SELECT COUNT(*) FROM loan l WHERE l.carrier = c.id AND l.over = 0 AND l.borrower = c.holder AND l.lender = c.lender AND l.due = c.due) <> 1`,
			"a loan of what is not lent": `SELECT COUNT(*) FROM loan l JOIN carrier c ON c.id = l.carrier WHERE l.over = 0 AND (c.lender = '' OR c.state = 'ended')`,
			"two loans at once":          `SELECT COUNT(*) FROM (SELECT carrier FROM loan WHERE over = 0 GROUP BY carrier HAVING COUNT(*) > 1) t`,
		} {
			n, err := store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, query)
			if err != nil {
				return err
			}
			if n > 0 {
				o.t.Errorf("step %d: %s: %d", step, what, n)
			}
		}
		return nil
	}))
}

// heldBy: every carrier is with who took it last.
func (o *office) heldBy(step int, holder map[string]string) {
	o.t.Helper()
	o.must(o.House.DB.Read(o.t.Context(), func(tx *store.Tx) error {
		rows, err := store.List(tx, func(row store.Row) (x [2]string, err error) { err = row.Scan(&x[0], &x[1]); return x, err }, `SELECT id, holder FROM carrier`)
		for _, x := range rows {
			if holder[x[0]] != x[1] {
				o.t.Fatalf("step %d: %s is with %s, not with %s", step, x[0], x[1], holder[x[0]])
			}
		}
		return err
	}))
}
