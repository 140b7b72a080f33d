package incident

import (
	"errors"
	"math"
	"strings"
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

// Filter narrows the register. A zero field narrows nothing; Limit zero is all.
type Filter struct {
	State         State
	Cause         Cause
	Level         classification.Level
	From, To      time.Time // found
	Number        string    // part of its number or the carrier's
	Oldest        bool      // the oldest first, else the last
	Offset, Limit int
}

// List is the register, as far as the caller may read each. The act is readIncidents.
func (r *Room) List(g *guard.Grant, f Filter) (all []Incident, more bool, err error) {
	order := ` ORDER BY found DESC, id DESC`
	if f.Oldest {
		order = ` ORDER BY found, id`
	}
	from, to := int64(0), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMilli()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMilli()
	}
	rows, err := r.known(g, g.Tx(access.ReadIncidents), ` WHERE ($1 = '' OR state = $1) AND ($2 = '' OR cause = $2) AND ($3 = 0 OR level = $3) AND found >= $4 AND found < $5`+order,
		string(f.State), string(f.Cause), int64(f.Level), from, to)
	for _, i := range rows {
		if strings.Contains(i.Number(), f.Number) || strings.Contains(i.Subject, f.Number) {
			all = append(all, i)
		}
	}
	all = all[min(f.Offset, len(all)):]
	if f.Limit > 0 && len(all) > f.Limit {
		all, more = all[:f.Limit], true
	}
	return all, more, err
}

// Drafts is how many drafts the caller may read. The act is useSystem.
func (r *Room) Drafts(g *guard.Grant) (n int, err error) {
	rows, err := r.known(g, g.Tx(access.UseSystem), ` WHERE state = 'draft'`)
	return len(rows), err
}

// known are the incidents that the caller may read.
func (r *Room) known(g *guard.Grant, tx *store.Tx, rest string, args ...any) (all []Incident, err error) {
	rows, err := store.List(tx, r.scan, selectIncident+rest, args...)
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
	return all, err
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
