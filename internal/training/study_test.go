package training_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/training"
)

// TestFromInvitationToWork: who is new can only learn, and passing opens the door for a year.
func TestFromInvitationToWork(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		if o.may("trainee") {
			t.Fatal("somebody untrained works")
		}
		s := o.mine("trainee")
		if len(s.Duties) != 1 || s.Duties[0].Cause != training.Joining || s.Version.Number != 1 || s.Version.Hash != course.Default().Hash() || s.Left != len(course.Default().Lessons) {
			t.Fatalf("a newcomer stands at %+v", s.Duties)
		}
		_, err := study(o, "trainee", o.school.Draw)
		o.want(err, problem.Conflict, fmt.Sprintf("还有 %d 课", s.Left))
		o.learn("trainee")
		if !o.may("trainee") {
			t.Fatal("somebody trained does not work")
		}
		if s = o.mine("trainee"); len(s.Duties) != 0 || !s.Trained || s.Until != o.now().Add(366*day) || s.Tests[0].State != training.Passed {
			t.Errorf("after passing: %+v", s)
		}
		o.pass(366*day - time.Millisecond)
		if s = o.mine("trainee"); !o.may("trainee") || len(s.Duties) != 1 || s.Duties[0].Cause != training.Lapsing || s.Duties[0].Notice != training.Tomorrow {
			t.Errorf("on the last day: %+v", s.Duties)
		}
		o.pass(time.Millisecond)
		if s = o.mine("trainee"); o.may("trainee") || s.Duties[0].Notice != training.Closed || s.Left != len(s.Steps) {
			t.Errorf("a year later: %+v", s.Duties)
		}
		o.learn("trainee")
		if !o.may("trainee") {
			t.Error("the second training opens nothing")
		}
	})
}

// TestTheClockIsTheServers: a lesson counts when its reading time has passed, for one lesson at a time.
func TestTheClockIsTheServers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lessons := course.Default().Lessons
		a, b := lessons[0], lessons[1]
		reading := func(l course.Lesson) time.Duration { return time.Duration(l.Body.Seconds) * time.Second }
		o.want(o.finish("trainee", a.Key), problem.Conflict, fmt.Sprintf("请再读 %d 秒", a.Body.Seconds))
		p, err := o.open("trainee", a.Key)
		o.must(err)
		if p.Number != 1 || p.Of != len(lessons) || p.Next != b.Key || p.Done || p.Ready.Sub(p.Now) != reading(a) {
			t.Errorf("the first page: %+v", p)
		}
		o.pass(reading(a) - time.Second)
		o.want(o.finish("trainee", a.Key), problem.Conflict, "请再读 1 秒")
		_, err = o.open("trainee", b.Key) // the first one's clock stands now
		o.must(err)
		o.pass(10 * time.Second)
		o.want(o.finish("trainee", a.Key), problem.Conflict, "请再读 1 秒")
		p, err = o.open("trainee", a.Key)
		o.must(err)
		if p.Ready.Sub(p.Now) != time.Second {
			t.Errorf("%s are left", p.Ready.Sub(p.Now))
		}
		o.pass(time.Second)
		o.must(o.finish("trainee", a.Key))
		o.must(o.finish("trainee", a.Key))
		o.want(o.finish("trainee", b.Key), problem.Conflict, fmt.Sprintf("请再读 %d 秒", b.Body.Seconds-10))
		if p, err = o.open("trainee", a.Key); err != nil || !p.Done || p.Next != b.Key {
			t.Errorf("a lesson read: %+v %v", p, err)
		}
		_, err = o.open("trainee", "no-such-lesson")
		o.want(err, problem.Absent, "")
		o.want(o.finish("trainee", "no-such-lesson"), problem.Absent, "")
		if s := o.mine("trainee"); s.Left != len(lessons)-1 || !s.Steps[0].Done || !s.Steps[1].Begun || s.Steps[2].Begun {
			t.Errorf("%d are left", s.Left)
		}
		if s := o.mine("lawyer"); s.Left != len(lessons) {
			t.Error("somebody else's reading counts")
		}
	})
}

