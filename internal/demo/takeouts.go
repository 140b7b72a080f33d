package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
)

// takeOut has the custodian take an original to court: brought back long ago, still out and overdue, or waiting for approval, in turn.
func (b *builder) takeOut(add func(before time.Duration, what string, do func() error), before time.Duration, lead string, pages int, act func(string, access.Act, func(*guard.Grant) error) error, id func() string) {
	const day = 24 * hour
	keeper, director := b.holder(access.Custodian), b.holder(access.Director)
	b.outings++
	at := min(before-8*hour, time.Duration(21-9*(b.outings%3))*day) // 12, 3 or 21 days ago
	var leave string
	add(at, "ask to take it out", func() error {
		return b.h.Door.Ask(b.ctx, b.who(keeper), access.TakeOut, guard.Thing{Kind: access.Carrier, ID: id()}, func(g *guard.Grant) (err error) {
			leave, err = b.h.Carriers.AskOut(g, carrier.Slip{Place: "法院证据交换室", Purpose: "证据交换，出示原件", Measures: carrier.MeasuresFor(1), Due: g.Tx().Now.Add(2 * day)})
			return err
		})
	})
	if b.outings%3 == 2 {
		return
	}
	add(at-hour, "approve taking it out", func() error {
		return b.h.Door.Do(b.ctx, b.who(director), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: leave}, func(g *guard.Grant) error {
			return b.h.Approvals.Decide(g, approval.Yes, "按期带回")
		})
	})
	add(at-2*hour, "take it out", func() error { return act(keeper, access.TakeOut, b.h.Carriers.GoOut) })
	if b.outings%3 == 0 {
		add(at-30*hour, "bring it back", func() error {
			return act(lead, access.CheckBack, func(g *guard.Grant) error { return b.h.Carriers.ComeBack(g, carrier.Tally{Pages: pages}) })
		})
	}
}
