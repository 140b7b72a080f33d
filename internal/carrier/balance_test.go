package carrier_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func (o *office) accounts(by string, f carrier.AccountFilter) []carrier.Account {
	o.t.Helper()
	var page carrier.AccountPage
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { page, err = o.House.Carriers.Accounts(g, f); return err }))
	return page.Accounts
}

func (o *office) gaps(by string) (gaps []carrier.Gap, sees bool) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) {
		if sees, err = o.House.Carriers.SeesGaps(g, o.matter); err != nil || !sees {
			return err
		}
		gaps, err = o.House.Carriers.Gaps(g.Tx(), o.matter)
		return err
	}))
	return gaps, sees
}

func (o *office) explain(by, number, why string) error {
	return o.do(by, access.ExplainGap, access.Firm, guard.Firm.ID, func(g *guard.Grant) error { return o.House.Carriers.ExplainGap(g, o.matter, number, why) })
}

// in is the office at work on another matter.
func (o *office) in(matter string) *office {
	other := *o
	other.matter = matter
	return &other
}

// write changes the records past the door, as a fault would.
func (o *office) write(sql string, args ...any) {
	o.t.Helper()
	o.must(o.House.DB.Update(context.Background(), func(tx *store.Tx) error { _, err := tx.Exec(sql, args...); return err }))
}

// TestAccounts: each matter's balance counts what its reader may know, and what does not agree shows, whichever side is wrong.
func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := deed
		r.Copies = 4
		ids, err := o.register("handling", r)
		o.must(err)
		o.must(o.giveBack("handling", ids[0], "客户"))
		o.must(o.offer("handling", ids[1], "keeper", time.Time{}))
		o.must(o.writeOff("director", ids[1]))
		other := o.OpenMatter("买卖合同纠纷", "北岭建材有限公司")
		for by, want := range map[string]int{"lead": 1, "handling": 1, "keeper": 1, "auditor": 1, "trainee": 0, "outsider": 0, "walled": 0, "director": 0, "security": 0} {
			all := o.accounts(by, carrier.AccountFilter{})
			if len(all) != want {
				t.Errorf("%s reads %+v", by, all)
			}
			if want == 1 && (all[0].Matter != o.matter || all[0].Issued != 4 || all[0].Held != 2 || all[0].Returned != 1 || all[0].Lost != 1 || !all[0].Even()) {
				t.Errorf("%s reads %+v", by, all[0])
			}
		}
		if all := o.accounts("lead", carrier.AccountFilter{Matter: other}); len(all) != 0 {
			t.Errorf("a matter without carriers: %+v", all)
		}
		number := o.accounts("lead", carrier.AccountFilter{})[0].Number
		for prefix, want := range map[string]int{number: 1, number[:5]: 1, "1999": 0, "%": 0} {
			if n := len(o.accounts("keeper", carrier.AccountFilter{Number: prefix})); n != want {
				t.Errorf("%q finds %d", prefix, n)
			}
		}
		for by, want := range map[string][2]int{"keeper": {4, 2}, "auditor": {4, 2}, "lead": {4, 2}, "trainee": {}, "walled": {}, "director": {}} {
			var sum carrier.Account
			o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { sum, err = o.House.Carriers.Total(g); return err }))
			if sum.Issued != want[0] || sum.Held != want[1] || sum.Registered != want[0] || !sum.Even() {
				t.Errorf("in all, %s: %+v", by, sum)
			}
		}
		even := func(want bool, what string) {
			t.Helper()
			if a := o.accounts("keeper", carrier.AccountFilter{Limit: -1})[0]; a.Even() != want {
				t.Errorf("%s: %+v", what, a)
			}
			for by, knows := range map[string]bool{"keeper": true, "handling": true, "trainee": false, "walled": false} {
				if n := len(o.accounts(by, carrier.AccountFilter{Wrong: true})); (n == 1) != (knows && !want) || n > 1 {
					t.Errorf("%s: %s finds %d wrong", what, by, n)
				}
			}
			var sum carrier.Account
			o.must(o.do("keeper", access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { sum, err = o.House.Carriers.Total(g); return err }))
			if sum.Even() != want {
				t.Errorf("%s, in all: %+v", what, sum)
			}
		}
		o.write(`UPDATE carrier SET fate = 'mislaid' WHERE id = $1`, ids[0])
		even(false, "went nowhere")
		o.write(`UPDATE carrier SET fate = 'returned' WHERE id = $1`, ids[0])
		even(true, "mended")
		o.write(`DELETE FROM carrier_move WHERE carrier = $1 AND deed = 'registered'`, ids[2])
		even(false, "never registered")
		o.write(`INSERT INTO carrier_move (id, carrier, deed, by_person, from_person, to_person, due, sealed_note, at) SELECT 'again', carrier, 'registered', by_person, from_person, to_person, due, sealed_note, at FROM carrier_move WHERE carrier = $1 AND deed = 'registered'`, ids[3])
		if n := len(o.accounts("keeper", carrier.AccountFilter{Wrong: true})); n != 0 {
			t.Errorf("the list of what is wrong does not say what the balance says: %d", n)
		}
		o.write(`DELETE FROM carrier_move WHERE id = 'again'`)
		_, err = o.in(other).register("lead", r)
		o.must(err)
		var numbers []string
		for f, n := (carrier.AccountFilter{Limit: 1}), 0; n < 5; n++ {
			var page carrier.AccountPage
			o.must(o.do("keeper", access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { page, err = o.House.Carriers.Accounts(g, f); return err }))
			for _, a := range page.Accounts {
				numbers = append(numbers, a.Number)
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		if len(numbers) != 2 || numbers[0] <= numbers[1] {
			t.Errorf("page after page: %v", numbers)
		}
	})
}

