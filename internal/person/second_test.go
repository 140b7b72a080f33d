package person

import (
	"context"
	"testing"
	"time"

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
		resets := func(person string) (all []Reset) {
			t.Helper()
			o.must(o.as(person, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { all, err = o.Resets(g); return err }))
			return all
		}
		waits := func(person string) int { return len(resets(person)) }
		wants := func(kind problem.Kind, err error) {
			t.Helper()
			if problem.KindOf(err) != kind {
				t.Errorf("got %v, want kind %d", err, kind)
			}
		}
		second := func(by string, x Reset, how string) error {
			return o.as(by, access.SecondReset, thingOf(x.Person), func(g *guard.Grant) error { return o.Second(g, x, how) })
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
		x := resets(auditor)[0]
		wants(problem.Refused, second(o.admin, x, "当面核实"))
		wants(problem.Refused, second(lawyer, x, "当面核实"))
		wants(problem.Invalid, second(auditor, x, " "))
		wants(problem.Conflict, second(auditor, Reset{Person: lawyer, By: x.By, Until: x.Until}, "当面核实"))
		o.must(second(auditor, x, "当面核实，手机遗失"))
		wants(problem.Conflict, second(auditor, x, "当面核实"))
		if waits(auditor) != 0 {
			t.Error("it still waits")
		}
		o.pass(time.Minute)
		link2, needed := reset(director) // and the word for one link is none for the next
		_, err = o.Welcome(ctx, link)
		wants(problem.Absent, err)
		_, err = o.Welcome(ctx, link2)
		if wants(problem.Conflict, err); !needed {
			t.Error("the second reset needs nobody")
		}
		wants(problem.Conflict, second(auditor, x, "当面核实")) // seen on a page from before
		o.must(second(auditor, resets(auditor)[0], "当面核实"))
		e, err := o.Accept(ctx, link2, Acceptance{Password: goodPassword}, desk)
		if o.must(err); e.Stage != Live {
			t.Errorf("stage %v", e.Stage)
		}
		reset(auditor) // who waits for a word themselves could still give one
		if _, needed := reset(director); !needed {
			t.Error("whoever resets all who could confirm needs nobody")
		}
		wants(problem.Conflict, o.appoint(director, func(g *guard.Grant) error {
			return o.LinkPerson(g, Identity{Issuer: "https://id.example", Subject: "me"}, "绑定")
		}))
	})
}
