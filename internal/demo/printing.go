package demo

import (
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/output"
	"mijuan/internal/store"
)

// printings go the whole way to the demonstration printer. The copies of the first are collected and are carriers; of the second one copy is
// out, one jammed and is void, and one is still to come; the third waits at the printer for its release number.
func (b *builder) printings(add func(before time.Duration, what string, do func() error)) {
	done := &printing{nth: 0, copies: 2, purpose: "court", note: "开庭用，一份交合议庭"}
	b.released(add, done, 6*24*hour)
	add(6*24*hour-9*hour, "count and collect the prints", func() error {
		if err := b.count(done, output.Count{Good: done.pages}, output.Count{Good: done.pages}); err != nil {
			return err
		}
		return b.collect(done.requester, done.id, "本人办公室带锁文件柜")
	})
	half := &printing{nth: 1, copies: 3, purpose: "meeting", note: "案情讨论会", jam: true}
	b.released(add, half, 12*hour)
	add(8*hour, "count what came out", func() error {
		return b.count(half, output.Count{Good: half.pages}, output.Count{Good: 1, Spoiled: 1, Why: "第二页卡纸，已出的一并粉碎"})
	})
	b.armed(add, &printing{nth: 2, copies: 1, purpose: "client", note: "与客户核对后签署"}, 4*hour)
}

// printing is one order on its way. What is not asked for is found out.
type printing struct {
	nth, copies int
	purpose     output.Purpose
	note        string
	jam         bool

	id, pin         string
	requester, lead string
	pages           int // of one copy
}

// armed has an order asked for, approved, and wait at the printer.
func (b *builder) armed(add func(before time.Duration, what string, do func() error), p *printing, before time.Duration) {
	add(before, "ask to print", func() error {
		m, row, err := b.printable(p.nth)
		if err != nil {
			return err
		}
		p.requester, p.lead, p.pages = m.Team[1].Login, m.Lead(), row.Pages
		p.id, _, err = b.h.Output.Ask(b.ctx, b.who(p.requester), output.Application{Kind: output.Print, Thing: row.ID, Copies: p.copies, Device: b.printer, Purpose: p.purpose, Note: p.note})
		return err
	})
	add(before-hour, "approve the printing", func() error { return b.agree(p.requester, p.lead, p.id) })
	add(before-90*time.Minute, "fetch the release number", func() (err error) {
		p.pin, err = b.h.Output.Begin(b.ctx, b.who(p.requester), p.id)
		return err
	})
}

// released is armed, and lets two copies of the order come out. Nothing else goes on meanwhile: the clock of the past leaps, and what is written
// together has one time.
func (b *builder) released(add func(before time.Duration, what string, do func() error), p *printing, before time.Duration) {
	b.armed(add, p, before)
	add(before-2*hour, "release the printing", func() error {
		if p.jam {
			b.press.Jam(2, 1)
		}
		if err := b.h.Output.Release(b.ctx, b.who(b.holder(access.Administration)), p.id, p.pin); err != nil {
			return err
		}
		return b.printedOut(p.id, 2)
	})
}

// agree has the lead approve an order.
func (b *builder) agree(requester, lead, id string) error {
	o, err := b.order(requester, id)
	if err != nil {
		return err
	}
	return b.h.Door.Do(b.ctx, b.who(lead), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: o.Approval}, func(g *guard.Grant) error {
		return b.h.Approvals.Decide(g, approval.Yes, "同意，按份登记")
	})
}

// count has the operator count the first copies of an order.
func (b *builder) count(p *printing, found ...output.Count) error {
	o, err := b.order(p.requester, p.id)
	for i, c := range found {
		if err != nil {
			break
		}
		c.Copy = o.Each[i].ID
		err = b.operate(func(g *guard.Grant) error { return b.h.Output.Count(g, c) })
	}
	return err
}

// printedOut waits until the printer is done with n copies of an order.
func (b *builder) printedOut(id string, n int64) error {
	var ended int64
	for range 6000 {
		if err := b.h.DB.Read(b.ctx, func(tx *store.Tx) (err error) {
			ended, err = store.Get(tx, func(r store.Row) (n int64, err error) { return n, r.Scan(&n) }, `SELECT COUNT(*) FROM output_copy WHERE output = $1 AND state IN ('printed', 'failed')`, id)
			return err
		}); err != nil || ended >= n {
			return err
		}
		select {
		case <-b.ctx.Done():
			return b.ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("the demonstration printer has printed %d copies of %d", ended, n)
}

// collect has the requester sign for every copy that waits.
func (b *builder) collect(requester, id, place string) error {
	o, err := b.order(requester, id)
	if err != nil {
		return err
	}
	var ready []string
	for _, c := range o.Each {
		if c.State == output.Out {
			ready = append(ready, c.ID)
		}
	}
	return b.h.Door.Do(b.ctx, b.who(requester), access.CollectOutput, guard.Thing{Kind: access.Matter, ID: o.Matter}, func(g *guard.Grant) error {
		return b.h.Output.Collect(g, id, ready, place)
	})
}

func (b *builder) operate(f func(*guard.Grant) error) error {
	return b.h.Door.Do(b.ctx, b.who(b.holder(access.Administration)), access.OperateOutput, guard.Firm, f)
}

func (b *builder) order(requester, id string) (o output.Order, err error) {
	err = b.h.Door.Do(b.ctx, b.who(requester), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { o, err = b.h.Output.Get(g, id); return err })
	return o, err
}

// printable is the nth matter whose handling lawyer may print something of two pages, and what.
func (b *builder) printable(nth int) (m corpus.Matter, found material.Row, err error) {
	for _, m := range b.firm.Matters {
		if m.Closed || m.Team[1].Duty != "handling" {
			continue
		}
		var page material.Page
		err := b.h.Door.Do(b.ctx, b.who(m.Team[1].Login), access.ListMaterials, guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}, func(g *guard.Grant) (err error) {
			page, err = b.h.Shelf.List(g, material.Filter{State: material.Filed, Sort: "number", Limit: 50})
			return err
		})
		if unlessGone(err) != nil {
			return m, found, err
		}
		for _, row := range page.Rows {
			if row.Level <= classification.Secret && row.Pages == 2 {
				if nth--; nth < 0 {
					return m, row, nil
				}
				break
			}
		}
	}
	return m, found, fmt.Errorf("there is nothing to print")
}
