package main

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// errUndo ends an act that is to leave nothing behind.
var errUndo = errors.New("undo")

// leavers times the list of what somebody answers for who has half of the large firm's materials. They are given to that person in
// the act that reads the list, which then fails, so that the firm stays as it was.
func leavers(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	took := figure{what: "list of one who answers for 50,000 materials", unit: "s", aim: 2, atMost: true}
	thing := guard.Thing{Kind: access.Person, ID: f.people[0]}
	for range b.runs {
		if err := timed([]*figure{&took}, func() error {
			err := f.Door.Do(ctx, f.who(0), access.ReadHoldings, thing, func(g *guard.Grant) error {
				if _, err := g.Tx().Exec(`UPDATE material SET owner = $1 WHERE id IN (SELECT id FROM material ORDER BY id LIMIT 50000)`, f.people[0]); err != nil {
					return err
				}
				start := time.Now()
				items, _, err := f.Leaving.Holdings(g)
				took.runs = append(took.runs, time.Since(start).Seconds())
				if err == nil && len(items) == 0 {
					err = errors.New("the list is empty")
				}
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
	return []figure{took}, nil
}
