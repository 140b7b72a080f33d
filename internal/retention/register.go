package retention

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// reach is the condition on lists d that the caller may know: those that name them, those of their teams as far as they may know what stands on
// them, and, by post, all; never those of matters behind whose wall they stand. It uses $1, the caller, and $2, the time.
func reach(g *guard.Grant) string {
	const behind = `d.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0)`
	if slices.ContainsFunc(g.Facts().Who.Posts, func(p access.Post) bool { return p == access.Director || p == access.Committee || p == access.Auditor }) {
		return `CAST($2 AS BIGINT) > 0 AND ` + behind
	}
	return behind + ` AND (d.asked_by = $1 OR d.appraiser = $1 OR d.destroyer = $1 OR d.witness1 = $1 OR d.witness2 = $1 OR EXISTS (SELECT 1 FROM member b WHERE b.matter = d.matter AND b.person = $1
		AND b.since <= $2 AND (b.until = 0 OR b.until > $2) AND NOT EXISTS (SELECT 1 FROM destruction_item i WHERE i.destruction = d.id AND (i.level > b.clearance OR i.level = 3 AND b.listed = 0))))`
}

// readable confirms lists by the rules and leaves of each what the caller may be told.
func (r *Room) readable(g *guard.Grant, rows []List) (all []List, err error) {
	me := g.Who().Person
	relations := map[string]access.Circumstances{}
	for _, l := range rows {
		is, read := relations[l.Matter]
		if !read {
			if is, err = matter.Relation(g.Tx(), l.Matter, me); err != nil {
				return nil, err
			}
			relations[l.Matter] = is
		}
		if !g.May(access.ViewDestruction, l.thing(), l.circumstances(is, me)) {
			continue
		}
		if !l.knows(is, me) {
			l.conceal()
		}
		all = append(all, l)
	}
	return all, nil
}

// Filter narrows and pages the lists. The zero value is the first page of all.
type Filter struct {
	Stage Stage
	After string // the Next of the page before; empty: the first page
	Limit int    // 1…200; 0 is 50
}

// ListPage is one page of lists.
type ListPage struct {
	Lists []List // without their items, which Size counts
	Next  string // where the next page begins; empty: there is none
}

// Lists are the lists that the caller may know, the last first, with what stops them. The act is useSystem.
func (r *Room) Lists(g *guard.Grant, f Filter) (page ListPage, err error) {
	tx := g.Tx(access.UseSystem)
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	where, args := ` WHERE `+reach(g), []any{g.Who().Person, tx.Now.UnixMilli()}
	if f.Stage != "" {
		args = append(args, string(f.Stage))
		where += fmt.Sprintf(` AND d.stage = $%d`, len(args))
	}
	if at, id, ok := store.ReadPageEnd(f.After); ok {
		args = append(args, at, id)
		where += fmt.Sprintf(` AND d.asked <= $%[1]d AND (d.asked < $%[1]d OR d.id < $%[2]d)`, len(args)-1, len(args))
	}
	args = append(args, int64(f.Limit+1))
	rows, err := store.List(tx, r.scan, selectList+where+fmt.Sprintf(` ORDER BY d.asked DESC, d.id DESC LIMIT $%d`, len(args)), args...)
	if err != nil {
		return page, err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		page.Next = store.PageEnd(rows[f.Limit-1].Asked, rows[f.Limit-1].ID)
	}
	if page.Lists, err = r.readable(g, rows); err != nil {
		return page, err
	}
	for n := range page.Lists {
		if page.Lists[n].Frozen, err = r.stopped(tx, page.Lists[n]); err != nil {
			return page, err
		}
		if !page.Lists[n].Known {
			page.Lists[n].conceal()
		}
	}
	return page, nil
}

// stopped is stops for a list without items, which are read only if something in its matter is held.
func (r *Room) stopped(tx *store.Tx, l List) (all []Hold, err error) {
	if !l.Stage.Open() {
		return nil, nil
	}
	if holds, err := r.standing(tx, l.Matter); err != nil || len(holds) == 0 {
		return nil, err
	}
	if l.Items, err = r.items(tx, l.ID); err != nil {
		return nil, err
	}
	return r.stops(tx, l)
}

