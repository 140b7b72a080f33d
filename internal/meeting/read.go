package meeting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

const selectMeeting = `SELECT id, year, serial, matter, convener, starts, ends, closed, closed_by, sealed_title, sealed_place FROM meeting`

func (r *Room) scan(row store.Row) (m Meeting, err error) {
	var year, serial, starts, ends, closed int64
	var title, place []byte
	if err := row.Scan(&m.ID, &year, &serial, &m.Matter, &m.Convener, &starts, &ends, &closed, &m.ClosedBy, &title, &place); err != nil {
		return m, err
	}
	m.Year, m.Serial, m.Starts, m.Ends, m.Closed = int(year), int(serial), instant(starts), instant(ends), instant(closed)
	var errs [2]error
	m.Title, errs[0] = r.title.OpenText(m.ID, title)
	m.Place, errs[1] = r.place.OpenText(m.ID, place)
	return m, errors.Join(errs[:]...)
}

func (r *Room) one(tx *store.Tx, id string) (Meeting, error) {
	m, err := store.Get(tx, r.scan, selectMeeting+` WHERE id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		err = absent()
	}
	return m, err
}

// sets are a meeting's, in their order. Where a set is follows from its carrier: lent to the participant since it was prepared, or
// offered to them, or neither.
func (r *Room) sets(tx *store.Tx, meeting string) ([]Set, error) {
	type from struct {
		Set
		prepared  int64
		offeredTo string
		ended     bool
	}
	rows, err := store.List(tx, func(row store.Row) (x from, err error) {
		var n, level, copy, missed, settled int64
		var finding, reason []byte
		var state string
		if err := row.Scan(&x.ID, &x.Meeting, &n, &x.Carrier, &x.Number, &level, &copy, &state, &x.offeredTo, &x.Participant, &x.prepared, &missed, &finding, &settled, &x.SettledBy, &reason); err != nil {
			return x, err
		}
		x.N, x.Level, x.Copy, x.Missed, x.Settled = int(n), classification.Level(level), int(copy), instant(missed), instant(settled)
		x.ended = state == string(access.Ended)
		var errs [2]error
		x.Finding, errs[0] = r.finding.OpenText(x.ID, finding)
		x.Reason, errs[1] = r.reason.OpenText(x.ID, reason)
		return x, errors.Join(errs[:]...)
	}, `SELECT s.id, s.meeting, s.n, s.carrier, c.number, c.level, c.copy, c.state, c.offered_to, s.participant, s.prepared, s.missed, s.sealed_finding, s.settled, s.settled_by, s.sealed_reason
		FROM meeting_set s JOIN carrier c ON c.id = s.carrier WHERE s.meeting = $1 ORDER BY s.n`, meeting)
	if err != nil {
		return nil, err
	}
	all := make([]Set, len(rows))
	for i, x := range rows {
		loan, lent, err := r.carriers.LoanTo(tx, x.Carrier, x.Participant, instant(x.prepared))
		if err != nil {
			return nil, err
		}
		if lent {
			x.Handed, x.Back = loan.At, loan.Over
		}
		switch {
		case !x.Settled.IsZero():
			x.State = Settled
		case lent && !loan.Over.IsZero() && loan.End == carrier.Taken:
			x.State, x.Condition = Collected, loan.Condition
		case !x.Missed.IsZero() || x.ended: // what ended without coming back wants a word
			x.State = Missing
		case lent:
			x.State = Out
		case x.offeredTo == x.Participant:
			x.State = Offered
		default:
			x.State = Prepared
		}
		all[i] = x.Set
	}
	return all, nil
}

// count adds how those of its sets stand that somebody may know.
func (r *Room) count(tx *store.Tx, m *Meeting, knows func(classification.Level) bool) error {
	all, err := r.sets(tx, m.ID)
	m.Count = map[State]int{}
	for _, s := range all {
		if !knows(s.Level) {
			continue
		}
		m.Count[s.State]++
		if !s.State.Over() {
			m.Left = append(m.Left, s.Number)
		}
	}
	return err
}

// within tells which levels somebody in such a relation to the matter may know.
func within(where access.Circumstances) func(classification.Level) bool {
	return func(l classification.Level) bool {
		return where.Member && l <= where.Clearance && (l < classification.TopSecret || where.Listed)
	}
}

func every(classification.Level) bool { return true }

// Get is the page of a meeting: its sets as far as the caller may know them. The act is viewMatter, or exportRegister to take it along.
func (r *Room) Get(g *guard.Grant, id string) (m Meeting, known []Set, err error) {
	tx, in := g.Tx(access.ViewMatter, access.ExportRegister), g.Only(access.Matter)
	if m, err = r.one(tx, id); err != nil {
		return m, nil, err
	}
	if m.Matter != in {
		return Meeting{}, nil, absent()
	}
	all, err := r.sets(tx, m.ID)
	if err != nil {
		return m, nil, err
	}
	m.Count = map[State]int{}
	for _, s := range all {
		if !within(g.Facts().Where)(s.Level) {
			continue
		}
		it, err := r.carriers.One(tx, s.Carrier)
		if err != nil {
			return m, nil, err
		}
		s.Title = it.Title
		m.Count[s.State]++
		known = append(known, s)
	}
	return m, known, nil
}

// Ready are the carriers of a matter that may be set aside for a meeting and that the caller may know, by number: on their shelf, lent to nobody
// and promised to no other meeting. The act is viewMatter or arrangeMeeting.
func (r *Room) Ready(g *guard.Grant, in string) (ready []carrier.Carrier, err error) {
	tx := g.Tx(access.ViewMatter, access.ArrangeMeeting)
	promised, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT s.carrier FROM meeting_set s JOIN meeting m ON m.id = s.meeting WHERE m.matter = $1 AND m.closed = 0 AND s.settled = 0`, in)
	if err != nil {
		return nil, err
	}
	all, err := r.carriers.InMatter(tx, in)
	for _, it := range all {
		if it.State == access.Held && it.Lender == "" && !slices.Contains(promised, it.ID) && within(g.Facts().Where)(it.Level) {
			ready = append(ready, it)
		}
	}
	return ready, err
}

