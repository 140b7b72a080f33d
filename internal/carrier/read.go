package carrier

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

const selectCarrier = `SELECT id, matter, number, serial, copy, batch, form, origin, level, pages, sealed_title, sealed_from, sealed_place, sealed_use, state, holder, since,
	lender, due, offered_to, offered_due, offered_outside, EXISTS (SELECT 1 FROM loan o WHERE o.carrier = carrier.id AND o.over = 0 AND o.outside = 1), fate, ended, registered, registered_by, material, source, approval, sealed_reference FROM carrier`

func (c *Cabinet) scan(row store.Row) (it Carrier, err error) {
	var title, from, place, use, reference []byte
	var serial, copy, level, pages, since, due, offeredDue, outside, ended, registered int64
	if err := row.Scan(&it.ID, &it.Matter, &it.Number, &serial, &copy, &it.Batch, &it.Form, &it.Origin, &level, &pages, &title, &from, &place, &use, &it.State, &it.Holder,
		&since, &it.Lender, &due, &it.OfferedTo, &offeredDue, &outside, &it.LentOutside, &it.Fate, &ended, &registered, &it.RegisteredBy, &it.Material, &it.Source, &it.Approval, &reference); err != nil {
		return it, err
	}
	it.Serial, it.Copy, it.Level, it.Pages, it.Known, it.OfferedOutside = int(serial), int(copy), classification.Level(level), int(pages), true, outside == 1
	it.Since, it.Due, it.OfferedDue, it.Ended, it.Registered = instant(since), instant(due), instant(offeredDue), instant(ended), instant(registered)
	var errs [5]error
	it.Title, errs[0] = c.title.OpenText(it.ID, title)
	it.From, errs[1] = c.from.OpenText(it.ID, from)
	it.Place, errs[2] = c.place.OpenText(it.ID, place)
	it.Use, errs[3] = c.use.OpenText(it.ID, use)
	if reference != nil {
		it.Reference, errs[4] = c.reference.OpenText(it.ID, reference)
	}
	return it, errors.Join(errs[:]...)
}

// Load is the door's loader of carriers.
func (c *Cabinet) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	type facts struct {
		access.Resource
		offered string
	}
	f, err := store.Get(tx, func(row store.Row) (f facts, err error) {
		var level int64
		f.Resource = access.Resource{Kind: access.Carrier, ID: thing.ID, Exists: true}
		err = row.Scan(&f.Matter, &level, &f.State, &f.Owner, &f.Proposer, &f.offered, &f.Frozen)
		f.Level = classification.Level(level)
		return f, err
	}, `SELECT c.matter, c.level, c.state, c.holder, c.lender, c.offered_to, `+frozen+` FROM carrier c WHERE c.id = $1`, thing.ID)
	if errors.Is(err, store.ErrNone) {
		return access.Resource{Kind: access.Carrier, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, f.Matter, who.Person)
	where.Assigned = f.offered == who.Person && who.Person != ""
	return heldNow(f.Resource), where, err
}

// frozen is the column of a carrier c that says whether a legal hold stands on it, on its matter or on the material that it was made from.
const frozen = `EXISTS (SELECT 1 FROM legal_hold h WHERE h.matter = c.matter AND h.lifted = 0 AND (h.kind = 'Matter' OR h.thing = c.id OR h.thing = c.material))`

// Frozen reports whether a legal hold stands on a carrier, so that it can be neither given away nor wiped. Whether the reader may know, the
// caller's act decides.
func Frozen(tx *store.Tx, id string) (bool, error) {
	is, err := store.Get(tx, func(row store.Row) (is bool, err error) { return is, row.Scan(&is) }, `SELECT `+frozen+` FROM carrier c WHERE c.id = $1 AND c.state <> 'ended'`, id)
	if errors.Is(err, store.ErrNone) {
		return false, nil
	}
	return is, err
}

// heldNow has nobody hold what has ended: the record of who did stays in its row.
func heldNow(r access.Resource) access.Resource {
	if r.State == access.Ended {
		r.Owner = ""
	}
	return r
}

// Get is the page of one carrier. The act is viewCarrier.
func (c *Cabinet) Get(g *guard.Grant) (Carrier, []Move, error) {
	tx, it, err := c.acted(g, access.ViewCarrier)
	if err != nil {
		return it, nil, err
	}
	moves, err := store.List(tx, func(row store.Row) (m Move, err error) {
		var id string
		var due, at int64
		var note []byte
		if err := row.Scan(&id, &m.Deed, &m.By, &m.From, &m.To, &due, &note, &at); err != nil {
			return m, err
		}
		m.Due, m.At = instant(due), instant(at)
		m.Note, err = c.note.OpenText(id, note)
		return m, err
	}, `SELECT id, deed, by_person, from_person, to_person, due, sealed_note, at FROM carrier_move WHERE carrier = $1 ORDER BY at, id`, it.ID)
	if err != nil {
		return it, nil, err
	}
	told := it.show(g.Facts().Where, g.Who().Person)
	for i := range moves {
		if told == nothing || told == lentOut && i < lastOffer(moves, g.Who().Person) {
			moves[i].Note = ""
		}
	}
	return it, moves, nil
}

