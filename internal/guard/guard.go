// Package guard is the one door. Every act of every person, through the web, the API, the command line or a job, passes
// Door.Do: it loads the facts the decision depends on, decides, runs the act with a Grant and writes the ledger entry, all in
// one transaction. A refused act leaves its record and nothing else; an act whose record cannot be written does not happen.
// Methods of the regime packages take a *Grant and nothing else makes one, so no handler can forget the check or the record.
package guard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Via is the way an act came in.
type Via uint8

const (
	Web Via = iota + 1
	API
	CLI   // the operator at the machine's console
	Job   // the program itself, later
	Order // the program, doing what a named person has ordered, with no more than that person may do
)

var viaNames = map[Via]string{Web: "web", API: "api", CLI: "cli", Job: "job", Order: "order"}

// String is the word that stands in the ledger.
func (v Via) String() string { return viaNames[v] }

// Who is the caller as the faces established it. The zero value is nobody and may do nothing.
type Who struct {
	Person   string // the person's id; empty for CLI and Job
	Session  string // the session's or token's id, so that a record can be traced to it
	Via      Via
	Addr     string       // the peer's address without port
	Strong   bool         // a second factor was shown in this session
	Narrowed bool         // an API token that may do only Scopes
	Scopes   []access.Act // meaningful when Narrowed
}

// Thing is what an act is done to.
type Thing struct {
	Kind  access.Kind
	ID    string
	Level classification.Level // the level asked for, by acts that set one (propose, review); else zero

	Permit string // the approval that the act is to use; empty: whichever of the caller's can be used, if the rules ask for one
	Bulk   bool   // one of several done with one stroke
}

// Firm is the one thing of kind access.Firm.
var Firm = Thing{Kind: access.Firm, ID: "firm"}

// nothing is the id of no thing. It stands in the ledger for whatever a caller named that cannot be an id: what people type into
// addresses must not lie there in the clear, nor be able to break the record.
const nothing = "unknown"

// orderly is the thing, or nothing of its kind when its id cannot be one of ours (UUIDs, and the names of the single things).
func (t Thing) orderly() Thing {
	if t.Kind != access.Firm && t.Kind != access.Ledger && !isID(t.ID) {
		t.ID = nothing
	}
	return t
}

func isID(s string) bool {
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (s[i] == '-') || !dash && !strings.ContainsRune("0123456789abcdef", rune(s[i])) {
			return false
		}
	}
	return len(s) == 36
}

// Loader reads what the rules need to know of a thing and of the caller's relation to it. For a thing that is not there it
// answers a Resource with Exists false and no error, so that absent and hidden take the same way.
type Loader func(tx *store.Tx, who Who, thing Thing) (access.Resource, access.Circumstances, error)

// PersonLoader reads the facts of a person; an unknown id gives the zero Principal, which is not active.
type PersonLoader func(tx *store.Tx, person string) (access.Principal, error)

// Permit is an approval that may be used now, with the capacities in which it was given.
type Permit struct {
	ID         string
	Capacities []string
}

// PermitLoader finds the caller's approval for the act, the one that thing.Permit names or whichever can be used; none is the zero Permit.
type PermitLoader func(tx *store.Tx, who Who, act access.Act, thing Thing) (Permit, error)

// PermitUser uses an approval up, by the act whose entry in the ledger has the number.
type PermitUser func(tx *store.Tx, permit string, entry uint64) error

// Options are the door's parts.
type Options struct {
	DB     *store.DB
	Ledger *ledger.Ledger
	Rules  *access.Rules
	Office func(addr string) bool // whether an address is on the firm's own network; nil: none is
}

// Door decides and records. Make one with New, register the loaders, then share it.
type Door struct {
	id      string // of this process, for its passages
	db      *store.DB
	ledger  *ledger.Ledger
	rules   atomic.Pointer[access.Rules]
	office  func(string) bool
	persons PersonLoader
	permits PermitLoader
	use     PermitUser
	loaders map[access.Kind]Loader
}