// Filter narrows and pages the register of meetings.
type Filter struct {
	Matter string // id
	Open   bool
	Late   bool // over, and not everything is back
	Offset int
	Limit  int // 1…200; 0 is 50; negative is all
}

// Page is one page of the register and whether more follow.
type Page struct {
	Meetings []Meeting
	More     bool
}

// List is the register of meetings, the last first: of the caller's matters, and of all but those behind a wall for custodians and auditors,
// without their titles. The act is useSystem or viewMatter, or exportRegister to take it along.
func (r *Room) List(g *guard.Grant, f Filter) (page Page, err error) {
	tx := g.Tx(access.UseSystem, access.ViewMatter, access.ExportRegister)
	if f.Limit == 0 || f.Limit > 200 {
		f.Limit = 50
	}
	keeps := func(p access.Post) bool { return p == access.Custodian || p == access.Auditor }
	now := tx.Now.UnixMilli()
	args := []any{g.Who().Person, now}
	parts := []string{`matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0)`, `CAST($2 AS BIGINT) > 0`}
	keeper := slices.ContainsFunc(g.Facts().Who.Posts, keeps)
	if !keeper {
		parts = append(parts, `matter IN (SELECT b.matter FROM member b WHERE b.person = $1 AND b.since <= $2 AND (b.until = 0 OR b.until > $2))`)
	}
	if f.Matter != "" {
		args = append(args, f.Matter)
		parts = append(parts, fmt.Sprintf(`matter = $%d`, len(args)))
	}
	if f.Open || f.Late {
		parts = append(parts, `closed = 0`)
	}
	if f.Late {
		parts = append(parts, `ends < $2`)
	}
	query := selectMeeting + ` WHERE ` + strings.Join(parts, " AND ") + ` ORDER BY starts DESC, id DESC`
	if f.Limit > 0 {
		args = append(args, int64(f.Limit+1), int64(max(f.Offset, 0)))
		query += fmt.Sprintf(` LIMIT $%d OFFSET $%d`, len(args)-1, len(args))
	}
	all, err := store.List(tx, r.scan, query, args...)
	if err != nil {
		return page, err
	}
	if page.More = f.Limit > 0 && len(all) > f.Limit; page.More {
		all = all[:f.Limit]
	}
	relations := map[string]access.Circumstances{}
	for _, m := range all {
		where, read := relations[m.Matter]
		if !read {
			if where, err = matter.Relation(tx, m.Matter, g.Who().Person); err != nil {
				return page, err
			}
			relations[m.Matter] = where
		}
		knows := within(where)
		if keeper {
			knows = every
		}
		if err := r.count(tx, &m, knows); err != nil {
			return page, err
		}
		if !where.Member {
			m.Title, m.Place = "", ""
		}
		page.Meetings = append(page.Meetings, m)
	}
	return page, nil
}

// Waiting are the meetings that are over and not closed: those that the caller convened, and how many there are in all for a custodian. The act
// is useSystem.
func (r *Room) Waiting(g *guard.Grant) (mine []Meeting, all int, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	late, err := store.List(tx, r.scan, selectMeeting+` WHERE closed = 0 AND ends < $1 AND convener = $2 AND matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $2 AND w.lifted = 0) ORDER BY ends, id`, tx.Now.UnixMilli(), me)
	if err != nil {
		return nil, 0, err
	}
	for _, m := range late {
		if err := r.count(tx, &m, every); err != nil {
			return nil, 0, err
		}
		mine = append(mine, m)
	}
	if slices.Contains(g.Facts().Who.Posts, access.Custodian) {
		all, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
			`SELECT COUNT(*) FROM meeting WHERE closed = 0 AND ends < $1 AND convener <> $2 AND matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $2 AND w.lifted = 0)`, tx.Now.UnixMilli(), me)
	}
	return mine, all, err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