// lastOffer is the place of the offer by which somebody last took a carrier.
func lastOffer(moves []Move, to string) (at int) {
	for i, m := range moves {
		if m.Deed == OfferedTo && m.To == to {
			at = i
		}
	}
	return at
}

// telling is how much of a carrier somebody is told.
type telling int

const (
	nothing telling = iota // what keeping it needs: number, level, form, pages, place and holder
	lentOut                // to a borrower outside the team: its title besides
	all
)

// onLoan reports whether somebody outside the team holds it by a loan: they know what they hold, and nothing of what came before.
func (it *Carrier) onLoan(where access.Circumstances, person string) bool {
	return it.LentOutside && it.Holder == person && !where.Member
}

// show leaves of a carrier what somebody may be told, and says how much that is.
func (it *Carrier) show(where access.Circumstances, person string) telling {
	switch {
	case !it.knows(where, person):
		it.conceal()
		return nothing
	case it.onLoan(where, person):
		it.From, it.Reference, it.Use, it.Approval, it.Material, it.Source = "", "", "", "", "", ""
		return lentOut
	}
	return all
}

// conceal leaves what keeping it needs: number, level, form, pages, place and holder.
func (it *Carrier) conceal() {
	it.Title, it.From, it.Reference, it.Use, it.Material, it.Source, it.Known = "", "", "", "", "", "", false
}

