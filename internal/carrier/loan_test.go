package carrier_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
)

func (o *office) recall(by, id, why string) error {
	return o.do(by, access.RecallCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Recall(g, why) })
}

func (o *office) takeBack(by, id, condition string) error {
	return o.do(by, access.TakeBackCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.TakeBack(g, condition) })
}

func (o *office) loans(by string, f carrier.LoanFilter) []carrier.Loan {
	o.t.Helper()
	var page carrier.LoanPage
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { page, err = o.House.Carriers.Loans(g, f); return err }))
	return page.Loans
}

func (o *office) chase(by string) (x carrier.Chase) {
	o.t.Helper()
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { x, err = o.House.Carriers.Chase(g); return err }))
	return x
}

// lend has somebody borrow a carrier from its holder.
func (o *office) lend(from, id, to string, days int) {
	o.t.Helper()
	o.must(o.offer(from, id, to, o.clock.Now().Add(time.Duration(days)*24*time.Hour)))
	o.must(o.take(to, id))
}

// TestRecall: a lender or the lead asks for what is lent, once and with a reason; it is due in two days, or sooner if it was; the lender
// confirms that it is back and in what condition.
func TestRecall(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		id := ids[0]
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.must(o.take("keeper", id))
		o.wants(problem.Refused, o.recall("keeper", id, "归档")) // lent by nobody
		o.wants(problem.Conflict, o.recall("lead", id, "归档"))
		o.lend("keeper", id, "handling", 30)
		o.wants(problem.Refused, o.recall("handling", id, "归档"))
		o.wants(problem.Absent, o.recall("outsider", id, "归档"))
		o.wants(problem.Absent, o.recall("walled", id, "归档"))
		o.wants(problem.Invalid, o.recall("keeper", id, " "))
		o.must(o.recall("keeper", id, "客户要求当日归还"))
		o.wants(problem.Conflict, o.recall("lead", id, "归档"))
		it, _, err := o.get("handling", id)
		o.must(err)
		if want := o.clock.Now().Add(carrier.RecallTerm); it.Due.After(want) || it.Due.Before(want.Add(-time.Minute)) {
			t.Errorf("due %v, want %v", it.Due, want)
		}
		all := o.loans("lead", carrier.LoanFilter{State: carrier.LoanRecalled})
		if len(all) != 1 || all[0].Why != "客户要求当日归还" || all[0].Recalled.IsZero() || !all[0].Due.Equal(it.Due) {
			t.Errorf("recalled: %+v", all)
		}
		if x := o.chase("handling"); len(x.Mine) != 1 {
			t.Errorf("the borrower is not told: %+v", x)
		}
		o.wants(problem.Refused, o.takeBack("handling", id, "完好"))
		o.wants(problem.Refused, o.takeBack("lead", id, "完好")) // the lender's to confirm
		o.wants(problem.Invalid, o.takeBack("keeper", id, ""))
		o.must(o.offer("handling", id, "keeper", time.Time{}))
		o.wants(problem.Invalid, o.do("keeper", access.TakeCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Take(g, "") }))
		o.must(o.takeBack("keeper", id, "第 3 页有折痕"))
		o.wants(problem.Refused, o.takeBack("keeper", id, "完好"))
		if it, _, _ := o.get("keeper", id); it.Holder != o.IDs["keeper"] || it.Lender != "" || it.State != access.Held || it.OfferedTo != "" || !it.Due.IsZero() {
			t.Errorf("back: %+v", it)
		}
		all = o.loans("lead", carrier.LoanFilter{State: carrier.LoanOver})
		if len(all) != 1 || all[0].Condition != "第 3 页有折痕" || all[0].Over.IsZero() || all[0].End != carrier.Taken {
			t.Errorf("over: %+v", all)
		}
		o.lend("keeper", id, "handling", 1) // what is due sooner stays so
		due := o.loans("lead", carrier.LoanFilter{State: carrier.LoanOpen})[0].Due
		o.must(o.recall("lead", id, "归档"))
		if again := o.loans("lead", carrier.LoanFilter{State: carrier.LoanOpen})[0]; !again.Due.Equal(due) {
			t.Errorf("a recall moved the due date from %v to %v", due, again.Due)
		}
		o.must(o.writeOff("director", id))
		if all := o.loans("lead", carrier.LoanFilter{State: carrier.LoanOpen}); len(all) != 0 || !o.balance().Even() {
			t.Errorf("written off and still lent: %+v", all)
		}
	})
}

