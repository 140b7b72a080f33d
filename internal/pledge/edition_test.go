package pledge_test

import (
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
)

// TestNewEdition: a new edition asks everyone again, by a day that closes access by itself; signing opens it.
func TestNewEdition(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if all := o.missing("security"); len(all) != 0 {
			t.Fatalf("missing from the beginning: %+v", all)
		}
		version, err := o.publish(14 * 24 * time.Hour)
		o.must(err)
		if version != 2 || len(o.missing("auditor")) != 3 || len(o.missing("lawyer")) != 1 {
			t.Fatalf("edition %d waits for %d and %d", version, len(o.missing("auditor")), len(o.missing("lawyer")))
		}
		due := o.asked("lawyer")
		if len(due) != 1 || due[0].Kind != pledge.Yearly || due[0].Version != 2 || due[0].By.IsZero() || !strings.Contains(due[0].Text, "新版") {
			t.Fatalf("asked for %+v", due)
		}
		o.must(o.works("lawyer"))
		o.clock.Forward(13 * 24 * time.Hour)
		o.must(o.works("lawyer"))
		o.clock.Forward(25 * time.Hour)
		o.wants(o.works("lawyer"), problem.Refused, "work without the new edition")
		o.enter("lawyer", password)
		p := o.sign("lawyer")
		o.must(o.works("lawyer"))
		if p.Kind != pledge.Yearly || p.Version != 2 {
			t.Errorf("signed %+v", p)
		}
		o.enter("security", password)
		o.sign("security")
		if all := o.missing("security"); len(all) != 1 || all[0].ID != o.ids["auditor"] {
			t.Errorf("missing: %+v", all)
		}
		if page := o.list("security", pledge.Filter{Kind: pledge.Yearly, Version: 2, Text: "欧阳lawyer"}); page.Total != 1 || page.Pledges[0].ID != p.ID {
			t.Errorf("the register: %+v", page)
		}
	})
}

// TestPaperOfAnOlderEdition: a pledge on paper counts for the edition that was out when it was signed, and never for less than what
// was signed since.
func TestPaperOfAnOlderEdition(t *testing.T) {
	one(t, func(t *testing.T, o *office) {
		before := o.clock.Now()
		o.clock.Forward(time.Hour)
		_, err := o.publish(24 * time.Hour)
		o.must(err)
		o.join("new", access.Lawyer)
		record := func(at time.Time) {
			o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids["new"]), func(g *guard.Grant) error { return o.h.People.RecordPledge(g, "joining", at, "纸质记录存档") }))
		}
		record(before)
		if due := o.asked("new"); len(due) != 1 || due[0].By.IsZero() || due[0].Kind != pledge.Yearly {
			t.Fatalf("an older edition on paper: asked for %+v", due)
		}
		o.clock.Forward(25 * time.Hour)
		o.wants(o.works("new"), problem.Refused, "work by the older edition")
		o.enter("new", password)
		o.sign("new")
		record(before)
		o.must(o.works("new"))
	})
}

func TestWhoPublishes(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for _, login := range []string{"lawyer", "auditor"} {
			err := o.do(o.who(login), access.SetPledge, guard.Firm, func(g *guard.Grant) error { return nil })
			o.wants(err, problem.Refused, login)
		}
		for _, in := range []time.Duration{-time.Hour, 0, 400 * 24 * time.Hour} {
			_, err := o.publish(in)
			o.wants(err, problem.Invalid, in.String())
		}
		err := o.do(o.who("security"), access.SetPledge, guard.Firm, func(g *guard.Grant) error {
			_, err := o.room.Publish(g, map[pledge.Kind]string{pledge.Joining: "# 一\n\n二"}, g.Tx().Now.Add(time.Hour))
			return err
		})
		if p, ok := err.(*problem.Error); !ok || p.Field != string(pledge.Yearly) {
			t.Errorf("texts are missing: %v", err)
		}
		if n := o.count(`SELECT COUNT(*) FROM pledge_edition`); n != 1 {
			t.Errorf("%d editions", n)
		}
	})
}

// TestLeaving: the leaving pledge is asked for, signed, and changes nothing about what holds in post.
func TestLeaving(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ask := func(login string) error {
			return o.do(o.who(login), access.Appoint, thing(o.ids["lawyer"]), o.room.AskLeaving)
		}
		o.wants(ask("lawyer"), problem.Refused, "asking oneself")
		o.must(ask("security"))
		o.wants(ask("security"), problem.Conflict, "asking twice")
		if due := o.asked("lawyer"); len(due) != 1 || due[0].Kind != pledge.Leaving {
			t.Fatalf("asked for %+v", due)
		}
		p := o.sign("lawyer")
		if p.Kind != pledge.Leaving || len(o.asked("lawyer")) != 0 {
			t.Errorf("%+v", p)
		}
		o.must(o.works("lawyer"))
		if n := o.count(`SELECT COUNT(*) FROM qualification WHERE person = $1 AND subject = 'pledge'`, o.ids["lawyer"]); n != 1 {
			t.Errorf("%d pledges in post", n)
		}
		o.must(ask("security"))
	})
}

// TestShippedOnce: opening a firm again adds no edition, and leaves the ledger as it is.
func TestShippedOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		before := o.count(`SELECT COUNT(*) FROM ledger_entry`)
		must(t, o.h.Close())
		var err error
		o.h, err = house.Open(t.Context(), o.h.Settings)
		must(t, err)
		if n := o.count(`SELECT COUNT(*) FROM pledge_edition`); n != 1 || o.count(`SELECT COUNT(*) FROM ledger_entry`) != before {
			t.Errorf("%d editions", n)
		}
	})
}

func TestParseText(t *testing.T) {
	good, err := pledge.ParseText("# 承诺书\n\n一段\n接着\n\n## 一、小标题\n1. 甲\n2、乙\n")
	must(t, err)
	if good.Title != "承诺书" || len(good.Blocks) != 4 || good.Blocks[0].Text != "一段接着" || good.Blocks[3] != (pledge.Block{Style: pledge.Item, Text: "乙"}) {
		t.Errorf("%+v", good)
	}
	for name, bad := range map[string]string{"empty": "", "no title": "一段", "no body": "# 题", "two titles": "# 题\n\n# 题\n\n段", "html": "# 题\n\n<b>甲</b>", "link": "# 题\n\n[甲](http://a)",
		"list": "# 题\n\n- 甲", "hidden": "# 题\n\n甲\u202e乙", "long title": "# " + strings.Repeat("长", 41) + "\n\n段", "long": "# 题\n\n" + strings.Repeat("长", 20_001)} {
		if _, err := pledge.ParseText(bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
