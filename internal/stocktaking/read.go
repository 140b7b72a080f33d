package stocktaking

import (
	"encoding/json"
	"errors"
	"fmt"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// fromItems are the items of round $1 but those of matters behind whose wall $2 stands.
const fromItems = ` FROM stock_item i WHERE i.round = $1 AND i.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $2 AND w.lifted = 0)`

// selectItem reads what a page shows after the index alone has told which items those are.
const selectItem = `SELECT i.carrier, i.number, c.level, c.holder, i.verdict, i.seen, i.seen_by, i.settled, i.settled_by, i.outcome, i.sealed_seen_place, i.sealed_note
	FROM (SELECT i.round, i.carrier` + fromItems + `%s) p JOIN stock_item i ON i.round = p.round AND i.carrier = p.carrier JOIN carrier c ON c.id = i.carrier`

// items reads items of a round as the caller may know them, those that narrow leaves, in an order, as far as limit says; Holder, SeenBy and
// SettledBy are ids.
func (r *Room) items(g *guard.Grant, round, narrow, order, limit string, args ...any) ([]Item, error) {
	return store.List(g.Tx(), func(row store.Row) (i Item, err error) {
		var level, seen, settled int64
		var place, note []byte
		if err := row.Scan(&i.Carrier, &i.Number, &level, &i.Holder, &i.Verdict, &seen, &i.SeenBy, &settled, &i.SettledBy, &i.Outcome, &place, &note); err != nil {
			return i, err
		}
		i.Level, i.At, i.Settled = classification.Level(level), instant(seen), instant(settled)
		var errs [2]error
		if place != nil {
			i.SeenPlace, errs[0] = r.seen.OpenText(round+i.Carrier, place)
		}
		if note != nil {
			i.Note, errs[1] = r.note.OpenText(round+i.Carrier, note)
		}
		return i, errors.Join(errs[:]...)
	}, fmt.Sprintf(selectItem, narrow+" ORDER BY "+order+" "+limit)+" ORDER BY "+order, append([]any{round, g.Who().Person}, args...)...)
}

// tally is how many items of a round have each verdict, and how many of these wait to be settled.
type tally struct {
	Count map[Verdict]int `json:"count"`
	Open  map[Verdict]int `json:"open"`
}

// count tallies a round without the matters behind whose wall a person stands; nobody stands behind none.
func count(tx *store.Tx, round, person string) (tally, error) {
	t := tally{map[Verdict]int{}, map[Verdict]int{}}
	type group struct {
		v       Verdict
		n, open int
	}
	groups, err := store.List(tx, func(row store.Row) (x group, err error) { err = row.Scan(&x.v, &x.n, &x.open); return x, err },
		`SELECT i.verdict, COUNT(*), CAST(SUM(CASE WHEN i.settled = 0 THEN 1 ELSE 0 END) AS BIGINT)`+fromItems+` GROUP BY i.verdict`, round, person)
	for _, x := range groups {
		t.Count[x.v], t.Open[x.v] = x.n, x.open
	}
	return t, err
}

// keepCounts keeps what a closed round came to with it.
func (r *Room) keepCounts(tx *store.Tx, round string) error {
	t, err := count(tx, round, "")
	if err != nil {
		return err
	}
	raw, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE stock_round SET counts = $2 WHERE id = $1`, round, string(raw))
	return err
}

// counted writes the figures into a round as the caller may know them: from what is kept, unless the caller stands behind a wall.
func (r *Room) counted(g *guard.Grant, n *Round) error {
	tx, me := g.Tx(), g.Who().Person
	walls, err := store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) }, `SELECT COUNT(*) FROM wall WHERE person = $1 AND lifted = 0`, me)
	if err != nil {
		return err
	}
	var t tally
	if n.counts != "" && walls == 0 {
		err = json.Unmarshal([]byte(n.counts), &t)
	} else {
		t, err = count(tx, n.ID, me)
	}
	n.Count, n.Unsolved = t.Count, 0
	for v, open := range t.Open {
		if v.Difference() {
			n.Unsolved += open
		}
	}
	return err
}

// name writes names and places into the items of a page.
func (r *Room) name(tx *store.Tx, all []Item) error {
	var ids []string
	for _, i := range all {
		ids = append(ids, i.Holder, i.SeenBy, i.SettledBy)
	}
	names, err := r.people.Names(tx, ids)
	if err != nil {
		return err
	}
	for n := range all {
		k, err := r.carriers.KeptOne(tx, all[n].Carrier)
		if err != nil {
			return err
		}
		all[n].Place, all[n].Holder, all[n].SeenBy, all[n].SettledBy = k.Place, names[all[n].Holder], names[all[n].SeenBy], names[all[n].SettledBy]
	}
	return nil
}

// Filter narrows and pages a round.
type Filter struct {
	Verdict       Verdict // empty: all
	Offset, Limit int     // Limit 0: all
}

// One is a round with its items. The act is readStock.
func (r *Room) One(g *guard.Grant, id string, f Filter) (n Round, page []Item, total int, err error) {
	tx := g.Tx(access.ReadStock)
	rounds, err := r.rounds(g, ` WHERE id = $1`, id)
	if err != nil {
		return n, nil, 0, err
	}
	if len(rounds) == 0 {
		return n, nil, 0, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	n = rounds[0]
	if err := r.counted(g, &n); err != nil {
		return n, nil, 0, err
	}
	if page, total, err = r.page(g, n, f); err != nil {
		return n, nil, 0, err
	}
	return n, page, total, r.name(tx, page)
}

// page are the items of a counted round in the order of their verdicts, by number within each, and how many there are of all.
func (r *Room) page(g *guard.Grant, n Round, f Filter) (page []Item, total int, err error) {
	skip, limit := max(f.Offset, 0), f.Limit
	for _, v := range Verdicts {
		if f.Verdict != "" && v != f.Verdict {
			continue
		}
		here := n.Count[v]
		total += here
		room := here - skip
		if limit > 0 {
			room = min(room, limit-len(page))
		}
		if room > 0 {
			items, err := r.items(g, n.ID, ` AND i.verdict = $3`, `i.number`, `LIMIT $4 OFFSET $5`, string(v), int64(room), int64(skip))
			if err != nil {
				return nil, 0, err
			}
			page = append(page, items...)
		}
		skip = max(skip-here, 0)
	}
	return page, total, nil
}

// Recent is a round with what was scanned last, the last first, for who goes on scanning: it costs the same however large the round is.
// Count and Unsolved are not there. The act is readStock or takeStock.
func (r *Room) Recent(g *guard.Grant, id string) (n Round, last []Item, err error) {
	tx := g.Tx(access.ReadStock, access.TakeStock)
	rounds, err := r.rounds(g, ` WHERE id = $1`, id)
	if err != nil {
		return n, nil, err
	}
	if len(rounds) == 0 {
		return n, nil, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if last, err = r.items(g, id, ` AND i.seen > 0`, `i.seen DESC, i.carrier DESC`, `LIMIT 15`); err != nil {
		return n, nil, err
	}
	return rounds[0], last, r.name(tx, last)
}

// Rounds lists the rounds, the last first, with what came of them. The act is readStock.
func (r *Room) Rounds(g *guard.Grant) ([]Round, error) {
	g.Tx(access.ReadStock)
	all, err := r.rounds(g, ` ORDER BY opened DESC, id DESC LIMIT 30`)
	for n := range all {
		if err := r.counted(g, &all[n]); err != nil {
			return nil, err
		}
	}
	return all, err
}

func (r *Room) rounds(g *guard.Grant, where string, args ...any) ([]Round, error) {
	tx := g.Tx()
	all, err := store.List(tx, func(row store.Row) (n Round, err error) {
		var opened, closed int64
		var place []byte
		if err := row.Scan(&n.ID, &opened, &n.OpenedBy, &n.Holder, &place, &closed, &n.counts); err != nil {
			return n, err
		}
		n.Opened, n.Closed = instant(opened), instant(closed)
		n.Place, err = r.place.OpenText(n.ID, place)
		return n, err
	}, `SELECT id, opened, opened_by, holder, sealed_place, closed, counts FROM stock_round`+where, args...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range all {
		ids = append(ids, n.OpenedBy, n.Holder)
	}
	names, err := r.people.Names(tx, ids)
	for i := range all {
		all[i].OpenedBy, all[i].Holder = names[all[i].OpenedBy], names[all[i].Holder]
	}
	return all, err
}