// TestOverdue: what is not brought back is the borrower's and the lender's to settle at once, the lead's after three days, and after a week it is on
// the security officer's list, which tells nothing of what it is.
func TestOverdue(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		o.must(o.offer("handling", ids[0], "keeper", time.Time{}))
		o.must(o.take("keeper", ids[0]))
		o.lend("keeper", ids[0], "handling", 2)
		told := func(mine, lent, led, office int) {
			t.Helper()
			b, l, d, s := o.chase("handling"), o.chase("keeper"), o.chase("lead"), o.chase("security")
			if len(b.Mine) != mine || len(l.Lent) != lent || len(d.Led) != led || s.Office != office {
				t.Errorf("told %d, %d, %d, %d; want %d, %d, %d, %d", len(b.Mine), len(l.Lent), len(d.Led), s.Office, mine, lent, led, office)
			}
		}
		listed := func(by string) (all []carrier.Overdue, err error) {
			err = o.do(by, access.ReadOverdue, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { all, _, err = o.House.Carriers.LongOverdue(g, 0, 50); return err })
			return all, err
		}
		told(0, 0, 0, 0)
		o.clock.Forward(49 * time.Hour)
		told(1, 1, 0, 0)
		o.clock.Forward(carrier.LeadAfter)
		told(1, 1, 1, 0)
		if all, err := listed("security"); err != nil || len(all) != 0 {
			t.Errorf("too soon: %+v %v", all, err)
		}
		o.clock.Forward(carrier.OfficerAfter - carrier.LeadAfter)
		told(1, 1, 1, 1)
		all, err := listed("security")
		if err != nil || len(all) != 1 || all[0].Borrower != o.IDs["handling"] || all[0].Lender != o.IDs["keeper"] {
			t.Errorf("the list: %+v %v", all, err)
		}
		_, err = listed("lead")
		o.wants(problem.Refused, err)
		o.must(o.do("lead", access.SetWall, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["security"], Reason: "近亲属是对方当事人"})
		}))
		if all, _ := listed("security"); len(all) != 0 || o.chase("security").Office != 0 {
			t.Errorf("behind the wall: %+v", all)
		}
		o.must(o.takeBack("keeper", ids[0], "完好，数量相符"))
		told(0, 0, 0, 0)
	})
}

// TestLoanRegister: the register is narrowed, sorted and paged, and shows nobody a carrier that they may not know.
func TestLoanRegister(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		r := deed
		r.Copies = 3
		ids, err := o.register("handling", r)
		o.must(err)
		for i, id := range ids {
			o.clock.Forward(time.Hour)
			o.lend("handling", id, "lead", 9-i)
		}
		o.must(o.takeBack("handling", ids[1], "完好，数量相符"))
		number := func(f carrier.LoanFilter) (copies []int) {
			for _, l := range o.loans("lead", f) {
				copies = append(copies, l.Copy)
			}
			return copies
		}
		for name, c := range map[string]struct {
			f    carrier.LoanFilter
			want []int
		}{"newest first": {carrier.LoanFilter{}, []int{3, 2, 1}}, "by due": {carrier.LoanFilter{Sort: "due", Up: true}, []int{3, 2, 1}}, "by number": {carrier.LoanFilter{Sort: "number", Up: true}, []int{1, 2, 3}},
			"open": {carrier.LoanFilter{State: carrier.LoanOpen}, []int{3, 1}}, "over": {carrier.LoanFilter{State: carrier.LoanOver}, []int{2}}, "late": {carrier.LoanFilter{State: carrier.LoanLate}, nil},
			"matter": {carrier.LoanFilter{Matter: o.matter}, []int{3, 2, 1}}, "no matter": {carrier.LoanFilter{Matter: o.IDs["lead"]}, nil}, "person": {carrier.LoanFilter{Person: o.IDs["handling"]}, []int{3, 2, 1}},
			"nobody": {carrier.LoanFilter{Person: o.IDs["keeper"]}, nil}, "second page": {carrier.LoanFilter{Limit: 2, Offset: 2}, []int{1}}, "outside": {carrier.LoanFilter{Outside: true}, nil}} {
			got := number(c.f)
			if len(got) != len(c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
				continue
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%s: %v, want %v", name, got, c.want)
				}
			}
		}
		if kept := o.loans("keeper", carrier.LoanFilter{}); len(kept) != 3 || kept[0].Title+kept[0].Purpose+kept[0].Condition != "" || kept[0].Number == "" {
			t.Errorf("the custodian reads %+v", kept)
		}
		for _, login := range []string{"trainee", "outsider", "walled", "director", "security"} {
			if n := len(o.loans(login, carrier.LoanFilter{})); n != 0 {
				t.Errorf("%s reads %d", login, n)
			}
		}
	})
}

