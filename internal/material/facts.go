package material

import (
	"errors"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Load is the guard's loader of materials. Where somebody lets the person fetch the original now, the capacities in which that was done
// ("lead", "director": the first and the last of them are all) count as approvals.
func (s *Shelf) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	var released [2]string
	m, err := store.Get(tx, func(r store.Row) (access.Resource, error) {
		m := access.Resource{Kind: access.Material, ID: thing.ID, Exists: true}
		var level, kinds, personal int64
		err := r.Scan(&m.Matter, &level, &m.State, &m.Proposer, &m.Reviewer, &m.Owner, &kinds, &personal, &m.Basis, &released[0], &released[1])
		m.Level, m.Kindless, m.Personal = classification.Level(level), kinds == 0, classification.Personal(personal)
		return m, err
	}, `SELECT matter, level, state, proposer, reviewer, owner, kinds, personal, basis,
			COALESCE((SELECT MIN(capacity) FROM release WHERE material = $1 AND person = $2 AND until > $3), ''),
			COALESCE((SELECT MAX(capacity) FROM release WHERE material = $1 AND person = $2 AND until > $3), '')
		FROM material WHERE id = $1`, thing.ID, who.Person, tx.Now.UnixMilli())
	if errors.Is(err, store.ErrNone) {
		return access.Resource{Kind: access.Material, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, m.Matter, who.Person)
	where.Assigned = where.Assigned || assigned(m, who.Person)
	if released[0] != "" {
		where.Approvals = slices.Compact(released[:])
	}
	return m, where, err
}

// assigned reports whether the person is the reviewer who still has to decide.
func assigned(m access.Resource, person string) bool {
	return m.State == Proposed && m.Reviewer == person && person != ""
}
