package carrier

import (
	"errors"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// along are the standing slips on which a person goes along.
func (c *Cabinet) along(tx *store.Tx, person string) ([]Slip, error) {
	all, err := c.slips(tx, ` WHERE t.companion = $1 AND t.back_at = 0 ORDER BY t.asked, t.id`, person)
	return slices.DeleteFunc(all, func(s Slip) bool { return !s.Stands() }), err
}

// Alongs counts, matter by matter, the take-outs on which a person goes along. Whether the reader may know, the caller's act decides.
func (c *Cabinet) Alongs(tx *store.Tx, person string) (out []Pile, err error) {
	all, err := c.along(tx, person)
	for _, s := range all {
		i := slices.IndexFunc(out, func(p Pile) bool { return p.Matter == s.Matter })
		if i < 0 {
			i, out = len(out), append(out, Pile{Matter: s.Matter})
		}
		out[i].N++
		out[i].Top = max(out[i].Top, s.Level)
	}
	return out, err
}

// SucceedAlong has somebody else go along on a matter's take-outs in place of the person who leaves, and gives how many. The act is
// settleLeaving.
func (c *Cabinet) SucceedAlong(g *guard.Grant, in, to string) (n int, err error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := c.along(tx, from)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Matter != in {
			continue
		}
		if s.decider(to) {
			return n, problem.New(problem.Conflict, "接收人批准了这次外带，不能同行，请选择另一位").In("successor")
		}
		it := Carrier{ID: s.Carrier, Matter: s.Matter, Level: s.Level}
		if err := c.companion(tx, it, to, s.Applicant); err != nil {
			var p *problem.Error
			if errors.As(err, &p) {
				err = p.In("successor")
			}
			return n, err
		}
		if _, err := tx.Exec(`UPDATE take_out SET companion = $2 WHERE id = $1`, s.ID, to); err != nil {
			return n, err
		}
		if err := c.approvals.Bar(g, s.Approval, to); err != nil {
			return n, err
		}
		if s.State == SlipOut { // both have known it
			if err := wentAlong(tx, s, to); err != nil {
				return n, err
			}
			if err := c.moved(tx, s.Carrier, Move{Deed: Accompanied, By: g.Who().Person, From: from, To: to, Note: "离岗交接"}); err != nil {
				return n, err
			}
		}
		g.Step(access.TakeOut, guard.Thing{Kind: access.Carrier, ID: s.Carrier}, in, map[string]any{"slip": s.ID, "along": to})
		n++
	}
	if n == 0 {
		return 0, problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
	}
	return n, nil
}

// Piece is one carrier of a pile.
type Piece struct {
	Matter, ID, Number string
	State              access.State
}

// Pieces lists what a person holds, number by number, the first of them at most. Whether the reader may know, the caller's act decides.
func (c *Cabinet) Pieces(tx *store.Tx, person string, most int) ([]Piece, error) {
	return store.List(tx, func(row store.Row) (p Piece, err error) {
		err = row.Scan(&p.Matter, &p.ID, &p.Number, &p.State)
		return p, err
	}, `SELECT matter, id, number, state FROM carrier WHERE holder = $1 AND state <> 'ended' ORDER BY matter, serial, copy LIMIT $2`, person, int64(most))
}
