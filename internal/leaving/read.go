package leaving

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// row is a departure as stored.
type row struct {
	id, person, begunBy, lastDay, witness, sheet, closedBy string
	moves                                                  string // posts to come
	posts                                                  string // held when it began; empty: an older program did not write them down
	begun, witnessed, closed, cancelled                    int64
	reason, ended                                          []byte
}

const rowColumns = `id, person, begun, begun_by, last_day, sealed_reason, witness, witnessed, sheet, closed, closed_by, cancelled, sealed_ended, moves, posts`

func scanRow(s store.Row) (d row, err error) {
	err = s.Scan(&d.id, &d.person, &d.begun, &d.begunBy, &d.lastDay, &d.reason, &d.witness, &d.witnessed, &d.sheet, &d.closed, &d.closedBy, &d.cancelled, &d.ended, &d.moves, &d.posts)
	return d, err
}

// openRow is a person's open leaving, or store.ErrNone.
func openRow(tx *store.Tx, person string) (row, error) {
	return store.Get(tx, scanRow, `SELECT `+rowColumns+` FROM departure WHERE person = $1 AND closed = 0`, person)
}

// Holdings is what a person answers for now, and their leaving: the open one, or the last; nil when there was none. The act is
// readHoldings on the person.
func (r *Room) Holdings(g *guard.Grant) ([]Item, *Departure, error) {
	tx, id := g.Tx(access.ReadHoldings), g.Only(access.Person)
	d, err := store.Get(tx, scanRow, `SELECT `+rowColumns+` FROM departure WHERE person = $1 ORDER BY CASE closed WHEN 0 THEN 1 ELSE 0 END DESC, begun DESC LIMIT 1`, id)
	if errors.Is(err, store.ErrNone) {
		items, err := r.answersFor(tx, id)
		if err != nil {
			return nil, nil, err
		}
		return items, nil, r.number(g, pointers(items))
	}
	if err != nil {
		return nil, nil, err
	}
	whole, err := r.whole(g, d)
	if err == nil && d.closed == 0 {
		err = r.pieces(tx, id, whole.Outstanding)
	}
	if err != nil || d.closed == 0 {
		return whole.Outstanding, &whole, err
	}
	items, err := r.answersFor(tx, id)
	if err != nil {
		return nil, nil, err
	}
	return items, &whole, r.number(g, pointers(items))
}

