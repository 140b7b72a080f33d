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
