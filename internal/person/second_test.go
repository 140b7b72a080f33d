package person

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// TestSecondReset: a new log-in of somebody with power over others opens only after a second person has said that it is their wish; anybody else's
// opens at once, as does a director's where nobody else could say so.
func TestSecondReset(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		reset := func(person string) (link string, second bool) {
			t.Helper()
			o.must(o.appoint(person, func(g *guard.Grant) (err error) { link, second, err = o.ResetLogin(g, "手机遗失"); return err }))
			return link, second
		}
		waits := func(person string) (n int) {
			t.Helper()
			o.must(o.as(person, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
				all, err := o.Resets(g)
				n = len(all)
				return err
			}))
			return n
		}
		wants := func(kind problem.Kind, err error) {
			t.Helper()
			if problem.KindOf(err) != kind {
				t.Errorf("got %v, want kind %d", err, kind)
			}
		}
		second := func(by, person, how string) error {
			return o.as(by, access.SecondReset, thingOf(person), func(g *guard.Grant) error { return o.Second(g, how) })
		}
		director := o.join("fangjun", "方峻", access.Director)
		if _, needed := reset(director); needed {
			t.Error("nobody else could confirm, and somebody has to")
		}

		lawyer, auditor := o.join("mixun", "宓洵", access.Lawyer), o.join("shenyan", "沈砚", access.Auditor)
		link, needed := reset(lawyer)
		if _, err := o.Welcome(ctx, link); needed || err != nil {
			t.Errorf("a lawyer's link: %v, %v", needed, err)
		}
		_, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)

		link, needed = reset(director)
		if !needed || waits(auditor) != 1 || waits(o.admin) != 0 || waits(lawyer) != 0 {
			t.Errorf("a director's link: %v, it waits for %d, %d, %d", needed, waits(auditor), waits(o.admin), waits(lawyer))
		}
		_, err = o.Welcome(ctx, link)
		wants(problem.Conflict, err)
		_, err = o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		wants(problem.Conflict, err)
		wants(problem.Refused, second(o.admin, director, "当面核实"))
		wants(problem.Refused, second(lawyer, director, "当面核实"))
		wants(problem.Invalid, second(auditor, director, " "))
		wants(problem.Conflict, second(auditor, lawyer, "当面核实"))
		o.must(second(auditor, director, "当面核实，手机遗失"))
		wants(problem.Conflict, second(auditor, director, "当面核实"))
		if waits(auditor) != 0 {
			t.Error("it still waits")
		}
		link2, needed := reset(director) // and the word for one link is none for the next
		_, err = o.Welcome(ctx, link)
		wants(problem.Absent, err)
		_, err = o.Welcome(ctx, link2)
		if wants(problem.Conflict, err); !needed {
			t.Error("the second reset needs nobody")
		}
		o.must(second(auditor, director, "当面核实"))
		e, err := o.Accept(ctx, link2, Acceptance{Password: goodPassword}, desk)
		if o.must(err); e.Stage != Live {
			t.Errorf("stage %v", e.Stage)
		}
		wants(problem.Conflict, o.appoint(director, func(g *guard.Grant) error {
			return o.LinkPerson(g, Identity{Issuer: "https://id.example", Subject: "me"}, "绑定")
		}))
	})
}