// TestGaps: numbers that were given out and have no carrier are listed, the custodian explains each once, and who may not know all of the matter
// does not hear of them.
func TestGaps(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := deed
		r.Copies = 3
		ids, err := o.register("handling", r)
		o.must(err)
		if gaps, _ := o.gaps("keeper"); len(gaps) != 0 {
			t.Errorf("none is skipped: %+v", gaps)
		}
		it, _, err := o.get("handling", ids[1])
		o.must(err)
		o.must(o.House.DB.Update(context.Background(), func(tx *store.Tx) error { // two copies that come to nothing
			_, err := o.House.Carriers.ReserveOf(tx, ids[0], 2)
			return err
		}))
		o.write(`UPDATE carrier_serial SET last = last + 1 WHERE matter = $1`, o.matter)
		more, err := o.register("handling", deed)
		o.must(err)
		gaps, sees := o.gaps("keeper")
		if !sees || len(gaps) != 3 || gaps[0].Copy != 4 || gaps[1].Copy != 5 || gaps[2].Copy != 0 || gaps[2].Serial != 2 || !carrier.ValidNumber(gaps[0].Number) || gaps[2].Number != it.Number[:10]+"0002" {
			t.Fatalf("skipped: %v %+v", sees, gaps)
		}
		if third, _, err := o.get("handling", more[0]); err != nil || third.Serial != 3 {
			t.Errorf("the next title: %+v %v", third, err)
		}
		for by, want := range map[string]bool{"lead": true, "auditor": true, "handling": false, "trainee": false, "outsider": false, "walled": false, "security": false} {
			if _, sees := o.gaps(by); sees != want {
				t.Errorf("%s sees %v", by, sees)
			}
		}
		wrong := func(want int, when string) {
			t.Helper()
			for by, sees := range map[string]bool{"lead": true, "keeper": true, "auditor": true, "handling": false, "trainee": false} {
				if n := len(o.accounts(by, carrier.AccountFilter{Wrong: true})); n != want && sees || n != 0 && !sees {
					t.Errorf("%s, %s finds %d matters with skipped numbers", when, by, n)
				}
			}
		}
		wrong(1, "unexplained")
		o.wants(problem.Refused, o.explain("lead", gaps[0].Number, "误取号"))
		o.wants(problem.Invalid, o.explain("keeper", gaps[0].Number, " "))
		o.wants(problem.Absent, o.explain("keeper", it.Number, "误取号")) // there is a carrier
		o.wants(problem.Absent, o.explain("keeper", "2026-9999-0001", "误取号"))
		o.must(o.explain("keeper", gaps[0].Number, "登记时误取号，没有实物"))
		o.wants(problem.Conflict, o.explain("keeper", gaps[0].Number, "另一个说法"))
		gaps, _ = o.gaps("keeper")
		if gaps[0].Reason != "登记时误取号，没有实物" || gaps[0].By != o.IDs["keeper"] || gaps[1].Reason != "" {
			t.Errorf("explained: %+v", gaps)
		}
		wrong(1, "one of three explained")
		o.must(o.explain("keeper", gaps[1].Number, "登记时误取号，没有实物"))
		o.must(o.explain("keeper", gaps[2].Number, "登记时误取号，没有实物"))
		wrong(0, "all explained")
		o.must(o.do("lead", access.SetWall, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["keeper"], Reason: "新发现的利益冲突"})
		}))
		o.wants(problem.Absent, o.explain("keeper", gaps[1].Number, "误取号"))
		if _, sees := o.gaps("keeper"); sees || len(o.accounts("keeper", carrier.AccountFilter{})) != 0 {
			t.Error("behind the wall the custodian still reads")
		}
	})
}
