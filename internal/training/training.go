// Package training is 培训 (clauses 6.1, 6.2): versions of the course, lessons read by the server's clock, tests drawn from a sealed
// seed and marked once, and campaigns that call people to be trained again. Who passes is qualified in the roster, where the one
// door reads it; who is called and does not come is closed out by a date passing, and let in again by passing.
//
// Classroom is what learners do, School what the security administrator arranges. The right answers stay in this package until a
// test is marked.
package training

import (
	"errors"
	"sync"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Version is a version of the course.
type Version struct {
	ID        string
	Number    int // from 1; 1 came with the product
	Course    *course.Course
	Hash      string
	Required  time.Time // until then the version before it is enough
	Published time.Time
	By        string // person; empty: it came with the product
}

// School is what the security administrator arranges: courses, campaigns, the register. It is safe for concurrent use.
type School struct {
	*shelf
	*Classroom
}

// Classroom is what people do for themselves: read, be tested, see how they stand.
type Classroom struct {
	*shelf
	seed, answers *vault.Field
}

// shelf holds the versions of the course, read once each: they do not change.
type shelf struct {
	people      *person.Roster
	clauses     func() []access.Clause // of the rules in force
	text, title *vault.Field
	mu          sync.Mutex
	courses     map[string]*course.Course // by the version's id
}

// New makes the school. clauses gives those of the rules in force.
func New(people *person.Roster, clauses func() []access.Clause, keys *vault.Keyring) *School {
	s := &shelf{people: people, clauses: clauses, text: keys.Field("training_course.text"), title: keys.Field("training_campaign.title"), courses: map[string]*course.Course{}}
	return &School{shelf: s, Classroom: &Classroom{shelf: s, seed: keys.Field("training_test.seed"), answers: keys.Field("training_test.answers")}}
}

var errAbsent = problem.New(problem.Absent, "没有找到，或者您无权知悉")

const versionColumns = `id, number, hash, required, published, published_by, sealed_text`

// scanVersion opens a version's text only when it was not read before.
func (s *shelf) scanVersion(row store.Row) (v Version, err error) {
	var required, published int64
	var sealed []byte
	if err := row.Scan(&v.ID, &v.Number, &v.Hash, &required, &published, &v.By, &sealed); err != nil {
		return v, err
	}
	v.Required, v.Published = instant(required), instant(published)
	s.mu.Lock()
	defer s.mu.Unlock()
	if v.Course = s.courses[v.ID]; v.Course != nil {
		return v, nil
	}
	text, err := s.text.OpenText(v.ID, sealed)
	if err != nil {
		return v, err
	}
	if v.Course, err = course.Parse(text); err != nil {
		return v, problem.New(problem.Damaged, "课程第 %d 版读不出来", v.Number).Because(err)
	}
	s.courses[v.ID] = v.Course
	return v, nil
}

// latest is the version that is learned now. The first act that asks for one puts the course that came with the product there.
func (s *shelf) latest(tx *store.Tx) (Version, error) {
	v, err := store.Get(tx, s.scanVersion, `SELECT `+versionColumns+` FROM training_course ORDER BY number DESC LIMIT 1`)
	if errors.Is(err, store.ErrNone) {
		return s.put(tx, Version{Number: 1, Course: course.Default()})
	}
	return v, err
}

func (s *shelf) version(tx *store.Tx, id string) (Version, error) {
	return store.Get(tx, s.scanVersion, `SELECT `+versionColumns+` FROM training_course WHERE id = $1`, id)
}

// put writes a version down.
func (s *shelf) put(tx *store.Tx, v Version) (Version, error) {
	v.ID, v.Hash, v.Published = tx.NewID(), v.Course.Hash(), tx.Now
	_, err := tx.Exec(`INSERT INTO training_course (id, number, hash, sealed_text, required, published, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.ID, v.Number, v.Hash, s.text.SealText(v.ID, v.Course.Text()), millis(v.Required), tx.Now.UnixMilli(), v.By)
	return v, err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
