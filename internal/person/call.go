package person

import (
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Call calls people to be trained again: whoever learned nothing since is closed out when Until has passed.
type Call struct {
	ID      string   // of the campaign or the version of the course that calls
	People  []string // none: everybody, those who come back later too
	Until   time.Time
	Version int // of the course that answers the call; 0: any. What was taught outside the program answers every call before it
}

// RequireTraining calls people to be trained. The grant is for manageTraining.
func (r *Roster) RequireTraining(g *guard.Grant, c Call) error {
	tx, people := g.Tx(access.ManageTraining), c.People
	if len(people) == 0 {
		people = []string{""}
	}
	for _, id := range people {
		if id != "" {
			if err := g.Staff(id, "people"); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO training_call (id, person, at, until, version) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, id, tx.Now.UnixMilli(), c.Until.UnixMilli(), c.Version); err != nil {
			return err
		}
	}
	g.Note("required", map[string]any{"call": c.ID, "people": len(c.People), "until": c.Until.UnixMilli()})
	return reckonCalled(tx, c.ID)
}

// MoveTraining gives a call another day. The grant is for manageTraining.
func (r *Roster) MoveTraining(g *guard.Grant, id string, until time.Time) error {
	tx := g.Tx(access.ManageTraining)
	if _, err := tx.Exec(`UPDATE training_call SET until = $2 WHERE id = $1`, id, until.UnixMilli()); err != nil {
		return err
	}
	return reckonCalled(tx, id)
}

// EndTraining takes a call back from those who did not answer it. The grant is for manageTraining.
func (r *Roster) EndTraining(g *guard.Grant, id string) error {
	tx := g.Tx(access.ManageTraining)
	if _, err := tx.Exec(`UPDATE training_call SET until = $2 WHERE id = $1`, id, int64(forever)); err != nil {
		return err
	}
	return reckonCalled(tx, id)
}

// answers is the condition that a training q answers a call c.
const answers = `(q.at >= c.at AND (q.version = 0 OR q.version >= c.version))`

// reckon brings trained_until up to date: each training holds until its own end, or until the first call that it does not answer.
const reckon = `UPDATE person SET trained_until = COALESCE((SELECT MAX(COALESCE(
		(SELECT MIN(c.until) FROM training_call c WHERE c.person IN ('', q.person) AND c.until < q.until AND NOT ` + answers + `), q.until))
	FROM qualification q WHERE q.person = person.id AND q.subject = 'training'), 0) WHERE `

func reckonPerson(tx *store.Tx, id string) error {
	_, err := tx.Exec(reckon+`id = $1`, id)
	return err
}

func reckonCalled(tx *store.Tx, call string) error {
	_, err := tx.Exec(reckon+`(id IN (SELECT person FROM training_call WHERE id = $1) OR EXISTS (SELECT 1 FROM training_call WHERE id = $1 AND person = ''))`, call)
	return err
}

// Schooling is how a person stands with training.
type Schooling struct {
	Until time.Time // zero: never trained
	Calls []Call    // not answered, the one that closes first at the head; without People
}

// Schooling reads how a person stands. Whether the reader may know, the caller's act decides.
func (r *Roster) Schooling(tx *store.Tx, id string) (s Schooling, err error) {
	until, err := count(tx, `SELECT COALESCE(MAX(trained_until), 0) FROM person WHERE id = $1`, id)
	if err != nil {
		return s, err
	}
	s.Until = instant(until)
	s.Calls, err = store.List(tx, func(row store.Row) (c Call, err error) {
		var until int64
		err = row.Scan(&c.ID, &until, &c.Version)
		c.Until = instant(until)
		return c, err
	}, `SELECT c.id, c.until, c.version FROM training_call c WHERE c.person IN ('', $1) AND c.until < $2
			AND NOT EXISTS (SELECT 1 FROM qualification q WHERE q.person = $1 AND q.subject = 'training' AND `+answers+`) ORDER BY c.until, c.id`, id, int64(forever))
	return s, err
}

// Attendance is how somebody answered a call.
type Attendance struct {
	Person string
	Status Status
	At     time.Time // of the first training that answered; zero: none did
}

// Attendances lists who was called and how they answered, but for those who left. The grant is for manageTraining.
func (r *Roster) Attendances(g *guard.Grant, call string) ([]Attendance, error) {
	return store.List(g.Tx(access.ManageTraining), func(row store.Row) (a Attendance, err error) {
		var at int64
		err = row.Scan(&a.Person, &a.Status, &at)
		a.At = instant(at)
		return a, err
	}, `SELECT p.id, p.status, COALESCE((SELECT MIN(q.at) FROM qualification q WHERE q.person = p.id AND q.subject = 'training' AND `+answers+`), 0)
		FROM training_call c JOIN person p ON p.id = c.person WHERE c.id = $1 AND p.status <> 'left' ORDER BY p.id`, call)
}

// Turnout counts who was called and who answered, by call.
type Turnout struct{ Called, Answered int }

// Turnouts counts the attendances of calls. The grant is for manageTraining.
func (r *Roster) Turnouts(g *guard.Grant, calls []string) (map[string]Turnout, error) {
	all := map[string]Turnout{}
	if len(calls) == 0 {
		return all, nil
	}
	var places []string
	var args []any
	for i, id := range calls {
		places, args = append(places, fmt.Sprintf("$%d", i+1)), append(args, id)
	}
	_, err := store.List(g.Tx(access.ManageTraining), func(row store.Row) (struct{}, error) {
		var id string
		var t Turnout
		err := row.Scan(&id, &t.Called, &t.Answered)
		all[id] = t
		return struct{}{}, err
	}, `SELECT c.id, COUNT(*), SUM(CASE WHEN EXISTS (SELECT 1 FROM qualification q WHERE q.person = c.person AND q.subject = 'training' AND `+answers+`) THEN 1 ELSE 0 END)
		FROM training_call c JOIN person p ON p.id = c.person WHERE p.status <> 'left' AND c.id IN (`+strings.Join(places, ", ")+`) GROUP BY c.id`, args...)
	return all, err
}

// Taught is a training outside the program, as it was recorded.
type Taught struct {
	Person string
	Kind   string
	At     time.Time
	By     string // who recorded it; empty: the console
	Reason string // on what the record rests
}

// TaughtOutside lists trainings outside the program between two times, the newest first, most at most. The grant is for
// readTraining.
func (r *Roster) TaughtOutside(g *guard.Grant, from, to time.Time, most int) ([]Taught, error) {
	if to.Before(from) {
		return nil, problem.New(problem.Invalid, "结束日期早于开始日期").In("time")
	}
	return store.List(g.Tx(access.ReadTraining), func(row store.Row) (t Taught, err error) {
		var at int64
		var id string
		var sealed []byte
		if err := row.Scan(&id, &t.Person, &t.Kind, &at, &t.By, &sealed); err != nil {
			return t, err
		}
		t.At = instant(at)
		t.Reason, err = r.reasonOf(id, sealed)
		return t, err
	}, `SELECT id, person, kind, at, recorded_by, sealed_reason FROM qualification WHERE subject = 'training' AND version = 0 AND at >= $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT $3`,
		from.UnixMilli(), to.UnixMilli(), most)
}
