package retention

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Hold is a legal hold (保全冻结): while it stands nothing that it is on can be destroyed.
type Hold struct {
	ID, Matter string
	Ref        Ref
	Number     string // of what it is on
	Reason     string
	SetBy      string // id
	Since      time.Time
	Lifted     time.Time // zero: stands
	LiftedBy   string    // id
	Lift       string    // why it was lifted
}

// SetHold freezes a matter, a material or a carrier. The act is setHold.
func (r *Room) SetHold(g *guard.Grant, why string) error {
	tx, thing := g.Tx(access.SetHold), g.Thing()
	why, err := words(why, "reason", "冻结的事由", 200, true)
	switch {
	case err != nil:
		return err
	case g.Facts().Thing.State == access.Ended:
		return problem.New(problem.Conflict, "已经销毁或者注销，只留登记")
	}
	id := tx.NewID()
	n, err := tx.Exec(`INSERT INTO legal_hold (id, kind, thing, matter, set_by, since, lifted, lifted_by, sealed_reason, sealed_lift) VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, $8) ON CONFLICT DO NOTHING`,
		id, string(thing.Kind), thing.ID, g.Facts().Thing.Matter, g.Who().Person, tx.Now.UnixMilli(), r.hold.SealText(id, why), r.lift.SealText(id, ""))
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "已经冻结")
	}
	g.Note("hold", id)
	return err
}

// LiftHold ends a hold. Who asked for a destruction that it stops, or is to carry it out, cannot lift it. The act is liftHold.
func (r *Room) LiftHold(g *guard.Grant, why string) error {
	tx, thing, me := g.Tx(access.LiftHold), g.Thing(), g.Who().Person
	why, err := words(why, "reason", "解除的事由", 200, true)
	if err != nil {
		return err
	}
	stopped, err := store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
		`SELECT COUNT(*) FROM destruction d WHERE d.matter = $1 AND d.stage IN ('listed', 'appraised') AND (d.asked_by = $2 OR d.destroyer = $2)
			AND ($3 = 'Matter' OR EXISTS (SELECT 1 FROM destruction_item i WHERE i.destruction = d.id AND i.kind = $3 AND i.thing = $4))`, g.Facts().Thing.Matter, me, string(thing.Kind), thing.ID)
	switch {
	case err != nil:
		return err
	case stopped > 0:
		return problem.New(problem.Conflict, "您提请或者执行的销毁正被它阻止，请由别人解除")
	}
	id, err := store.Get(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM legal_hold WHERE kind = $1 AND thing = $2 AND lifted = 0`, string(thing.Kind), thing.ID)
	if errors.Is(err, store.ErrNone) {
		return problem.New(problem.Conflict, "没有冻结，或者已经解除")
	}
	if err != nil {
		return err
	}
	g.Note("hold", id)
	_, err = tx.Exec(`UPDATE legal_hold SET lifted = $2, lifted_by = $3, sealed_lift = $4 WHERE id = $1`, id, tx.Now.UnixMilli(), me, r.lift.SealText(id, why))
	return err
}

const selectHold = `SELECT id, matter, kind, thing, set_by, since, lifted, lifted_by, sealed_reason, sealed_lift FROM legal_hold`

func (r *Room) holds(tx *store.Tx, where string, args ...any) ([]Hold, error) {
	return store.List(tx, func(row store.Row) (h Hold, err error) {
		var since, lifted int64
		var why, lift []byte
		if err := row.Scan(&h.ID, &h.Matter, &h.Ref.Kind, &h.Ref.ID, &h.SetBy, &since, &lifted, &h.LiftedBy, &why, &lift); err != nil {
			return h, err
		}
		h.Since, h.Lifted = instant(since), instant(lifted)
		var errs [2]error
		h.Reason, errs[0] = r.hold.OpenText(h.ID, why)
		h.Lift, errs[1] = r.lift.OpenText(h.ID, lift)
		return h, errors.Join(errs[:]...)
	}, selectHold+where, args...)
}

// standing are the holds on a matter and on what is in it.
func (r *Room) standing(tx *store.Tx, in string) (map[Ref]Hold, error) {
	all, err := r.holds(tx, ` WHERE matter = $1 AND lifted = 0`, in)
	found := map[Ref]Hold{}
	for _, h := range all {
		found[h.Ref] = h
	}
	return found, err
}

// Holds lists the standing holds on matters in which the caller may set or lift them, the last first. Of a matter of which the caller
// knows nothing else it tells the number. The act is useSystem.
func (r *Room) Holds(g *guard.Grant) ([]Hold, error) {
	tx := g.Tx(access.UseSystem)
	all, err := r.holds(tx, ` WHERE lifted = 0 AND kind = 'Matter' AND matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0) ORDER BY since DESC, id DESC LIMIT 500`, g.Who().Person)
	if err != nil {
		return nil, err
	}
	var known []Hold
	for _, h := range all {
		thing, where, err := r.Matters.Load(tx, g.Who(), guard.Thing{Kind: access.Matter, ID: h.Matter})
		if err != nil {
			return nil, err
		}
		if g.May(access.SetHold, thing, where) {
			numbers, err := r.Matters.Numbers(tx, []string{h.Matter})
			if err != nil {
				return nil, err
			}
			h.Number = numbers[h.Matter]
			known = append(known, h)
		}
	}
	return known, nil
}
