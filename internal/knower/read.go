package knower

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

// Filter narrows and pages the register, the last first. The zero value is the first page of all.
type Filter struct {
	Matter string // id
	Person string // id
	Manner Manner
	Since  time.Time // then or later; zero: whenever
	Until  time.Time // before then; zero: whenever
	After  string    // the Next of the page before; empty: the first page
	Limit  int       // 1…200; 0 is 50. An export reads up to MaxExport
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// Page is one page of the register.
type Page struct {
	Knowers []Knower
	Next    string // where the next page begins; empty: there is none
}

const from = ` FROM knower k LEFT JOIN material m ON k.kind = 'Material' AND m.id = k.thing`

// row is a row with what decides who may read it.
type row struct {
	it                 Knower
	level              classification.Level
	state              access.State
	proposer, reviewer string
	title              []byte
}

// List is the register as far as the caller may know the things: as a member of the team who is on the matter's list; who keeps carriers by post
// reads of all carriers, and the auditor of everything, without titles. SQL narrows, the rules confirm each row. The act is useSystem or
// viewMatter, or exportRegister to take it along.
func (r *Room) List(g *guard.Grant, f Filter) (page Page, err error) {
	tx, limit := g.Tx(access.UseSystem, access.ViewMatter, access.ExportRegister), f.Limit
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > 200:
		limit = 50
	}
	w := reach(g, tx.Now)
	w.narrow(f)
	rows, err := store.List(tx, scan, `SELECT k.id, k.kind, k.thing, k.matter, k.person, k.at, k.manner, k.handler, k.approval, k.lister, COALESCE(c.number, m.number), COALESCE(c.level, m.level), COALESCE(c.state, m.state),
		COALESCE(m.proposer, ''), COALESCE(m.reviewer, ''), COALESCE(c.sealed_title, m.sealed_title)`+from+
		` LEFT JOIN carrier c ON k.kind = 'Carrier' AND c.id = k.thing WHERE `+strings.Join(w.parts, " AND ")+fmt.Sprintf(` ORDER BY k.at DESC, k.id DESC LIMIT $%d`, len(w.args)+1), append(w.args, limit+1)...)
	if err != nil {
		return page, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = store.PageEnd(rows[limit-1].it.At, rows[limit-1].it.ID)
	}
	relations := map[string]access.Circumstances{}
	for _, x := range rows {
		where, read := relations[x.it.Matter]
		if !read {
			if where, err = matter.Relation(tx, x.it.Matter, g.Who().Person); err != nil {
				return page, err
			}
			relations[x.it.Matter] = where
		}
		if !x.readable(g, where) {
			continue
		}
		if x.it.Known = where.Member && x.level <= where.Clearance && (x.level < classification.TopSecret || where.Listed); x.it.Known {
			if x.it.Title, err = r.titleOf(x); err != nil {
				return page, err
			}
		}
		page.Knowers = append(page.Knowers, x.it)
	}
	return page, nil
}

func scan(s store.Row) (x row, err error) {
	var at, level int64
	err = s.Scan(&x.it.ID, &x.it.Kind, &x.it.Thing, &x.it.Matter, &x.it.Person, &at, &x.it.Manner, &x.it.Handler, &x.it.Approval, &x.it.Lister, &x.it.Number, &level, &x.state, &x.proposer, &x.reviewer, &x.title)
	x.it.At, x.level = time.UnixMilli(at).UTC(), classification.Level(level)
	return x, err
}

func (r *Room) titleOf(x row) (string, error) {
	if x.it.Kind == access.Carrier {
		return r.carrier.OpenText(x.it.Thing, x.title)
	}
	return r.material.OpenText(x.it.Thing, x.title)
}

// readable reports whether the rules let the caller know of the thing's history.
func (x row) readable(g *guard.Grant, where access.Circumstances) bool {
	thing := access.Resource{Kind: x.it.Kind, ID: x.it.Thing, Matter: x.it.Matter, Level: x.level, State: x.state, Exists: true}
	if x.it.Kind == access.Carrier { // having it in hand tells nothing of who had it before
		return g.May(access.ViewCarrier, thing, where)
	}
	thing.Proposer, thing.Reviewer = x.proposer, x.reviewer
	return g.May(access.ReadHistory, thing, where)
}

// conditions collects the parts of a WHERE clause with their arguments; $$ in a part stands for its argument.
type conditions struct {
	parts []string
	args  []any
}

func (w *conditions) add(part string, arg any) {
	w.args = append(w.args, arg)
	w.parts = append(w.parts, strings.ReplaceAll(part, "$$", fmt.Sprintf("$%d", len(w.args))))
}

// reach narrows the register to what the caller's teams and posts reach.
func reach(g *guard.Grant, now time.Time) conditions {
	me, posts := g.Who().Person, g.Facts().Who.Posts
	w := conditions{args: []any{now.UnixMilli()}, parts: []string{"CAST($1 AS BIGINT) > 0"}}
	w.add(`k.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $$ AND w.lifted = 0)`, me)
	if slices.Contains(posts, access.Auditor) {
		return w
	}
	const team = `k.matter IN (SELECT b.matter FROM member b WHERE b.person = $$ AND b.listed = 1 AND b.clearance >= 3 AND b.since <= $1 AND (b.until = 0 OR b.until > $1)) AND
		(k.kind = 'Carrier' OR m.state <> 'proposed' OR m.proposer = $$ OR m.reviewer = $$ OR EXISTS (SELECT 1 FROM member b WHERE b.matter = k.matter AND b.person = $$ AND b.duty = 'lead' AND b.since <= $1 AND (b.until = 0 OR b.until > $1)))`
	if slices.Contains(posts, access.Custodian) {
		w.add(`(k.kind = 'Carrier' OR `+team+`)`, me)
	} else {
		w.add(team, me)
	}
	return w
}

func (w *conditions) narrow(f Filter) {
	for _, equal := range []struct{ column, value string }{{"k.matter", f.Matter}, {"k.person", f.Person}, {"k.manner", string(f.Manner)}} {
		if equal.value != "" {
			w.add(equal.column+" = $$", equal.value)
		}
	}
	if !f.Since.IsZero() {
		w.add("k.at >= $$", f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		w.add("k.at < $$", f.Until.UnixMilli())
	}
	if ms, id, ok := store.ReadPageEnd(f.After); ok {
		w.add("k.at <= $$", ms)
		w.args = append(w.args, id)
		w.parts = append(w.parts, fmt.Sprintf("(k.at < $%d OR k.id < $%d)", len(w.args)-1, len(w.args)))
	}
}

// Sides are the matters and people of what the caller may know of, for filters: ids. The act is useSystem.
func (r *Room) Sides(g *guard.Grant) (matters, people []string, err error) {
	tx := g.Tx(access.UseSystem)
	w := reach(g, tx.Now)
	rows, err := store.List(tx, func(s store.Row) (side [2]string, err error) { err = s.Scan(&side[0], &side[1]); return side, err },
		`SELECT DISTINCT k.matter, k.person`+from+` WHERE `+strings.Join(w.parts, " AND "), w.args...)
	for _, side := range rows {
		matters, people = append(matters, side[0]), append(people, side[1])
	}
	slices.Sort(matters)
	slices.Sort(people)
	return slices.Compact(matters), slices.Compact(people), err
}
