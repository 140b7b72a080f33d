package approval

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Pile is how many requests of one matter there are, and their highest level.
type Pile struct {
	Matter string // id; empty: of none
	N      int
	Top    classification.Level
}

// Awaiting counts, matter by matter, the requests that wait for a person and that nobody else above may decide yet. Whether the reader may
// know, the caller's act decides.
func (r *Room) Awaiting(tx *store.Tx, person string) ([]Pile, error) {
	all, err := r.awaiting(tx, person)
	return piles(all), err
}

func (r *Room) awaiting(tx *store.Tx, person string) ([]Request, error) {
	me, err := r.people.Principal(tx, person)
	if err != nil || me.ID == "" {
		return nil, err
	}
	w := &conditions{}
	at, who := w.arg(tx.Now.UnixMilli()), w.arg(person)
	all, err := r.list(tx, selectRequest+` WHERE a.state = 'pending' AND a.until > `+at+` AND a.applicant <> `+who+` AND a.barred <> `+who+` AND a.stage_since > `+w.arg(tx.Now.Add(-Patience).UnixMilli())+
		` AND EXISTS (SELECT 1 FROM approval_seat s WHERE s.approval = a.id AND s.stage = a.stage AND s.decision = '' AND `+reach(w, me, tx.Now)+`) ORDER BY a.asked, a.id`, w.args...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(q Request) bool {
		s, where, failed := r.sitting(tx, q, person)
		if failed != nil {
			err = failed
			return true
		}
		mine, _, failed := r.places(tx, q, s)
		if failed != nil {
			err = failed
		}
		return where.Walled || len(mine) == 0
	}), err
}

// PassUp lets those above decide at once what waits in a matter for the person who leaves, and gives how many. The act is settleLeaving.
func (r *Room) PassUp(g *guard.Grant, in string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := r.awaiting(tx, from)
	if err != nil {
		return 0, err
	}
	return each(all, in, func(q Request) error {
		g.Step(access.DecideApproval, guard.Thing{Kind: access.Approval, ID: q.ID}, q.Matter, map[string]any{"passed_up": true})
		if _, err := tx.Exec(`UPDATE approval SET stage_since = $2 WHERE id = $1`, q.ID, tx.Now.Add(-Patience).UnixMilli()); err != nil {
			return err
		}
		return r.waiting(tx, q.ID)
	})
}

// outputs are the acts whose requests hang on an order of package output and end with it.
var outputs = []access.Act{access.PrintMaterial, access.CopyCarrier, access.ScanCarrier}

// Open counts, matter by matter, a person's own requests that are not over, but for those that an order of output hangs on. Whether the
// reader may know, the caller's act decides.
func (r *Room) Open(tx *store.Tx, person string) ([]Pile, error) {
	all, err := r.open(tx, person)
	return piles(all), err
}

func (r *Room) open(tx *store.Tx, person string) ([]Request, error) {
	all, err := r.list(tx, selectRequest+` WHERE a.applicant = $1 AND a.state IN ('pending', 'approved') AND a.until > $2 ORDER BY a.asked, a.id`, person, tx.Now.UnixMilli())
	return slices.DeleteFunc(all, func(q Request) bool { return slices.Contains(outputs, q.Act) }), err
}

// Retract withdraws what the person who leaves has asked for in a matter, and gives how many. The act is settleLeaving.
func (r *Room) Retract(g *guard.Grant, in string) (int, error) {
	all, err := r.open(g.Tx(access.SettleLeaving), g.Only(access.Person))
	if err != nil {
		return 0, err
	}
	return each(all, in, func(q Request) error { return r.End(g, q.ID) })
}

// End withdraws a request for the person who leaves. The act is settleLeaving.
func (r *Room) End(g *guard.Grant, id string) error {
	tx := g.Tx(access.SettleLeaving)
	q, err := r.one(tx, id)
	if err != nil || q.State != Pending && q.State != Approved {
		return err
	}
	g.Step(access.WithdrawApproval, guard.Thing{Kind: access.Approval, ID: id}, q.Matter, nil)
	_, err = tx.Exec(`UPDATE approval SET state = 'withdrawn', ended = $2 WHERE id = $1`, id, tx.Now.UnixMilli())
	return err
}

// each does something to every request of a matter, and gives how many there were.
func each(all []Request, in string, do func(Request) error) (n int, err error) {
	for _, q := range all {
		if q.Matter != in {
			continue
		}
		if err := do(q); err != nil {
			return n, err
		}
		n++
	}
	if n == 0 {
		return 0, problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
	}
	return n, nil
}

func piles(all []Request) (out []Pile) {
	for _, q := range all {
		i := slices.IndexFunc(out, func(p Pile) bool { return p.Matter == q.Matter })
		if i < 0 {
			i, out = len(out), append(out, Pile{Matter: q.Matter})
		}
		out[i].N++
		out[i].Top = max(out[i].Top, q.Level)
	}
	return out
}

// Bar keeps another person than before from deciding a request: who goes along now. The act is settleLeaving.
func (r *Room) Bar(g *guard.Grant, id, person string) error {
	_, err := g.Tx(access.SettleLeaving).Exec(`UPDATE approval SET barred = $2 WHERE id = $1`, id, person)
	return err
}
