package material

import (
	"context"
	"time"

	"mijuan/internal/store"
)

// givenUp is how long an upload may lie untouched.
const givenUp = 7 * 24 * time.Hour

// Sweep removes what nobody will ask for again: uploads left alone for a week, and sealed objects that no row points to. It gives
// the number of objects removed.
//
// An object's row is always there before the object is. So the objects are listed first and the rows are read afterwards:
// whatever arrives meanwhile is either not listed or has its row.
func (s *Shelf) Sweep(ctx context.Context, db *store.DB) (int, error) {
	var listed []string
	if err := s.blobs.List(ctx, func(name string, _ int64) error {
		listed = append(listed, name)
		return nil
	}); err != nil {
		return 0, err
	}
	known, err := s.giveUp(ctx, db)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, name := range listed {
		if known[name] {
			continue
		}
		if err := s.blobs.Delete(ctx, name); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// giveUp destroys the keys of uploads left alone and gives the names of all objects that a row still points to.
func (s *Shelf) giveUp(ctx context.Context, db *store.DB) (map[string]bool, error) {
	known := map[string]bool{}
	err := db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE upload SET state = $1, header = NULL, sealed_name = $2, sealed_advice = NULL, digest_token = NULL
			WHERE state IN ('growing', 'ready') AND touched < $3`, expired, []byte{}, tx.Now.Add(-givenUp).UnixMilli()); err != nil {
			return err
		}
		names, err := store.List(tx, func(r store.Row) (n string, err error) { err = r.Scan(&n); return n, err },
			`SELECT blob FROM version UNION ALL SELECT blob FROM upload WHERE state IN ('growing', 'ready')`)
		for _, n := range names {
			known[n] = true
		}
		return err
	})
	return known, err
}
