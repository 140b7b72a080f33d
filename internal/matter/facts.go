package matter

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Load is the guard's loader of matters.
func (b *Book) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	m, err := store.Get(tx, func(r store.Row) (access.Resource, error) {
		m := access.Resource{Kind: access.Matter, ID: thing.ID, Matter: thing.ID, Exists: true}
		err := r.Scan(&m.State, &m.Owner)
		return m, err
	}, `SELECT state, lead FROM matter WHERE id = $1`, thing.ID)
	if errors.Is(err, store.ErrNone) {
		return access.Resource{Kind: access.Matter, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := Relation(tx, thing.ID, who.Person)
	return m, where, err
}

// Relation is what a person is to a matter now: member of its team, with which clearance, walled off. Material's loader uses
// it too.
func Relation(tx *store.Tx, matter, person string) (access.Circumstances, error) {
	where, err := store.Get(tx, func(r store.Row) (access.Circumstances, error) {
		var duty string
		var clearance, listed, walls int64
		err := r.Scan(&duty, &clearance, &listed, &walls)
		return access.Circumstances{Member: duty != "", Lead: duty == string(Lead), Assigned: duty == string(Handling), Clearance: classification.Level(clearance),
			Listed: listed == 1, Walled: walls > 0}, err
	}, `SELECT COALESCE(b.duty, ''), COALESCE(b.clearance, 0), COALESCE(b.listed, 0),
	           (SELECT COUNT(*) FROM wall w WHERE w.matter = m.id AND w.person = $2 AND w.lifted = 0)
	    FROM matter m LEFT JOIN member b ON b.matter = m.id AND b.person = $2 AND b.since <= $3 AND (b.until = 0 OR b.until > $3)
	    WHERE m.id = $1`, matter, person, tx.Now.UnixMilli())
	return where, err
}
