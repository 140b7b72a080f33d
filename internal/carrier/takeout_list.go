package carrier

import (
	"fmt"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// SlipFilter narrows and pages the register of slips. A zero field narrows nothing.
type SlipFilter struct {
	State  SlipState
	Late   bool // only what should be back and is not
	Short  bool // only what came back short
	Level  classification.Level
	Number string // part of the carrier's or the slip's
	ByDue  bool   // by the day on which it is due, else by when it was asked for
	Up     bool   // the first first, else the last
	After  string // the Next of the page before; empty: the first page
	Offset int    // rows to leave out before the page
	Limit  int    // 1…200; 0 is 50. An export reads up to MaxExport
}

// SlipPage is one page of the register.
type SlipPage struct {
	Slips []Slip
	Next  string // where the next page begins; empty: there is none
}

// slipLabel is a slip's number in SQL, as Label writes it.
const slipLabel = `(CAST(t.year AS TEXT) || '-' || CASE WHEN t.serial < 1000 THEN SUBSTR('000' || CAST(t.serial AS TEXT), LENGTH(CAST(t.serial AS TEXT))) ELSE CAST(t.serial AS TEXT) END)`

// standing are the slips t of a state, of carriers c by leave of requests a, at the time $1.
var standing = map[SlipState]string{
	SlipOut: `t.left_at > 0 AND t.back_at = 0 AND c.state <> 'ended'`, SlipBack: `t.back_at > 0`, SlipLost: `t.left_at > 0 AND t.back_at = 0 AND c.state = 'ended'`,
	SlipOpen: `t.left_at = 0 AND a.state = 'pending' AND a.until > $1`, SlipApproved: `t.left_at = 0 AND a.state = 'approved' AND a.until > $1`, SlipRefused: `t.left_at = 0 AND a.state = 'refused'`,
	SlipWithdrawn: `t.left_at = 0 AND a.state = 'withdrawn'`, SlipLapsed: `t.left_at = 0 AND a.state IN ('pending', 'approved') AND a.until <= $1`,
}

// conditions are those on slips that the caller may know, and what the caller asked of them.
func (f SlipFilter) conditions(g *guard.Grant, now int64) conditions {
	me := g.Who().Person
	w := conditions{args: []any{now}, parts: []string{"CAST($1 AS BIGINT) > 0"}}
	w.add(`c.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $$ AND w.lifted = 0)`, me)
	if !slices.ContainsFunc(g.Facts().Who.Posts, keeps) {
		w.add(`(c.holder = $$ OR t.approval IN (SELECT s.approval FROM approval_seat s WHERE s.decided_by = $$) OR EXISTS (SELECT 1 FROM member b WHERE b.matter = c.matter AND b.person = $$
			AND b.since <= $1 AND (b.until = 0 OR b.until > $1) AND b.clearance >= c.level AND (c.level < 3 OR b.listed = 1)))`, me)
	}
	if part := standing[f.State]; part != "" {
		w.parts = append(w.parts, "("+part+")")
	}
	if f.Late {
		w.parts = append(w.parts, standing[SlipOut], `t.due < $1`)
	}
	if f.Short {
		w.parts = append(w.parts, `t.back_at > 0 AND t.pages_back <> t.pages`)
	}
	if f.Level != 0 {
		w.add(`c.level = $$`, int64(f.Level))
	}
	if f.Number != "" {
		w.add(`(c.number LIKE $$ ESCAPE '!' OR `+slipLabel+` LIKE $$ ESCAPE '!')`, store.Containing(f.Number))
	}
	return w
}

// Slips is the register of slips as far as the caller may know the carriers or decided about them, and without those of matters behind
// whose wall the caller stands. SQL narrows, the rules confirm each row. The act is useSystem, or exportRegister to take it along.
func (c *Cabinet) Slips(g *guard.Grant, f SlipFilter) (page SlipPage, err error) {
	tx, me, limit := g.Tx(access.UseSystem, access.ExportRegister), g.Who().Person, f.Limit
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > 200:
		limit = 50
	}
	w := f.conditions(g, tx.Now.UnixMilli())
	column, direction, past := "t.asked", " DESC", "<"
	if f.ByDue {
		column = "t.due"
	}
	if f.Up {
		direction, past = "", ">"
	}
	if ms, id, ok := store.ReadPageEnd(f.After); ok {
		w.args = append(w.args, ms, id)
		n := len(w.args)
		w.parts = append(w.parts, fmt.Sprintf("%[1]s %[2]s= $%[3]d AND (%[1]s %[2]s $%[3]d OR t.id %[2]s $%[4]d)", column, past, n-1, n))
	}
	n := len(w.args)
	rows, err := store.List(tx, c.scanSlip, selectSlip+` JOIN approval a ON a.id = t.approval WHERE `+strings.Join(w.parts, " AND ")+fmt.Sprintf(` ORDER BY %s%s, t.id%s LIMIT $%d OFFSET $%d`, column, direction, direction, n+1, n+2),
		append(w.args, int64(limit+1), int64(max(f.Offset, 0)))...)
	if err != nil {
		return page, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		at := last.Asked
		if f.ByDue {
			at = last.Due
		}
		page.Next = store.PageEnd(at, last.ID)
	}
	decided, err := c.approvals.DecidedBy(tx, me)
	if err != nil {
		return page, err
	}
	relations := map[string]access.Circumstances{}
	for _, s := range rows {
		is, read := relations[s.Matter]
		if !read {
			if is, err = matter.Relation(tx, s.Matter, me); err != nil {
				return page, err
			}
			relations[s.Matter] = is
		}
		thing := access.Resource{Kind: access.Carrier, ID: s.Carrier, Matter: s.Matter, Level: s.Level, State: access.Held, Owner: s.holder, Exists: true}
		if s.Known = g.May(access.ViewCarrier, thing, is); !s.Known && !decided[s.Approval] {
			continue
		}
		if err := c.approved(tx, &s); err != nil {
			return page, err
		}
		s.conceal(is, me)
		page.Slips = append(page.Slips, s)
	}
	return page, nil
}
