package training

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// round is somebody's reading of one version of the course.
type round struct {
	id      string
	lessons map[string]progress
}

// progress is how far somebody is with one lesson.
type progress struct {
	spent  time.Duration // before opened
	opened time.Time     // zero: the clock stands
	done   bool
}

// read is for how long the lesson was read, up to now.
func (p progress) read(now time.Time) time.Duration {
	if p.opened.IsZero() {
		return p.spent
	}
	return p.spent + max(0, now.Sub(p.opened))
}

// round finds the person's open round with a version; an empty id says that there is none.
func (c *Classroom) round(tx *store.Tx, person string, v Version) (r round, err error) {
	r.id, err = store.Get(tx, scanText, `SELECT id FROM training_round WHERE person = $1 AND course = $2 AND passed = 0 ORDER BY begun DESC, id DESC LIMIT 1`, person, v.ID)
	if errors.Is(err, store.ErrNone) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.lessons = map[string]progress{}
	_, err = store.List(tx, func(row store.Row) (struct{}, error) {
		var key string
		var spent, opened, done int64
		err := row.Scan(&key, &spent, &opened, &done)
		r.lessons[key] = progress{time.Duration(spent) * time.Millisecond, instant(opened), done != 0}
		return struct{}{}, err
	}, `SELECT lesson, spent, opened, done FROM training_reading WHERE round = $1`, r.id)
	return r, err
}

func scanText(row store.Row) (s string, err error) { err = row.Scan(&s); return s, err }

// Page is a lesson as its reader sees it.
type Page struct {
	Version int
	Title   string // of the course
	Lesson  course.Lesson
	Number  int // of the lesson, from 1
	Of      int
	Next    string // key of the first lesson that is not read, after this one or else before it; empty: none is left
	Done    bool
	Ready   time.Time // when it will have been read long enough
	Now     time.Time
}

// Read shows a lesson of the version that is learned now, and lets its clock run. The clock of every other lesson stands
// meanwhile, and goes on when that is opened again. The grant is for study.
func (c *Classroom) Read(g *guard.Grant, key string) (p Page, err error) {
	tx, me := g.Tx(access.Study), g.Only(access.Person)
	v, err := c.latest(tx)
	if err != nil {
		return p, err
	}
	lesson, known := v.Course.Lesson(key)
	if !known {
		return p, errAbsent
	}
	r, err := c.begun(tx, me, v)
	if err != nil {
		return p, err
	}
	g.Note("lesson", map[string]any{"course": v.Number, "lesson": key, "deed": "open"})
	now := r.lessons[key]
	if !now.done {
		if err := c.turnTo(tx, r.id, key); err != nil {
			return p, err
		}
		if now.opened.IsZero() {
			now.opened = tx.Now
		}
	}
	p = Page{Version: v.Number, Title: v.Course.Title, Lesson: lesson, Of: len(v.Course.Lessons), Next: unread(v.Course, r, key), Done: now.done, Now: tx.Now}
	p.Ready = tx.Now.Add(needed(lesson) - now.read(tx.Now))
	for i, l := range v.Course.Lessons {
		if l.Key == key {
			p.Number = i + 1
		}
	}
	return p, nil
}

// begun is the open round, or a new one.
func (c *Classroom) begun(tx *store.Tx, person string, v Version) (round, error) {
	r, err := c.round(tx, person, v)
	if err != nil || r.id != "" {
		return r, err
	}
	r.id, r.lessons = tx.NewID(), map[string]progress{}
	_, err = tx.Exec(`INSERT INTO training_round (id, person, course, begun, passed) VALUES ($1, $2, $3, $4, 0)`, r.id, person, v.ID, tx.Now.UnixMilli())
	return r, err
}

// turnTo lets the clock of one lesson run and stops the others'.
func (c *Classroom) turnTo(tx *store.Tx, round, key string) error {
	now := tx.Now.UnixMilli()
	if _, err := tx.Exec(`UPDATE training_reading SET spent = spent + $3 - opened, opened = 0 WHERE round = $1 AND lesson <> $2 AND opened > 0 AND done = 0`, round, key, now); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO training_reading (round, lesson, spent, opened, done) VALUES ($1, $2, 0, $3, 0)
		ON CONFLICT (round, lesson) DO UPDATE SET opened = CASE WHEN training_reading.opened = 0 THEN excluded.opened ELSE training_reading.opened END`, round, key, now)
	return err
}

func needed(l course.Lesson) time.Duration { return time.Duration(l.Body.Seconds) * time.Second }

// unread is the first lesson after the one named, or else of all, that is not read and not the one named.
func unread(c *course.Course, r round, key string) string {
	before, after, passed := "", "", false
	for _, l := range c.Lessons {
		switch {
		case l.Key == key:
			passed = true
		case r.lessons[l.Key].done:
		case passed && after == "":
			after = l.Key
		case !passed && before == "":
			before = l.Key
		}
	}
	if after != "" {
		return after
	}
	return before
}

// Finish counts a lesson as read, if its reading time has passed since it was opened. The grant is for study.
func (c *Classroom) Finish(g *guard.Grant, key string) error {
	tx, me := g.Tx(access.Study), g.Only(access.Person)
	v, err := c.latest(tx)
	if err != nil {
		return err
	}
	lesson, known := v.Course.Lesson(key)
	if !known {
		return errAbsent
	}
	r, err := c.round(tx, me, v)
	if err != nil {
		return err
	}
	p := r.lessons[key]
	read := p.read(tx.Now)
	if left := needed(lesson) - read; left > 0 && !p.done {
		return problem.New(problem.Conflict, "这一课还没有读够时间，请再读 %d 秒", int((left+time.Second-1)/time.Second))
	}
	g.Note("lesson", map[string]any{"course": v.Number, "lesson": key, "deed": "done", "seconds": int(read / time.Second)})
	_, err = tx.Exec(`UPDATE training_reading SET spent = $3, opened = 0, done = $4 WHERE round = $1 AND lesson = $2 AND done = 0`, r.id, key, read.Milliseconds(), tx.Now.UnixMilli())
	return err
}