// TestATestIsMarkedOnce, in time, by its own person.
func TestATestIsMarkedOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.read("trainee")
		drawn, err := study(o, "trainee", o.school.Draw)
		o.must(err)
		again, err := study(o, "trainee", o.school.Draw)
		o.must(err)
		paper, err := study(o, "trainee", o.school.Paper)
		o.must(err)
		exam := course.Default().Exam
		if again.ID != drawn.ID || paper.ID != drawn.ID || len(paper.Sheet.Items) != exam.Questions || drawn.Deadline.Sub(o.now()) != time.Duration(exam.Minutes)*time.Minute {
			t.Fatalf("drawn twice: %+v %+v", drawn, again)
		}
		mark := func(login, id string, answers course.Answers) (training.Result, error) {
			return study(o, login, func(g *guard.Grant) (training.Result, error) { return o.school.Mark(g, id, answers) })
		}
		result := func(login string) (training.Result, error) {
			return study(o, login, func(g *guard.Grant) (training.Result, error) { return o.school.Result(g, paper.ID) })
		}
		_, err = mark("lawyer", paper.ID, nil)
		o.want(err, problem.Absent, "")
		_, err = result("trainee") // nothing is told before it is marked
		o.want(err, problem.Absent, "")
		_, err = mark("trainee", paper.ID, course.Answers{{99}})
		o.want(err, problem.Invalid, "答卷与试卷不符")
		answers := right(course.Default(), paper.Sheet)
		for i := range exam.Questions * (100 - exam.PassMark) / 100 { // as many as may be wrong
			answers[i] = nil
		}
		o.pass(time.Duration(exam.Minutes)*time.Minute - time.Millisecond)
		r, err := mark("trainee", paper.ID, answers)
		o.must(err)
		if r.State != training.Passed || r.Percent() != exam.PassMark || len(r.Marks.Wrong) != exam.Questions-r.Score || r.Until != o.now().Add(366*day) {
			t.Errorf("%+v", r.Test)
		}
		_, err = mark("trainee", paper.ID, answers)
		o.want(err, problem.Conflict, "已经交过")
		shown, err := result("trainee")
		o.must(err)
		if shown.Score != r.Score || len(shown.Marks.Wrong) != len(r.Marks.Wrong) || len(shown.Marks.Wrong[0].Clauses) == 0 || shown.Marks.Wrong[0].Why == "" {
			t.Errorf("shown: %+v", shown.Test)
		}
		_, err = result("lawyer")
		o.want(err, problem.Absent, "")
	})
}

// TestFailing: a test that lapsed is a failed one, and after three there is a wait.
func TestFailing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.read("trainee")
		r, err := o.sit("trainee", false)
		o.must(err)
		if r.State != training.Failed || r.Score != 0 || o.may("trainee") {
			t.Fatalf("an empty paper: %+v", r.Test)
		}
		lapsed, err := study(o, "trainee", o.school.Draw)
		o.must(err)
		o.pass(time.Duration(course.Default().Exam.Minutes) * time.Minute)
		_, err = study(o, "trainee", func(g *guard.Grant) (training.Result, error) { return o.school.Mark(g, lapsed.ID, nil) })
		o.want(err, problem.Conflict, "交卷时间已过")
		_, err = study(o, "trainee", o.school.Paper)
		o.want(err, problem.Absent, "没有正在作答")
		_, err = o.sit("trainee", false)
		o.must(err)
		_, err = study(o, "trainee", o.school.Draw)
		o.want(err, problem.Conflict, "已有 3 次没有通过，请重读课文，24 小时后再考")
		if s := o.mine("trainee"); s.Failures != 3 || s.Again != o.now().Add(day) || s.Tests[1].State != training.Lapsed {
			t.Errorf("after three failures: %+v", s)
		}
		o.pass(day)
		if r, err = o.sit("trainee", true); err != nil || r.State != training.Passed {
			t.Errorf("a day later: %+v %v", r.Test, err)
		}
		o.pass(time.Minute)
		o.read("trainee")
		if s := o.mine("trainee"); s.Failures != 0 {
			t.Error("a new round begins with old failures")
		}
	})
}

// TestInPerson: nobody learns for somebody else, and nobody arranges training without the post.
func TestInPerson(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		err := o.door.Do(context.Background(), o.who("security"), access.Study, o.thing("trainee"), func(g *guard.Grant) error { _, err := o.school.Mine(g); return err })
		o.want(err, problem.Refused, "由本人完成")
		o.teach("partner")
		err = o.door.Do(context.Background(), o.who("partner"), access.ManageTraining, guard.Firm, func(g *guard.Grant) error { _, err := o.school.Versions(g); return err })
		o.want(err, problem.Refused, "由安全管理员安排")
	})
}

// TestNothingLiesOpen: neither questions nor answers stand in the clear, in the tables or in the ledger.
func TestNothingLiesOpen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.read("trainee")
		r, err := o.sit("trainee", false)
		o.must(err)
		must := func(query string) {
			t.Helper()
			o.must(o.db.Read(context.Background(), func(tx *store.Tx) error {
				sealed, err := store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }, query)
				if len(sealed) < 20 || strings.Contains(string(sealed), "单选") || utf8.Valid(sealed) { // what is sealed is no text
					t.Errorf("%s gives %q", query, sealed)
				}
				return err
			}))
		}
		must(`SELECT sealed_text FROM training_course`)
		must(`SELECT sealed_seed FROM training_test`)
		must(`SELECT sealed_answers FROM training_test`)
		found := false
		for _, e := range o.entries(access.Study) {
			found = found || strings.Contains(string(e.Detail), `"deed":"mark"`)
			if strings.Contains(string(e.Detail), r.Marks.Wrong[0].Item.Stem) {
				t.Error("the ledger holds a question")
			}
		}
		if !found {
			t.Error("marking is not on record")
		}
	})
}
