package ledger

import (
	"fmt"
	"strings"

	"mijuan/internal/store"
)

// Tally is how often somebody did an act to a thing.
type Tally struct {
	Thing, Matter, Act string
	N                  int
	Last               int64 // Unix ms
}

// Tallies counts what an actor was let do since a time (Unix ms), by thing and act, the latest first, of at most limit things and
// acts. Nothing is opened for it.
func (l *Ledger) Tallies(tx *store.Tx, actor string, acts []string, since int64, limit int) ([]Tally, error) {
	f := filter{}
	if err := f.narrow(tx, Query{Actor: actor, Outcome: Allowed, From: since}); err != nil {
		return nil, err
	}
	among := make([]string, len(acts))
	for i, a := range acts {
		among[i] = f.arg(a)
	}
	f.conditions = append(f.conditions, "act IN ("+strings.Join(among, ", ")+")")
	all, err := store.List(tx, func(r store.Row) (t Tally, err error) {
		err = r.Scan(&t.Thing, &t.Matter, &t.Act, &t.N, &t.Last)
		return t, err
	}, `SELECT thing, matter, act, COUNT(*), MAX(time) FROM ledger_entry`+f.where()+` GROUP BY thing, matter, act ORDER BY MAX(seq) DESC LIMIT `+f.arg(int64(limit)), f.args...)
	if err != nil {
		return nil, fmt.Errorf("tally the ledger: %w", err)
	}
	return all, nil
}