func pointers(items []Item) []*Item {
	all := make([]*Item, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}

// whole opens a stored leaving, with its list when it is open, as the caller may see it.
func (r *Room) whole(g *guard.Grant, d row) (out Departure, err error) {
	tx := g.Tx()
	out = Departure{ID: d.id, Person: d.person, Begun: instant(d.begun), Witness: d.witness, Witnessed: instant(d.witnessed), Sheet: d.sheet,
		Closed: instant(d.closed), Cancelled: d.cancelled != 0, Moves: postsOf(d.moves)}
	if out.LastDay, err = time.Parse(time.DateOnly, d.lastDay); err != nil {
		return out, err
	}
	if out.Reason, err = r.reason.OpenText(d.id, d.reason); err != nil {
		return out, err
	}
	if d.ended != nil {
		raw, err := r.ended.Open(d.id, d.ended)
		if err == nil {
			err = json.Unmarshal(raw, &out.Ended)
		}
		if err != nil {
			return out, err
		}
	}
	p, err := r.People.One(tx, d.person)
	if err != nil {
		return out, err
	}
	if out.Name, out.Posts = p.Name, postsOf(d.posts); d.posts == "" {
		out.Posts = p.Posts
	}
	if out.Pledged, err = r.pledged(tx, &d); err != nil {
		return out, err
	}
	if d.closed == 0 {
		if out.Outstanding, err = r.outstanding(tx, d.person, &d); err != nil {
			return out, err
		}
		if out.Ended, err = r.ends(tx, &d); err != nil {
			return out, err
		}
	}
	return out, r.done(g, d, &out)
}

// ends counts what the closing of a leaving would end now; a move ends nothing by itself.
func (r *Room) ends(tx *store.Tx, d *row) (e Ended, err error) {
	if d.moves != "" {
		return e, nil
	}
	if e.Ended, err = r.People.Ends(tx, d.person); err != nil {
		return e, err
	}
	n, err := store.List(tx, func(s store.Row) (n int, err error) { return n, s.Scan(&n) }, `SELECT COUNT(DISTINCT matter) FROM member WHERE person = $1 AND (until = 0 OR until > $2)
		UNION ALL SELECT COUNT(*) FROM release WHERE person = $1 AND until > $2`, d.person, tx.Now.UnixMilli())
	if err == nil {
		e.Places, e.Releases = n[0], int64(n[1])
	}
	return e, err
}

// done reads what was handed over and written off, and puts names to ids.
func (r *Room) done(g *guard.Grant, d row, out *Departure) (err error) {
	tx := g.Tx()
	out.Done, err = store.List(tx, func(s store.Row) (i Done, err error) {
		var id string
		var sealed []byte
		var at int64
		if err := s.Scan(&id, &i.Kind, &i.Matter, &i.N, &i.Successor, &sealed, &i.By, &at, &i.Sheet); err != nil {
			return i, err
		}
		i.At = instant(at)
		if sealed != nil {
			i.Reason, err = r.itemReason.OpenText(id, sealed)
		}
		return i, err
	}, `SELECT id, kind, matter, n, successor, sealed_reason, by_person, at, sheet FROM departure_item WHERE departure = $1 ORDER BY at, id`, d.id)
	if err != nil {
		return err
	}
	if out.Passed, err = r.Carriers.PassedOn(tx, d.person, d.begun); err != nil {
		return err
	}
	people := []string{d.begunBy, d.closedBy, d.witness}
	for _, p := range out.Passed {
		people = append(people, p.To)
	}
	items := pointers(out.Outstanding)
	for i := range out.Done {
		people = append(people, out.Done[i].Successor, out.Done[i].By)
		items = append(items, &out.Done[i].Item)
	}
	names, err := r.People.Names(tx, people)
	if err != nil {
		return err
	}
	out.BegunBy, out.ClosedBy, out.WitnessName = names[d.begunBy], names[d.closedBy], names[d.witness]
	for i := range out.Passed {
		out.Passed[i].To = names[out.Passed[i].To]
	}
	for i := range out.Done {
		out.Done[i].Name, out.Done[i].By = names[out.Done[i].Successor], names[out.Done[i].By]
	}
	return r.number(g, items)
}

// TakenOver are the matters of which the caller has taken something over from a person in the last leaving. The act is readOpened.
func (r *Room) TakenOver(g *guard.Grant) (map[string]bool, error) {
	ids, err := takenOver(g.Tx(access.ReadOpened), g.Only(access.Person), g.Who().Person)
	over := make(map[string]bool, len(ids))
	for _, id := range ids {
		over[id] = true
	}
	return over, err
}

func takenOver(tx *store.Tx, from, to string) ([]string, error) {
	return store.List(tx, func(s store.Row) (id string, err error) { return id, s.Scan(&id) }, `SELECT DISTINCT i.matter FROM departure_item i JOIN departure d ON d.id = i.departure
		WHERE d.person = $1 AND i.successor = $2 AND i.successor <> '' AND i.matter <> '' AND i.kind IN ('lead', 'materials') AND d.cancelled = 0
		AND NOT EXISTS (SELECT 1 FROM departure l WHERE l.person = $1 AND l.cancelled = 0 AND l.begun > d.begun)`, from, to)
}

// Filter narrows the register of leavings.
type Filter struct {
	State    string    // one of those below; empty: all
	Text     string    // in the name
	From, To time.Time // of the last day in post; To is not included; zero: no bound
	Limit    int       // 0: 50
	Offset   int
}

// States by which the register is narrowed.
const (
	StateOpen      = "open"
	StateClosed    = "closed"
	StateCancelled = "cancelled"
)

// called keeps the leavings of those in whose name a text stands.
func (r *Room) called(tx *store.Tx, rows []row, text string) ([]row, error) {
	if text = strings.TrimSpace(text); text == "" {
		return rows, nil
	}
	ids := make([]string, len(rows))
	for i, d := range rows {
		ids[i] = d.person
	}
	names, err := r.People.Names(tx, ids)
	return slices.DeleteFunc(rows, func(d row) bool { return !strings.Contains(names[d.person], text) }), err
}

// day is a bound of the register as last days are stored; otherwise where there is none.
func day(at time.Time, otherwise string) string {
	if at.IsZero() {
		return otherwise
	}
	return at.In(china).Format(time.DateOnly)
}

// List is the register 离岗交接: of those whose holdings the caller may see, the newest first. The act is readRoster or exportRoster
// on the firm.
func (r *Room) List(g *guard.Grant, f Filter) (found []Departure, more bool, err error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	rows, err := store.List(tx, scanRow, `SELECT `+rowColumns+` FROM departure WHERE last_day >= $2 AND last_day < $3
		AND ($1 = '' OR $1 = CASE WHEN closed = 0 THEN 'open' WHEN cancelled = 1 THEN 'cancelled' ELSE 'closed' END) ORDER BY begun DESC, id DESC`,
		f.State, day(f.From, "0000"), day(f.To, "9999"))
	if err == nil {
		rows, err = r.called(tx, rows, f.Text)
	}
	if err != nil {
		return nil, false, err
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	skip := f.Offset
	for _, d := range rows {
		thing := access.Resource{Kind: access.Person, ID: d.person, Exists: true}
		open := d.closed == 0
		if open {
			thing.State = access.Leaving
		}
		me := g.Who().Person
		if !g.May(access.ReadHoldings, thing, access.Circumstances{Self: d.person == me, Assigned: open && d.witness == me}) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(found) == limit {
			return found, true, nil
		}
		whole, err := r.whole(g, d)
		if err != nil {
			return nil, false, err
		}
		found = append(found, whole)
	}
	return found, false, nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
