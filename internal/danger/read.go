package danger

import (
	"errors"
	"math"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Load is the door's loader of dangers.
func (r *Room) Load(tx *store.Tx, _ guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	d, err := r.one(tx, thing.ID)
	if problem.Is(err, problem.Absent) {
		return access.Resource{Kind: access.Danger, ID: thing.ID}, access.Circumstances{}, nil
	}
	return d.thing(), access.Circumstances{}, err
}

// thing is a danger as the rules see it.
func (d Danger) thing() access.Resource {
	return access.Resource{Kind: access.Danger, ID: d.ID, State: d.State, Proposer: d.Finder, Owner: d.Responsible, Reviewer: d.MendedBy, Exists: true}
}

const selectDanger = `SELECT d.id, d.number, d.severity, d.found, d.registered, d.finder, d.device, d.state, d.responsible, d.due, d.mended_by, d.sealed_place, d.sealed_what, d.sealed_demand,
	COALESCE(r.id, ''), COALESCE(r.round, 0), COALESCE(r.mended, 0), COALESCE(r.mended_by, ''), COALESCE(r.checked, 0), COALESCE(r.checked_by, ''), COALESCE(r.passed, 0), r.sealed_measures, r.sealed_statement, r.sealed_opinion
	FROM danger d LEFT JOIN danger_round r ON r.danger = d.id AND r.round = d.rounds`

// sealedRound is a round as it is stored.
type sealedRound struct {
	id                           string
	n, mended, checked, passed   int64
	by, checkedBy                string
	measures, statement, opinion []byte
}

func (s *sealedRound) columns() []any {
	return []any{&s.id, &s.n, &s.mended, &s.by, &s.checked, &s.checkedBy, &s.passed, &s.measures, &s.statement, &s.opinion}
}

func (r *Room) round(s sealedRound) (one Round, err error) {
	one = Round{N: int(s.n), Mended: instant(s.mended), MendedBy: s.by, Checked: instant(s.checked), CheckedBy: s.checkedBy, Passed: s.passed == 1}
	var errs [3]error
	one.Measures, errs[0] = r.measures.OpenText(s.id, s.measures)
	one.Statement, errs[1] = r.statement.OpenText(s.id, s.statement)
	one.Opinion, errs[2] = r.opinion.OpenText(s.id, s.opinion)
	return one, errors.Join(errs[:]...)
}

func (r *Room) scan(row store.Row) (d Danger, err error) {
	var found, registered, due int64
	var state string
	var place, what, demand []byte
	var last sealedRound
	if err := row.Scan(append([]any{&d.ID, &d.Number, &d.Severity, &found, &registered, &d.Finder, &d.Device, &state, &d.Responsible, &due, &d.MendedBy, &place, &what, &demand}, last.columns()...)...); err != nil {
		return d, err
	}
	d.State, d.Found, d.Registered, d.Due = State(state), instant(found), instant(registered), instant(due)
	var errs [4]error
	d.Place, errs[0] = r.place.OpenText(d.ID, place)
	d.What, errs[1] = r.what.OpenText(d.ID, what)
	d.Demand, errs[2] = r.demand.OpenText(d.ID, demand)
	if last.n > 0 {
		d.Rounds = make([]Round, 1)
		d.Rounds[0], errs[3] = r.round(last)
	}
	return d, errors.Join(errs[:]...)
}

func (r *Room) one(tx *store.Tx, id string) (Danger, error) {
	d, err := store.Get(tx, r.scan, selectDanger+` WHERE d.id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return d, err
}

// Get is the page of one, with all who were named and all its rounds. The act is viewDanger.
func (r *Room) Get(g *guard.Grant) (Danger, error) {
	tx := g.Tx(access.ViewDanger)
	d, err := r.one(tx, g.Only(access.Danger))
	if err != nil {
		return d, err
	}
	if d.Named, err = store.List(tx, func(row store.Row) (n Named, err error) {
		var at, due int64
		err = row.Scan(&at, &n.By, &n.Responsible, &due, &n.Instead)
		n.At, n.Due = instant(at), instant(due)
		return n, err
	}, `SELECT at, by_person, responsible, due, instead FROM danger_order WHERE danger = $1 ORDER BY n`, d.ID); err != nil {
		return d, err
	}
	d.Rounds, err = store.List(tx, func(row store.Row) (Round, error) {
		var s sealedRound
		if err := row.Scan(s.columns()...); err != nil {
			return Round{}, err
		}
		return r.round(s)
	}, `SELECT id, round, mended, mended_by, checked, checked_by, passed, sealed_measures, sealed_statement, sealed_opinion FROM danger_round WHERE danger = $1 ORDER BY round`, d.ID)
	return d, err
}

// Filter narrows the register. A zero field narrows nothing; Limit zero is all.
type Filter struct {
	State          State
	Severity       Severity
	Late           bool // only overdue ones
	Mine           bool // only those that the caller is to mend
	From, To       time.Time
	DueFrom, DueTo time.Time
	Number         string // part of it
	ByDue          bool   // in the order of the due date, else of the day on which they were found
	Up             bool   // the earliest first
	Offset, Limit  int
}

// List is the register, as far as the caller may view each, and whether there is more. The act is readDangers.
func (r *Room) List(g *guard.Grant, f Filter) ([]Danger, bool, error) {
	tx, me := g.Tx(access.ReadDangers), g.Who().Person
	order := "d.found"
	if f.ByDue {
		order = "d.due"
	}
	if !f.Up {
		order += " DESC"
	}
	limit, dueFrom := int64(math.MaxInt64), since(f.DueFrom)
	if !f.DueTo.IsZero() {
		dueFrom = max(dueFrom, 1) // what has no due day is in no span of days
	}
	if f.Limit > 0 {
		limit = int64(f.Limit) + 1
	}
	all, err := store.List(tx, r.scan, selectDanger+` WHERE `+reach(g)+` AND ($2 = '' OR d.state = $2) AND ($3 = '' OR d.severity = $3) AND d.found >= $4 AND d.found < $5
		AND ($6 = 0 OR (d.state = 'mending' AND d.due <= $7)) AND ($8 = 0 OR d.responsible = $1) AND d.due >= $9 AND d.due < $10 AND d.number LIKE $11
		ORDER BY `+order+`, d.registered DESC, d.id LIMIT $12 OFFSET $13`,
		me, string(f.State), string(f.Severity), since(f.From), until(f.To), yes(f.Late), lateSince(tx.Now), yes(f.Mine), dueFrom, until(f.DueTo), part(f.Number), limit, int64(f.Offset))
	if err != nil {
		return nil, false, err
	}
	more := f.Limit > 0 && len(all) > f.Limit
	if more {
		all = all[:f.Limit]
	}
	return mayView(g, all), more, nil
}

// reach is which dangers the caller might view, as a condition on d with the caller as $1; the rules confirm each.
func reach(g *guard.Grant) string {
	if g.May(access.ViewDanger, access.Resource{Kind: access.Danger, State: access.Found, Exists: true}, access.Circumstances{}) {
		return `$1 = $1`
	}
	return `(d.finder = $1 OR d.responsible = $1)`
}

func mayView(g *guard.Grant, all []Danger) (seen []Danger) {
	for _, d := range all {
		if g.May(access.ViewDanger, d.thing(), access.Circumstances{}) {
			seen = append(seen, d)
		}
	}
	return seen
}

// Tasks are what waits for the caller: dangers to mend, the most urgent first; and for who assigns or checks, how many wait for that, and how
// many of others are overdue.
type Tasks struct {
	Mine                    []Danger
	ToAssign, ToCheck, Late int
}

// Tasks counts them. The act is useSystem.
func (r *Room) Tasks(g *guard.Grant) (t Tasks, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	all, err := store.List(tx, r.scan, selectDanger+` WHERE `+reach(g)+` AND (d.state <> 'confirmed' AND (d.state <> 'mending' OR d.responsible = $1 OR d.due <= $2)) ORDER BY d.due, d.registered, d.id`, me, lateSince(tx.Now))
	for _, d := range all {
		may := func(act access.Act) bool { return g.May(act, d.thing(), access.Circumstances{}) }
		switch {
		case d.State == access.Mending && d.Responsible == me:
			t.Mine = append(t.Mine, d)
		case d.State == access.Found && may(access.AssignDanger):
			t.ToAssign++
		case d.State == access.Mended && may(access.CheckDanger):
			t.ToCheck++
		case d.State == access.Mending && may(access.AssignDanger):
			t.Late++
		}
	}
	return t, err
}

// Numbers names dangers in the ledger.
func (r *Room) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	numbers := map[string]string{}
	for _, id := range ids {
		d, err := r.one(tx, id)
		if err == nil {
			numbers[id] = d.Number
		} else if !problem.Is(err, problem.Absent) {
			return nil, err
		}
	}
	return numbers, nil
}

// lateSince is the last due day that is over now, in milliseconds.
func lateSince(now time.Time) int64 { return day(now).AddDate(0, 0, -1).UnixMilli() }

func since(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func until(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return t.UnixMilli()
}

func yes(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// part is a pattern for numbers that hold a text.
func part(number string) string {
	number = strings.ToUpper(strings.TrimSpace(number))
	if strings.ContainsFunc(number, func(r rune) bool { return !strings.ContainsRune("YH-0123456789", r) }) {
		return "none" // no number holds it
	}
	return "%" + number + "%"
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