// New makes a door that knows no things yet: every act is refused until loaders are registered.
func New(o Options) *Door {
	d := &Door{id: rand.Text(), db: o.DB, ledger: o.Ledger, office: o.Office, loaders: map[access.Kind]Loader{}}
	if d.office == nil {
		d.office = func(string) bool { return false }
	}
	d.rules.Store(o.Rules)
	d.Register(access.Firm, presentAlways)
	d.Register(access.Ledger, presentAlways)
	return d
}

// presentAlways serves the things of which there is exactly one.
func presentAlways(_ *store.Tx, _ Who, thing Thing) (access.Resource, access.Circumstances, error) {
	return access.Resource{Kind: thing.Kind, ID: thing.ID, Exists: true}, access.Circumstances{}, nil
}

// Register sets the loader of a kind. Call it while wiring, before the door is shared.
func (d *Door) Register(kind access.Kind, l Loader) { d.loaders[kind] = l }

// Persons sets the loader of persons. Call it while wiring.
func (d *Door) Persons(l PersonLoader) { d.persons = l }

// Permits sets where approvals are found and used up. Call it while wiring.
func (d *Door) Permits(find PermitLoader, use PermitUser) { d.permits, d.use = find, use }

// Rules are the rules in force.
func (d *Door) Rules() *access.Rules { return d.rules.Load() }

// Do decides whether who may do act to thing, records the decision and, when allowed, runs f, in one transaction. An error of
// f undoes f's writes and is recorded as a failed act. A refusal is returned as a *Refusal, or as the problem "absent" when
// the caller may not know that the thing exists.
//
// f runs inside the group-committing writer: it must not wait for anything but the database.
func (d *Door) Do(ctx context.Context, who Who, act access.Act, thing Thing, f func(*Grant) error) error {
	_, err := d.pass(ctx, who, act, thing, doing, f)
	return err
}

// Ask is Do for asking leave to do the act: f runs where the rules want approvals for the act itself, with a Grant for
// access.RequestApproval whose Route says whose. What is refused outright or hidden is so here as well, and what needs no approval is a
// problem.Conflict.
func (d *Door) Ask(ctx context.Context, who Who, act access.Act, thing Thing, f func(*Grant) error) error {
	thing.Permit = nothing // what was approved before does not count: one asks anew
	_, err := d.pass(ctx, who, act, thing, asking, f)
	return err
}

// purpose is what somebody comes to the door for.
type purpose uint8

const (
	doing purpose = iota + 1
	asking
)

// pass is Do or Ask, and gives the entry that was written.
func (d *Door) pass(ctx context.Context, who Who, act access.Act, thing Thing, to purpose, f func(*Grant) error) (ledger.Entry, error) {
	thing = thing.orderly()
	var entry ledger.Entry
	var answer error // what the caller is told; the transaction commits all the same
	err := d.db.Update(ctx, func(tx *store.Tx) error {
		request, permit, err := d.facts(tx, who, act, thing)
		if err != nil {
			return fmt.Errorf("load the facts of %s: %w", act, err)
		}
		decision := d.Rules().Decide(request)
		g := &Grant{door: d, tx: tx, who: who, act: act, thing: thing, request: request, decision: decision}
		if request.Delegated() {
			g.Note("instead_of", request.Who.DelegatedBy)
		}
		outcome := outcomes[decision.Outcome]
		if to == asking {
			outcome, answer = g.ask(f)
		} else if decision.Outcome != access.Permit {
			answer = g.refuse()
		} else if answer = g.spend(permit, f); answer != nil {
			outcome = ledger.Failed
			g.fail(answer)
		}
		entry, err = g.record(outcome)
		return err
	})
	if err != nil {
		return ledger.Entry{}, err
	}
	return entry, answer
}

var outcomes = map[access.Outcome]ledger.Outcome{
	access.Permit: ledger.Allowed, access.Refuse: ledger.Refused, access.NeedsApproval: ledger.NeedsApproval,
}

