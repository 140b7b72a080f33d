package carrier_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
)

func (o *office) askOut(by, id string, change func(*carrier.Slip)) error {
	s := carrier.Slip{Place: "市中级人民法院", Purpose: "庭前证据交换", Measures: carrier.Measures, Due: o.clock.Now().Add(48 * time.Hour)}
	if change != nil {
		change(&s)
	}
	return o.House.Door.Ask(context.Background(), o.Who(by), access.TakeOut, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) error {
		_, err := o.House.Carriers.AskOut(g, s)
		return err
	})
}

func (o *office) slips(by string) (all []carrier.Slip) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) {
		page, err := o.House.Carriers.Slips(g, carrier.SlipFilter{})
		all = page.Slips
		return err
	}))
	return all
}

func (o *office) narrowed(by string, f carrier.SlipFilter) (all []carrier.Slip) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
		page, err := o.House.Carriers.Slips(g, f)
		all = page.Slips
		return err
	}))
	return all
}

// pending are the requests that wait for somebody, and what somebody hears of overdue ones.
func (o *office) pending(by string) (open []approval.Request, overdue []carrier.Slip) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) {
		page, err := o.House.Approvals.List(g, approval.Filter{})
		if err != nil {
			return err
		}
		open = page.Requests
		overdue, err = o.House.Carriers.SlipsLate(g)
		return err
	}))
	return open, overdue
}

// slipPages reads the register page after page, a slip at a time.
func (o *office) slipPages(by string, f carrier.SlipFilter) (ids []string) {
	o.t.Helper()
	f.Limit = 1
	for range 20 {
		o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
			page, err := o.House.Carriers.Slips(g, f)
			for _, s := range page.Slips {
				ids = append(ids, s.ID)
			}
			f.After = page.Next
			return err
		}))
		if f.After == "" {
			break
		}
	}
	return ids
}

// decideOut decides the request for leave of a carrier's last slip.
func (o *office) decideOut(by, id string, approve bool, why string) error {
	leave, said := "", approval.No
	if approve {
		said = approval.Yes
	}
	for _, s := range o.slips("auditor") {
		if s.Carrier == id {
			leave = s.Approval
			break
		}
	}
	return o.do(by, access.DecideApproval, access.Approval, leave, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, said, why) })
}

func (o *office) goOut(by, id string) error {
	return o.do(by, access.TakeOut, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.GoOut(g, true) })
}

func (o *office) comeBack(by, id string, n carrier.Tally) error {
	return o.do(by, access.CheckBack, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.ComeBack(g, n) })
}

