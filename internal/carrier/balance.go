package carrier

import (
	"fmt"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Account is the balance of one matter: what was given a number, from the moves, against where the carriers are, from their rows.
type Account struct {
	Matter string // id
	Number string
	Issued int
	Balance
	sample string // id of one of its carriers
}

func (a *Account) add(b Account) {
	a.Issued += b.Issued
	a.Registered += b.Registered
	a.Held += b.Held
	a.Returned += b.Returned
	a.Destroyed += b.Destroyed
	a.Sent += b.Sent
	a.Lost += b.Lost
}

// mayView reports whether the rules let the caller know of a carrier.
func (c *Cabinet) mayView(g *guard.Grant, id string) (bool, error) {
	it, err := store.Get(g.Tx(), c.scan, selectCarrier+` WHERE id = $1`, id)
	if err != nil {
		return false, err
	}
	where, err := matter.Relation(g.Tx(), it.Matter, g.Who().Person)
	if err != nil {
		return false, err
	}
	thing := access.Resource{Kind: access.Carrier, ID: it.ID, Matter: it.Matter, Level: it.Level, State: it.State, Owner: it.Holder, Proposer: it.Lender, Exists: true}
	return g.May(access.ViewCarrier, heldNow(thing), where), nil
}

// Even reports whether everything that was given a number is somewhere.
func (a Account) Even() bool { return a.Issued == a.Registered && a.Balance.Even() }

// AccountFilter narrows and pages the balances.
type AccountFilter struct {
	Matter string // id
	Number string // the matter's, its beginning
	Wrong  bool   // that do not balance, or have a skipped number that nobody explained
	After  string // the Next of the page before; empty: the first page
	Limit  int    // 1…200; 0 is 50; negative is all
}

// AccountPage is one page of balances.
type AccountPage struct {
	Accounts []Account
	Next     string // where the next page begins; empty: there is none
}

const countCarriers = `SELECT matter, MIN(id) AS sample, CAST(SUM((SELECT COUNT(*) FROM carrier_move v WHERE v.carrier = carrier.id AND v.deed = 'registered')) AS BIGINT) AS issued, COUNT(*) AS registered,
	SUM(CASE WHEN state <> 'ended' THEN 1 ELSE 0 END) AS held, SUM(CASE WHEN state = 'ended' AND fate = 'returned' THEN 1 ELSE 0 END) AS returned, SUM(CASE WHEN state = 'ended' AND fate = 'destroyed' THEN 1 ELSE 0 END) AS destroyed,
	SUM(CASE WHEN state = 'ended' AND fate = 'sent' THEN 1 ELSE 0 END) AS sent, SUM(CASE WHEN state = 'ended' AND fate = 'lost' THEN 1 ELSE 0 END) AS lost FROM carrier WHERE `

// Accounts are the balances matter by matter, the newest first, over the carriers that the caller may know: a sum that held more would tell
// of the others. The act is useSystem, or exportRegister to take them along.
func (c *Cabinet) Accounts(g *guard.Grant, f AccountFilter) (page AccountPage, err error) {
	tx := g.Tx(access.UseSystem, access.ExportRegister)
	if f.Limit == 0 || f.Limit > 200 {
		f.Limit = 50
	}
	w := c.narrow(g, Filter{Matter: f.Matter}, tx.Now)
	known := strings.Join(w.parts, " AND ")
	find := `SELECT m.id, m.year, m.serial FROM matter m WHERE EXISTS (SELECT 1 FROM carrier WHERE carrier.matter = m.id AND ` + known + `)`
	more := conditions{args: slices.Clone(w.args)}
	if f.Number != "" {
		more.args = append(more.args, f.Number)
		find += fmt.Sprintf(` AND SUBSTR(m.number, 1, LENGTH(CAST($%[1]d AS TEXT))) = CAST($%[1]d AS TEXT)`, len(more.args))
	}
	if f.Wrong {
		wrong, err := c.wrong(g, &more, known)
		if err != nil {
			return page, err
		}
		find += ` AND ` + wrong
	}
	find += more.after(f.After) + ` ORDER BY m.year DESC, m.serial DESC`
	if f.Limit > 0 {
		more.args = append(more.args, int64(f.Limit+1))
		find += fmt.Sprintf(` LIMIT $%d`, len(more.args))
	}
	var last string
	n := 0
	ids, err := store.List(tx, func(row store.Row) (id string, err error) {
		var year, serial int64
		err = row.Scan(&id, &year, &serial)
		if n++; n == f.Limit {
			last = fmt.Sprintf("%d.%d", year, serial)
		}
		return id, err
	}, find, more.args...)
	if err != nil {
		return page, err
	}
	if f.Limit > 0 && len(ids) > f.Limit {
		ids, page.Next = ids[:f.Limit], last
	}
	page.Accounts, err = c.accounts(g, tx, w, known, ids)
	return page, err
}

// accounts counts the carriers of some matters, in their order. The rules are asked once for the carriers of a level, which differ in nothing else
// that they look at beside who holds them: whoever reaches one by holding it reaches it in narrow.
func (c *Cabinet) accounts(g *guard.Grant, tx *store.Tx, w conditions, known string, ids []string) (all []Account, err error) {
	for part := range slices.Chunk(ids, 200) {
		args, marks := slices.Clone(w.args), make([]string, len(part))
		for i, id := range part {
			args = append(args, id)
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		rows, err := store.List(tx, func(row store.Row) (a Account, err error) {
			err = row.Scan(&a.Matter, &a.Number, &a.sample, &a.Issued, &a.Registered, &a.Held, &a.Returned, &a.Destroyed, &a.Sent, &a.Lost)
			return a, err
		}, `SELECT x.matter, m.number, x.sample, x.issued, x.registered, x.held, x.returned, x.destroyed, x.sent, x.lost FROM (`+countCarriers+known+` AND matter IN (`+strings.Join(marks, ", ")+`) GROUP BY matter, level) x
			JOIN matter m ON m.id = x.matter ORDER BY m.year DESC, m.serial DESC`, args...)
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			if may, err := c.mayView(g, a.sample); err != nil {
				return nil, err
			} else if !may {
				continue
			}
			if n := len(all) - 1; n >= 0 && all[n].Matter == a.Matter {
				all[n].add(a)
			} else {
				all = append(all, a)
			}
		}
	}
	return all, nil
}
