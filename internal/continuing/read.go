package continuing

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Of is the duty of a person who left, with all reminders; nil of one who did not. The act is readHoldings on the person.
func (r *Room) Of(g *guard.Grant) (*Duty, error) {
	d, err := r.of(g.Tx(access.ReadHoldings), g.Only(access.Person))
	if problem.Is(err, problem.Conflict) {
		return nil, nil
	}
	return &d, err
}

// Letter gives the signed letter of one of a person's reminders. The act is readHoldings.
func (r *Room) Letter(g *guard.Grant, id string) (pdf []byte, sha string, err error) {
	tx, leaver := g.Tx(access.ReadHoldings), g.Only(access.Person)
	sha, err = store.Get(tx, func(row store.Row) (s string, err error) { err = row.Scan(&s); return s, err },
		`SELECT document FROM leaver_reminder WHERE id = $1 AND person = $2 AND document <> ''`, id, leaver)
	if errors.Is(err, store.ErrNone) {
		return nil, "", problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if err != nil {
		return nil, "", err
	}
	g.Note("document", sha)
	pdf, err = r.Hand.Read(g, sha)
	return pdf, sha, err
}

// Filter narrows and pages the list.
type Filter struct {
	Due    bool // only those to be reminded by now
	Offset int
	Limit  int // 0: all
}

// List is everybody who left and whose holdings the caller may read, those due first. The act is readRoster or exportRoster on the
// firm.
func (r *Room) List(g *guard.Grant, f Filter) (found []Duty, total int, err error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	all, err := leaving.GoneOnes(tx)
	if err != nil {
		return nil, 0, err
	}
	for _, gone := range all {
		if !g.May(access.ReadHoldings, access.Resource{Kind: access.Person, ID: gone.Person, Exists: true}, access.Circumstances{Self: gone.Person == g.Who().Person}) {
			continue
		}
		d, err := r.whole(tx, gone)
		if err != nil {
			return nil, 0, err
		}
		if !f.Due || d.Due(tx.Now) {
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, func(a, b Duty) int { return cmp.Or(order(a).Compare(order(b)), b.Closed.Compare(a.Closed)) })
	total = len(found)
	from, to := min(max(f.Offset, 0), total), total
	if f.Limit > 0 {
		to = min(from+f.Limit, total)
	}
	return found[from:to], total, nil
}

// order is when the next reminder is due; those never reminded again come last.
func order(d Duty) time.Time {
	if d.Next.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return d.Next
}

// Waiting counts those whom the caller is to remind by now. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) (n int, err error) {
	tx := g.Tx(access.UseSystem)
	if !g.May(access.RemindLeaver, access.Resource{Kind: access.Person, ID: "somebody", Exists: true}, access.Circumstances{}) {
		return 0, nil
	}
	all, err := leaving.GoneOnes(tx)
	if err != nil {
		return 0, err
	}
	for _, gone := range all {
		last, err := store.List(tx, func(row store.Row) (next string, err error) { err = row.Scan(&next); return next, err },
			`SELECT next FROM leaver_reminder WHERE person = $1 ORDER BY at DESC, id DESC LIMIT 1`, gone.Person)
		if err != nil {
			return 0, err
		}
		next, err := following(gone, last)
		if err != nil {
			return 0, err
		}
		if (Duty{Next: next}).Due(tx.Now) {
			n++
		}
	}
	return n, nil
}

// following is the date of the next reminder, from the last one if there was one.
func following(gone leaving.Gone, last []string) (time.Time, error) {
	switch {
	case len(last) == 0:
		return today(gone.Closed).AddDate(0, firstAfter, 0), nil
	case last[0] == "":
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, last[0])
}

// whole reads what is kept of one who left.
func (r *Room) whole(tx *store.Tx, gone leaving.Gone) (d Duty, err error) {
	d = Duty{Person: gone.Person, LastDay: gone.LastDay, Closed: gone.Closed}
	p, err := r.People.One(tx, gone.Person)
	if err != nil {
		return d, err
	}
	d.Name, d.Posts = p.Name, p.Posts
	if d.Pledged, err = r.Pledges.SignedLeaving(tx, gone.Person); err != nil {
		return d, err
	}
	d.Reminders, err = store.List(tx, r.scan, `SELECT id, at, by_person, manner, sealed_note, document, next FROM leaver_reminder WHERE person = $1 ORDER BY at DESC, id DESC`, gone.Person)
	if err != nil {
		return d, err
	}
	last := []string{}
	by := make([]string, len(d.Reminders))
	for i, m := range d.Reminders {
		by[i] = m.By
	}
	if len(d.Reminders) > 0 {
		last = append(last, dateOf(d.Reminders[0].Next))
	}
	if d.Next, err = following(gone, last); err != nil {
		return d, err
	}
	return d, r.names(tx, d.Reminders, by)
}

func (r *Room) names(tx *store.Tx, all []Reminder, ids []string) error {
	names, err := r.People.Names(tx, ids)
	for i := range all {
		all[i].By = names[all[i].By]
	}
	return err
}

func (r *Room) scan(row store.Row) (m Reminder, err error) {
	var at int64
	var sealed []byte
	var next string
	if err := row.Scan(&m.ID, &at, &m.By, &m.Manner, &sealed, &m.Document, &next); err != nil {
		return m, err
	}
	m.At = time.UnixMilli(at).UTC()
	if next != "" {
		if m.Next, err = time.Parse(time.DateOnly, next); err != nil {
			return m, err
		}
	}
	m.Note, err = r.note.OpenText(m.ID, sealed)
	return m, err
}

func dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
