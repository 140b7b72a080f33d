package teamreview

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

func (r *Room) last(tx *store.Tx) (Round, error) {
	return store.Get(tx, scanRound, `SELECT id, opened, opened_by, due, person FROM team_round WHERE person = '' ORDER BY opened DESC LIMIT 1`)
}

func scanRound(row store.Row) (n Round, err error) {
	var opened, due int64
	err = row.Scan(&n.ID, &opened, &n.OpenedBy, &due, &n.Of)
	n.Opened, n.Due = instant(opened), instant(due)
	return n, err
}

// The place of a row stands as long as it ends on the round's day, or was decided; else it was changed elsewhere.
const selectRow = `SELECT v.round, v.place, v.matter, v.person, b.duty, b.clearance, v.decision, v.decided_by, v.decided, v.sealed_reason, n.due,
	CASE WHEN v.decision = '' AND b.until <> n.due THEN 1 ELSE 0 END
	FROM team_review v JOIN team_round n ON n.id = v.round JOIN member b ON b.id = v.place`

func (r *Room) scan(row store.Row) (x Row, err error) {
	var level, decided, due, changed int64
	var sealed []byte
	if err := row.Scan(&x.Round, &x.Place, &x.Matter, &x.Person, &x.Duty, &level, &x.Decision, &x.By, &decided, &sealed, &due, &changed); err != nil {
		return x, err
	}
	x.Level = classification.Level(level)
	x.At, x.Due, x.Changed = instant(decided), instant(due), changed == 1
	if sealed != nil {
		x.Reason, err = r.reason.OpenText(x.Round+x.Place, sealed)
	}
	return x, err
}

// pending are the places of a matter that the running round waits for.
func (r *Room) pending(tx *store.Tx, in string) ([]Row, error) {
	return store.List(tx, r.scan, selectRow+` WHERE v.matter = $1 AND v.decision = '' AND b.until = n.due AND n.due > $2 ORDER BY v.place`, in, tx.Now.UnixMilli())
}

// Pending are the places of a matter's team that wait for its lead. The act is reviewTeam.
func (r *Room) Pending(g *guard.Grant) ([]Row, error) {
	tx, in := g.Tx(access.ReviewTeam), g.Only(access.Matter)
	rows, err := r.pending(tx, in)
	if err != nil {
		return nil, err
	}
	return rows, r.name(tx, rows)
}

// Waiting is a matter whose team waits to be reviewed by the caller.
type Waiting struct {
	Matter, Number string
	People         int
	Due            time.Time
}

// Waiting lists what waits for the caller as lead. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) ([]Waiting, error) {
	return r.WaitingOf(g.Tx(access.UseSystem), g.Who().Person)
}

// WaitingOf are the teams that wait for a lead, for a notice to them.
func (r *Room) WaitingOf(tx *store.Tx, lead string) ([]Waiting, error) {
	return store.List(tx, func(row store.Row) (w Waiting, err error) {
		var due int64
		err = row.Scan(&w.Matter, &w.Number, &w.People, &due)
		w.Due = instant(due)
		return w, err
	}, `SELECT m.id, m.number, COUNT(*), MAX(n.due) FROM team_review v JOIN team_round n ON n.id = v.round JOIN member b ON b.id = v.place JOIN matter m ON m.id = v.matter
		WHERE m.lead = $1 AND v.decision = '' AND b.until = n.due AND n.due > $2 GROUP BY m.id, m.number ORDER BY m.number`, lead, tx.Now.UnixMilli())
}

// Rounds lists the rounds, the newest first. The act is readTeamReviews.
func (r *Room) Rounds(g *guard.Grant) ([]Round, error) {
	tx := g.Tx(access.ReadTeamReviews)
	all, err := store.List(tx, scanRound, `SELECT id, opened, opened_by, due, person FROM team_round ORDER BY opened DESC LIMIT 40`)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range all {
		ids = append(ids, n.OpenedBy, n.Of)
	}
	names, err := r.people.Names(tx, ids)
	for i := range all {
		all[i].OpenedBy, all[i].Of = names[all[i].OpenedBy], names[all[i].Of]
	}
	return all, err
}

// Filter narrows and pages the register of a round.
type Filter struct {
	Round         string // id
	Decision      string // kept, removed, or waiting; empty: all
	Offset, Limit int    // Limit 0: all
}

// List is the register of a round: matters by number, persons by name, and no word of what a matter is about; without those
// behind whose wall the caller stands (clause 16). The act is
// readTeamReviews.
func (r *Room) List(g *guard.Grant, f Filter) (rows []Row, more bool, err error) {
	tx := g.Tx(access.ReadTeamReviews)
	decision := f.Decision
	if decision == "waiting" {
		decision = ""
	}
	limit := f.Limit
	if limit == 0 {
		limit = 100_000
	}
	all := int64(0)
	if f.Decision == "" {
		all = 1
	}
	rows, err = store.List(tx, r.scan, selectRow+` JOIN matter m ON m.id = v.matter WHERE v.round = $1 AND ($2 = 1 OR v.decision = $3)
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = v.matter AND w.person = $6 AND w.lifted = 0) ORDER BY m.year, m.serial, v.place LIMIT $4 OFFSET $5`,
		f.Round, all, decision, limit+1, f.Offset, g.Who().Person)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > limit {
		rows, more = rows[:limit], true
	}
	return rows, more, r.name(tx, rows)
}

// AnyDue reports whether a round should open by itself: half a year after the last, or after the first place in a team was given.
func (r *Room) AnyDue(tx *store.Tx) (bool, error) {
	var since time.Time
	last, err := r.last(tx)
	switch {
	case err == nil && tx.Now.Before(last.Due):
		return false, nil
	case err == nil:
		since = last.Opened
	case errors.Is(err, store.ErrNone):
		first, err := store.Get(tx, func(row store.Row) (ms int64, err error) { return ms, row.Scan(&ms) }, `SELECT COALESCE(MIN(since), 0) FROM member`)
		if err != nil || first == 0 {
			return false, err
		}
		since = instant(first)
	default:
		return false, err
	}
	return !tx.Now.Before(since.Add(Every)), nil
}

// Due reports whether half a year has passed since the last round, for who opens rounds. The act is useSystem.
func (r *Room) Due(g *guard.Grant) (bool, error) {
	tx := g.Tx(access.UseSystem)
	if !g.May(access.OpenTeamReview, access.Resource{Kind: access.Firm, ID: guard.Firm.ID, Exists: true}, access.Circumstances{}) {
		return false, nil
	}
	_, due, err := r.RoundDue(tx)
	return due, err
}

// RoundDue reports whether a round is to be opened, and when the last was; zero: there was none.
func (r *Room) RoundDue(tx *store.Tx) (last time.Time, due bool, err error) {
	n, err := r.last(tx)
	if errors.Is(err, store.ErrNone) {
		return last, true, nil
	}
	return n.Opened, tx.Now.After(n.Opened.Add(Every)), err
}

// name writes names and the matters' numbers into rows.
func (r *Room) name(tx *store.Tx, rows []Row) error {
	var people, matters []string
	for _, x := range rows {
		people, matters = append(people, x.Person, x.By), append(matters, x.Matter)
	}
	names, err := r.people.Names(tx, people)
	if err != nil {
		return err
	}
	numbers, err := r.matters.Numbers(tx, matters)
	for i := range rows {
		rows[i].Name, rows[i].By, rows[i].Number = names[rows[i].Person], names[rows[i].By], numbers[rows[i].Matter]
	}
	return err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
