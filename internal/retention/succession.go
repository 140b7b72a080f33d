package retention

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Duty is how many destruction lists of a matter wait for somebody by name, and their highest level.
type Duty struct {
	Matter string
	N      int
	Top    classification.Level
}

// mine are the lists that a person has still to appraise, carry out or watch.
const mine = ` WHERE (d.stage = 'listed' AND d.appraiser = $1 OR d.stage IN ('listed', 'appraised') AND (d.destroyer = $1 OR d.witness1 = $1 OR d.witness2 = $1))`

// Duties counts, matter by matter, the lists that wait for a person as appraiser, destroyer or witness. Whether the reader may know, the
// caller's act decides.
func Duties(tx *store.Tx, person string) ([]Duty, error) {
	return store.List(tx, func(row store.Row) (d Duty, err error) {
		var top int64
		err = row.Scan(&d.Matter, &d.N, &top)
		d.Top = classification.Level(top)
		return d, err
	}, `SELECT d.matter, COUNT(*), COALESCE(MAX((SELECT MAX(i.level) FROM destruction_item i WHERE i.destruction = d.id)), 0) FROM destruction d`+mine+` GROUP BY d.matter ORDER BY d.matter`, person)
}

// Succeed puts somebody in the place of the person who leaves on a matter's lists, and gives how many. Nobody takes two parts on one list,
// and who asked for it takes none. The act is settleLeaving.
func (r *Room) Succeed(g *guard.Grant, in, to string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT d.id FROM destruction d`+mine+` AND d.matter = $2 ORDER BY d.asked, d.id`, from, in)
	if err != nil {
		return 0, err
	}
	if len(ids) == 0 {
		return 0, problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
	}
	if _, err := r.atWork(tx, in, to, "successor"); err != nil {
		return 0, err
	}
	for _, id := range ids {
		l, err := r.one(tx, id)
		if err == nil {
			err = r.replace(g, l, from, to)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

func (r *Room) replace(g *guard.Grant, l List, from, to string) error {
	tx := g.Tx()
	for _, other := range []string{l.AskedBy, l.Appraiser, l.Destroyer, l.Witnesses[0], l.Witnesses[1]} {
		if other == to {
			return problem.New(problem.Invalid, "接收人在销毁清册 %s 里已有别的职责，请选择另一位", l.Number).In("successor")
		}
	}
	if l.Destroyer == from {
		if leads, err := r.leads(tx, l.Matter, to); err != nil || leads {
			if err == nil {
				err = problem.New(problem.Invalid, "销毁人不能是主办律师").In("successor")
			}
			return err
		}
	}
	if l.Appraiser == from && l.Stage == Listed {
		p, err := r.People.One(tx, to)
		if err == nil && !p.Has(access.Committee) {
			err = matter.MayHold(tx, l.Matter, to, l.Level, "successor")
		}
		if err != nil {
			return err
		}
	}
	swap := func(who string) string {
		if who == from {
			return to
		}
		return who
	}
	appraiser := l.Appraiser
	if l.Stage == Listed { // who has appraised stays on record
		appraiser = swap(appraiser)
	}
	g.Step(access.ArrangeDestruction, guard.Thing{Kind: access.Destruction, ID: l.ID}, l.Matter, map[string]any{"from": from, "to": to})
	if _, err := tx.Exec(`DELETE FROM destruction_witness WHERE destruction = $1`, l.ID); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE destruction SET appraiser = $2, destroyer = $3, witness1 = $4, witness2 = $5 WHERE id = $1`, l.ID, appraiser, swap(l.Destroyer), swap(l.Witnesses[0]), swap(l.Witnesses[1]))
	return err
}
