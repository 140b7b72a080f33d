// Package audit reads the ledger for people (台账): a material's history, a matter's ledger, a person's acts, and the whole for
// the auditor, who sees every record and no contents (clause 8.5). It verifies and exports the ledger. It writes nothing but
// the record of having been read.
package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// Labels names things without telling what they hold: a matter's or a material's number, a person's name. Ids that are not
// found are left out.
type Labels func(tx *store.Tx, kind access.Kind, ids []string) (map[string]string, error)

// Reader reads the ledger.
type Reader struct {
	db     *store.DB
	door   *guard.Door
	ledger *ledger.Ledger
	labels Labels
}

// New makes a reader.
func New(db *store.DB, door *guard.Door, l *ledger.Ledger, labels Labels) *Reader {
	return &Reader{db: db, door: door, ledger: l, labels: labels}
}

// Line is an entry as a register shows it.
type Line struct {
	Seq       uint64
	MatterSeq uint64
	At        time.Time
	ActorID   string
	Actor     string // the person's name; empty for the program itself
	Act       access.Act
	Kind      access.Kind
	ThingID   string
	Thing     string // the thing's number or name; empty when it is not known
	Matter    string // the matter's number
	Outcome   ledger.Outcome
	Clauses   []string
	Rules     string
	Via       string
	Addr      string
	Notes     map[string]any
}

// Filter narrows and pages. The zero value is the newest entries.
type Filter struct {
	Matter, Thing, Actor string // ids
	Act                  access.Act
	Outcome              ledger.Outcome
	From, To             time.Time // from inclusive, to exclusive
	Before               uint64    // entries with a smaller number; 0 begins at the newest
	Limit                int       // 1…500; 0 is 50
}

// Page is some lines, newest first, and whether more follow.
type Page struct {
	Lines []Line
	More  bool
}

// History is what was done to one material.
func (r *Reader) History(g *guard.Grant, f Filter) (Page, error) {
	tx := g.Tx(access.ReadHistory)
	f.Thing = g.Only(access.Material)
	return r.page(tx, f)
}

// Matter is what was done in one matter, with its materials and carriers as far as the caller may know them.
func (r *Reader) Matter(g *guard.Grant, f Filter) (Page, error) {
	tx := g.Tx(access.ReadMatterLedger)
	f.Matter = g.Only(access.Matter)
	return r.known(tx, f, r.sieve(g.Who()))
}

// Person is what one person did and was refused.
func (r *Reader) Person(g *guard.Grant, f Filter) (Page, error) {
	tx := g.Tx(access.ReadPersonActs)
	f.Actor, f.Matter, f.Thing = g.Only(access.Person), "", ""
	return r.known(tx, f, r.veil(g.Who()))
}

// All is the whole ledger.
func (r *Reader) All(g *guard.Grant, f Filter) (Page, error) {
	return r.page(g.Tx(access.ReadLedger), f)
}

func (f Filter) query() ledger.Query {
	q := ledger.Query{Matter: f.Matter, Thing: f.Thing, Actor: f.Actor, Act: string(f.Act), Outcome: f.Outcome, Before: f.Before, Detail: true}
	if !f.From.IsZero() {
		q.From = f.From.UnixMilli()
	}
	if !f.To.IsZero() {
		q.Until = f.To.UnixMilli()
	}
	return q
}

func (r *Reader) page(tx *store.Tx, f Filter) (Page, error) {
	return r.known(tx, f, nil)
}

// known is a page of the entries that pass the sieve; without one, of all.
func (r *Reader) known(tx *store.Tx, f Filter, s *sieve) (page Page, err error) {
	limit := f.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	q := f.query()
	q.Limit = limit + 1
	var kept []ledger.Entry
	for {
		entries, err := r.ledger.Query(tx, q)
		if err != nil {
			return page, err
		}
		passed, err := s.pass(tx, entries)
		if err != nil {
			return page, err
		}
		kept = append(kept, passed...)
		if len(kept) > limit || len(entries) < q.Limit {
			break
		}
		q.Before = entries[len(entries)-1].Seq
	}
	page.More = len(kept) > limit
	page.Lines, err = r.lines(tx, kept[:min(limit, len(kept))], nameTable{})
	return page, err
}

// lines puts entries in words. names keeps what was looked up, for who reads on.
func (r *Reader) lines(tx *store.Tx, entries []ledger.Entry, names nameTable) ([]Line, error) {
	if err := r.look(tx, entries, names); err != nil {
		return nil, err
	}
	var lines []Line
	for _, e := range entries {
		line, err := names.line(e)
		if err != nil {
			return nil, fmt.Errorf("read entry %d: %w", e.Seq, err)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

type nameTable map[access.Kind]map[string]string

// look finds the names of what the entries speak of and the table does not know yet. An id without a name is known by none.
func (r *Reader) look(tx *store.Tx, entries []ledger.Entry, names nameTable) error {
	ids := map[access.Kind][]string{}
	ask := func(kind access.Kind, id string) {
		if names[kind] == nil {
			names[kind] = map[string]string{}
		}
		if _, known := names[kind][id]; !known {
			names[kind][id] = ""
			ids[kind] = append(ids[kind], id)
		}
	}
	for _, e := range entries {
		ask(access.Person, e.Actor)
		ask(access.Matter, e.Matter)
		if k := access.Kind(e.Kind); k == access.Material || k == access.Person || k == access.Carrier {
			ask(k, e.Thing)
		}
	}
	for kind, list := range ids {
		found, err := r.labels(tx, kind, list)
		if err != nil {
			return err
		}
		maps.Copy(names[kind], found)
	}
	return nil
}

func (t nameTable) line(e ledger.Entry) (Line, error) {
	kind := access.Kind(e.Kind)
	l := Line{Seq: e.Seq, MatterSeq: e.MatterSeq, At: time.UnixMilli(e.Time).UTC(), ActorID: e.Actor, Actor: t[access.Person][e.Actor],
		Act: access.Act(e.Act), Kind: kind, ThingID: e.Thing, Thing: t[kind][e.Thing], Matter: t[access.Matter][e.Matter],
		Outcome: e.Outcome, Clauses: e.Clauses, Rules: e.Rules}
	if len(e.Detail) == 0 {
		return l, nil
	}
	var d guard.Detail
	if err := json.Unmarshal(e.Detail, &d); err != nil {
		return l, err
	}
	if l.Via, l.Addr = d.Via, d.Addr; e.Thing != veiled {
		l.Notes = d.Notes
	}
	return l, nil
}