// TestTakeOut: nothing leaves without a slip that somebody in charge of its level approved in time, and each is used once; somebody else
// counts what comes back.
func TestTakeOut(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed) // 机密级
		o.must(err)
		id := ids[0]
		o.wants(problem.Refused, o.askOut("lead", id, nil)) // not the holder
		o.wants(problem.Absent, o.askOut("outsider", id, nil))
		for field, change := range map[string]func(*carrier.Slip){
			"place":    func(s *carrier.Slip) { s.Place = " " },
			"purpose":  func(s *carrier.Slip) { s.Purpose = "" },
			"measures": func(s *carrier.Slip) { s.Measures = s.Measures[:3] },
			"due":      func(s *carrier.Slip) { s.Due = o.clock.Now().Add(31 * 24 * time.Hour) },
			"past":     func(s *carrier.Slip) { s.Due = o.clock.Now().Add(-time.Hour) },
			"stranger": func(s *carrier.Slip) { s.Companion = o.IDs["outsider"] },
			"oneself":  func(s *carrier.Slip) { s.Companion = o.IDs["handling"] },
		} {
			if err := o.askOut("handling", id, change); problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %v", field, err)
			}
		}
		o.must(o.askOut("handling", id, nil))
		o.wants(problem.Conflict, o.askOut("handling", id, nil))
		o.wants(problem.Refused, o.goOut("handling", id)) // nobody approved
		open, _ := o.pending("director")
		if mine, _ := o.pending("lead"); len(open) != 1 || len(mine) != 0 || open[0].Scope != "市中级人民法院" || open[0].Act != access.TakeOut || open[0].Serial != 1 {
			t.Fatalf("the director decides %+v, the lead %+v", open, mine)
		}
		o.wants(problem.Absent, o.decideOut("lead", id, true, "")) // above the lead
		o.wants(problem.Invalid, o.decideOut("director", id, false, ""))
		o.must(o.decideOut("director", id, true, "注意安全"))
		o.wants(problem.Refused, o.decideOut("director", id, false, "迟了"))
		o.must(o.goOut("handling", id))
		o.wants(problem.Refused, o.goOut("handling", id))
		o.wants(problem.Refused, o.offer("handling", id, "lead", time.Time{}))
		o.wants(problem.Refused, o.giveBack("handling", id, "客户"))
		if it, _, _ := o.get("lead", id); it.State != access.Out || !o.balance().Even() || o.balance().Held != 1 {
			t.Errorf("out: %+v, %+v", it, o.balance())
		}
		o.clock.Forward(49 * time.Hour)
		for by, want := range map[string]int{"handling": 1, "director": 1, "lead": 0} {
			if _, late := o.pending(by); len(late) != want {
				t.Errorf("%s hears of %d overdue", by, len(late))
			}
		}
		o.wants(problem.Refused, o.comeBack("handling", id, carrier.Tally{Pages: 12}))
		o.wants(problem.Absent, o.comeBack("outsider", id, carrier.Tally{Pages: 12}))
		for _, n := range []carrier.Tally{{Pages: 11}, {Pages: 11, Missing: "7-8"}, {Pages: 11, Missing: "13"}, {Pages: 11, Missing: "0"}, {Pages: 11, Missing: "八"}, {Pages: 9, Missing: "5-3"}, {Pages: 12, Missing: "7"}, {Pages: 13}} {
			o.wants(problem.Invalid, o.comeBack("lead", id, n))
		}
		o.must(o.comeBack("lead", id, carrier.Tally{Pages: 8, Missing: "第9页、 3至5", Found: "已报告安全管理员"}))
		o.wants(problem.Refused, o.comeBack("lead", id, carrier.Tally{Pages: 12}))
		all := o.slips("lead")
		if len(all) != 1 || all[0].State != carrier.SlipBack || !all[0].Short() || all[0].CheckedBy != o.IDs["lead"] || all[0].Found == "" || all[0].Missing != "3-5, 9" {
			t.Errorf("the register: %+v", all)
		}
		if it, moves, _ := o.get("lead", id); it.State != access.Held || len(moves) != 3 || moves[2].Note != "清点 8，应为 12；缺第 3-5, 9 页；已报告安全管理员" {
			t.Errorf("back: %+v %+v", it, moves)
		}
		for name, x := range map[string]struct {
			f    carrier.SlipFilter
			want int
		}{"back": {carrier.SlipFilter{State: carrier.SlipBack}, 1}, "open": {carrier.SlipFilter{State: carrier.SlipOpen}, 0}, "late": {carrier.SlipFilter{Late: true}, 0}, "short": {carrier.SlipFilter{Short: true, ByDue: true}, 1},
			"level": {carrier.SlipFilter{Level: classification.Secret}, 1}, "other level": {carrier.SlipFilter{Level: classification.TopSecret}, 0}, "number": {carrier.SlipFilter{Number: all[0].Label()}, 1}, "other number": {carrier.SlipFilter{Number: "9999-9"}, 0}} {
			if found := o.narrowed("lead", x.f); len(found) != x.want {
				t.Errorf("%s: %d slips", name, len(found))
			}
		}
		o.wants(problem.Refused, o.goOut("handling", id)) // the slip is used up
		if kept := o.slips("auditor"); len(kept) != 1 || kept[0].Purpose != "" || kept[0].Place != "" || kept[0].Number == "" {
			t.Errorf("the auditor reads %+v", kept)
		}
		if len(o.slips("outsider")) != 0 || len(o.slips("walled")) != 0 {
			t.Error("the register tells of a carrier that the reader may not know")
		}
	})
}

