package approval_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/matter"
	"mijuan/internal/person"
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
			o.Hire("member", access.Committee)
			o.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
			f(t, o)
		})
	}
}

func (o *office) must(err error) { o.t.Helper(); housetest.Must(o.t, err) }

func (o *office) wants(kind problem.Kind, err error) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Errorf("got %v, want a problem of kind %d", err, kind)
	}
}

func (o *office) material(level classification.Level) string {
	id := o.Receive(o.matter, "合同.txt", "股权转让协议", "甲方将其持有的股权转让给乙方。", level)
	o.Review(id, level)
	return id
}

var why = approval.Ask{Purpose: "提交仲裁委员会", Scope: "全文一份"}

func (o *office) ask(by, material string, a approval.Ask) (id string, err error) {
	err = o.House.Door.Ask(context.Background(), o.Who(by), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) (err error) {
		id, err = o.House.Approvals.Request(g, a)
		return err
	})
	return id, err
}

// fetch opens the original with an approval (empty: any) and gives the one that it used.
func (o *office) fetch(by, material, with string) (used string, err error) {
	err = o.House.Door.Do(context.Background(), o.Who(by), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: material, Permit: with}, func(g *guard.Grant) error {
		used = g.Permit()
		return nil
	})
	return used, err
}

func (o *office) on(by string, act access.Act, id string, f func(*guard.Grant) error) error {
	return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Thing{Kind: access.Approval, ID: id}, f)
}

func (o *office) decide(by, id string, d approval.Decision, opinion string) error {
	return o.on(by, access.DecideApproval, id, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, d, opinion) })
}

func (o *office) state(id string) (s approval.State) {
	o.t.Helper()
	o.must(o.House.DB.Read(context.Background(), func(tx *store.Tx) (err error) { s, err = o.House.Approvals.State(tx, id); return err }))
	return s
}

func (o *office) is(id string, want approval.State) {
	o.t.Helper()
	if got := o.state(id); got != want {
		o.t.Errorf("the request is %s, want %s", got, want)
	}
}

func (o *office) list(by string, f approval.Filter) []approval.Request {
	o.t.Helper()
	var page approval.Page
	o.must(o.House.Door.Do(context.Background(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		page, err = o.House.Approvals.List(g, f)
		return err
	}))
	return page.Requests
}

// TestFromAskingToUsing: asked by a member, decided by the lead, used once.
func TestFromAskingToUsing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Secret)
		_, err := o.fetch("handling", m, "")
		o.wants(problem.Refused, err)
		_, err = o.ask("handling", m, approval.Ask{})
		o.wants(problem.Invalid, err)
		_, err = o.ask("lead", m, why)
		o.wants(problem.Conflict, err) // needs none
		_, err = o.ask("outsider", m, why)
		o.wants(problem.Absent, err)
		_, err = o.ask("trainee", m, why)
		o.wants(problem.Refused, err) // of a level that the trainee may not know

		id, err := o.ask("handling", m, why)
		o.must(err)
		o.is(id, approval.Pending)
		for _, by := range []string{"director", "outsider", "trainee", "walled", "security", "member"} {
			o.wants(problem.Absent, o.decide(by, id, approval.Yes, ""))
			if n := len(o.list(by, approval.Filter{})); n != 0 {
				t.Errorf("%d requests wait for %s", n, by)
			}
		}
		o.wants(problem.Refused, o.decide("handling", id, approval.Yes, ""))
		if waiting := o.list("lead", approval.Filter{}); len(waiting) != 1 || !waiting[0].Decides || waiting[0].Purpose != why.Purpose {
			t.Errorf("the lead sees %+v", waiting)
		}
		o.wants(problem.Invalid, o.decide("lead", id, approval.No, " "))
		o.must(o.decide("lead", id, approval.Yes, ""))
		o.wants(problem.Refused, o.decide("lead", id, approval.No, "反悔"))
		o.is(id, approval.Approved)

		used, err := o.fetch("handling", m, "")
		o.must(err)
		if used != id {
			t.Errorf("the act used %q, want %q", used, id)
		}
		o.is(id, approval.Used)
		_, err = o.fetch("handling", m, id)
		o.wants(problem.Refused, err)
		if mine := o.list("handling", approval.Filter{Whose: approval.Mine}); len(mine) != 1 || mine[0].Entry == 0 {
			t.Errorf("the applicant sees %+v", mine)
		}
		one := o.list("auditor", approval.Filter{Whose: approval.All})[0]
		for number, want := range map[string]int{one.Number(): 1, one.Number()[:4]: 1, one.Number()[:5]: 1, one.Number() + "9": 0, "2001": 0, "没有": 0, "2026-x": 0} {
			if n := len(o.list("auditor", approval.Filter{Whose: approval.All, Number: number})); n != want {
				t.Errorf("%q finds %d", number, n)
			}
		}
		if n := len(o.list("auditor", approval.Filter{Whose: approval.All, Act: access.TakeOut})); one.Act == access.TakeOut || n != 0 {
			t.Errorf("another act finds %d", n)
		}
		if done := o.list("lead", approval.Filter{Whose: approval.Decided}); len(done) != 1 {
			t.Errorf("the lead decided %+v", done)
		}
		if all := o.list("auditor", approval.Filter{Whose: approval.All}); len(all) != 1 {
			t.Errorf("the auditor sees %+v", all)
		}
		if all := o.list("director", approval.Filter{Whose: approval.All}); len(all) != 0 {
			t.Errorf("the director sees %+v", all)
		}
	})
}

