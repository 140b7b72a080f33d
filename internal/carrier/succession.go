package carrier

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Pile is what somebody holds of one matter.
type Pile struct {
	Matter string
	N      int
	Top    classification.Level
}

// Piles counts what a person holds, matter by matter. Whether the reader may know, the caller's act decides.
func (c *Cabinet) Piles(tx *store.Tx, person string) ([]Pile, error) {
	return store.List(tx, scanPile, `SELECT matter, COUNT(*), MAX(level) FROM carrier WHERE holder = $1 AND state <> 'ended' GROUP BY matter ORDER BY matter`, person)
}

func scanPile(row store.Row) (p Pile, err error) {
	var top int64
	err = row.Scan(&p.Matter, &p.N, &top)
	p.Top = classification.Level(top)
	return p, err
}

// LentBy counts what is to come back to a person who lent it, matter by matter. Whether the reader may know, the caller's act decides.
func (c *Cabinet) LentBy(tx *store.Tx, person string) ([]Pile, error) {
	return store.List(tx, scanPile, `SELECT matter, COUNT(*), MAX(level) FROM carrier WHERE lender = $1 AND holder <> $1 AND state <> 'ended' GROUP BY matter ORDER BY matter`, person)
}

// SucceedLent has what the person who leaves lent of a matter come back to somebody else, who could hold it, and gives how many. What was on
// its way back to the leaver stays with the borrower, who offers it anew. The act is settleLeaving.
func (c *Cabinet) SucceedLent(g *guard.Grant, in, to string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE lender = $1 AND holder <> $1 AND matter = $2 AND state <> 'ended' ORDER BY serial, copy`, from, in)
	if err == nil && len(all) == 0 {
		err = problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
	}
	if err != nil {
		return 0, err
	}
	for _, it := range all {
		if it.Holder == to {
			return 0, problem.New(problem.Conflict, "接收人正是借阅人，请选择另一位").In("successor")
		}
		if err := c.fit(tx, it, to, "successor"); err != nil {
			return 0, err
		}
		if it.State == access.Offered && it.OfferedTo == from {
			if err := c.answer(tx, it, Move{Deed: Withdrawn, By: g.Who().Person, From: it.Holder, To: from, Note: "离岗交接"}); err != nil {
				return 0, err
			}
		}
		if err := c.moved(tx, it.ID, Move{Deed: Relent, By: g.Who().Person, From: from, To: to, Due: it.Due, Note: "离岗交接"}); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(`UPDATE carrier SET lender = $2 WHERE id = $1`, it.ID, to); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(`UPDATE loan SET lender = $2 WHERE carrier = $1 AND over = 0`, it.ID, to); err != nil {
			return 0, err
		}
		g.Step(access.RecallCarrier, guard.Thing{Kind: access.Carrier, ID: it.ID}, in, map[string]any{"lender": to})
	}
	return len(all), nil
}

// OfferAll offers what the person who leaves holds of a matter and has not offered yet, or only some of it by id, to one successor, and
// what is lent to its lender while that person may hold it. They answer for it once they have taken it. The act is settleLeaving.
func (c *Cabinet) OfferAll(g *guard.Grant, in, to string, only []string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE holder = $1 AND matter = $2 AND state = 'held' AND form <> 'fetched' ORDER BY serial, copy`, from, in)
	if err != nil {
		return 0, err
	}
	if len(only) > 0 {
		all = slices.DeleteFunc(all, func(it Carrier) bool { return !slices.Contains(only, it.ID) })
	}
	if len(all) == 0 {
		return 0, problem.New(problem.Conflict, "没有可以移交的载体：有的在外带中，须先带回清点；有的已移交，等待对方确认接收；电子副本由本人删除并确认")
	}
	for _, it := range all {
		taker := it.Lender
		if taker == "" || c.fit(tx, it, taker, "") != nil {
			taker = to
			if err := c.fit(tx, it, to, "successor"); err != nil {
				return 0, err
			}
		}
		if _, err := tx.Exec(`UPDATE carrier SET state = 'offered', offered_to = $2, offered_due = 0 WHERE id = $1`, it.ID, taker); err != nil {
			return 0, err
		}
		if err := c.moved(tx, it.ID, Move{Deed: OfferedTo, By: g.Who().Person, From: from, To: taker, Note: "离岗交接"}); err != nil {
			return 0, err
		}
		g.Step(access.HandCarrier, guard.Thing{Kind: access.Carrier, ID: it.ID}, in, map[string]any{"to": taker})
	}
	return len(all), nil
}

// TakeAll confirms those of the named carriers that are offered to the caller and that the rules let them take, and gives how many.
// Each is on record as its own step. The act is useSystem.
func (c *Cabinet) TakeAll(g *guard.Grant, ids []string) (n int, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	page, err := c.List(g, Filter{Mine: true, State: access.Offered, Limit: 200})
	if err != nil {
		return 0, err
	}
	for _, it := range page.Carriers {
		if it.OfferedTo != me || !slices.Contains(ids, it.ID) {
			continue
		}
		thing := guard.Thing{Kind: access.Carrier, ID: it.ID}
		r, where, err := c.Load(tx, g.Who(), thing)
		if err != nil {
			return n, err
		}
		if !g.May(access.TakeCarrier, r, where) {
			continue
		}
		note := ""
		if it.Lender == me {
			note = "编号和数量逐份核对相符"
		}
		if err := c.take(tx, it, me, note); err != nil {
			return n, err
		}
		g.Step(access.TakeCarrier, thing, it.Matter, map[string]any{"from": it.Holder})
		n++
	}
	if n == 0 {
		return 0, problem.New(problem.Conflict, "没有等待您接收的载体")
	}
	g.Note("taken", n)
	return n, nil
}

// Depart takes back what was offered to the person who leaves. What they held has been taken by others before. The act is
// closeLeaving.
func (c *Cabinet) Depart(g *guard.Grant) error {
	tx, person := g.Tx(access.CloseLeaving), g.Only(access.Person)
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE offered_to = $1 AND state = 'offered'`, person)
	if err != nil {
		return err
	}
	for _, it := range all {
		if err := c.answer(tx, it, Move{Deed: Withdrawn, By: g.Who().Person, From: it.Holder, To: person}); err != nil {
			return err
		}
		g.Step(access.HandCarrier, guard.Thing{Kind: access.Carrier, ID: it.ID}, it.Matter, map[string]any{"withdrawn": true})
	}
	return nil
}

// Passed is a carrier that a person handed on: its number and to whom.
type Passed struct{ Number, To string }

// PassedOn lists what others have taken from a person since a moment, number by number.
func (c *Cabinet) PassedOn(tx *store.Tx, person string, since int64) ([]Passed, error) {
	return store.List(tx, func(row store.Row) (p Passed, err error) { err = row.Scan(&p.Number, &p.To); return p, err },
		`SELECT c.number, m.to_person FROM carrier_move m JOIN carrier c ON c.id = m.carrier WHERE m.deed = 'taken' AND m.from_person = $1 AND m.at >= $2 ORDER BY c.number, m.at`, person, since)
}
