package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
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
	add(at-2*hour, "take it out", func() error {
		return act(keeper, access.TakeOut, func(g *guard.Grant) error { return b.h.Carriers.GoOut(g, true) })
	})
	if b.outings%3 == 0 {
		tally := carrier.Tally{Pages: pages}
		if pages > 2 {
			tally = carrier.Tally{Pages: pages - 1, Missing: "2", Found: "第 2 页留在法院卷宗内，已联系书记员"}
		}
		add(at-30*hour, "bring it back", func() error {
			return act(lead, access.CheckBack, func(g *guard.Grant) error { return b.h.Carriers.ComeBack(g, tally) })
		})
		add(at-50*hour, "settle what came of it", b.settleIncident)
		return
	}
	add(at-10*day, "find it long overdue", func() error { _, err := b.h.Escalate(b.ctx); return err })
}

// settleIncident has the security officer complete and close the last draft of pages that did not come back; there may be none.
func (b *builder) settleIncident() error {
	officer := b.who(b.holder(access.SecurityAdmin))
	var drafts []incident.Incident
	if err := b.h.Door.Do(b.ctx, officer, access.ReadIncidents, guard.Firm, func(g *guard.Grant) (err error) {
		drafts, _, err = b.h.Incidents.List(g, incident.Filter{State: incident.Draft, Cause: incident.Missing, Limit: 1})
		return err
	}); err != nil {
		return err
	}
	for _, i := range drafts {
		a := i.Account
		a.Harm, a.Containment, a.Remedies = "一页留在法院卷宗内，没有第三人接触", "当日联系书记员封存", "次日取回归卷，核对无缺"
		a.Notices = "已报告主任和主办律师"
		for _, f := range []func(*guard.Grant) error{func(g *guard.Grant) error { return b.h.Incidents.Revise(g, a) }, func(g *guard.Grant) error {
			return b.h.Incidents.Close(g, "没有扩散，不构成泄密；提醒外带人当庭清点")
		}} {
			if err := b.h.Door.Do(b.ctx, officer, access.SettleIncident, guard.Thing{Kind: access.Incident, ID: i.ID}, f); err != nil {
				return err
			}
		}
	}
	return nil
}
