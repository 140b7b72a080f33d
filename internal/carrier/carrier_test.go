package carrier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t      *testing.T
	clock  *housetest.Clock
	matter string
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := &office{housetest.Found(t, s), t, clock, ""}
			o.Hire("keeper", access.Custodian)
			o.Hire("member", access.Committee)
			o.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
			f(t, o)
		})
	}
}

func (o *office) do(by string, act access.Act, kind access.Kind, id string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Thing{Kind: kind, ID: id}, f)
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

var deed = carrier.Registration{Title: "股权转让协议", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Secret, Pages: 12, Copies: 1, From: "客户法务部 周女士", Place: "三楼档案室 A 柜 2 层"}

// register puts copies on the register and gives their ids.
func (o *office) register(by string, r carrier.Registration) (ids []string, err error) {
	var batch string
	if err := o.do(by, access.RegisterCarrier, access.Matter, o.matter, func(g *guard.Grant) (err error) { batch, err = o.House.Carriers.Register(g, r); return err }); err != nil {
		return nil, err
	}
	for _, it := range o.list(by, carrier.Filter{Batch: batch}) {
		ids = append(ids, it.ID)
	}
	return ids, nil
}

func (o *office) list(by string, f carrier.Filter) []carrier.Carrier {
	o.t.Helper()
	var page carrier.Page
	o.must(o.House.Door.Do(context.Background(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		page, err = o.House.Carriers.List(g, f)
		return err
	}))
	return page.Carriers
}

func (o *office) get(by, id string) (it carrier.Carrier, moves []carrier.Move, err error) {
	err = o.do(by, access.ViewCarrier, access.Carrier, id, func(g *guard.Grant) (err error) { it, moves, err = o.House.Carriers.Get(g); return err })
	return it, moves, err
}

func (o *office) offer(by, id, to string, due time.Time) error {
	return o.do(by, access.HandCarrier, access.Carrier, id, func(g *guard.Grant) error {
		return o.House.Carriers.Offer(g, carrier.Handing{To: o.IDs[to], Due: due, Note: "开庭准备"})
	})
}

func (o *office) take(by, id string) error {
	return o.do(by, access.TakeCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Take(g, "完好，数量相符") })
}

func (o *office) giveBack(by, id, to string) error {
	return o.do(by, access.ReturnCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Return(g, to) })
}

func (o *office) writeOff(by, id string) error {
	return o.do(by, access.WriteOffCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.WriteOff(g, "搬迁时遗失，已报告") })
}

func (o *office) balance() (b carrier.Balance) {
	o.t.Helper()
	o.must(o.do("lead", access.ViewMatter, access.Matter, o.matter, func(g *guard.Grant) (err error) { b, err = o.House.Carriers.Balance(g); return err }))
	return b
}

