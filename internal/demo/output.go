package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/output"
	"mijuan/internal/problem"
)

// copyOriginal has an original of a matter copied for a hearing, by its lead: in turn collected, with one copy that was spoiled and made
// again, waiting to be collected, waiting at the copier, and withdrawn.
func (b *builder) copyOriginal(add func(before time.Duration, what string, do func() error), before time.Duration, lead string, pages int, carrier func() string) {
	b.copied++
	nth, id, pin, copies := b.copied, "", "", 1+b.copied%3
	at := min(before-30*hour, time.Duration(1+nth%9)*26*hour)
	if nth%4 == 2 { // its release number still holds
		at = 5 * hour
	}
	add(at, "ask for copies", func() (err error) {
		id, pin, err = b.h.Output.Ask(b.ctx, b.who(lead), output.Application{Kind: output.Copy, Thing: carrier(), Copies: copies, Device: b.copier, Purpose: []output.Purpose{"court", "client", "filing"}[nth%3], Note: "庭前准备"})
		return unlessGone(err)
	})
	asked := func(f func() error) func() error { // a lead who left the matter meanwhile asked for nothing
		return func() error {
			if id == "" {
				return nil
			}
			return f()
		}
	}
	if nth%4 == 3 {
		add(at-hour, "withdraw the request", asked(func() error { return b.h.Output.Withdraw(b.ctx, b.who(lead), id) }))
		return
	}
	if nth%4 == 2 {
		return
	}
	add(at-hour, "release and count the copies", asked(func() error {
		if err := b.h.Output.Release(b.ctx, b.who(b.holder(access.Administration)), id, pin); err != nil {
			return err
		}
		return b.countCopies(lead, id, pages, 1)
	}))
	if nth%4 == 1 {
		return
	}
	if copies > 1 {
		add(at-2*hour, "make the spoiled copy again", asked(func() error {
			if err := b.h.Output.Go(b.ctx, b.who(b.holder(access.Administration)), id); err != nil {
				return err
			}
			return b.countCopies(lead, id, pages, -1)
		}))
	}
	add(at-3*hour, "collect the copies", asked(func() error { return b.collect(lead, id, "本人办公室带锁文件柜") }))
}

// countCopies has the operator count what the copier made: all is good but one copy. -1: all is good.
func (b *builder) countCopies(lead, id string, pages, spoiled int) error {
	o, err := b.order(lead, id)
	for i, c := range o.Each {
		if err != nil || c.State != output.Printed {
			continue
		}
		found := output.Count{Copy: c.ID, Good: pages}
		if i == spoiled {
			found.Good, found.Spoiled, found.Why = 0, 3, "双张进纸，三张皱损"
		}
		err = b.operate(func(g *guard.Grant) error { return b.h.Output.Count(g, found) })
	}
	return err
}

// unlessGone drops the refusal of somebody who is no longer of the team.
func unlessGone(err error) error {
	if problem.Is(err, problem.Absent) || problem.Is(err, problem.Refused) {
		return nil
	}
	return err
}

// prints has members of teams ask to print what they may know: waiting for the lead, approved, and refused, in turn.
func (b *builder) prints(add func(before time.Duration, what string, do func() error), r *receipt) {
	d, lead := r.document, r.matter.Lead()
	if d.Proposer == lead || d.Level > 2 {
		return
	}
	b.printed++
	nth, id := b.printed, ""
	if nth > 9 {
		return
	}
	at := time.Duration(nth) * 9 * hour
	if at > d.ReceivedAt-6*hour {
		return
	}
	add(at, "ask to print "+d.Title, func() (err error) {
		if r.pages > 0 {
			id, _, err = b.h.Output.Ask(b.ctx, b.who(d.Proposer), output.Application{Kind: output.Print, Thing: r.id, Copies: 1 + nth%2, Device: b.printer, Purpose: []output.Purpose{"court", "review", "meeting"}[nth%3], Note: "核对用"})
		}
		return unlessGone(err)
	})
	if nth%3 == 0 {
		return
	}
	add(at-2*hour, "decide the request to print", func() error {
		if id == "" {
			return nil
		}
		var o output.Order
		if err := b.h.Door.Do(b.ctx, b.who(d.Proposer), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { o, err = b.h.Output.Get(g, id); return err }); err != nil || o.Approval == "" {
			return err
		}
		said, opinion := approval.Yes, "同意，用后即还"
		if nth%3 == 2 {
			said, opinion = approval.No, "系统内阅览即可，不必打印"
		}
		return unlessGone(b.h.Door.Do(b.ctx, b.who(lead), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: o.Approval}, func(g *guard.Grant) error { return b.h.Approvals.Decide(g, said, opinion) }))
	})
}
