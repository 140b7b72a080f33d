package guard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// systemActor stands in the ledger for the program itself and for the operator at the console.
const systemActor = "system"

// Grant is the authority to do one act to one thing, now. Only a Door makes one; it dies when the function it was given to
// returns, and using a dead or forged one panics.
type Grant struct {
	door     *Door
	tx       *store.Tx // nil when dead
	who      Who
	act      access.Act
	thing    Thing
	request  access.Request
	decision access.Decision
	permit   string // the approval that is used up
	notes    map[string]any
	verdicts map[string]any // of notes: those that outlast a failure
	steps    []step
	after    []func(seq uint64) error
}

// step is a further entry that the act causes, about another thing.
type step struct {
	act    access.Act
	thing  Thing
	matter string
	notes  map[string]any
}

// run lends the transaction to f inside a savepoint and takes it back.
func (g *Grant) run(f func(*Grant) error) error {
	tx := g.tx
	defer func() { g.tx = tx }() // record still needs it; pass drops the Grant afterwards
	return tx.Savepoint(func() error {
		lent := *g
		defer func() {
			g.notes, g.verdicts, g.steps, g.after = lent.notes, lent.verdicts, lent.steps, lent.after
			lent.tx = nil
			lent.door = nil
		}()
		return f(&lent)
	})
}

// Tx is the transaction of the act. It panics unless the Grant is alive and, when acts are named, was given for one of them:
// a method that serves `view` cannot be reached with a Grant for `listMaterials`.
func (g *Grant) Tx(acts ...access.Act) *store.Tx {
	g.mustLive()
	if len(acts) > 0 && !slices.Contains(acts, g.act) {
		panic(fmt.Sprintf("guard: a grant for %s was used for %v", g.act, acts))
	}
	return g.tx
}

func (g *Grant) mustLive() {
	if g == nil || g.door == nil || g.tx == nil {
		panic("guard: this grant is over or was never given")
	}
}

// Who is the caller.
func (g *Grant) Who() Who { g.mustLive(); return g.who }

// Act is the act that was granted.
func (g *Grant) Act() access.Act { g.mustLive(); return g.act }

// Thing is what the act is done to.
func (g *Grant) Thing() Thing { g.mustLive(); return g.thing }

// Facts are what the decision was made on.
func (g *Grant) Facts() access.Request { g.mustLive(); return g.request }

// Only panics unless the act is done to a thing of the kind, and gives its id.
func (g *Grant) Only(kind access.Kind) string {
	g.mustLive()
	if g.thing.Kind != kind {
		panic(fmt.Sprintf("guard: a grant for a %s was used for a %s", g.thing.Kind, kind))
	}
	return g.thing.ID
}

// Staff is problem.Invalid, in the named field, unless the id is a person of the firm's roster. Acts that name a person ask it
// first: duties belong to named persons (3.3), and a column that holds ids is no place for what somebody typed.
func (g *Grant) Staff(id, field string) error {
	_, err := g.Colleague(id, field)
	return err
}

// Colleague is Staff, with what the rules know of the person: whether the account is open, and the posts.
func (g *Grant) Colleague(id, field string) (access.Principal, error) {
	g.mustLive()
	p, err := g.door.persons(g.tx, id)
	if err == nil && (p.ID == "" || id == "") {
		err = problem.New(problem.Invalid, "没有这个人，请从名单里选择").In(field)
	}
	return p, err
}

// Note adds to the entry's sealed detail. The value must marshal to JSON.
func (g *Grant) Note(key string, value any) {
	g.mustLive()
	if g.notes == nil {
		g.notes = map[string]any{}
	}
	g.notes[key] = value
}

// Verdict is Note for what the act found before anything was done, such as why a name is not taken. It stays in the record when the act
// fails.
func (g *Grant) Verdict(key string, value any) {
	g.Note(key, value)
	if g.verdicts == nil {
		g.verdicts = map[string]any{}
	}
	g.verdicts[key] = value
}

// Step records that the act also did something to another thing (a file received into a matter is a step of the new
// material's own history). The entry follows the act's own, in the same transaction.
func (g *Grant) Step(act access.Act, thing Thing, matter string, notes map[string]any) {
	g.mustLive()
	g.steps = append(g.steps, step{act, thing, matter, notes})
}