// ByNumber finds a carrier by what was scanned or typed, as callnumber.Read reads it. Whether the caller may know it, the act that follows decides:
// a number without a carrier is problem.Absent, as is, there, one that the caller may not know.
func ByNumber(tx *store.Tx, typed string) (string, error) {
	number, err := callnumber.Read(typed)
	if err != nil {
		return "", err
	}
	id, err := store.Get(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT id FROM carrier WHERE number = $1`, number)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return id, err
}

// Filter narrows and pages the register. The zero value is the first page of all.
type Filter struct {
	Matter  string // id
	Holder  string // person's id
	Batch   string
	Number  string // its beginning
	State   access.State
	Form    Form
	Level   classification.Level
	Overdue bool
	Mine    bool      // held by the caller or offered to them
	Since   time.Time // registered then or later; zero: whenever
	Until   time.Time // registered before then; zero: whenever

	Delivered bool // see Intakes
	Unsigned  bool // delivered and not signed for

	Offset int
	Limit  int // 1…200; 0 is 50. An export reads up to MaxExport
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// Page is one page of the register and whether more follow.
type Page struct {
	Carriers []Carrier
	More     bool
}

// List is the register of carriers as the caller may know it, the newest first. The act is useSystem, or exportRegister to take it
// along. SQL narrows to what the caller's teams, hands and posts reach; the rules confirm each row.
func (c *Cabinet) List(g *guard.Grant, f Filter) (Page, error) {
	tx, most := g.Tx(access.UseSystem, access.ExportRegister, access.ViewMatter), 200
	if g.Act() == access.ExportRegister {
		most = MaxExport
	}
	limit := f.Limit
	switch {
	case most == MaxExport:
		limit = most
	case limit <= 0 || limit > most:
		limit = 50
	}
	w := c.narrow(g, f, tx.Now)
	n := len(w.args)
	// The page is found in the index first; only its rows are read whole.
	const newest = " ORDER BY registered DESC, serial DESC, copy"
	query := selectCarrier + " WHERE id IN (SELECT id FROM carrier WHERE " + strings.Join(w.parts, " AND ") + newest + fmt.Sprintf(" LIMIT $%d OFFSET $%d)", n+1, n+2) + newest
	rows, err := store.List(tx, c.scan, query, append(w.args, limit+1, max(f.Offset, 0))...)
	if err != nil {
		return Page{}, err
	}
	page := Page{More: len(rows) > limit}
	relations := map[string]access.Circumstances{}
	for _, it := range rows[:min(limit, len(rows))] {
		where, known := relations[it.Matter]
		if !known {
			if where, err = matter.Relation(tx, it.Matter, g.Who().Person); err != nil {
				return Page{}, err
			}
			relations[it.Matter] = where
		}
		where.Assigned = it.OfferedTo == g.Who().Person
		if !g.May(access.ViewCarrier, heldNow(access.Resource{Kind: access.Carrier, ID: it.ID, Matter: it.Matter, Level: it.Level, State: it.State, Owner: it.Holder, Exists: true}), where) {
			continue
		}
		it.show(where, g.Who().Person)
		page.Carriers = append(page.Carriers, it)
	}
	return page, nil
}

// keeps reports whether a post knows every carrier by its number, without its title.
func keeps(p access.Post) bool { return p == access.Custodian || p == access.Auditor }

// conditions collects the parts of a WHERE clause with their arguments; $$ in a part stands for its argument.
type conditions struct {
	parts []string
	args  []any
}

func (w *conditions) add(part string, arg any) {
	w.args = append(w.args, arg)
	w.parts = append(w.parts, strings.ReplaceAll(part, "$$", fmt.Sprintf("$%d", len(w.args))))
}

func (c *Cabinet) narrow(g *guard.Grant, f Filter, now time.Time) conditions {
	me, at := g.Who().Person, now.UnixMilli()
	w := conditions{args: []any{at}, parts: []string{"CAST($1 AS BIGINT) > 0"}}
	w.add(`matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $$ AND w.lifted = 0)`, me)
	if !slices.ContainsFunc(g.Facts().Who.Posts, keeps) {
		const teams = `matter IN (SELECT b.matter FROM member b WHERE b.person = $$ AND b.since <= $1 AND (b.until = 0 OR b.until > $1) AND b.clearance >= `
		hands := `(holder = $$ AND state <> 'ended') OR offered_to = $$ OR `
		if f.Delivered { // a batch is more than the one copy that somebody holds
			hands = ""
		}
		w.add(`(`+hands+`(level = 1 AND `+teams+`1)) OR (level = 2 AND `+teams+`2)) OR (level = 3 AND `+teams+`3 AND b.listed = 1)))`, me)
	}
	for _, equal := range []struct{ column, value string }{{"matter", f.Matter}, {"holder", f.Holder}, {"batch", f.Batch}, {"state", string(f.State)}, {"form", string(f.Form)}} {
		if equal.value != "" {
			w.add(equal.column+" = $$", equal.value)
		}
	}
	if f.Level != 0 {
		w.add("level = $$", int64(f.Level))
	}
	if f.Number != "" && f.Delivered { // two conditions of one subquery
		w.add("batch IN (SELECT n.batch FROM carrier n WHERE n.number >= $$", f.Number)
		w.add("n.number < $$)", f.Number+"~")
	} else if f.Number != "" {
		w.add("number >= $$", f.Number)
		w.add("number < $$", f.Number+"~")
	}
	if f.Delivered {
		w.parts = append(w.parts, "copy = 1", "origin <> 'made'")
	}
	if f.Unsigned {
		w.parts = append(w.parts, "batch NOT IN (SELECT i.batch FROM intake i)")
	}
	if !f.Since.IsZero() {
		w.add("registered >= $$", f.Since.UnixMilli())
	}
	if !f.Until.IsZero() {
		w.add("registered < $$", f.Until.UnixMilli())
	}
	if f.Overdue {
		w.parts = append(w.parts, `due > 0 AND due < $1 AND state <> 'ended'`)
	}
	if f.Mine {
		w.add(`((holder = $$ AND state <> 'ended') OR offered_to = $$)`, me)
	}
	return w
}

// Balance is where the copies are: Registered = Held + Returned + Destroyed + Sent + Lost.
type Balance struct{ Registered, Held, Returned, Destroyed, Sent, Lost int }

// Even reports whether the equation holds.
func (b Balance) Even() bool { return b.Registered == b.Held+b.Returned+b.Destroyed+b.Sent+b.Lost }

// Balance counts the carriers of a matter that the caller may know: a sum that held more would tell of the others. The act is viewMatter.
func (c *Cabinet) Balance(g *guard.Grant) (Balance, error) {
	tx, in, is := g.Tx(access.ViewMatter), g.Only(access.Matter), g.Facts().Where
	return store.Get(tx, func(row store.Row) (b Balance, err error) {
		err = row.Scan(&b.Registered, &b.Held, &b.Returned, &b.Destroyed, &b.Sent, &b.Lost)
		return b, err
	}, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN state <> 'ended' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE fate WHEN 'returned' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE fate WHEN 'destroyed' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE fate WHEN 'sent' THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE fate WHEN 'lost' THEN 1 ELSE 0 END), 0) FROM carrier
		WHERE matter = $1 AND (level <= $2 AND (level < 3 OR $3 = 1) OR (holder = $4 AND state <> 'ended') OR offered_to = $4)`, in, int64(is.Clearance), flag(is.Listed), g.Who().Person)
}

// Waiting counts the offers that wait for the caller. The act is useSystem.
func (c *Cabinet) Waiting(g *guard.Grant) (offers int, err error) {
	return store.Get(g.Tx(access.UseSystem), func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM carrier WHERE offered_to = $1 AND state = 'offered'`, g.Who().Person)
}

// Numbers names carriers in the ledger.
func (c *Cabinet) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	return store.Lookup(tx, `SELECT number FROM carrier WHERE id = $1`, ids)
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// FirstOf is the id of the first copy of a batch that was just registered. The act is registerCarrier.
func (c *Cabinet) FirstOf(g *guard.Grant, batch string) (string, error) {
	return store.Get(g.Tx(access.RegisterCarrier), func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT id FROM carrier WHERE batch = $1 ORDER BY copy LIMIT 1`, batch)
}
