package incident

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Load is the door's loader of incidents.
func (r *Room) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	i, err := r.one(tx, thing.ID)
	if problem.Is(err, problem.Absent) {
		return access.Resource{Kind: access.Incident, ID: thing.ID}, access.Circumstances{}, nil
	}
	if err != nil {
		return access.Resource{}, access.Circumstances{}, err
	}
	where, err := matter.Relation(tx, i.Matter, who.Person)
	return i.thing(), where, err
}

// thing is an incident as the rules see it.
func (i Incident) thing() access.Resource {
	state := access.Closed
	if i.State == Draft {
		state = access.Open
	}
	return access.Resource{Kind: access.Incident, ID: i.ID, Matter: i.Matter, Level: i.Level, State: state, Owner: i.Owner, Exists: true}
}

const selectIncident = `SELECT id, year, serial, cause, matter, carrier, slip, subject, level, found, found_by, owner, companion, state, revised, revised_by, settled, settled_by,
	sealed_place, sealed_others, sealed_manner, sealed_harm, sealed_containment, sealed_remedies, sealed_notices, sealed_opinion FROM incident`

func (r *Room) scan(row store.Row) (i Incident, err error) {
	var year, serial, level, found, revised, settled int64
	var place, others, manner, harm, containment, remedies, notices, opinion []byte
	if err := row.Scan(&i.ID, &year, &serial, &i.Cause, &i.Matter, &i.Carrier, &i.Slip, &i.Subject, &level, &found, &i.FoundBy, &i.Owner, &i.Companion, &i.State, &revised, &i.RevisedBy, &settled, &i.SettledBy,
		&place, &others, &manner, &harm, &containment, &remedies, &notices, &opinion); err != nil {
		return i, err
	}
	i.Year, i.Serial, i.Level = int(year), int(serial), classification.Level(level)
	i.Found, i.Revised, i.Settled = instant(found), instant(revised), instant(settled)
	var errs [8]error
	i.Place, errs[0] = r.place.OpenText(i.ID, place)
	i.Others, errs[1] = r.others.OpenText(i.ID, others)
	i.Manner, errs[2] = r.manner.OpenText(i.ID, manner)
	i.Harm, errs[3] = r.harm.OpenText(i.ID, harm)
	i.Containment, errs[4] = r.containment.OpenText(i.ID, containment)
	i.Remedies, errs[5] = r.remedies.OpenText(i.ID, remedies)
	i.Notices, errs[6] = r.notices.OpenText(i.ID, notices)
	i.Opinion, errs[7] = r.opinion.OpenText(i.ID, opinion)
	return i, errors.Join(errs[:]...)
}