func (o *office) askOutside(by, id, to string, days int) (leave string, err error) {
	err = o.House.Door.Ask(context.Background(), o.Who(by), access.LendOutside, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) (err error) {
		leave, err = o.House.Carriers.AskOutside(g, carrier.Handing{To: o.IDs[to], Due: g.Tx().Now.Add(time.Duration(days) * 24 * time.Hour), Note: "核对签章"})
		return err
	})
	return leave, err
}

func (o *office) say(by, leave string, d approval.Decision) error {
	return o.do(by, access.DecideApproval, access.Approval, leave, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, d, "按需") })
}

func (o *office) lendOutside(by, id string, h carrier.Handing) error {
	return o.do(by, access.LendOutside, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.LendOutside(g, h) })
}

// TestLendOutside: a loan to somebody outside the team wants the lead's and, by level, the director's and the committee's yes to exactly that; it is
// used once; the borrower knows the title while holding, and nobody behind the wall borrows.
func TestLendOutside(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed) // 机密级
		o.must(err)
		id, h := ids[0], carrier.Handing{To: o.IDs["outsider"], Due: o.clock.Now().Add(72 * time.Hour), Note: "核对签章"}
		o.wants(problem.Conflict, o.offer("handling", id, "outsider", h.Due)) // not by the ordinary way
		o.wants(problem.Refused, o.lendOutside("handling", id, h))
		for to, kind := range map[string]problem.Kind{"walled": problem.Conflict, "security": problem.Conflict, "auditor": problem.Conflict, "lead": problem.Conflict, "handling": problem.Invalid, "nobody": problem.Invalid} {
			_, err := o.askOutside("handling", id, to, 3)
			o.wants(kind, err)
		}
		_, err = o.askOutside("outsider", id, "outsider", 3)
		o.wants(problem.Absent, err)
		_, err = o.askOutside("handling", id, "outsider", 91)
		o.wants(problem.Invalid, err)
		o.must(o.do("handling", access.HandCarrier, access.Carrier, id, func(g *guard.Grant) error { return o.House.Carriers.Move(g, "三楼档案室 2 柜") }))
		o.must(o.askOut("handling", id, nil))
		o.must(o.decideOut("director", id, true, ""))
		o.must(o.goOut("handling", id))
		o.must(o.comeBack("lead", id, carrier.Tally{Pages: 12}))
		leave, err := o.askOutside("handling", id, "outsider", 3)
		o.must(err)
		_, err = o.askOutside("handling", id, "outsider", 3)
		o.wants(problem.Conflict, err)
		o.wants(problem.Absent, o.say("director", leave, approval.Yes)) // the lead first
		o.must(o.say("lead", leave, approval.Yes))
		o.wants(problem.Refused, o.lendOutside("handling", id, h))
		o.must(o.say("director", leave, approval.Yes))
		h.To, h.Due = o.IDs["trainee"], o.clock.Now().Add(80*24*time.Hour) // what was approved counts, not what is said now
		o.must(o.lendOutside("handling", id, h))
		it, _, err := o.get("outsider", id)
		o.must(err)
		if it.OfferedTo != o.IDs["outsider"] || it.OfferedDue.After(o.clock.Now().Add(73*time.Hour)) || it.Title != "" || it.Known {
			t.Errorf("before it is taken: %+v", it)
		}
		o.must(o.take("outsider", id))
		it, moves, err := o.get("outsider", id)
		if err != nil || it.Title != deed.Title || it.Lender != o.IDs["handling"] || it.From+it.Use != "" {
			t.Errorf("while it is held: %+v %v", it, err)
		}
		for _, m := range moves { // what came before is not the borrower's to read; what it is lent for is
			if earlier := m.Deed == carrier.Placed; earlier && m.Note != "" || m.Deed == carrier.OfferedTo && m.Note != "核对签章" {
				t.Errorf("the borrower reads %+v", m)
			}
		}
		o.must(o.do("outsider", access.ViewCarrier, access.Carrier, id, func(g *guard.Grant) error {
			asked, err := o.House.Carriers.OutsidesOf(g)
			if err != nil {
				return err
			}
			slips, err := o.House.Carriers.SlipsOf(g)
			if len(asked) != 0 || len(slips) != 1 || slips[0].Place+slips[0].Purpose != "" {
				t.Errorf("the borrower reads %+v %+v", asked, slips)
			}
			return err
		}))
		if it, _, err := o.get("handling", id); err != nil || it.From != deed.From {
			t.Errorf("the lender reads %+v %v", it, err)
		}
		all := o.loans("lead", carrier.LoanFilter{Outside: true})
		if len(all) != 1 || all[0].Approval != leave || all[0].Purpose != "核对签章" || !all[0].Outside {
			t.Errorf("the register: %+v", all)
		}
		o.wants(problem.Conflict, o.offer("outsider", id, "keeper", time.Time{})) // it goes back, and nowhere else
		o.must(o.takeBack("handling", id, "完好，数量相符"))
		_, _, err = o.get("outsider", id)
		o.wants(problem.Absent, err)
		if n := len(o.loans("outsider", carrier.LoanFilter{})); n != 0 {
			t.Errorf("the borrower still reads %d", n)
		}
		o.wants(problem.Refused, o.lendOutside("handling", id, carrier.Handing{To: o.IDs["outsider"], Due: o.clock.Now().Add(time.Hour), Note: "再看"})) // used up

		// A wall that comes between the approval and the hand-over counts.
		leave, err = o.askOutside("handling", id, "outsider", 3)
		o.must(err)
		o.must(o.say("lead", leave, approval.Yes))
		o.must(o.say("director", leave, approval.Yes))
		o.must(o.lendOutside("handling", id, h))
		o.must(o.do("lead", access.SetWall, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.SetWall(g, matter.Wall{Person: o.IDs["outsider"], Reason: "新发现的利益冲突"})
		}))
		o.wants(problem.Absent, o.take("outsider", id))
		o.must(o.do("handling", access.HandCarrier, access.Carrier, id, o.House.Carriers.Withdraw))

		// 秘密级: the lead's own needs nobody's yes. 绝密级 wants the committee's and the director's.
		low, top := deed, deed
		low.Level, top.Level = classification.Confidential, classification.TopSecret
		ids, err = o.register("lead", low)
		o.must(err)
		o.must(o.lendOutside("lead", ids[0], carrier.Handing{To: o.IDs["director"], Due: o.clock.Now().Add(time.Hour), Note: "了解案情"}))
		o.must(o.take("director", ids[0]))
		ids, err = o.register("lead", top)
		o.must(err)
		leave, err = o.askOutside("lead", ids[0], "director", 3)
		o.must(err)
		o.wants(problem.Absent, o.say("director", leave, approval.Yes)) // who borrows decides nothing of it
		o.must(o.say("member", leave, approval.Yes))
		o.wants(problem.Refused, o.lendOutside("lead", ids[0], h))
	})
}
