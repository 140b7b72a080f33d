package access

import (
	"cmp"
	"slices"
	"strings"
)

// Stage is a step of a route (审批环节): everybody in it is asked at the same time, and each seat has to say yes.
type Stage []Seat

// Seat is one approval that is needed, in any of its capacities: "lead", "director", "committee".
type Seat []string

// Name is who sits there, in Chinese.
func (s Seat) Name() string { return Names.Approvers[strings.Join(s, "|")] }

// ranks are the stages of rules that name none.
var ranks = map[string]int{"lead": 1, "committee": 2, "director": 3}

// Route is whom to ask, in which order, before what NeedsApproval is allowed: read from the reasons of the same answer. Any other answer has
// no route.
func (d Decision) Route() (route []Stage) {
	if d.Outcome != NeedsApproval {
		return nil
	}
	reasons := slices.Clone(d.Reasons)
	slices.SortStableFunc(reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(a.stage(), b.stage()), strings.Compare(a.Approver, b.Approver))
	})
	reasons = slices.CompactFunc(reasons, func(a, b Reason) bool { return a.stage() == b.stage() && a.Approver == b.Approver })
	for i, r := range reasons {
		if i == 0 || reasons[i-1].stage() != r.stage() {
			route = append(route, nil)
		}
		last := len(route) - 1
		route[last] = append(route[last], capacities(r.Approver))
	}
	return route
}

// stage is when the approver of a reason is asked.
func (r Reason) stage() int {
	if r.Stage != 0 {
		return r.Stage
	}
	return ranks[capacities(r.Approver)[0]]
}

// capacities parts an @approver; none for a rule that nobody's approval lifts.
func capacities(approver string) Seat {
	if approver == "" {
		return nil
	}
	return strings.Split(approver, "|")
}

// Approvable reports whether some rule about the act, done to such a thing, can be lifted by an approval.
func (r *Rules) Approvable(act Act, kind Kind) bool {
	p := r.pages[deed{act, kind}]
	return p != nil && p.approvable
}
