package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// carriers times pages of the register of 100,000 carriers: the first and the last one before a custodian, who keeps them all, and the
// page of one who may know of none; then a scan in a stock-taking of them all. The carriers are registered once and stay in the firm.
func carriers(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	all := 100_000
	if !b.large {
		all = 300
	}
	if err := f.number(ctx, all); err != nil {
		return nil, err
	}
	custodian, err := f.newcomer(ctx, "custodian", access.Custodian)
	if err != nil {
		return nil, err
	}
	stranger, err := f.newcomer(ctx, "stranger", access.Lawyer)
	if err != nil {
		return nil, err
	}
	first := figure{what: "register of 100,000 carriers: first page", unit: "ms", aim: 100, atMost: true}
	last := figure{what: "register of 100,000 carriers: last page", unit: "ms", aim: 100, atMost: true}
	none := figure{what: "register of 100,000 carriers: before who may know none", unit: "ms", aim: 100, atMost: true}
	balance := figure{what: "balance of 100,000 carriers: first page, with skipped numbers", unit: "ms", aim: 100, atMost: true}
	loans := figure{what: "register of 100,000 loans: first page, with what to narrow by", unit: "ms", aim: 100, atMost: true}
	lent := func(g *guard.Grant) (int, error) {
		page, err := f.Carriers.Loans(g, carrier.LoanFilter{})
		_, _, e := f.Carriers.Sides(g)
		return len(page.Loans), errors.Join(err, e)
	}
	if err := f.DB.Update(ctx, func(tx *store.Tx) error { // each carrier was lent once, and is back
		_, err := tx.Exec(`INSERT INTO loan (id, carrier, matter, borrower, lender, outside, approval, at, due, offer, recall, recalled, over, back)
			SELECT c.id, c.id, c.matter, c.holder, c.registered_by, 0, '', c.registered, c.registered, '', '', 0, c.registered, '' FROM carrier c WHERE c.id NOT IN (SELECT l.id FROM loan l)`)
		return err
	}); err != nil {
		return nil, err
	}
	list := func(offset int) func(*guard.Grant) (int, error) {
		return func(g *guard.Grant) (int, error) {
			page, err := f.Carriers.List(g, carrier.Filter{Offset: offset})
			return len(page.Carriers), err
		}
	}
	for range b.runs {
		for _, p := range []struct {
			of   *figure
			who  guard.Who
			read func(*guard.Grant) (int, error)
			rows int // at least
		}{{&first, custodian, list(0), 50}, {&last, custodian, list(all - 50), 50}, {&none, stranger, list(0), 0}, {&balance, custodian, f.balances, 1}, {&loans, custodian, lent, 50}} {
			if err := timed([]*figure{p.of}, func() (err error) {
				times := each(20, func(int) {
					err = errors.Join(err, f.Door.Do(ctx, p.who, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
						n, err := p.read(g)
						if err == nil && (n < p.rows || p.rows == 0 && n > 0) {
							err = fmt.Errorf("%d rows on a page", n)
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
	brought, err := f.brought(ctx, b, custodian, stranger)
	if err != nil {
		return nil, err
	}
	stock, err := f.counted(ctx, b, custodian)
	return append([]figure{first, last, none, balance, loans, brought}, stock...), err
}

// balances reads the first page of balances as the web does.
func (f *firm) balances(g *guard.Grant) (int, error) {
	page, err := f.Carriers.Accounts(g, carrier.AccountFilter{})
	for _, a := range page.Accounts {
		if sees, e := f.Carriers.SeesGaps(g, a.Matter); e != nil || !sees {
			return 0, errors.Join(e, fmt.Errorf("sees skipped numbers: %v", sees))
		}
		if _, e := f.Carriers.Gaps(g.Tx(), a.Matter); e != nil {
			return 0, e
		}
	}
	return len(page.Accounts), err
}

// counted times the answer to a scan in a stock-taking of them all, in an act that then fails.
func (f *firm) counted(ctx context.Context, b *bench, custodian guard.Who) ([]figure, error) {
	scan := figure{what: "stock-taking of 100,000 carriers: scan to answer", unit: "ms", aim: 150, atMost: true}
	for range b.runs {
		if err := timed([]*figure{&scan}, func() error {
			err := f.Door.Do(ctx, custodian, access.TakeStock, guard.Firm, func(g *guard.Grant) error {
				round, err := f.Stock.Open(g, "", "")
				if err != nil {
					return err
				}
				numbers, err := store.List(g.Tx(), func(row store.Row) (s string, err error) { return s, row.Scan(&s) }, `SELECT number FROM carrier ORDER BY id LIMIT 20`)
				if err != nil {
					return err
				}
				times := each(len(numbers), func(i int) {
					_, serr := f.Stock.Scan(g, round, numbers[i], "档案室")
					_, _, rerr := f.Stock.Recent(g, round)
					err = errors.Join(err, serr, rerr)
				})
				scan.runs = append(scan.runs, percentile(times, 50).Seconds()*1e3)
				return errors.Join(err, errUndo)
			})
			if errors.Is(err, errUndo) {
				return nil
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	return []figure{scan}, nil
}

// number registers carriers, in portions by the leads of the first matters, until there are so many.
func (f *firm) number(ctx context.Context, all int) error {
	var have int64
	if err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		have, err = store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) }, `SELECT COUNT(*) FROM carrier`)
		return err
	}); err != nil {
		return err
	}
	const portion = 100
	for n := int(have); n < all; n += portion {
		m := f.matters[n/portion%len(f.matters)]
		if err := f.Door.Do(ctx, f.who(m.Team[0]), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: m.ID}, func(g *guard.Grant) error {
			_, err := f.Carriers.Register(g, carrier.Registration{Title: "庭审提纲", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Confidential, Pages: 3, Copies: min(portion, all-n), From: "客户经办人", Place: "档案室"})
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// newcomer is somebody in a post, of whom the firm's other rows know nothing. Each run of the row hires anew.
func (f *firm) newcomer(ctx context.Context, login string, post access.Post) (guard.Who, error) {
	id, _, err := f.takeOn(ctx, login+"-"+rand.Text()[:8], "闻人语", post)
	return guard.Who{Person: id, Via: guard.Web, Addr: "127.0.0.1", Strong: true}, err
}