// TestStages: top secret passes the lead first, then the director; one no ends it.
func TestStages(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Secret)
		o.listed("handling")
		o.must(o.House.Door.Do(context.Background(), o.Who("lead"), access.Propose, guard.Thing{Kind: access.Material, ID: m, Level: classification.TopSecret}, func(g *guard.Grant) error {
			return o.House.Shelf.Propose(g, "涉及收购底价", o.IDs["handling"])
		}))
		o.must(o.House.Door.Do(context.Background(), o.Who("handling"), access.Review, guard.Thing{Kind: access.Material, ID: m, Level: classification.TopSecret}, func(g *guard.Grant) error {
			return o.House.Shelf.Review(g, "同意")
		}))
		id, err := o.ask("handling", m, why)
		o.must(err)
		o.wants(problem.Absent, o.decide("director", id, approval.Yes, ""))
		o.must(o.decide("lead", id, approval.Yes, ""))
		o.is(id, approval.Pending)
		_, err = o.fetch("handling", m, id)
		o.wants(problem.Refused, err)
		err = o.House.Door.Do(context.Background(), o.Who("director"), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: id, Bulk: true}, func(g *guard.Grant) error {
			return o.House.Approvals.Decide(g, approval.Yes, "")
		})
		o.wants(problem.Refused, err) // 绝密 goes one by one
		o.must(o.decide("director", id, approval.Yes, "限当日"))
		o.is(id, approval.Approved)
		_, err = o.fetch("handling", m, id)
		o.must(err)

		id, err = o.ask("handling", m, why)
		o.must(err)
		o.must(o.decide("lead", id, approval.Yes, ""))
		o.must(o.decide("director", id, approval.No, "可以摘录"))
		o.is(id, approval.Refused)
		_, err = o.fetch("handling", m, id)
		o.wants(problem.Refused, err)
	})
}

// listed lets somebody know everything in the matter.
func (o *office) listed(login string) {
	o.must(o.House.Door.Do(context.Background(), o.Who("lead"), access.ManageTeam, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) error {
		return o.House.Matters.Assign(g, matter.Member{Person: o.IDs[login], Duty: matter.Handling, Clearance: classification.TopSecret, Listed: true})
	}))
}

