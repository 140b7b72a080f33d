package notice_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/mail"
	"mijuan/internal/mail/mailtest"
	"mijuan/internal/notice"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// TestARequestIsTold to whoever may decide it: stage by stage, after the set time to those above, and to a delegate; to each once. The mail has
// the number, the day and the address, and nothing of what is asked for.
func TestARequestIsTold(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.runs(o.House)
		o.want("handling", false) // asks, and wants no mails
		id := o.ask("handling", o.highest())
		want := map[string]int{"lead": 1}
		o.counts("asked", want)
		want["security"] = 1 // the half-yearly round, which the sweep finds
		l := o.settled("lead")[0]
		link := "https://mijuan.firm.example:8443/approvals/" + id
		for _, part := range []string{"有一项审批等您处理", "申请单号：" + o.number(id), link + "\n", "此前处理"} {
			if !strings.Contains(l.Text, part) {
				t.Errorf("the mail lacks %q: %s", part, l.Text)
			}
		}
		if l.Over != "tls" || l.As != mailtest.User || l.Subject != "密卷：有一项审批等您处理" || strings.Count(l.Text, "https://") != 1 {
			t.Errorf("the mail is %+v", l)
		}
		o.sweep()
		o.counts("looked for again", want)

		o.decide("lead", id)
		want["director"] = 1
		o.counts("the next stage", want)
		o.must(o.House.Door.Do(ctx, o.Who("director"), access.Delegate, guard.Firm, func(g *guard.Grant) error {
			return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["outsider"], Acts: []access.Act{access.FetchOriginal}, Since: g.Tx().Now, Until: g.Tx().Now.Add(9 * 24 * time.Hour), Reason: "外出"})
		}))
		o.sweep()
		want["outsider"] = 1
		o.counts("a delegate", want)
		o.clock.Forward(approval.Patience + time.Minute)
		want["member"] = 1
		o.counts("nobody decided", want)
		o.sweep()
		o.counts("looked for again", want)

		entries := o.entries()
		entries = slices.DeleteFunc(entries, func(e ledger.Entry) bool { return e.Thing == o.IDs["security"] })
		if len(entries) != 4 {
			t.Fatalf("%d mails are on record", len(entries))
		}
		for i, login := range []string{"lead", "director", "outsider", "member"} {
			e := entries[i]
			if e.Thing != o.IDs[login] || e.Actor != "system" || !strings.Contains(string(e.Detail), o.number(id)) || strings.Contains(string(e.Detail), "标记") {
				t.Errorf("the record of the mail to %s: %+v %s", login, e, e.Detail)
			}
		}
		for _, l := range o.post.Letters() {
			for _, mark := range []string{"标记", "股权", "重工", "gonghuo"} {
				if strings.Contains(l.Raw+l.Text+l.Subject, mark) {
					t.Errorf("a mail to %s holds %q: %s", l.To, mark, l.Text)
				}
			}
		}
	})
}

// TestWhatIsNoMoreIsNotTold: decided before the mail goes out, withdrawn, unwanted, without an address.
func TestWhatIsNoMoreIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Secret)
		id := o.ask("handling", m)
		o.decide("lead", id)
		stop := o.runs(o.House)
		o.counts("decided at once", nil)
		o.want("lead", false)
		id = o.ask("handling", m)
		o.counts("unwanted", nil)
		o.want("lead", true)
		o.address("lead", "")
		o.sweep()
		o.counts("no address", map[string]int{"security": 1}) // the half-yearly round
		o.address("lead", "lead@firm.example")
		o.sweep()
		o.counts("an address since", map[string]int{"lead": 1, "security": 1})
		stop()
		o.must(o.House.Door.Do(ctx, o.Who("handling"), access.WithdrawApproval, guard.Thing{Kind: access.Approval, ID: id}, o.House.Approvals.Withdraw))
		o.must(o.House.Door.Do(ctx, o.Who("security"), access.SetMail, guard.Firm, o.House.Notices.Stop))
		o.ask("handling", m)
		o.sweep()
		o.runs(o.House)
		o.counts("no server", map[string]int{"lead": 1, "security": 1})
	})
}