// TestRegister: copies are numbered with a check digit, and whoever may not know them does not see them.
func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		three := deed
		three.Copies = 3
		ids, err := o.register("handling", three)
		o.must(err)
		seen := o.list("lead", carrier.Filter{Matter: o.matter})
		if len(ids) != 3 || len(seen) != 3 || seen[0].Number[5:len(seen[0].Number)-2] != "0001-0001-01" || seen[2].Copy != 3 || seen[0].Title != deed.Title || seen[0].Holder != o.IDs["handling"] {
			t.Fatalf("registered %d, the lead sees %+v", len(ids), seen)
		}
		for _, it := range seen {
			if !carrier.ValidNumber(it.Number) || carrier.ValidNumber(it.Number[:len(it.Number)-1]+string((it.Number[len(it.Number)-1]-'0'+1)%10+'0')) {
				t.Errorf("the check digit of %s", it.Number)
			}
		}
		if kept := o.list("keeper", carrier.Filter{}); len(kept) != 3 || kept[0].Known || kept[0].Title != "" || kept[0].From != "" || kept[0].Place == "" {
			t.Errorf("the custodian sees %+v", kept)
		}
		for _, login := range []string{"trainee", "outsider", "walled", "director", "security"} {
			if n := len(o.list(login, carrier.Filter{})); n != 0 {
				t.Errorf("%s sees %d", login, n)
			}
			_, _, err := o.get(login, ids[0])
			o.wants(problem.Absent, err)
		}
		for field, bad := range map[string]func(*carrier.Registration){"title": func(r *carrier.Registration) { r.Title = "澜川重工股份有限公司的借据" }, "from": func(r *carrier.Registration) { r.From = "" },
			"place": func(r *carrier.Registration) { r.Place = strings.Repeat("甲", 201) }, "form": func(r *carrier.Registration) { r.Form = "stone" }, "origin": func(r *carrier.Registration) { r.Origin = "" },
			"level": func(r *carrier.Registration) { r.Level = classification.TopSecret }, "pages": func(r *carrier.Registration) { r.Pages = 0 }, "copies": func(r *carrier.Registration) { r.Copies = 201 }} {
			r := deed
			bad(&r)
			_, err := o.register("handling", r)
			o.wants(problem.Invalid, err)
			if p := problemOf(err); p == nil || p.Field != field {
				t.Errorf("a bad %s: %v", field, err)
			}
		}
		it, moves, err := o.get("keeper", ids[0])
		o.must(err)
		if it.Known || it.Title+it.From+it.Use != "" || it.Place == "" || len(moves) != 1 {
			t.Errorf("the custodian opens %+v", it)
		}
		_, err = o.register("outsider", deed)
		o.wants(problem.Absent, err)
		if b := o.balance(); b.Registered != 3 || b.Held != 3 || !b.Even() {
			t.Errorf("the balance is %+v", b)
		}
		// One who is cleared for everything and not on the list counts nothing that is top secret; nor is it theirs to register.
		top := deed
		top.Level = classification.TopSecret
		_, err = o.register("lead", top)
		o.must(err)
		o.must(o.do("lead", access.ManageTeam, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["outsider"], Duty: matter.Assisting, Clearance: classification.TopSecret})
		}))
		_, err = o.register("outsider", top)
		o.wants(problem.Invalid, err)
		for login, want := range map[string]int{"lead": 4, "outsider": 3, "trainee": 0} {
			var b carrier.Balance
			o.must(o.do(login, access.ViewMatter, access.Matter, o.matter, func(g *guard.Grant) (err error) { b, err = o.House.Carriers.Balance(g); return err }))
			if b.Registered != want {
				t.Errorf("%s counts %+v", login, b)
			}
		}
	})
}

// TestHandOver: a carrier changes hands only when the other side confirms, and only to who may know it or keeps what others know.
func TestHandOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		id := ids[0]
		o.wants(problem.Conflict, o.offer("handling", id, "trainee", time.Time{})) // cleared for less
		o.wants(problem.Conflict, o.offer("handling", id, "walled", time.Time{}))
		o.wants(problem.Conflict, o.offer("handling", id, "outsider", time.Time{}))
		o.wants(problem.Invalid, o.offer("handling", id, "handling", time.Time{}))
		o.wants(problem.Absent, o.offer("outsider", id, "lead", time.Time{}))
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.wants(problem.Conflict, o.offer("handling", id, "lead", time.Time{}))
		o.wants(problem.Refused, o.take("lead", id))
		o.wants(problem.Refused, o.giveBack("handling", id, "客户"))
		if it, _, _ := o.get("lead", id); it.Holder != o.IDs["handling"] || it.State != access.Offered {
			t.Errorf("before it is confirmed: %+v", it)
		}
		o.must(o.do("keeper", access.TakeCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Decline(g, "页数不符") }))
		o.wants(problem.Refused, o.take("keeper", id))
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.must(o.do("lead", access.HandCarrier, access.Carrier, id, o.House.Carriers.Withdraw))
		o.must(o.offer("lead", id, "keeper", time.Time{}))
		o.must(o.take("keeper", id))
		o.wants(problem.Refused, o.offer("handling", id, "lead", time.Time{})) // not the holder's any more

		due := o.clock.Now().Add(48 * time.Hour)
		o.wants(problem.Invalid, o.offer("keeper", id, "handling", o.clock.Now().Add(-time.Hour)))
		o.wants(problem.Invalid, o.offer("keeper", id, "handling", o.clock.Now().Add(carrier.LoanMost+time.Hour)))
		o.must(o.offer("keeper", id, "handling", due))
		o.must(o.take("handling", id))
		o.wants(problem.Conflict, o.offer("handling", id, "lead", time.Time{})) // lent: it goes back only
		it, moves, err := o.get("lead", id)
		o.must(err)
		if it.Holder != o.IDs["handling"] || it.Lender != o.IDs["keeper"] || it.Overdue(o.clock.Now()) || len(moves) != 9 {
			t.Errorf("lent: %+v, %d moves", it, len(moves))
		}
		o.clock.Forward(49 * time.Hour)
		if late := o.list("handling", carrier.Filter{Overdue: true}); len(late) != 1 || !late[0].Overdue(o.clock.Now()) {
			t.Errorf("overdue: %+v", late)
		}
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.must(o.take("keeper", id))
		o.must(o.offer("keeper", id, "handling", o.clock.Now().Add(time.Hour)))
		o.must(o.take("handling", id))
		o.must(o.offer("lead", id, "lead", time.Time{})) // the lead settles what a lender does not take back
		o.must(o.take("lead", id))
		o.must(o.offer("lead", id, "keeper", time.Time{}))
		o.must(o.take("keeper", id))
		if it, _, _ := o.get("keeper", id); it.Lender != "" || !it.Due.IsZero() || it.Title != deed.Title {
			t.Errorf("back: %+v", it)
		}
		o.must(o.do("keeper", access.HandCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Move(g, "三楼档案室 B 柜 1 层") }))

		o.wants(problem.Invalid, o.giveBack("keeper", id, ""))
		o.must(o.giveBack("keeper", id, "客户法务部 周女士"))
		o.wants(problem.Refused, o.offer("lead", id, "handling", time.Time{}))
		o.wants(problem.Refused, o.writeOff("director", id))
		if it, _, _ := o.get("lead", id); it.State != access.Ended || it.Fate != carrier.Returned {
			t.Errorf("given back: %+v", it)
		}
		if b := o.balance(); b.Returned != 1 || b.Held != 0 || !b.Even() {
			t.Errorf("the balance is %+v", b)
		}
	})
}

