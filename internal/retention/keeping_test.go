package retention_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
)

func (o *office) keeping(by string) (k retention.Keeping) {
	o.t.Helper()
	o.must(o.do(by, access.ViewMatter, access.Matter, o.in, func(g *guard.Grant) (err error) { k, err = o.House.Retention.Matter(g); return err }))
	return k
}

func (o *office) expired(by string) (all []retention.Due) {
	o.t.Helper()
	o.must(o.House.Door.Do(o.t.Context(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { all, err = o.House.Retention.Expired(g); return err }))
	return all
}

// TestPeriods: a period runs from the closing, by the thing's own class or its matter's; nothing is expired a moment before the day, and the
// list of what has expired follows the clock and the classes.
func TestPeriods(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		late := o.Receive(o.in, "c.txt", "待审", "内容", classification.Secret)
		o.wants(problem.Refused, o.close("handling"))
		o.wants(problem.Conflict, o.close("lead")) // a level waits for review
		o.Review(late, classification.Secret)
		o.wants(problem.Refused, o.set("handling", access.Matter, o.in, "short"))
		o.wants(problem.Invalid, o.set("lead", access.Matter, o.in, "forever"))
		o.must(o.set("lead", access.Matter, o.in, "short"))
		o.must(o.set("lead", access.Material, o.materials[0], "securities"))
		if k := o.keeping("lead"); k.Term.Class.Code != "short" || !k.Term.Until.IsZero() || !k.Items[0].Term.Own || k.Items[0].Term.Class.Code != "securities" {
			t.Fatalf("open: %+v", k)
		}
		o.must(o.close("lead"))
		o.wants(problem.Conflict, o.close("lead"))
		o.wants(problem.Refused, o.do("lead", access.ReceiveMaterial, access.Matter, o.in, nil)) // clause 9
		k := o.keeping("lead")
		if k.Closed.IsZero() || len(k.Closings) != 1 || k.Closings[0].Reason != "判决生效，已归档" {
			t.Fatalf("closed: %+v", k)
		}
		if years := k.Items[0].Term.Until.Year() - k.Closed.Year(); years != 10 {
			t.Errorf("securities papers are kept %d years", years)
		}
		o.clock.Forward(time.Until(k.Items[0].Term.Until) - time.Hour)
		o.renew()
		if all := o.expired("lead"); len(all) != 0 {
			t.Errorf("an hour early: %+v", all)
		}
		o.clock.Forward(2 * time.Hour)
		if all := o.expired("lead"); len(all) != 1 || all[0].Materials != 1 || all[0].Carriers != 0 || all[0].ID != o.in {
			t.Errorf("the day has come: %+v", all)
		}
		if all := o.expired("outsider"); len(all) != 0 {
			t.Errorf("an outsider is told: %+v", all)
		}
		// The firm keeps for longer; nothing can be kept for less than the law says.
		months := func(by, class string, n int) error {
			return o.House.Door.Do(t.Context(), o.Who(by), access.SetPeriods, guard.Firm, func(g *guard.Grant) error { return o.House.Retention.SetMonths(g, class, n) })
		}
		o.wants(problem.Refused, months("lead", "securities", 240))
		o.wants(problem.Invalid, months("board", "securities", 108))
		o.wants(problem.Invalid, months("board", "permanent", 108))
		o.must(months("board", "securities", 240))
		if all := o.expired("lead"); len(all) != 0 {
			t.Errorf("kept for longer: %+v", all)
		}
		reopen := func() error {
			return o.do("lead", access.CloseMatter, access.Matter, o.in, func(g *guard.Grant) error { return o.House.Matters.Reopen(g, "再审") })
		}
		o.must(reopen())
		o.wants(problem.Conflict, reopen())
		if k := o.keeping("lead"); !k.Term.Until.IsZero() || len(k.Closings) != 2 {
			t.Errorf("opened again: %+v", k)
		}
	})
}

// TestRestrict: a restricted material is stored and nothing else, and comes back as it was.
func TestRestrict(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		turn := func(by, why string, f func(*guard.Grant, string) error) error {
			return o.do(by, access.RestrictMaterial, access.Material, o.materials[0], func(g *guard.Grant) error { return f(g, why) })
		}
		view := func() error { return o.do("lead", access.View, access.Material, o.materials[0], nil2) }
		o.wants(problem.Refused, turn("handling", "个人请求删除", o.House.Shelf.Restrict))
		o.wants(problem.Invalid, turn("lead", " ", o.House.Shelf.Restrict))
		o.wants(problem.Conflict, turn("lead", "没有限制", o.House.Shelf.Unrestrict))
		o.must(turn("lead", "个人请求删除，档案须保存", o.House.Shelf.Restrict))
		o.wants(problem.Refused, view())
		o.wants(problem.Conflict, turn("lead", "再来一次", o.House.Shelf.Restrict))
		if k := o.keeping("lead"); !k.Items[0].Restricted() {
			t.Errorf("the keeping does not tell: %+v", k.Items[0])
		}
		o.must(turn("lead", "当事人撤回请求", o.House.Shelf.Unrestrict))
		o.must(view())
	})
}

func nil2(*guard.Grant) error { return nil }

// TestHolds: few set a hold and fewer lift it, and it keeps things off lists.
func TestHolds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.wants(problem.Refused, o.freeze("handling", access.Matter, o.in))
		o.wants(problem.Absent, o.freeze("outsider", access.Matter, o.in))
		o.wants(problem.Absent, o.freeze("security", access.Material, o.materials[0]))
		o.must(o.freeze("security", access.Matter, o.in))
		o.wants(problem.Conflict, o.freeze("director", access.Matter, o.in))
		o.wants(problem.Absent, o.thaw("security", access.Matter, o.in))
		_, err := o.ask("lead", retention.Asking{Items: o.things()})
		o.wants(problem.Conflict, err)
		o.must(o.thaw("director", access.Matter, o.in))
		o.wants(problem.Conflict, o.thaw("director", access.Matter, o.in))
		o.must(o.freeze("lead", access.Carrier, o.carriers[0]))
		_, err = o.ask("lead", retention.Asking{Items: o.things()})
		o.wants(problem.Conflict, err)
		id, err := o.ask("lead", retention.Asking{Items: o.things()[:2]})
		o.must(err)
		// Who asked for what a hold stops does not lift it.
		o.must(o.freeze("director", access.Matter, o.in))
		o.wants(problem.Conflict, o.thaw("lead", access.Matter, o.in))
		o.wants(problem.Refused, o.appraise("handling", id, retention.ToDestroy))
		o.must(o.thaw("director", access.Matter, o.in))
		var holds []retention.Hold
		o.must(o.House.Door.Do(t.Context(), o.Who("security"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { holds, err = o.House.Retention.Holds(g); return err }))
		if len(holds) != 0 {
			t.Errorf("standing: %+v", holds)
		}
	})
}