// TestWindow: leave counts within its window only, undecided it lapses, and who asked may take it back.
func TestWindow(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m, now := o.material(classification.Confidential), o.clock.Now()
		a := why
		a.Until = now.Add(200 * 24 * time.Hour)
		_, err := o.ask("trainee", m, a)
		o.wants(problem.Invalid, err)
		a.From, a.Until = now.Add(time.Hour), now.Add(30*time.Minute)
		_, err = o.ask("trainee", m, a)
		o.wants(problem.Invalid, err)

		a.From, a.Until = now.Add(24*time.Hour), now.Add(48*time.Hour)
		id, err := o.ask("trainee", m, a)
		o.must(err)
		o.must(o.decide("lead", id, approval.Yes, ""))
		_, err = o.fetch("trainee", m, id)
		o.wants(problem.Refused, err) // too early
		o.clock.Forward(25 * time.Hour)
		back, err := o.ask("trainee", m, why)
		o.must(err)
		o.must(o.on("trainee", access.WithdrawApproval, back, o.House.Approvals.Withdraw))
		o.is(back, approval.Withdrawn)
		o.wants(problem.Refused, o.decide("lead", back, approval.Yes, ""))
		_, err = o.fetch("trainee", m, back)
		o.wants(problem.Refused, err)
		o.clock.Forward(24 * time.Hour)
		o.is(id, approval.Lapsed)
		_, err = o.fetch("trainee", m, id)
		o.wants(problem.Refused, err) // too late

		late, err := o.ask("trainee", m, why)
		o.must(err)
		o.clock.Forward(approval.Term)
		o.wants(problem.Refused, o.decide("lead", late, approval.Yes, ""))
		o.is(late, approval.Lapsed)
	})
}

// TestNobodyToAsk: a lead asks a director, a stage that nobody looks at goes to others, a director's own to the committee, and what a
// director delegated never comes back as approval of the director's own.
func TestNobodyToAsk(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Confidential)
		id, err := o.ask("trainee", m, approval.Ask{Purpose: "开庭", Until: o.clock.Now().Add(30 * 24 * time.Hour)})
		o.must(err)
		o.wants(problem.Absent, o.decide("director", id, approval.Yes, ""))
		o.clock.Forward(approval.Patience)
		if late := o.list("director", approval.Filter{}); len(late) != 1 || !late[0].Escalated(o.clock.Now()) {
			t.Errorf("after two days the director sees %+v", late)
		}
		o.wants(problem.Absent, o.decide("outsider", id, approval.Yes, ""))
		o.must(o.House.Door.Do(context.Background(), o.Who("director"), access.Delegate, guard.Firm, func(g *guard.Grant) error {
			return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["outsider"], Acts: []access.Act{access.FetchOriginal}, Since: g.Tx().Now, Until: g.Tx().Now.Add(24 * time.Hour), Reason: "出差"})
		}))
		if n := len(o.list("outsider", approval.Filter{})); n != 1 {
			t.Errorf("%d requests wait for the delegate", n)
		}
		o.must(o.decide("outsider", id, approval.Yes, ""))
		if q := o.list("trainee", approval.Filter{Whose: approval.Mine})[0]; q.Seats[0].InsteadOf != o.IDs["director"] || q.Seats[0].Capacity != "lead" {
			t.Errorf("decided %+v", q.Seats)
		}
		used, err := o.fetch("trainee", m, "")
		o.must(err)
		if used != id {
			t.Errorf("used %s", used)
		}
	})
}

// TestUsedWithTheAct: an act that fails leaves its approval as it was, and two that come at once use it once.
func TestUsedWithTheAct(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Secret)
		id, err := o.ask("handling", m, why)
		o.must(err)
		o.must(o.decide("lead", id, approval.Yes, ""))
		broken := errors.New("broken")
		thing := guard.Thing{Kind: access.Material, ID: m}
		err = o.House.Door.Do(context.Background(), o.Who("handling"), access.FetchOriginal, thing, func(*guard.Grant) error { return broken })
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		o.is(id, approval.Approved)
		results := make(chan error, 8)
		for range 8 {
			go func() { _, err := o.fetch("handling", m, id); results <- err }()
		}
		allowed := 0
		for range 8 {
			if err := <-results; err == nil {
				allowed++
			}
		}
		if allowed != 1 {
			t.Errorf("%d used one approval", allowed)
		}
		o.is(id, approval.Used)
	})
}