// TestWriteOff: only the director or the committee write a carrier off, never one they hold.
func TestWriteOff(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		o.wants(problem.Refused, o.writeOff("lead", ids[0]))
		o.wants(problem.Refused, o.writeOff("keeper", ids[0]))
		o.must(o.offer("handling", ids[0], "keeper", time.Time{}))
		o.must(o.writeOff("member", ids[0]))
		o.wants(problem.Absent, o.take("outsider", ids[0]))
		if b := o.balance(); b.Lost != 1 || !b.Even() {
			t.Errorf("the balance is %+v", b)
		}
		again, err := o.register("handling", deed)
		o.must(err)
		if it, _, _ := o.get("lead", again[0]); it.Serial != 2 {
			t.Errorf("the number is used again: %s", it.Number)
		}
	})
}

// TestByNumber: a scan finds a carrier; a torn label with a wrong digit says so.
func TestByNumber(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		it, _, err := o.get("handling", ids[0])
		o.must(err)
		o.must(o.House.DB.Read(context.Background(), func(tx *store.Tx) error {
			if id, err := carrier.ByNumber(tx, it.Number); err != nil || id != ids[0] {
				t.Errorf("%s: %s %v", it.Number, id, err)
			}
			for number, kind := range map[string]problem.Kind{"": problem.Invalid, "https://example.com": problem.Invalid, it.Number[:len(it.Number)-1]: problem.Invalid} {
				_, err := carrier.ByNumber(tx, number)
				o.wants(kind, err)
			}
			return nil
		}))
	})
}

// TestWalledHolder: a wall takes a carrier out of its holder's sight; the lead hands it on.
func TestWalledHolder(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		o.must(o.do("lead", access.SetWall, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["handling"], Reason: "新发现的利益冲突"})
		}))
		_, _, err = o.get("handling", ids[0])
		o.wants(problem.Absent, err)
		if n := len(o.list("handling", carrier.Filter{Mine: true})); n != 0 {
			t.Errorf("behind the wall %d are seen", n)
		}
		o.must(o.offer("lead", ids[0], "keeper", time.Time{}))
		o.must(o.take("keeper", ids[0]))
	})
}

func problemOf(err error) *problem.Error {
	for err != nil {
		if p, ok := err.(*problem.Error); ok {
			return p
		}
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return nil
		}
		err = u.Unwrap()
	}
	return nil
}
