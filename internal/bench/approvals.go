package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// approvals times the inbox of somebody for whom 10,000 requests wait, and their desk's count.
func approvals(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	all := 10_000
	if !b.large {
		all = 120
	}
	director, err := f.newcomer(ctx, "approver", access.Director)
	if err != nil {
		return nil, err
	}
	if err := f.petition(ctx, all); err != nil {
		return nil, err
	}
	inbox := figure{what: "approval inbox with 10,000 open: first page", unit: "ms", aim: 100, atMost: true}
	last := figure{what: "approval inbox with 10,000 open: last page", unit: "ms", aim: 100, atMost: true}
	desk := figure{what: "approval inbox with 10,000 open: what the desk says of it", unit: "ms", aim: 100, atMost: true}
	for range b.runs {
		for _, p := range []struct {
			of *figure
			do func(g *guard.Grant) (int, error)
		}{
			{&inbox, func(g *guard.Grant) (int, error) { return f.waiting(g, 0) }},
			{&last, func(g *guard.Grant) (int, error) { return f.waiting(g, all-50) }},
			{&desk, func(g *guard.Grant) (int, error) { n, _, err := f.Approvals.Tasks(g); return min(n, 50), err }},
		} {
			if err := timed([]*figure{p.of}, func() (err error) {
				times := each(10, func(int) {
					err = errors.Join(err, f.Door.Do(ctx, director, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
						n, err := p.do(g)
						if err == nil && n != 50 {
							err = fmt.Errorf("%d requests on a page", n)
						}
						return err
					}))
				})
				p.of.runs = append(p.of.runs, percentile(times, 50).Seconds()*1e3)
				return err
			}); err != nil {
				return nil, err
			}
		}
	}
	return []figure{inbox, last, desk}, nil
}

func (f *firm) waiting(g *guard.Grant, offset int) (int, error) {
	page, err := f.Approvals.List(g, approval.Filter{Offset: offset})
	return len(page.Requests), err
}

// petition has leads ask a director's leave, each for a carrier that they hold, until so many requests wait.
func (f *firm) petition(ctx context.Context, all int) error {
	var open int64
	if err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		open, err = store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) }, `SELECT COUNT(*) FROM approval WHERE state = 'pending' AND until > $1`, tx.Now.Add(time.Hour).UnixMilli())
		return err
	}); err != nil {
		return err
	}
	const portion = 100
	for n := int(open); n < all; n += portion {
		m := f.matters[n/portion%len(f.matters)]
		who, ids := f.who(m.Team[0]), []string{}
		if err := f.Door.Do(ctx, who, access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: m.ID}, func(g *guard.Grant) error {
			batch, err := f.Carriers.Register(g, carrier.Registration{Title: "庭审提纲", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Secret, Pages: 3, Copies: min(portion, all-n), From: "客户经办人", Place: "档案室"})
			if err != nil {
				return err
			}
			ids, err = store.List(g.Tx(), func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM carrier WHERE batch = $1`, batch)
			return err
		}); err != nil {
			return err
		}
		for _, id := range ids {
			if err := f.Door.Ask(ctx, who, access.TakeOut, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) error {
				_, err := f.Carriers.AskOut(g, carrier.Slip{Place: "法院", Purpose: "证据交换", Measures: carrier.Measures, Due: g.Tx().Now.Add(20 * 24 * time.Hour)})
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}
