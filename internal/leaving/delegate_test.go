package leaving_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/problem"
)

// TestDelegate: who approves in the director's place settles and writes off what others leave behind, not what the director does; a
// delegation ends with the leaving of who has it.
func TestDelegate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		give := func() {
			t.Helper()
			o.must(o.House.Door.Do(t.Context(), o.Who("director"), access.Delegate, guard.Firm, func(g *guard.Grant) error {
				return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["heir"], Acts: []access.Act{access.WriteOffLeaving}, Since: g.Tx().Now, Until: g.Tx().Now.Add(48 * time.Hour), Reason: "外出"})
			}))
		}
		off := func(by, on string) error {
			return o.writeOff(by, on, leaving.Pledge, "")
		}
		o.Hire("second", access.Director)
		o.must(o.begin("director", "outsider", "auditor"))
		o.must(o.begin("second", "director", "auditor"))
		o.wants(problem.Refused, off("heir", "outsider"))
		give()
		o.must(o.do("heir", access.ReadHoldings, "outsider", func(*guard.Grant) error { return nil }))
		o.wants(problem.Refused, o.do("heir", access.ReadHoldings, "director", func(*guard.Grant) error { return nil }))
		o.wants(problem.Refused, off("heir", "director"))
		o.must(off("heir", "outsider"))

		o.must(o.do("heir", access.RequestRights, "heir", func(g *guard.Grant) error {
			_, err := o.House.Rights.AskPosts(g, o.IDs["heir"], []access.Post{access.Trainee}, "转岗")
			return err
		}))
		o.HandOver("heir")
		var e leaving.Ended
		o.must(o.do("security", access.CloseLeaving, "heir", func(g *guard.Grant) (err error) { e, err = o.House.Leaving.Close(g); return err }))
		if e.Delegations != 1 || e.Requests != 1 {
			t.Errorf("%d delegations and %d requests ended with the leaving", e.Delegations, e.Requests)
		}
	})
}
