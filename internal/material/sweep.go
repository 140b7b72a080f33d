package material

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// givenUp is how long an upload may lie untouched before it is noted as left alone, and how long it lies after that. Two spans, because
// one is over at once when a machine's clock jumps ahead.
const givenUp = 7 * 24 * time.Hour

// Sweep removes what nobody will ask for again: uploads left alone for two weeks, and sealed objects that no row points to. It is an act
// of the program itself, recorded like any other, and gives the number of objects removed.
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
	if err := doom(ctx, db); err != nil {
		return 0, err
	}
	var old []abandoned
	known := map[string]bool{}
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		if old, err = listAbandoned(tx); err != nil {
			return err
		}
		return readKnown(tx, known)
	}); err != nil {
		return 0, err
	}
	var orphans []string
	for _, name := range listed {
		if !known[name] {
			orphans = append(orphans, name)
		}
	}
	if len(old)+len(orphans) == 0 {
		return 0, nil
	}
	return s.sweep(ctx, old, orphans)
}

// abandoned is an upload that was left alone.
type abandoned struct{ id, matter, blob, blobState string }

func listAbandoned(tx *store.Tx) ([]abandoned, error) {
	return store.List(tx, func(r store.Row) (a abandoned, err error) {
		err = r.Scan(&a.id, &a.matter, &a.blob, &a.blobState)
		return a, err
	}, `SELECT id, matter, blob, blob_state FROM upload WHERE `+leftAlone, tx.Now.Add(-givenUp).UnixMilli())
}

// leftAlone is true of uploads that were noted as lying there before $1, and that nobody touched since.
const leftAlone = `state IN ('growing', 'ready') AND touched < doomed AND doomed < $1`

// doom notes what has been lying there for a week.
func doom(ctx context.Context, db *store.DB) error {
	const lying = `state IN ('growing', 'ready') AND touched < $1 AND doomed <= touched`
	var found int64
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		found, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }, `SELECT COUNT(*) FROM upload WHERE `+lying, tx.Now.Add(-givenUp).UnixMilli())
		return err
	}); err != nil || found == 0 {
		return err
	}
	return db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE upload SET doomed = $2 WHERE `+lying, tx.Now.Add(-givenUp).UnixMilli(), tx.Now.UnixMilli())
		return err
	})
}

// readKnown gives the names of all objects that a row points to.
func readKnown(tx *store.Tx, known map[string]bool) error {
	names, err := store.List(tx, func(r store.Row) (n string, err error) { err = r.Scan(&n); return n, err },
		`SELECT blob FROM version UNION ALL SELECT blob FROM upload WHERE state IN ('growing', 'ready')`)
	for _, n := range names {
		known[n] = true
	}
	return err
}

// sweep destroys the keys of uploads and then, as an effect with an outcome of its own, the sealed bytes.
func (s *Shelf) sweep(ctx context.Context, old []abandoned, orphans []string) (removed int, err error) {
	var ended []abandoned
	p, err := s.door.Open(ctx, guard.Who{Via: guard.Job}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error {
		tx := g.Tx(access.ManageSystem)
		for _, a := range old {
			n, err := tx.Exec(`UPDATE upload SET state = $2, header = NULL, sealed_name = $3, sealed_advice = NULL, digest_token = NULL
				WHERE id = $4 AND `+leftAlone, tx.Now.Add(-givenUp).UnixMilli(), expired, []byte{}, a.id)
			if err != nil {
				return err
			}
			if n == 1 { // nobody went on with it meanwhile
				ended = append(ended, a)
				g.Step(access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: a.matter}, a.matter, map[string]any{"upload": a.id, "expired": true})
			}
		}
		g.Note("expired", len(ended))
		g.Note("orphans", len(orphans))
		return nil
	})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.Close(ctx, int64(removed), err)) }()
	for _, a := range ended {
		if err := s.discard(ctx, a.blob, a.blobState); err != nil {
			return removed, err
		}
		removed++
	}
	for _, name := range orphans {
		if err := s.blobs.Delete(ctx, name); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
