package demo

import (
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/output"
	"mijuan/internal/printer"
	"mijuan/internal/problem"
)

// printerPin is the fingerprint of a certificate that no printer has: the demonstration firm prints nothing.
var printerPin = strings.Repeat("5c", 32)

// reachPrinters gives the first two multifunction devices an address.
func (b *builder) reachPrinters(id string, nth int) error {
	return b.h.Door.Do(b.ctx, b.who(b.holder(access.SecurityAdmin)), access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
		return b.h.Devices.Reach(g, id, printer.Address{URI: "ipps://192.168.8." + []string{"20", "21"}[nth] + "/ipp/print", Pin: printerPin})
	})
}

// copyOriginal has an original of a matter copied for a hearing, by its lead: in turn collected with one copy spoiled, waiting to be
// collected, waiting at the copier, and withdrawn.
func (b *builder) copyOriginal(add func(before time.Duration, what string, do func() error), before time.Duration, lead string, pages int, carrier func() string) {
	b.copied++
	nth, id, pin := b.copied, "", ""
	at := min(before-30*hour, time.Duration(1+nth%9)*26*hour)
	if nth%4 == 2 { // its release number still holds
		at = 5 * hour
	}
	operator := b.holder(access.Administration)
	add(at, "ask for copies", func() (err error) {
		id, pin, err = b.h.Output.Ask(b.ctx, b.who(lead), output.Application{Kind: output.Copy, Thing: carrier(), Copies: 1 + nth%3, Device: b.copier, Purpose: []output.Purpose{"court", "client", "filing"}[nth%3], Note: "庭前准备"})
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
	operate := func(f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(operator), access.OperateOutput, guard.Firm, f)
	}
	order := func() (o output.Order, err error) {
		err = b.h.Door.Do(b.ctx, b.who(lead), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { o, err = b.h.Output.Get(g, id); return err })
		return o, err
	}
	add(at-hour, "release and count the copies", asked(func() error {
		if err := b.h.Output.Release(b.ctx, b.who(operator), id, pin); err != nil {
			return err
		}
		o, err := order()
		for i, c := range o.Each {
			count := output.Count{Copy: c.ID, Good: pages}
			if i == 1 {
				count.Good, count.Spoiled, count.Why = 0, 3, "双张进纸，三张皱损"
			}
			if err == nil {
				err = operate(func(g *guard.Grant) error { return b.h.Output.Count(g, count) })
			}
		}
		return err
	}))
	if nth%4 == 1 {
		return
	}
	add(at-2*hour, "collect the copies", asked(func() error {
		o, err := order()
		if err != nil {
			return err
		}
		var ready []string
		for _, c := range o.Each {
			if c.State == output.Out {
				ready = append(ready, c.ID)
			}
		}
		return b.h.Door.Do(b.ctx, b.who(lead), access.CollectOutput, guard.Thing{Kind: access.Matter, ID: o.Matter}, func(g *guard.Grant) error {
			return b.h.Output.Collect(g, id, ready, "本人办公室带锁文件柜")
		})
	}))
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