// OnRecord runs f in the act's transaction once the act's entry is written, with the entry's number, for rows that point to
// their record. It does not run when the act fails.
func (g *Grant) OnRecord(f func(seq uint64) error) {
	g.mustLive()
	g.after = append(g.after, f)
}

// May asks the rules about another thing for the same caller: lists confirm each row with it. It records nothing; the act
// that lists is the record.
func (g *Grant) May(act access.Act, thing access.Resource, where access.Circumstances) bool {
	g.mustLive()
	where.OfficeNetwork = g.request.Where.OfficeNetwork
	d := g.door.Rules().Decide(access.Request{Who: g.request.Who, Act: act, Thing: thing, Where: where})
	return d.Outcome == access.Permit
}

// fail notes why an allowed act did not come about; what f wrote or wanted recorded is gone with its savepoint.
func (g *Grant) fail(err error) {
	kind := "internal"
	if k := problem.KindOf(err); k != 0 {
		kind = kindNames[k]
	}
	g.notes, g.steps, g.after = map[string]any{"failed": kind}, nil, nil
	maps.Copy(g.notes, g.verdicts)
}

var kindNames = map[problem.Kind]string{problem.Invalid: "invalid", problem.Unauthenticated: "unauthenticated", problem.Absent: "absent",
	problem.Refused: "refused", problem.Conflict: "conflict", problem.TooLarge: "too large", problem.Unavailable: "unavailable", problem.Damaged: "damaged"}

// Detail is the sealed part of an entry: who came from where, the facts the decision was made on, its reasons, and what the
// act noted. `policy try` replays Facts.
type Detail struct {
	Via     string          `json:"via"`
	Addr    string          `json:"addr,omitempty"`
	Session string          `json:"session,omitempty"`
	Facts   *access.Request `json:"facts,omitempty"`
	Notes   map[string]any  `json:"notes,omitempty"`
}

// record writes the entry of the act and of its steps.
func (g *Grant) record(outcome ledger.Outcome) (ledger.Entry, error) {
	detail := Detail{Via: g.who.Via.String(), Addr: g.who.Addr, Session: g.who.Session, Facts: &g.request, Notes: g.notes}
	var clauses []string
	for _, r := range g.decision.Reasons {
		clauses = append(clauses, r.Clause)
	}
	entry, err := g.door.append(g.tx, g.who, step{g.act, g.thing, g.request.Thing.Matter, nil}, outcome, clauses, detail)
	if err != nil {
		return entry, err
	}
	for _, f := range g.after {
		if err := f(entry.Seq); err != nil {
			return entry, err
		}
	}
	detail.Facts = nil
	for _, s := range g.steps {
		detail.Notes = s.notes
		if _, err := g.door.append(g.tx, g.who, s, outcome, nil, detail); err != nil {
			return entry, err
		}
	}
	return entry, nil
}

func (d *Door) append(tx *store.Tx, who Who, s step, outcome ledger.Outcome, clauses []string, detail Detail) (ledger.Entry, error) {
	raw, err := json.Marshal(detail)
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("encode the detail of %s: %w", s.act, err)
	}
	actor := who.Person
	if who.Via == CLI || who.Via == Job {
		actor = systemActor
	}
	e, err := d.ledger.Append(tx, ledger.Entry{Matter: s.matter, Actor: actor, Act: string(s.act), Kind: string(s.thing.Kind),
		Thing: printable(s.thing.ID), Outcome: outcome, Clauses: clauses, Rules: d.Rules().Hash(), Detail: raw})
	if err != nil {
		return e, fmt.Errorf("record %s: %w", s.act, err)
	}
	return e, nil
}

// printable keeps a hostile address out of the ledger's text: an id that is not one of ours is recorded as unreadable.
func printable(id string) string {
	if len(id) > 64 || !utf8.ValidString(id) {
		return "?"
	}
	for _, r := range id {
		if r <= ' ' || r == 0x7f {
			return "?"
		}
	}
	return id
}
