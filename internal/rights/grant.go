package rights

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// Assign gives somebody a place in a team, or changes it, without a request: the lead grants what nobody had to ask for, and says why. The
// register tells of it like of the others. The act is manageTeam.
func (r *Room) Assign(g *guard.Grant, m matter.Member, why string) error {
	c, err := r.placing(g, m.Person, why)
	if err != nil {
		return err
	}
	if err := r.matters.Assign(g, m); err != nil {
		return err
	}
	c.Duty, c.Level, c.Listed, c.Until = string(m.Duty), m.Clearance, m.Listed, m.Until
	return r.people.Changed(g, c)
}

// Remove ends somebody's place in a team. The act is manageTeam.
func (r *Room) Remove(g *guard.Grant, of, why string) error {
	c, err := r.placing(g, of, why)
	if err != nil {
		return err
	}
	if err := r.matters.Remove(g, of); err != nil {
		return err
	}
	return r.people.Changed(g, c)
}

// placing is a change of somebody's place as it begins: what stands, and why it changes.
func (r *Room) placing(g *guard.Grant, of, why string) (c person.Change, err error) {
	tx, in := g.Tx(access.ManageTeam), g.Only(access.Matter)
	if why, err = line("reason", "理由", why); err != nil {
		return c, err
	}
	was, err := standing(tx, in, of)
	c = person.Change{Kind: person.PlaceChanged, Person: of, Matter: in}
	c.WasDuty, c.WasLevel, c.Why = string(was.WasDuty), was.WasLevel, why
	return c, err
}

// standing is the place that somebody has now.
func standing(tx *store.Tx, in, of string) (Wanted, error) {
	w, err := store.Get(tx, func(row store.Row) (w Wanted, err error) {
		var level int64
		err = row.Scan(&w.WasDuty, &level)
		w.WasLevel = classification.Level(level)
		return w, err
	}, `SELECT duty, clearance FROM member WHERE matter = $1 AND person = $2 AND since <= $3 AND (until = 0 OR until > $3)`, in, of, tx.Now.UnixMilli())
	if errors.Is(err, store.ErrNone) {
		err = nil
	}
	return w, err
}
