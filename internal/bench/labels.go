package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// labels times a PDF of 1,000 labels, read from the register by the custodian who keeps them, for a label printer and on sheets.
func labels(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	want := 1000
	if !b.large {
		want = 20
	}
	if err := f.number(ctx, want); err != nil {
		return nil, err
	}
	custodian, err := f.newcomer(ctx, "custodian", access.Custodian)
	if err != nil {
		return nil, err
	}
	roll := figure{what: "PDF of 1,000 labels for a label printer", unit: "s", aim: 5, atMost: true}
	sheets := figure{what: "PDF of 1,000 labels on sheets", unit: "s", aim: 5, atMost: true}
	for range b.runs {
		for _, p := range []struct {
			of *figure
			on carrier.Stock
		}{{&roll, "60x40"}, {&sheets, "a4"}} {
			if err := timed([]*figure{p.of}, func() error {
				start := time.Now()
				err := f.printed(ctx, custodian, p.on, want)
				p.of.runs = append(p.of.runs, time.Since(start).Seconds())
				return err
			}); err != nil {
				return nil, err
			}
		}
	}
	return []figure{roll, sheets}, nil
}

// printed reads so many carriers of the register and sets their labels.
func (f *firm) printed(ctx context.Context, who guard.Who, on carrier.Stock, want int) error {
	const portion = 200
	var all []carrier.Carrier
	if err := f.Door.Do(ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		for offset := 0; offset < want && err == nil; offset += portion {
			page, perr := f.Carriers.List(g, carrier.Filter{Offset: offset, Limit: min(portion, want-offset)})
			all, err = append(all, page.Carriers...), errors.Join(err, perr)
		}
		return err
	}); err != nil {
		return err
	}
	if len(all) != want {
		return fmt.Errorf("%d carriers were read", len(all))
	}
	_, err := carrier.Labels("", time.Now(), on, nil, all)
	return err
}

// brought times pages of the register of deliveries: its first and last one before a custodian, and that of one who may know of none.
func (f *firm) brought(ctx context.Context, b *bench, custodian, stranger guard.Who) (figure, error) {
	page := figure{what: "register of deliveries among 100,000 carriers: the slowest page", unit: "ms", aim: 100, atMost: true}
	for range b.runs {
		if err := timed([]*figure{&page}, func() error {
			slowest := 0.0
			for _, p := range []struct {
				who    guard.Who
				filter carrier.Filter
			}{{custodian, carrier.Filter{}}, {custodian, carrier.Filter{Offset: 900}}, {custodian, carrier.Filter{Unsigned: true}}, {stranger, carrier.Filter{}}} {
				var err error
				times := each(10, func(int) {
					err = errors.Join(err, f.Door.Do(ctx, p.who, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
						_, err := f.Carriers.Intakes(g, p.filter)
						return err
					}))
				})
				if err != nil {
					return err
				}
				slowest = max(slowest, percentile(times, 50).Seconds()*1e3)
			}
			page.runs = append(page.runs, slowest)
			return nil
		}); err != nil {
			return page, err
		}
	}
	return page, nil
}
