package material

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Load is the guard's loader of materials.
func (s *Shelf) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	m, err := store.Get(tx, func(r store.Row) (access.Resource, error) {
		m := access.Resource{Kind: access.Material, ID: thing.ID, Exists: true}
		var level, kinds int64
		err := r.Scan(&m.Matter, &level, &m.State, &m.Proposer, &m.Reviewer, &m.Owner, &kinds)
		m.Level, m.Kindless = classification.Level(level), kinds == 0
		return m, err
	}, `SELECT matter, level, state, proposer, reviewer, owner, kinds FROM material WHERE id = $1`, thing.ID)
	if errors.Is(err, store.ErrNone) {
		return access.Resource{Kind: access.Material, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, m.Matter, who.Person)
	if err != nil {
		return m, where, err
	}
	where.Assigned = where.Assigned || assigned(m, who.Person)
	where.Approvals, err = standingReleases(tx, thing.ID, who.Person)
	return m, where, err
}

// assigned reports whether the person is the reviewer who still has to decide.
func assigned(m access.Resource, person string) bool {
	return m.State == Proposed && m.Reviewer == person && person != ""
}

// standingReleases gives the capacities ("lead", "director") in which somebody lets the person fetch the original now.
func standingReleases(tx *store.Tx, material, person string) ([]string, error) {
	return store.List(tx, func(r store.Row) (c string, err error) { err = r.Scan(&c); return c, err },
		`SELECT DISTINCT capacity FROM release WHERE material = $1 AND person = $2 AND until > $3 ORDER BY capacity`,
		material, person, tx.Now.UnixMilli())
}
