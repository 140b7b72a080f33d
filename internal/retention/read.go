package retention

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// lists reads lists as the caller may know them, the last first, without those of matters behind whose wall the caller stands; where
// may use $2 and on.
func (r *Room) lists(g *guard.Grant, where string, args ...any) ([]List, error) {
	tx, me := g.Tx(), g.Who().Person
	link := " WHERE"
	if where != "" {
		link = " AND"
	}
	rows, err := store.List(tx, r.scan, selectList+where+link+` d.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0) ORDER BY d.asked DESC, d.id DESC`, append([]any{me}, args...)...)
	if err != nil {
		return nil, err
	}
	return r.readable(g, rows)
}

// Step is what a list waits for somebody to do.
type Step string

const (
	ToAppraise Step = "appraise"
	ToArrange  Step = "arrange"
	ToCarryOut Step = "carry-out"
	ToWitness  Step = "witness"
)

// Waiting is a list that waits for the caller.
type Waiting struct {
	List List
	Step Step
}

// Waiting are the lists that wait for the caller by name, the oldest first. Approvals wait in their own room. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) (all []Waiting, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	lists, err := r.lists(g, ` WHERE d.stage IN ('listed', 'appraised') AND (d.appraiser = $1 OR d.destroyer = $1 OR d.witness1 = $1 OR d.witness2 = $1)`)
	if err != nil {
		return nil, err
	}
	slices.Reverse(lists)
	for _, l := range lists {
		if l.Items, err = r.items(tx, l.ID); err != nil {
			return nil, err
		}
		if l.Frozen, err = r.stops(tx, l); err != nil {
			return nil, err
		}
		if step := l.waits(me); step != "" && len(l.Frozen) == 0 {
			all = append(all, Waiting{l, step})
		}
	}
	return all, nil
}

func (l List) waits(person string) Step {
	switch {
	case l.Stage == Listed && l.Appraiser == person:
		return ToAppraise
	case l.Stage == Appraised && l.Destroyer == person && l.Arranged.IsZero():
		return ToArrange
	case l.Stage == Appraised && l.Destroyer == person:
		return ToCarryOut
	case l.Stage == Appraised && slices.Contains(l.Witnesses[:], person):
		return ToWitness
	}
	return ""
}

// Get is the page of a list. The act is viewDestruction.
func (r *Room) Get(g *guard.Grant) (Certificate, error) {
	c, err := r.Certificate(g)
	if err != nil {
		return c, err
	}
	c.Approvers = c.List.Approvers
	return c, nil
}

// Numbers names lists in the ledger.
func (r *Room) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	found := map[string]string{}
	for _, id := range ids {
		rows, err := store.List(tx, func(row store.Row) (n string, err error) {
			var year, serial int64
			err = row.Scan(&year, &serial)
			return NumberOf(year, serial), err
		}, `SELECT year, serial FROM destruction WHERE id = $1`, id)
		if err != nil {
			return nil, err
		}
		for _, n := range rows {
			found[id] = n
		}
	}
	return found, nil
}
