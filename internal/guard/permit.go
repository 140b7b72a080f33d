package guard

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

// ask runs f for somebody who asks leave, if the rules want approvals for the act.
func (g *Grant) ask(f func(*Grant) error) (ledger.Outcome, error) {
	if g.decision.Outcome == access.Refuse {
		return ledger.Refused, g.refuse()
	}
	g.Note("for", string(g.act))
	g.act = access.RequestApproval
	answer := error(problem.New(problem.Conflict, "这件事不需要批准，可以直接办理"))
	if g.decision.Outcome == access.NeedsApproval {
		answer = g.run(f)
	}
	if answer != nil {
		g.fail(answer)
		return ledger.Failed, answer
	}
	return ledger.Allowed, nil
}

// spend runs f and, where the act was permitted by an approval only, uses that up with it.
func (g *Grant) spend(p Permit, f func(*Grant) error) error {
	if p.ID == "" || !g.needs(p) {
		return g.run(f)
	}
	g.permit = p.ID
	g.Note("approval", p.ID)
	return g.run(func(lent *Grant) error {
		if err := f(lent); err != nil {
			return err
		}
		tx, use := lent.tx, g.door.use
		lent.OnRecord(func(seq uint64) error { return use(tx, p.ID, seq) })
		return nil
	})
}

// needs reports whether the rules would not permit the act without the approval.
func (g *Grant) needs(p Permit) bool {
	without := g.request
	without.Where.Approvals = slices.DeleteFunc(slices.Clone(without.Where.Approvals), func(c string) bool { return slices.Contains(p.Capacities, c) })
	return g.door.Rules().Decide(without).Outcome != access.Permit
}

// Permit is the approval that the act uses up; empty where none was needed. Whoever acts on what was asked for compares it.
func (g *Grant) Permit() string { g.mustLive(); return g.permit }

// Route is whom the rules want to approve what the caller asks leave for. It is there for access.RequestApproval only.
func (g *Grant) Route() []access.Stage { g.mustLive(); return g.decision.Route() }

// Asked is the act that the caller asks leave for.
func (g *Grant) Asked() access.Act { g.mustLive(); return g.request.Act }
