package material_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func (o *office) release(by, id, to string) error {
	return o.door.Do(o.ctx, who(by), access.Release, o.thing(id), func(g *guard.Grant) error {
		return o.shelf.Release(g, material.Leave{Person: to, Until: g.Tx().Now.Add(time.Hour), Reason: "提交法院"})
	})
}

// mayFetch tells whether the original would be given, and whose approval is missing else.
func (o *office) mayFetch(person, id string) (missing []string) {
	o.t.Helper()
	can, err := o.door.Can(o.ctx, who(person), o.thing(id), access.FetchOriginal)
	o.want(err, 0, "forecast")
	for _, r := range can[access.FetchOriginal].Reasons {
		missing = append(missing, r.Approver)
	}
	return missing
}

// TestLeaveForAnOriginal is clause 7.2.1 for 绝密级: the lead consents, the director approves, and who is both does both at once,
// but for nobody but others.
func TestLeaveForAnOriginal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		assign := func(by string, m matter.Member) {
			t.Helper()
			o.want(o.door.Do(o.ctx, who(by), access.ManageTeam, o.mat(), func(g *guard.Grant) error { return o.book.Assign(g, m) }), 0, "assign "+m.Person)
		}
		assign("lead", matter.Member{Person: "lawyer", Duty: matter.Handling, Clearance: classification.TopSecret, Listed: true})
		first := o.receive("a.txt", "代理词", []byte("一"), classification.TopSecret)
		o.want(o.review("lead", first, classification.TopSecret), 0, "review")
		second := o.receive("b.txt", "备忘", []byte("二"), classification.TopSecret)
		o.want(o.review("lead", second, classification.TopSecret), 0, "review")

		o.want(o.release("lead", first, "lead"), problem.Invalid, "leave to oneself")
		o.want(o.release("lead", first, "lawyer"), 0, "the lead's leave")
		if missing := o.mayFetch("lawyer", first); len(missing) != 1 || missing[0] != "director" {
			t.Errorf("after the lead's leave: missing %q", missing)
		}
		o.want(o.release("director", first, "lawyer"), 0, "the director's leave")
		if missing := o.mayFetch("lawyer", first); len(missing) != 0 {
			t.Errorf("after both: missing %q", missing)
		}

		assign("lead", matter.Member{Person: "managing", Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true})
		o.want(o.release("managing", second, "lawyer"), 0, "the leave of a director who leads")
		if missing := o.mayFetch("lawyer", second); len(missing) != 0 {
			t.Errorf("after the leave of a director who leads: missing %q", missing)
		}
		o.want(o.release("managing", second, "managing"), problem.Invalid, "leave to oneself")
		if missing := o.mayFetch("managing", second); len(missing) != 1 || missing[0] != "director" {
			t.Errorf("a director who leads lacks %q", missing)
		}
	})
}