// TestSlipsFall: an approval that comes or is used too late, after a hand-over, or from a delegate about what the director holds, is none.
func TestSlipsFall(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		low, top := deed, deed
		low.Level, top.Level = classification.Confidential, classification.TopSecret
		low.Copies = 4
		ids, err := o.register("handling", low)
		o.must(err)
		// Decided too late.
		o.must(o.askOut("handling", ids[0], func(s *carrier.Slip) { s.Due = o.clock.Now().Add(20 * 24 * time.Hour) }))
		o.clock.Forward(carrier.SlipTerm)
		o.wants(problem.Refused, o.decideOut("lead", ids[0], true, ""))
		// Used too late.
		o.must(o.askOut("handling", ids[0], func(s *carrier.Slip) { s.Due = o.clock.Now().Add(20 * 24 * time.Hour) }))
		o.must(o.decideOut("lead", ids[0], true, "")) // 秘密级 is the lead's
		o.clock.Forward(carrier.SlipTerm)
		o.wants(problem.Refused, o.goOut("handling", ids[0]))
		// The carrier has changed hands since.
		o.must(o.askOut("handling", ids[1], nil))
		o.must(o.decideOut("lead", ids[1], true, ""))
		o.must(o.offer("handling", ids[1], "trainee", time.Time{}))
		o.wants(problem.Refused, o.goOut("handling", ids[1])) // offered
		o.must(o.take("trainee", ids[1]))
		o.wants(problem.Refused, o.goOut("trainee", ids[1]))                                             // not the one who asked
		for _, f := range []carrier.SlipFilter{{}, {Up: true}, {ByDue: true}, {ByDue: true, Up: true}} { // page after page it is the same
			var whole []string
			for _, s := range o.narrowed("lead", f) {
				whole = append(whole, s.ID)
			}
			if paged := o.slipPages("lead", f); len(whole) != 3 || !slices.Equal(paged, whole) {
				t.Errorf("%+v: %v, not %v", f, paged, whole)
			}
		}
		// Withdrawn.
		o.must(o.askOut("handling", ids[2], nil))
		back := o.slips("handling")[0].Approval
		o.must(o.do("handling", access.WithdrawApproval, access.Approval, back, o.House.Approvals.Withdraw))
		o.wants(problem.Refused, o.decideOut("lead", ids[2], true, ""))
		// Written off outside.
		o.must(o.askOut("handling", ids[3], nil))
		o.must(o.decideOut("director", ids[3], true, ""))
		o.must(o.goOut("handling", ids[3]))
		o.must(o.writeOff("director", ids[3]))
		o.wants(problem.Refused, o.comeBack("lead", ids[3], carrier.Tally{Pages: 12}))
		for _, s := range o.slips("lead") {
			if s.Carrier == ids[3] && s.State != carrier.SlipLost {
				t.Errorf("lost outside: %+v", s)
			}
		}
		// 绝密级: two go, and a delegate may approve, but not going along.
		tops, err := o.register("lead", top)
		o.must(err)
		o.wants(problem.Invalid, o.askOut("lead", tops[0], nil))
		o.wants(problem.Invalid, o.askOut("lead", tops[0], func(s *carrier.Slip) { s.Companion = o.IDs["trainee"] })) // may not know it
		o.Hire("second", access.Lawyer)
		o.must(o.do("director", access.Delegate, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
			return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["second"], Acts: []access.Act{access.TakeOut}, Since: g.Tx().Now, Until: g.Tx().Now.Add(24 * time.Hour), Reason: "外出"})
		}))
		if open, _ := o.pending("second"); len(open) != 0 {
			t.Errorf("the delegate decides %+v", open)
		}
	})
}
