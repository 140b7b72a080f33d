package output

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Pile is how many open orders of one matter there are, and their highest level.
type Pile struct {
	Matter string
	N      int
	Top    classification.Level
}

// retractable are the states in which nothing has been printed yet.
var retractable = []State{Asked, Approved, Ready, Locked}

// Open counts, matter by matter, the orders of a person that are not over. Whether the reader may know, the caller's act decides.
func (r *Room) Open(tx *store.Tx, person string) (out []Pile, err error) {
	all, err := r.open(tx, person)
	for _, o := range all {
		i := slices.IndexFunc(out, func(p Pile) bool { return p.Matter == o.Matter })
		if i < 0 {
			i, out = len(out), append(out, Pile{Matter: o.Matter})
		}
		out[i].N++
		out[i].Top = max(out[i].Top, o.Level)
	}
	return out, err
}

func (r *Room) open(tx *store.Tx, person string) ([]Order, error) {
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT id FROM output WHERE requester = $1 AND state IN ('asked', 'ready', 'working') ORDER BY asked, id`, person)
	var all []Order
	for _, id := range ids {
		o, err := r.one(tx, id)
		if err != nil {
			return nil, err
		}
		if o.State == Working || slices.Contains(retractable, o.State) {
			all = append(all, o)
		}
	}
	return all, err
}

// Retract withdraws what the person who leaves has ordered in a matter, with its request for leave, and gives how many. What was released
// is collected first, or counted void by the operator. The act is settleLeaving.
func (r *Room) Retract(g *guard.Grant, in string) (n int, err error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := r.open(tx, from)
	if err != nil {
		return 0, err
	}
	for _, o := range all {
		if o.Matter != in || o.State == Working {
			continue
		}
		if _, err := tx.Exec(`UPDATE output SET state = 'withdrawn', ended = $2, pin = $3 WHERE id = $1`, o.ID, tx.Now.UnixMilli(), []byte{}); err != nil {
			return n, err
		}
		if o.Approval != "" {
			if err := r.Approvals.End(g, o.Approval); err != nil {
				return n, err
			}
		}
		g.Step(access.CollectOutput, guard.Thing{Kind: access.Matter, ID: in}, in, map[string]any{"withdrawn": o.ID})
		n++
	}
	if n == 0 {
		return 0, problem.New(problem.Conflict, "没有可以撤回的输出申请：已放行的须由本人领取，或者由操作人清点作废")
	}
	return n, nil
}