// TestDutiesAreReminded: ahead of the day and when it has passed, several in one mail, each once.
func TestDutiesAreReminded(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.runs(o.House)
		o.sweep()
		o.counts("nothing is due but the round", map[string]int{"security": 1}) // which was never opened
		matter := o.OpenMatter(matterName, clientName)
		o.must(o.House.Door.Do(ctx, o.Who("security"), access.OpenTeamReview, guard.Firm, func(g *guard.Grant) error {
			_, err := o.House.TeamReviews.Open(g, g.Tx().Now.AddDate(0, 0, 20))
			return err
		}))
		o.sweep()
		o.counts("a round", map[string]int{"security": 1, "lead": 1})
		if l := o.settled("lead")[0]; l.Subject != "密卷：团队复核提醒" || !strings.Contains(l.Text, "复核期限：") || strings.Contains(l.Text, matter) {
			t.Errorf("the mail is %s %s", l.Subject, l.Text)
		}
		o.clock.Forward(360 * 24 * time.Hour) // trainings hold for a year
		o.sweep()
		o.counts("training ends in a week", map[string]int{"security": 2, "lead": 2, "handling": 1, "trainee": 1, "outsider": 1, "walled": 1, "director": 1, "system": 1, "auditor": 1, "member": 1})
		l := o.settled("trainee")[0]
		if l.Subject != "密卷：保密培训提醒" || !strings.Contains(l.Text, "https://mijuan.firm.example:8443/training\n") {
			t.Errorf("the mail is %s %s", l.Subject, l.Text)
		}
		if l := o.settled("security")[1]; l.Subject != "密卷：有 2 件事等您处理" || !strings.Contains(l.Text, "/team-reviews") {
			t.Errorf("two at once: %s %s", l.Subject, l.Text)
		}
		o.sweep()
		o.clock.Forward(7 * 24 * time.Hour)
		o.sweep()
		if all := o.settled("trainee"); len(all) != 2 || !strings.Contains(all[1].Text, "已经逾期") {
			t.Errorf("overdue: %+v", all)
		}
	})
}

// TestThingsAreCalledBack: who borrowed and who lent when a loan is late, and those who watch over the firm later.
func TestThingsAreCalledBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.runs(o.House)
		id := o.RegisterCarriers(o.OpenMatter(matterName, clientName), 1)[0]
		thing := guard.Thing{Kind: access.Carrier, ID: id}
		o.must(o.House.Door.Do(ctx, o.Who("handling"), access.HandCarrier, thing, func(g *guard.Grant) error {
			return o.House.Carriers.Offer(g, carrier.Handing{To: o.IDs["lead"], Note: purpose, Due: g.Tx().Now.Add(3 * 24 * time.Hour)})
		}))
		o.must(o.House.Door.Do(ctx, o.Who("lead"), access.TakeCarrier, thing, func(g *guard.Grant) error { return o.House.Carriers.Take(g, "完好") }))
		want := map[string]int{"security": 1} // the half-yearly round
		o.sweep()
		o.counts("lent", want)
		o.clock.Forward(4 * 24 * time.Hour)
		o.sweep()
		want["lead"], want["handling"] = 1, 1
		o.counts("late", want)
		if l := o.settled("lead")[0]; l.Subject != "密卷：借阅归还提醒" || !strings.Contains(l.Text, "已经逾期") || strings.Contains(l.Text, "标记") || strings.Contains(l.Text, id) {
			t.Errorf("the mail is %s %s", l.Subject, l.Text)
		}
		o.clock.Forward(carrier.OfficerAfter)
		o.sweep()
		want["security"], want["auditor"] = 2, 1
		o.counts("long late", want)
	})
}