func (r *Room) one(tx *store.Tx, id string) (Incident, error) {
	i, err := store.Get(tx, r.scan, selectIncident+` WHERE id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	return i, err
}

// Get is the page of one. The act is viewIncident.
func (r *Room) Get(g *guard.Grant) (Incident, error) {
	return r.one(g.Tx(access.ViewIncident), g.Only(access.Incident))
}

// Filter narrows and pages the register. The zero value is the first page of all.
type Filter struct {
	State    State
	Cause    Cause
	Level    classification.Level
	From, To time.Time // found
	Number   string    // part of its number or the carrier's
	Oldest   bool      // the oldest first, else the last
	After    string    // the next of the page before; empty: the first page
	Limit    int       // 0: as many as one export holds
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// label is an incident's number in SQL, as Number writes it.
const label = `(CAST(year AS TEXT) || '-' || CASE WHEN serial < 100 THEN SUBSTR('00' || CAST(serial AS TEXT), LENGTH(CAST(serial AS TEXT))) ELSE CAST(serial AS TEXT) END)`

// reach is the condition on incidents that the caller may read: by post, or as a lead who may know the level; never behind a wall. It uses $1, the
// caller, and $2, the time.
func reach(g *guard.Grant) string {
	const behind = `matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0)`
	if slices.ContainsFunc(g.Facts().Who.Posts, func(p access.Post) bool { return p == access.SecurityAdmin || p == access.Director }) {
		return `CAST($2 AS BIGINT) > 0 AND ` + behind
	}
	return behind + ` AND EXISTS (SELECT 1 FROM member b WHERE b.matter = incident.matter AND b.person = $1 AND b.duty = 'lead' AND b.since <= $2 AND (b.until = 0 OR b.until > $2)
		AND b.clearance >= incident.level AND (incident.level < 3 OR b.listed = 1))`
}

// List is the register, as far as the caller may read each, and where the next page begins; empty is nowhere. SQL narrows, the rules confirm
// each row. The act is readIncidents.
func (r *Room) List(g *guard.Grant, f Filter) (all []Incident, next string, err error) {
	tx := g.Tx(access.ReadIncidents)
	if f.Limit <= 0 {
		f.Limit = MaxExport
	}
	where, args := ` WHERE `+reach(g), []any{g.Who().Person, tx.Now.UnixMilli()}
	add := func(part string, values ...any) {
		at := make([]any, len(values))
		for i := range values {
			at[i] = len(args) + i + 1
		}
		args = append(args, values...)
		where += ` AND ` + fmt.Sprintf(part, at...)
	}
	if f.State != "" {
		add(`state = $%d`, string(f.State))
	}
	if f.Cause != "" {
		add(`cause = $%d`, string(f.Cause))
	}
	if f.Level != 0 {
		add(`level = $%d`, int64(f.Level))
	}
	if !f.From.IsZero() {
		add(`found >= $%d`, f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		add(`found < $%d`, f.To.UnixMilli())
	}
	if f.Number != "" {
		add(`(subject LIKE $%[1]d ESCAPE '!' OR `+label+` LIKE $%[1]d ESCAPE '!')`, store.Containing(f.Number))
	}
	order, past := ` DESC`, `<`
	if f.Oldest {
		order, past = ``, `>`
	}
	if ms, id, ok := store.ReadPageEnd(f.After); ok {
		add(`found `+past+`= $%[1]d AND (found `+past+` $%[1]d OR id `+past+` $%[2]d)`, ms, id)
	}
	args = append(args, int64(f.Limit+1))
	rows, err := store.List(tx, r.scan, selectIncident+where+fmt.Sprintf(` ORDER BY found%s, id%s LIMIT $%d`, order, order, len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = store.PageEnd(rows[f.Limit-1].Found, rows[f.Limit-1].ID)
	}
	all, err = r.known(g, tx, rows)
	return all, next, err
}

// Drafts is how many drafts the caller may read. The act is useSystem.
func (r *Room) Drafts(g *guard.Grant) (n int, err error) {
	tx := g.Tx(access.UseSystem)
	rows, err := store.List(tx, r.scan, selectIncident+` WHERE `+reach(g)+` AND state = 'draft'`, g.Who().Person, tx.Now.UnixMilli())
	if err != nil {
		return 0, err
	}
	known, err := r.known(g, tx, rows)
	return len(known), err
}

// known are those of some incidents that the rules let the caller read.
func (r *Room) known(g *guard.Grant, tx *store.Tx, rows []Incident) (all []Incident, err error) {
	relations := map[string]access.Circumstances{}
	for _, i := range rows {
		where, read := relations[i.Matter]
		if !read {
			if where, err = matter.Relation(tx, i.Matter, g.Who().Person); err != nil {
				return nil, err
			}
			relations[i.Matter] = where
		}
		if g.May(access.ViewIncident, i.thing(), where) {
			all = append(all, i)
		}
	}
	return all, nil
}

// Numbers names incidents in the ledger.
func (r *Room) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	numbers := map[string]string{}
	for _, id := range ids {
		i, err := r.one(tx, id)
		if err == nil {
			numbers[id] = i.Number()
		} else if !problem.Is(err, problem.Absent) {
			return nil, err
		}
	}
	return numbers, nil
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
