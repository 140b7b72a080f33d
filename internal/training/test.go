package training

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

const (
	// mostFailures is after how many failed tests, and each as many more, a person waits before the next.
	mostFailures = 3
	// failureWait is for how long.
	failureWait = 24 * time.Hour
)

// State of a test.
type State uint8

const (
	Open   State = iota + 1 // drawn, and its deadline has not passed
	Passed                  // marked
	Failed                  // marked
	Lapsed                  // nobody handed it in before its deadline
)

var stateNames = map[State]string{Open: "正在作答", Passed: "合格", Failed: "未通过", Lapsed: "超时未交"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Test is a test of somebody, without its questions.
type Test struct {
	ID        string
	Version   int // of the course
	State     State
	Drawn     time.Time
	Deadline  time.Time
	Handed    time.Time // zero: never
	Score, Of int

	round, course string
	seed, answers []byte // sealed
}

// Percent is of the questions, rounded down.
func (t Test) Percent() int { return t.Score * 100 / max(1, t.Of) }

// over is when a failed test was over.
func (t Test) over() time.Time {
	if t.Handed.IsZero() {
		return t.Deadline
	}
	return t.Handed
}

const testColumns = `t.id, t.round, t.course, v.number, t.drawn, t.deadline, t.handed, t.score, t.questions, t.passed, t.sealed_seed, t.sealed_answers
	FROM training_test t JOIN training_course v ON v.id = t.course`

func scanTest(now time.Time) func(store.Row) (Test, error) {
	return func(row store.Row) (t Test, err error) {
		var drawn, deadline, handed, passed int64
		if err := row.Scan(&t.ID, &t.round, &t.course, &t.Version, &drawn, &deadline, &handed, &t.Score, &t.Of, &passed, &t.seed, &t.answers); err != nil {
			return t, err
		}
		t.Drawn, t.Deadline, t.Handed = instant(drawn), instant(deadline), instant(handed)
		t.State = stateOf(handed, deadline, passed, now.UnixMilli())
		return t, nil
	}
}

func stateOf(handed, deadline, passed, now int64) State {
	switch {
	case passed != 0:
		return Passed
	case handed != 0:
		return Failed
	case deadline <= now:
		return Lapsed
	}
	return Open
}

// Paper is a test that its person may answer now.
type Paper struct {
	Test
	Sheet course.Sheet
	Now   time.Time
}

// Draw gives the person a test on the version that was read: the one that is open, or a new one. All lessons must have been
// read; after repeated failure there is a wait. The grant is for study.
func (c *Classroom) Draw(g *guard.Grant) (Test, error) {
	tx, me := g.Tx(access.Study), g.Only(access.Person)
	open, err := c.openTest(tx, me)
	if err != nil || open.ID != "" {
		g.Note("test", open.ID)
		return open, err
	}
	v, err := c.latest(tx)
	if err != nil {
		return open, err
	}
	r, err := c.round(tx, me, v)
	if err != nil {
		return open, err
	}
	left := 0
	for _, l := range v.Course.Lessons {
		if !r.lessons[l.Key].done {
			left++
		}
	}
	if left > 0 {
		return open, problem.New(problem.Conflict, "请先读完全部课文，还有 %d 课", left)
	}
	failures, again, err := c.failures(tx, r.id)
	if err != nil {
		return open, err
	}
	if wait := again.Sub(tx.Now); wait > 0 {
		return open, problem.New(problem.Conflict, "已有 %d 次没有通过，请重读课文，%d 小时后再考", failures, int((wait+time.Hour-1)/time.Hour))
	}
	return c.draw(g, r.id, v)
}

func (c *Classroom) draw(g *guard.Grant, round string, v Version) (Test, error) {
	var seed [32]byte
	_, _ = rand.Read(seed[:]) // never fails: the program stops first
	tx, me := g.Tx(), g.Only(access.Person)
	t := Test{ID: tx.NewID(), Version: v.Number, State: Open, Drawn: tx.Now, Deadline: tx.Now.Add(time.Duration(v.Course.Exam.Minutes) * time.Minute), Of: v.Course.Exam.Questions}
	if _, err := v.Course.Draw(seed, t.Of); err != nil {
		return t, err
	}
	g.Note("test", map[string]any{"test": t.ID, "course": v.Number, "deed": "draw", "deadline": t.Deadline.UnixMilli()})
	_, err := tx.Exec(`INSERT INTO training_test (id, round, person, course, sealed_seed, questions, drawn, deadline, handed, score, passed, kind, campaign)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, '', '')`, t.ID, round, me, v.ID, c.seed.Seal(t.ID, seed[:]), t.Of, t.Drawn.UnixMilli(), t.Deadline.UnixMilli())
	return t, err
}

// openTest finds the test that the person may answer now; an empty ID says that there is none.
func (c *Classroom) openTest(tx *store.Tx, person string) (Test, error) {
	t, err := store.Get(tx, scanTest(tx.Now), `SELECT `+testColumns+` WHERE t.person = $1 AND t.handed = 0 AND t.deadline > $2 ORDER BY t.drawn DESC LIMIT 1`, person, tx.Now.UnixMilli())
	if errors.Is(err, store.ErrNone) {
		return Test{}, nil
	}
	return t, err
}

// failures counts the failed tests of a round and gives when the next may be drawn.
func (c *Classroom) failures(tx *store.Tx, round string) (n int, again time.Time, err error) {
	tests, err := store.List(tx, scanTest(tx.Now), `SELECT `+testColumns+` WHERE t.round = $1 ORDER BY t.drawn, t.id`, round)
	for _, t := range tests {
		if t.State == Failed || t.State == Lapsed {
			if n++; n%mostFailures == 0 {
				again = t.over().Add(failureWait)
			}
		}
	}
	return n, again, err
}

// Paper shows the open test, without any answer. problem.Absent when there is none. The grant is for study.
func (c *Classroom) Paper(g *guard.Grant) (Paper, error) {
	tx, me := g.Tx(access.Study), g.Only(access.Person)
	t, err := c.openTest(tx, me)
	if err == nil && t.ID == "" {
		err = problem.New(problem.Absent, "现在没有正在作答的试卷")
	}
	if err != nil {
		return Paper{}, err
	}
	g.Note("test", map[string]any{"test": t.ID, "deed": "show"})
	drawn, err := c.redraw(tx, t)
	if err != nil {
		return Paper{}, err
	}
	return Paper{Test: t, Sheet: drawn.Sheet(), Now: tx.Now}, nil
}

// Clock is how much time the open test leaves; none is 0. The grant is for study.
func (c *Classroom) Clock(g *guard.Grant) (time.Duration, error) {
	tx := g.Tx(access.Study)
	t, err := c.openTest(tx, g.Only(access.Person))
	if err != nil || t.ID == "" {
		return 0, err
	}
	return t.Deadline.Sub(tx.Now), nil
}

func (c *Classroom) redraw(tx *store.Tx, t Test) (*course.Test, error) {
	v, err := c.version(tx, t.course)
	if err != nil {
		return nil, err
	}
	raw, err := c.seed.Open(t.ID, t.seed)
	if err != nil {
		return nil, err
	}
	if len(raw) != 32 {
		return nil, fmt.Errorf("the seed of test %s has %d bytes", t.ID, len(raw))
	}
	return v.Course.Draw([32]byte(raw), t.Of)
}

// Result is a test that was marked, for the person who took it.
type Result struct {
	Test
	Marks course.Result
	Until time.Time // of a test passed just now: until when it holds
}

// own finds a test of the person that the grant is for.
func (c *Classroom) own(g *guard.Grant, id string) (Test, error) {
	tx := g.Tx(access.Study)
	t, err := store.Get(tx, scanTest(tx.Now), `SELECT `+testColumns+` WHERE t.id = $1 AND t.person = $2`, id, g.Only(access.Person))
	if errors.Is(err, store.ErrNone) {
		err = errAbsent
	}
	return t, err
}

// Mark marks the answers to a test, once. Who passes is qualified from now on. The grant is for study.
func (c *Classroom) Mark(g *guard.Grant, id string, answers course.Answers) (r Result, err error) {
	if r.Test, err = c.own(g, id); err != nil {
		return r, err
	}
	switch r.State {
	case Passed, Failed:
		return r, problem.New(problem.Conflict, "这份试卷已经交过，不能再交")
	case Lapsed:
		return r, problem.New(problem.Conflict, "交卷时间已过，这份试卷作废，请重新抽题")
	case Open:
	}
	tx := g.Tx()
	drawn, err := c.redraw(tx, r.Test)
	if err != nil {
		return r, err
	}
	if r.Marks, err = drawn.Mark(answers); err != nil {
		return r, err
	}
	raw, err := json.Marshal(answers)
	if err != nil {
		return r, err
	}
	r.Handed, r.Score, r.State = tx.Now, r.Marks.Right, Failed
	g.Note("test", map[string]any{"test": id, "course": r.Version, "deed": "mark", "right": r.Marks.Right, "of": r.Marks.Total, "passed": r.Marks.Passed})
	if _, err := tx.Exec(`UPDATE training_test SET handed = $2, sealed_answers = $3, score = $4 WHERE id = $1 AND handed = 0`, id, tx.Now.UnixMilli(), c.answers.Seal(id, raw), r.Score); err != nil {
		return r, err
	}
	if r.Marks.Passed {
		r.State = Passed
		r.Until, err = c.pass(g, r.Test)
	}
	return r, err
}

// pass ends the round and qualifies its person.
func (c *Classroom) pass(g *guard.Grant, t Test) (until time.Time, err error) {
	tx, me := g.Tx(), g.Only(access.Person)
	kind, campaign, err := c.occasion(tx, me)
	if err != nil {
		return until, err
	}
	if _, err := tx.Exec(`UPDATE training_test SET passed = $2, kind = $3, campaign = $4 WHERE id = $1`, t.ID, tx.Now.UnixMilli(), kind, campaign); err != nil {
		return until, err
	}
	if _, err := tx.Exec(`UPDATE training_round SET passed = $2 WHERE id = $1`, t.round, tx.Now.UnixMilli()); err != nil {
		return until, err
	}
	return c.people.Learned(g, kind, t.Version)
}

// Result shows a marked test of the person with what was wrong in it. problem.Absent for one that was not marked. The grant is
// for study.
func (c *Classroom) Result(g *guard.Grant, id string) (r Result, err error) {
	if r.Test, err = c.own(g, id); err != nil {
		return r, err
	}
	if r.Handed.IsZero() {
		return r, errAbsent
	}
	g.Note("test", map[string]any{"test": id, "deed": "result"})
	drawn, err := c.redraw(g.Tx(), r.Test)
	if err != nil {
		return r, err
	}
	raw, err := c.answers.Open(id, r.answers)
	if err != nil {
		return r, err
	}
	var answers course.Answers
	if err := json.Unmarshal(raw, &answers); err != nil {
		return r, fmt.Errorf("answers of test %s: %w", id, err)
	}
	r.Marks, err = drawn.Mark(answers)
	return r, err
}
