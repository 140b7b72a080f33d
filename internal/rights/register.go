package rights

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// Filter narrows and pages the register.
type Filter struct {
	Kind          Kind
	Person        string
	Text          string // in the person's name
	From, To      time.Time
	Offset, Limit int // Limit 0: all
}

// entry is where a row of the register stands.
type entry struct {
	id, person string
	request    bool // else a change without one
}

// List is the register 权限变更: requests and what changed without one, the last first. Places in teams name matters: only the security
// administrator and the auditor are told of them, without those behind whose walls they stand. The act is readRights.
func (r *Room) List(g *guard.Grant, f Filter) (all []Request, total int64, err error) {
	tx := g.Tx(access.ReadRights)
	posts := g.Facts().Who.Posts
	inTeams := slices.Contains(posts, access.SecurityAdmin) || slices.Contains(posts, access.Auditor)
	if f.To.IsZero() {
		f.To = tx.Now.Add(time.Hour)
	}
	found, err := store.List(tx, func(row store.Row) (e entry, err error) { return e, row.Scan(&e.id, &e.person, &e.request) },
		`SELECT q.id, q.person, q.request FROM (SELECT id, kind, person, matter, asked AS at, 1 AS request FROM right_request
			UNION ALL SELECT id, kind, person, matter, at, 0 FROM right_change) q
		WHERE ($1 = '' OR q.kind = $1) AND ($2 = '' OR q.person = $2) AND ($3 = 1 OR q.kind <> 'place') AND q.at >= $4 AND q.at < $5
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = q.matter AND w.person = $6 AND w.lifted = 0) ORDER BY q.at DESC, q.id DESC`,
		string(f.Kind), f.Person, flag(inTeams), max(f.From.UnixMilli(), 0), f.To.UnixMilli(), g.Who().Person)
	if err == nil && f.Text != "" {
		found, err = r.called(tx, found, f.Text)
	}
	if err != nil {
		return nil, 0, err
	}
	total = int64(len(found))
	found = found[min(f.Offset, len(found)):]
	if f.Limit > 0 {
		found = found[:min(f.Limit, len(found))]
	}
	for _, e := range found {
		q, err := r.row(tx, e)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, q)
	}
	return all, total, r.name(tx, all)
}

// called keeps the rows of those in whose name a text stands.
func (r *Room) called(tx *store.Tx, found []entry, text string) ([]entry, error) {
	ids := make([]string, len(found))
	for i, e := range found {
		ids[i] = e.person
	}
	names, err := r.people.Names(tx, ids)
	return slices.DeleteFunc(found, func(e entry) bool { return !strings.Contains(names[e.person], strings.TrimSpace(text)) }), err
}

// row reads a row; DecidedBy and DoneBy are ids.
func (r *Room) row(tx *store.Tx, e entry) (Request, error) {
	if !e.request {
		return r.change(tx, e.id)
	}
	q, err := store.Get(tx, r.scan(tx), selectRequest+` WHERE q.id = $1`, e.id)
	if q.Kind == Place && q.Matter == "" { // a number that is no matter's is nobody's to know: whoever typed it may have meant anything
		q.Wanted.Number = ""
	}
	return q, err
}

// change shows a change without a request as one that who made it asked for, granted and did; the first posts and accounts are granted by
// nobody.
func (r *Room) change(tx *store.Tx, id string) (Request, error) {
	c, err := r.people.ChangeOf(tx, id)
	if err != nil {
		return Request{}, err
	}
	q := Request{ID: c.ID, Kind: Kind(c.Kind), Person: c.Person, Applicant: c.By, Matter: c.Matter, Reason: c.Why, Asked: c.At, Done: c.At, DoneBy: c.By, State: Done,
		Wanted: Wanted{Posts: c.After, Before: c.Before, Held: c.Held, Duty: matter.Duty(c.Duty), Level: c.Level, Listed: c.Listed, Until: c.Until, Removed: c.Duty == "" && c.Kind == person.PlaceChanged,
			WasDuty: matter.Duty(c.WasDuty), WasLevel: c.WasLevel, Was: c.Was, Is: c.Is}}
	if c.Kind == person.PlaceChanged {
		q.Decided, q.DecidedBy = c.At, c.By
		numbers, err := r.matters.Numbers(tx, []string{c.Matter})
		q.Wanted.Number = numbers[c.Matter]
		return q, err
	}
	return q, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
