package approval

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Find is the door's way to a caller's approval.
func (r *Room) Find(tx *store.Tx, who guard.Who, act access.Act, thing guard.Thing) (p guard.Permit, err error) {
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT id FROM approval WHERE thing = $1 AND act = $2 AND applicant = $3 AND state = 'approved' AND since <= $4 AND until > $4 AND ($5 = '' OR id = $5) ORDER BY until, id LIMIT 1`,
		thing.ID, string(act), who.Person, tx.Now.UnixMilli(), thing.Permit)
	if err != nil || len(ids) == 0 {
		return p, err
	}
	p.ID = ids[0]
	p.Capacities, err = store.List(tx, func(row store.Row) (c string, err error) { err = row.Scan(&c); return c, err },
		`SELECT DISTINCT capacity FROM approval_seat WHERE approval = $1 AND decision = 'yes' ORDER BY capacity`, p.ID)
	return p, err
}

// Use is the door's way to use an approval up.
func (r *Room) Use(tx *store.Tx, id string, entry uint64) error {
	n, err := tx.Exec(`UPDATE approval SET state = 'used', ended = $2, entry = $3 WHERE id = $1 AND state = 'approved'`, id, tx.Now.UnixMilli(), int64(entry))
	if err == nil && n != 1 {
		err = problem.New(problem.Conflict, "这项批准已经用过")
	}
	return err
}

// Load is the door's loader of approvals.
func (r *Room) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	q, err := r.one(tx, thing.ID)
	if problem.Is(err, problem.Absent) {
		return access.Resource{Kind: access.Approval, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	return r.stands(tx, q, who.Person)
}

// stands is a request as the rules see it, and how somebody stands to it.
func (r *Room) stands(tx *store.Tx, q Request, who string) (access.Resource, access.Circumstances, error) {
	thing := access.Resource{Kind: access.Approval, ID: q.ID, Matter: q.Matter, Level: q.Level, State: q.State.of(), Owner: q.Applicant, Exists: true}
	s, where, err := r.sitting(tx, q, who)
	if err != nil {
		return thing, where, err
	}
	mine, ever, err := r.places(tx, q, s)
	where.Assigned = len(mine) > 0
	if ever {
		thing.Reviewer = who
	}
	return thing, where, err
}

const selectRequest = `SELECT a.id, a.year, a.serial, a.act, a.kind, a.thing, a.matter, a.level, a.owner, a.applicant, a.barred, a.asked, a.since, a.until, a.state, a.stage, a.stage_since, a.ended, a.entry,
	a.sealed_purpose, a.sealed_scope, a.sealed_measures FROM approval a`

func (r *Room) scan(tx *store.Tx) func(store.Row) (Request, error) {
	return func(row store.Row) (q Request, err error) {
		var year, serial, level, asked, since, until, stage, stageSince, ended, entry int64
		var purpose, scope, measures []byte
		if err := row.Scan(&q.ID, &year, &serial, &q.Act, &q.Kind, &q.Thing, &q.Matter, &level, &q.Owner, &q.Applicant, &q.Barred, &asked, &since, &until, &q.State, &stage, &stageSince, &ended, &entry,
			&purpose, &scope, &measures); err != nil {
			return q, err
		}
		q.Year, q.Serial, q.Level, q.Stage, q.Entry = int(year), int(serial), classification.Level(level), int(stage), uint64(entry)
		q.Asked, q.Since, q.Until, q.StageSince, q.Ended = instant(asked), instant(since), instant(until), instant(stageSince), instant(ended)
		if (q.State == Pending || q.State == Approved) && !tx.Now.Before(q.Until) {
			q.State = Lapsed
		}
		var errs [3]error
		q.Purpose, errs[0] = r.purpose.OpenText(q.ID, purpose)
		q.Scope, errs[1] = r.scope.OpenText(q.ID, scope)
		q.Measures, errs[2] = r.measures.OpenText(q.ID, measures)
		return q, errors.Join(errs[:]...)
	}
}

// list reads requests with their seats.
func (r *Room) list(tx *store.Tx, query string, args ...any) ([]Request, error) {
	all, err := store.List(tx, r.scan(tx), query, args...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Seats, err = r.seats(tx, all[i].ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r *Room) seats(tx *store.Tx, id string) ([]Seat, error) {
	return store.List(tx, func(row store.Row) (s Seat, err error) {
		var stage, decided int64
		var capacities string
		var opinion []byte
		if err := row.Scan(&s.ID, &stage, &capacities, &s.Decision, &decided, &s.DecidedBy, &s.Capacity, &s.InsteadOf, &opinion); err != nil {
			return s, err
		}
		s.Stage, s.Capacities, s.Decided = int(stage), strings.Split(capacities, "|"), instant(decided)
		s.Opinion, err = r.opinion.OpenText(s.ID, opinion)
		return s, err
	}, `SELECT id, stage, capacities, decision, decided, decided_by, capacity, instead_of, sealed_opinion FROM approval_seat WHERE approval = $1 ORDER BY stage, id`, id)
}

func (r *Room) one(tx *store.Tx, id string) (Request, error) {
	all, err := r.list(tx, selectRequest+` WHERE a.id = $1`, id)
	if err == nil && len(all) == 0 {
		err = problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if err != nil {
		return Request{}, err
	}
	return all[0], nil
}

// Get is one request. The act is viewApproval.
func (r *Room) Get(g *guard.Grant) (Request, error) {
	q, err := r.one(g.Tx(access.ViewApproval), g.Only(access.Approval))
	q.Decides = err == nil && q.State == Pending && g.Facts().Where.Assigned
	return q, err
}

// State is how one request stands. Whether the reader may know, the caller's act decides.
func (r *Room) State(tx *store.Tx, id string) (State, error) {
	q, err := r.one(tx, id)
	return q.State, err
}

// One is a request for rooms that show it beside what it is about. Whether the reader may know, the caller's act decides.
func (r *Room) One(tx *store.Tx, id string) (Request, error) { return r.one(tx, id) }

// Whose narrows a list of requests.
type Whose string

const (
	ForMe   Whose = "for-me"  // that wait for the reader
	Mine    Whose = "mine"    // that the reader asked for
	Decided Whose = "decided" // that the reader decided
	All     Whose = "all"     // of the firm; an auditor's
)

// Filter narrows and pages a list. The zero value is the first page of what waits for the reader.
type Filter struct {
	Whose  Whose
	State  State
	Act    access.Act
	Level  classification.Level
	Matter string // id
	Number string // as people call it, "2026-0012", or its year
	Offset int
	Limit  int // 1…200; 0 is 50. An export reads up to MaxExport
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// Page is one page of requests and whether more follow.
type Page struct {
	Requests []Request
	More     bool
}

// List is the inbox of approvals (审批中心), the most urgent first, or a register of them, the last first. Rows of matters behind whose wall the
// reader stands are left out. The act is useSystem, or exportRegister to take it along.
func (r *Room) List(g *guard.Grant, f Filter) (Page, error) {
	tx, limit := g.Tx(access.UseSystem, access.ExportRegister), f.Limit
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > 200:
		limit = 50
	}
	w := r.narrow(g, f, tx.Now)
	order := `a.asked DESC, a.id DESC`
	if f.Whose == ForMe || f.Whose == "" {
		order = `a.until, a.id`
	}
	query := selectRequest + ` WHERE ` + strings.Join(w.parts, " AND ") + ` ORDER BY ` + order + ` LIMIT ` + w.arg(limit+1) + ` OFFSET ` + w.arg(max(f.Offset, 0))
	rows, err := r.list(tx, query, w.args...)
	if err != nil {
		return Page{}, err
	}
	page := Page{More: len(rows) > limit}
	for _, q := range rows[:min(limit, len(rows))] {
		thing, where, err := r.stands(tx, q, g.Who().Person)
		if err != nil {
			return Page{}, err
		}
		if !g.May(access.ViewApproval, thing, where) {
			continue
		}
		q.Decides = where.Assigned && g.May(access.DecideApproval, thing, where)
		page.Requests = append(page.Requests, q)
	}
	return page, nil
}

func (r *Room) narrow(g *guard.Grant, f Filter, now time.Time) *conditions {
	me, w := g.Facts().Who, &conditions{}
	at, who := w.arg(now.UnixMilli()), w.arg(me.ID)
	w.parts = append(w.parts, `CAST(`+at+` AS BIGINT) > 0`, `a.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = `+who+` AND w.lifted = 0)`)
	switch {
	case f.Whose == Mine:
		w.parts = append(w.parts, `a.applicant = `+who)
	case f.Whose == Decided:
		w.parts = append(w.parts, `a.id IN (SELECT s.approval FROM approval_seat s WHERE s.decided_by = `+who+`)`)
	case f.Whose == All && slices.Contains(me.Posts, access.Auditor):
	default:
		w.parts = append(w.parts, `a.state = 'pending'`, `a.until > `+at, `a.applicant <> `+who, `a.barred <> `+who,
			`EXISTS (SELECT 1 FROM approval_seat s WHERE s.approval = a.id AND s.stage = a.stage AND s.decision = '' AND `+reach(w, me, now)+`)`)
	}
	switch f.State {
	case "":
	case Lapsed:
		w.parts = append(w.parts, `a.state IN ('pending', 'approved')`, `a.until <= `+at)
	case Pending, Approved:
		w.parts = append(w.parts, `a.state = `+w.arg(string(f.State)), `a.until > `+at)
	default:
		w.parts = append(w.parts, `a.state = `+w.arg(string(f.State)))
	}
	for _, equal := range []struct{ column, value string }{{"a.act", string(f.Act)}, {"a.matter", f.Matter}} {
		if equal.value != "" {
			w.parts = append(w.parts, equal.column+` = `+w.arg(equal.value))
		}
	}
	if f.Number != "" {
		year, serial, _ := strings.Cut(f.Number, "-")
		y, err := strconv.ParseInt(year, 10, 64)
		n, serr := strconv.ParseInt(serial, 10, 64)
		w.parts = append(w.parts, `a.year = `+w.arg(y))
		if err != nil || serial != "" {
			w.parts = append(w.parts, `a.serial = `+w.arg(n))
		}
		if err != nil || serial != "" && serr != nil { // what is no number is nobody's
			w.parts = append(w.parts, `a.year < 0`)
		}
	}
	if f.Level != 0 {
		w.parts = append(w.parts, `a.level = `+w.arg(int64(f.Level)))
	}
	return w
}

// Tasks is what waits on somebody's desk: how many requests to decide (100 stands for that many or more), and their own that were approved
// and can be used. The act is useSystem.
func (r *Room) Tasks(g *guard.Grant) (toDecide int, usable []Request, err error) {
	tx := g.Tx(access.UseSystem)
	w := r.narrow(g, Filter{}, tx.Now)
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT a.id FROM approval a WHERE `+strings.Join(w.parts, " AND ")+` LIMIT 100`, w.args...)
	if err != nil {
		return 0, nil, err
	}
	usable, err = r.list(tx, selectRequest+` WHERE a.applicant = $1 AND a.state = 'approved' AND a.since <= $2 AND a.until > $2 ORDER BY a.until, a.id LIMIT 20`, g.Who().Person, tx.Now.UnixMilli())
	return len(ids), usable, err
}

// Numbers names requests in the ledger.
func (r *Room) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	return store.Lookup(tx, `SELECT CAST(year AS TEXT) || '-' || substr('00000' || CAST(serial AS TEXT), length('00000' || CAST(serial AS TEXT)) - 4) FROM approval WHERE id = $1`, ids)
}

// conditions collects the parts of a WHERE clause with their arguments.
type conditions struct {
	parts []string
	args  []any
}

// arg adds an argument and gives its place.
func (w *conditions) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