// facts gathers all the rules may look at.
func (d *Door) facts(tx *store.Tx, who Who, act access.Act, thing Thing) (q access.Request, permit Permit, err error) {
	principal, err := d.principal(tx, who)
	if err != nil {
		return q, permit, err
	}
	load, ok := d.loaders[thing.Kind]
	if !ok {
		return q, permit, fmt.Errorf("guard: nobody loads things of kind %q", thing.Kind)
	}
	resource, where, err := load(tx, who, thing)
	if err != nil {
		return q, permit, err
	}
	where.OfficeNetwork, where.NewLevel, where.Bulk = d.office(who.Addr), thing.Level, thing.Bulk
	where.Self = thing.Kind == access.Person && thing.ID == who.Person && who.Person != ""
	if d.permits != nil && who.Person != "" && d.Rules().Approvable(act, thing.Kind) {
		if permit, err = d.permits(tx, who, act, thing); err != nil {
			return q, permit, err
		}
		where.Approvals = union(where.Approvals, permit.Capacities)
	}
	return access.Request{Who: principal, Act: act, Thing: resource, Where: where}, permit, nil
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a[:len(a):len(a)], s)
		}
	}
	return a
}

func (d *Door) principal(tx *store.Tx, who Who) (access.Principal, error) {
	if who.Via == CLI || who.Via == Job {
		return access.Principal{ID: systemActor, System: true}, nil
	}
	if who.Person == "" || d.persons == nil {
		return access.Principal{}, nil
	}
	p, err := d.persons(tx, who.Person)
	if err != nil {
		return access.Principal{}, err
	}
	p.Strong, p.Narrowed, p.Scopes = who.Strong, who.Narrowed, who.Scopes
	return p, nil
}

// Can answers what the caller might do to a thing now, for screens that offer only what would be allowed. It is a forecast:
// nothing is recorded and nothing may be done on its strength.
func (d *Door) Can(ctx context.Context, who Who, thing Thing, acts ...access.Act) (map[access.Act]access.Decision, error) {
	thing = thing.orderly()
	answers := make(map[access.Act]access.Decision, len(acts))
	err := d.db.Read(ctx, func(tx *store.Tx) error {
		for _, act := range acts {
			request, _, err := d.facts(tx, who, act, thing)
			if err != nil {
				return err
			}
			answers[act] = d.Rules().Decide(request)
		}
		return nil
	})
	return answers, err
}

// Knows answers in the caller's transaction whether who might do act to thing now. Lists that tell of many things leave out by it what
// the reader may not know. Like Can it is a forecast, and the act that lists is the record.
func (d *Door) Knows(tx *store.Tx, who Who, act access.Act, thing Thing) (bool, error) {
	decision, err := d.Forecast(tx, who, act, thing)
	return err == nil && decision.Outcome == access.Permit, err
}

// Forecast is Knows with the whole answer, for acts that have to tell what stands in the way of somebody else's.
func (d *Door) Forecast(tx *store.Tx, who Who, act access.Act, thing Thing) (access.Decision, error) {
	request, _, err := d.facts(tx, who, act, thing.orderly())
	if err != nil {
		return access.Decision{Outcome: access.Refuse}, err
	}
	return d.Rules().Decide(request), nil
}

// Refusal is the rules' no to an act, with its reasons. It is never given to a caller who may not know that the thing exists.
type Refusal struct {
	Decision access.Decision
	Act      access.Act
	Thing    Thing
	Matter   string // that the thing belongs to; empty: none
}

func (r *Refusal) Error() string {
	if len(r.Decision.Reasons) == 0 {
		return "refused"
	}
	return "refused by clause " + r.Decision.Reasons[0].Clause
}

// AsRefusal finds the decision of the refusal in an error's chain.
func AsRefusal(err error) (access.Decision, bool) {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Decision, true
	}
	return access.Decision{}, false
}

// refuse turns the decision into the caller's answer.
func (g *Grant) refuse() error {
	d := g.decision
	if d.Hidden {
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	sentence := "制度不允许这样做"
	if len(d.Reasons) > 0 {
		sentence = d.Reasons[0].Sentence
	}
	return problem.New(problem.Refused, sentence).Because(&Refusal{Decision: d, Act: g.request.Act, Thing: g.thing, Matter: g.request.Thing.Matter})
}
