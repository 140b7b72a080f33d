package leaving_test

import (
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
)

// TestWriteOffIsSigned: who lets things go signs a sheet that names each with the reason, kept with the items and given to who may read the
// list; without the password nothing is let go; and by token it is not done at all.
func TestWriteOffIsSigned(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.begin("director", "outsider", "auditor"))
		off := leaving.Forgiven{Items: []leaving.Item{{Kind: leaving.Pledge}}, Reason: "已经失联"}
		without := o.Consent("director")
		without.Password = "Wrong-Horse-1"
		o.wants(problem.Unauthenticated, o.House.Leaving.WriteOff(t.Context(), o.Who("director"), o.IDs["outsider"], off, without, "江澜衡砚律师事务所"))
		o.wants(problem.Invalid, o.House.Leaving.WriteOff(t.Context(), o.Who("director"), o.IDs["outsider"], leaving.Forgiven{Reason: "没有勾选"}, o.Consent("director"), "江澜衡砚律师事务所"))
		if items, _ := o.holdings("director", "outsider"); len(items) != 1 {
			t.Fatalf("let go without a signature: %+v", items)
		}
		o.must(o.writeOff("director", "outsider", leaving.Pledge, ""))
		_, d := o.holdings("director", "outsider")
		if len(d.Done) != 1 || d.Done[0].Sheet == "" || len(d.Outstanding) != 0 {
			t.Fatalf("let go: %+v", d)
		}
		var pdf []byte
		o.must(o.do("auditor", access.ReadHoldings, "outsider", func(g *guard.Grant) (err error) {
			pdf, err = o.House.Leaving.WrittenOff(g, d.Done[0].Sheet)
			return err
		}))
		report, err := signature.Verify(pdf)
		if err != nil || !report.Intact() || report.Signatures[0].Name != "测试director" {
			t.Errorf("the sheet: %+v, %v", report, err)
		}
		o.wants(problem.Absent, o.do("director", access.ReadHoldings, "lead", func(g *guard.Grant) error { _, err := o.House.Leaving.WrittenOff(g, d.Done[0].Sheet); return err }))
		if slices.Contains(person.Scopes(), access.WriteOffLeaving) {
			t.Error("a token may write off")
		}
	})
}

// TestThePostsItBeganWith: the register tells the posts in which somebody left, whatever they hold later; and is narrowed by name, state and day.
func TestThePostsItBeganWith(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.begin("director", "outsider", "auditor"))
		o.must(o.do("director", access.BeginLeaving, "outsider", func(g *guard.Grant) error { return o.House.Leaving.Cancel(g, "决定留任") }))
		o.must(o.begin("director", "heir", "auditor"))
		o.must(o.House.Door.Do(t.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs["outsider"]}, func(g *guard.Grant) error {
			return o.House.People.ChangePosts(g, []access.Post{access.Trainee}, "调整")
		}))
		list := func(f leaving.Filter) (all []leaving.Departure) {
			o.must(o.House.Door.Do(t.Context(), o.Who("director"), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) { all, _, err = o.House.Leaving.List(g, f); return err }))
			return all
		}
		if all := list(leaving.Filter{State: leaving.StateCancelled}); len(all) != 1 || !slices.Equal(all[0].Posts, []access.Post{access.Lawyer}) {
			t.Errorf("cancelled: %+v", all)
		}
		now := time.Now()
		for want, f := range map[int]leaving.Filter{2: {}, 1: {Text: "heir"}, 0: {Text: "heir", State: leaving.StateClosed}} {
			if all := list(f); len(all) != want {
				t.Errorf("%+v finds %d", f, len(all))
			}
		}
		if n, m := len(list(leaving.Filter{From: now.AddDate(0, 0, 20)})), len(list(leaving.Filter{From: now, To: now.AddDate(0, 0, 20)})); n != 0 || m != 2 {
			t.Errorf("by day: %d, %d", n, m)
		}
	})
}
