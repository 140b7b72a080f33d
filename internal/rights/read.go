package rights

import (
	"encoding/json"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

const selectRequest = `SELECT q.id, q.kind, q.person, q.applicant, q.matter, q.asked, q.lapses, q.withdrawn, q.decision, q.decided, q.decided_by, q.done, q.done_by,
	q.sealed_wanted, q.sealed_reason, q.sealed_opinion FROM right_request q`

// list reads requests as they are; DecidedBy and DoneBy are ids.
func (r *Room) list(tx *store.Tx, where string, args ...any) ([]Request, error) {
	return store.List(tx, r.scan(tx), selectRequest+where, args...)
}

func (r *Room) scan(tx *store.Tx) func(store.Row) (Request, error) {
	return func(row store.Row) (q Request, err error) {
		var asked, lapses, withdrawn, decided, done int64
		var decision string
		var wanted, reason, opinion []byte
		if err := row.Scan(&q.ID, &q.Kind, &q.Person, &q.Applicant, &q.Matter, &asked, &lapses, &withdrawn, &decision, &decided, &q.DecidedBy, &done, &q.DoneBy, &wanted, &reason, &opinion); err != nil {
			return q, err
		}
		q.Asked, q.Lapses, q.Decided, q.Done = instant(asked), instant(lapses), instant(decided), instant(done)
		late := tx.Now.UnixMilli() >= lapses
		switch {
		case done != 0:
			q.State = Done
		case withdrawn != 0:
			q.State = Withdrawn
		case decision == string(Refused):
			q.State = Refused
		case late:
			q.State = Lapsed
		case decision == string(Approved):
			q.State = Approved
		default:
			q.State = Open
		}
		raw, err := r.wanted.Open(q.ID, wanted)
		if err == nil {
			err = json.Unmarshal(raw, &q.Wanted)
		}
		if err != nil {
			return q, err
		}
		if opinion != nil {
			if q.Opinion, err = r.opinion.OpenText(q.ID, opinion); err != nil {
				return q, err
			}
		}
		q.Reason, err = r.reason.OpenText(q.ID, reason)
		return q, err
	}
}

// stood are the posts that the person had when it was asked for or done; of who was just entered, those that they were given.
func (q Request) stood() []access.Post {
	switch w := q.Wanted; {
	case len(w.Held) > 0:
		return w.Held
	case q.Kind == Posts && len(w.Before) > 0:
		return w.Before
	case q.Kind == Posts:
		return w.Posts
	}
	return nil
}

// name writes names into requests.
func (r *Room) name(tx *store.Tx, all []Request) error {
	var ids []string
	for _, q := range all {
		ids = append(ids, q.Person, q.Applicant, q.DecidedBy, q.DoneBy)
	}
	held := map[string][]access.Post{}
	for _, q := range all {
		if _, read := held[q.Person]; !read && q.stood() == nil {
			p, err := r.people.One(tx, q.Person)
			if err != nil {
				return err
			}
			held[q.Person] = p.Posts
		}
	}
	names, err := r.people.Names(tx, ids)
	for i := range all {
		if all[i].Held = all[i].stood(); all[i].Held == nil { // an older program did not write them down
			all[i].Held = held[all[i].Person]
		}
		q := &all[i]
		q.Name, q.ApplicantName, q.DecidedBy, q.DoneBy = names[q.Person], names[q.Applicant], names[q.DecidedBy], names[q.DoneBy]
	}
	return err
}

// Mine are the requests that the caller made, or that are for the caller, the last first, as the caller may see them. The act is useSystem.
func (r *Room) Mine(g *guard.Grant) ([]Request, error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	all, err := r.list(tx, ` WHERE (q.applicant = $1 OR q.person = $1) ORDER BY q.asked DESC, q.id DESC LIMIT 50`, me)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := r.veil(g, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, r.name(tx, all)
}

// Waiting are the requests that wait for the caller: to decide or to carry out. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) ([]Request, error) {
	tx, me, who := g.Tx(access.UseSystem), g.Who().Person, g.Facts().Who
	all, err := r.list(tx, ` WHERE q.done = 0 AND q.withdrawn = 0 AND q.lapses > $1 AND q.decision <> 'refused'
		AND (q.kind = 'posts' OR q.matter IN (SELECT id FROM matter WHERE lead = $2)) ORDER BY q.asked, q.id`, tx.Now.UnixMilli(), me)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(q Request) bool {
		of := access.Resource{Kind: access.Person, ID: q.Person, Exists: true}
		switch {
		case q.Kind == Place:
			return q.State != Open
		case q.State == Open:
			return q.Applicant == me || !g.May(access.DecideRights, of, access.Circumstances{Self: q.Person == me}) || slices.Contains(who.Delegated, access.DecideRights) && who.DelegatedBy == q.Applicant
		case q.DecidedBy == me:
			return true
		}
		return !g.May(access.Appoint, of, access.Circumstances{Self: q.Person == me})
	})
	return all, r.name(tx, all)
}

// Unkept is what a person has to hand over before the posts of an approved request can be theirs. The act is appoint on the person.
func (r *Room) Unkept(g *guard.Grant, q Request) (int, error) {
	rest, err := r.leaving.Unkept(g.Tx(access.Appoint, access.UseSystem), q.Person, q.Wanted.Posts)
	return len(rest), err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