// TestTheServerIsAway for a while, and everything goes out when it is back; for good, and it is given up with a record. Asking waits for nothing.
func TestTheServerIsAway(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		m := o.material(classification.Secret)
		o.post.Stop()
		o.runs(o.House)
		began := time.Now()
		o.ask("handling", m)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("asking took %s", took)
		}
		for range 8 {
			o.idle()
			o.clock.Forward(time.Hour)
		}
		if h := o.health(); h.Waiting != 1 || h.Sent != 0 || o.failing("security") != 1 || o.failing("lead") != 0 {
			t.Errorf("while it is away: %+v", h)
		}
		decided := o.ask("handling", m) // and decided before the mail of it can go out
		o.idle()
		o.decide("lead", decided)
		o.post.Again()
		o.clock.Forward(time.Hour)
		if all := o.settled("lead"); len(all) != 1 || len(o.entries()) != 1 {
			t.Errorf("it is back: %d mails, %d entries", len(all), len(o.entries()))
		}

		o.post.Stop()
		id := o.ask("handling", m)
		o.idle()
		o.clock.Forward(notice.GiveUp + time.Hour)
		o.idle()
		last := o.entries()[len(o.entries())-1]
		if !strings.Contains(string(last.Detail), `"mail":"failed"`) || !strings.Contains(string(last.Detail), o.number(id)) {
			t.Errorf("what was given up is on record as %s", last.Detail)
		}
		if h := o.health(); h.Failed != 1 || h.Waiting != 2 { // the director and the committee, who may decide by now
			t.Errorf("after it was given up: %+v", h)
		}
	})
}

// TestAnAddressThatIsNone is given up at once.
func TestAnAddressThatIsNone(t *testing.T) {
	o := found(t, store.SQLite)
	o.runs(o.House)
	o.address("lead", "nobody@firm.example")
	o.ask("handling", o.material(classification.Secret))
	o.idle()
	if all := o.entries(); len(all) != 1 || !strings.Contains(string(all[0].Detail), `"mail":"failed"`) || o.failing("security") != 1 {
		t.Errorf("on record: %+v", all)
	}
}

// TestTheServerIsSet by the security administrator alone; its password is kept sealed, shown to nobody and sent nowhere else, and a mail to
// oneself says whether it works.
func TestTheServerIsSet(t *testing.T) {
	o := found(t, store.SQLite)
	set := func(by string, s mail.Settings) error {
		return o.House.Door.Do(ctx, o.Who(by), access.SetMail, guard.Firm, func(g *guard.Grant) error { return o.House.Notices.SetServer(g, s) })
	}
	good := o.post.Settings(mail.TLS)
	for _, by := range []string{"system", "auditor", "director", "lead"} {
		if _, refused := guard.AsRefusal(set(by, good)); !refused {
			t.Errorf("%s sets the server", by)
		}
	}
	if h := o.health(); h.Server.Secret != "" || !h.Secret || h.Server.User != mailtest.User || h.Unreached != 0 || h.Reached != len(o.IDs) {
		t.Errorf("looked at: %+v", h)
	}
	kept := good
	kept.Secret, kept.From = "", "notices@firm.example"
	o.must(set("security", kept))
	o.must(o.House.Notices.Try(ctx, o.Who("security")))
	if l := o.post.Wait(1)[0]; l.To != "security@firm.example" || l.As != mailtest.User || !strings.Contains(l.Header.Get("From"), "notices@firm.example") {
		t.Errorf("the test is %+v", l)
	}
	elsewhere := kept
	elsewhere.Port = o.post.Settings(mail.StartTLS).Port
	if err := set("security", elsewhere); err == nil {
		t.Error("the password went to another server")
	}
	wrong := good
	wrong.Secret = "wrong"
	o.must(set("security", wrong))
	if err := o.House.Notices.Try(ctx, o.Who("security")); err == nil || !strings.Contains(err.Error(), "不接受这个账号或密码") {
		t.Errorf("a wrong password: %v", err)
	}
	if _, refused := guard.AsRefusal(o.House.Notices.Try(ctx, o.Who("system"))); !refused {
		t.Error("the system administrator sends a test")
	}
}

func (o *office) health() (h notice.Health) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, o.Who("security"), access.SetMail, guard.Firm, func(g *guard.Grant) (err error) { h, err = o.House.Notices.Look(g); return err }))
	return h
}

func (o *office) failing(login string) (n int) {
	o.t.Helper()
	o.must(o.House.Door.Do(ctx, o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { n, err = o.House.Notices.Failing(g); return err }))
	return n
}
