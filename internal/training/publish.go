package training

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// ReadCourse reads a course that the firm wrote: a ZIP archive of its folder, or one Markdown file. It touches no database.
func ReadCourse(raw []byte) (*course.Course, error) {
	var c *course.Course
	var err error
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, problem.New(problem.Invalid, "请选择课程文件").In("course")
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		c, err = course.Unzip(raw)
	default:
		c, err = course.Parse(string(raw))
	}
	var p *problem.Error
	if errors.As(err, &p) {
		return nil, p.In("course")
	}
	return c, err
}

// Publish puts a new version of the course there, which everybody must have passed when required comes; until then the version
// before it is enough. Who learns from now on learns this one. The grant is for manageTraining.
func (s *School) Publish(g *guard.Grant, c *course.Course, required time.Time) (Version, error) {
	tx := g.Tx(access.ManageTraining)
	last, err := s.latest(tx)
	if err != nil {
		return Version{}, err
	}
	if !required.After(tx.Now) {
		return Version{}, problem.New(problem.Invalid, "“自何日起必须通过”要晚于今天").In("required")
	}
	if err := s.cites(c); err != nil {
		return Version{}, err
	}
	v, err := s.put(tx, Version{Number: last.Number + 1, Course: c, Required: required, By: g.Who().Person})
	if store.Taken(err) {
		return v, problem.New(problem.Conflict, "这份课程与已有的版本完全相同").In("course")
	}
	if err != nil {
		return v, err
	}
	g.Note("course", map[string]any{"number": v.Number, "hash": v.Hash, "required": required.UnixMilli()})
	return v, s.people.RequireTraining(g, person.Call{ID: v.ID, Until: required, Version: v.Number})
}

// cites refuses a course that cites clauses which the rules do not have.
func (s *School) cites(c *course.Course) error {
	known := s.clauses()
	for _, key := range c.Clauses() {
		if !slices.ContainsFunc(known, func(k access.Clause) bool { return k.Key == key }) {
			return problem.New(problem.Invalid, "课程引用了制度里没有的条款 %s", key).In("course")
		}
	}
	return nil
}

// Versions lists all versions, the newest first. The grant is for manageTraining.
func (s *School) Versions(g *guard.Grant) ([]Version, error) {
	tx := g.Tx(access.ManageTraining)
	if _, err := s.latest(tx); err != nil {
		return nil, err
	}
	g.Note("read", "courses")
	return store.List(tx, s.scanVersion, `SELECT `+versionColumns+` FROM training_course ORDER BY number DESC`)
}

// Numbered is the version of that number, with its right answers, for those who edit it. The grant is for manageTraining.
func (s *School) Numbered(g *guard.Grant, number int) (Version, error) {
	tx := g.Tx(access.ManageTraining)
	if _, err := s.latest(tx); err != nil { // the first one comes with the product
		return Version{}, err
	}
	g.Note("read", map[string]any{"course": number})
	v, err := store.Get(tx, s.scanVersion, `SELECT `+versionColumns+` FROM training_course WHERE number = $1`, number)
	if errors.Is(err, store.ErrNone) {
		err = errAbsent
	}
	return v, err
}