// Entry is one line of the register 销毁清册: a thing that was destroyed, and how.
type Entry struct {
	Item
	List List // without its items
}

// EntryFilter narrows and pages the register of what was destroyed. The zero value is the first page of all.
type EntryFilter struct {
	Level        classification.Level
	Since, Until time.Time // destroyed from then on, before then; zero: whenever
	After        string    // the Next of the page before; empty: the first page
	Limit        int       // 1…200; 0 is 50. An export reads up to MaxExport
}

// EntryPage is one page of the register.
type EntryPage struct {
	Entries []Entry
	Next    string // where the next page begins; empty: there is none
}

// Register are the things that were destroyed, the last first, as far as the caller may know their lists. The act is useSystem, or
// exportRegister to take it along.
func (r *Room) Register(g *guard.Grant, f EntryFilter) (page EntryPage, err error) {
	tx, limit := g.Tx(access.UseSystem, access.ExportRegister), f.Limit
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > 200:
		limit = 50
	}
	where, args := ` WHERE d.stage = 'done' AND `+reach(g), []any{g.Who().Person, tx.Now.UnixMilli()}
	add := func(part string, arg any) {
		args = append(args, arg)
		where += fmt.Sprintf(` AND `+part, len(args))
	}
	if !f.Since.IsZero() {
		add(`d.ended >= $%d`, f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		add(`d.ended < $%d`, f.Until.UnixMilli())
	}
	items := `i.destruction = d.id AND i.verdict = 'destroy'`
	if f.Level != 0 {
		args = append(args, int64(f.Level))
		items += fmt.Sprintf(` AND i.level = $%d`, len(args))
	}
	where += ` AND EXISTS (SELECT 1 FROM destruction_item i WHERE ` + items + `)`
	if at, rest, ok := store.ReadPageEnd(f.After); ok {
		last := append(strings.SplitN(rest, ".", 3), "", "")
		args = append(args, at, last[0], last[1], last[2])
		n := len(args)
		where += fmt.Sprintf(` AND d.ended <= $%[1]d AND (d.ended < $%[1]d OR d.id <= $%[2]d)`, n-3, n-2)
		items += fmt.Sprintf(` AND (d.ended < $%[1]d OR d.id < $%[2]d OR i.kind > $%[3]d OR i.kind = $%[3]d AND i.thing > $%[4]d)`, n-3, n-2, n-1, n)
	}
	type row struct {
		list string
		it   Item
	}
	args = append(args, int64(limit+1), int64(limit+2)) // each list has one thing at least, and the first may have been read
	rows, err := store.List(tx, func(s store.Row) (x row, err error) {
		x.it, err = r.scanItem(s, &x.list)
		return x, err
	}, `SELECT d.id, i.kind, i.thing, i.number, i.level, i.form, i.origin, i.pages, i.custodian, i.early, i.verdict, i.keep_until, i.sealed_title
		FROM (SELECT d.id, d.ended FROM destruction d`+where+fmt.Sprintf(` ORDER BY d.ended DESC, d.id DESC LIMIT $%d`, len(args))+`) d JOIN destruction_item i ON `+items+
		fmt.Sprintf(` ORDER BY d.ended DESC, d.id DESC, i.kind, i.thing LIMIT $%d`, len(args)-1), args...)
	if err != nil {
		return page, err
	}
	more := len(rows) > limit
	rows = rows[:min(limit, len(rows))]
	lists := map[string]*List{} // nil: not for the caller to know
	ended := map[string]time.Time{}
	for _, x := range rows {
		l, read := lists[x.list]
		if !read {
			one, err := store.Get(tx, r.scan, selectList+` WHERE d.id = $1`, x.list)
			if err != nil {
				return page, err
			}
			ended[x.list] = one.Ended
			known, err := r.readable(g, []List{one})
			if err != nil {
				return page, err
			}
			if len(known) == 1 {
				l = &known[0]
			}
			lists[x.list] = l
		}
		if l == nil {
			continue
		}
		if !l.Known {
			x.it.Title = ""
		}
		page.Entries = append(page.Entries, Entry{x.it, *l})
	}
	if more {
		last := rows[len(rows)-1]
		page.Next = store.PageEnd(ended[last.list], last.list, string(last.it.Kind), last.it.ID)
	}
	return page, nil
}
