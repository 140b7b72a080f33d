package training_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/training"
)

// second is the course with one word changed.
func second(t *testing.T) *course.Course {
	t.Helper()
	c, err := training.ReadCourse([]byte(strings.Replace(course.Default().Text(), "版本：第一版", "版本：第二版", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o *office) publish(c *course.Course, in time.Duration) (training.Version, error) {
	return manage(o, func(g *guard.Grant) (training.Version, error) { return o.school.Publish(g, c, o.now().Add(in)) })
}

func (o *office) begin(p training.Plan) (string, error) {
	return manage(o, func(g *guard.Grant) (string, error) { return o.school.Begin(g, p) })
}

// TestANewVersion is learned from its publication, and required from its day, by those too who were away.
func TestANewVersion(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.learn("trainee")
		o.teach("lawyer")
		o.pass(time.Hour)
		account := func(f func(*person.Roster, *guard.Grant, string) error) {
			o.must(o.door.Do(context.Background(), o.who("security"), access.Appoint, o.thing("lawyer"), func(g *guard.Grant) error { return f(o.people, g, "休假") }))
		}
		account((*person.Roster).Suspend)
		o.read("partner") // and is in the middle of a test of the old version
		_, err := study(o, "partner", o.school.Draw)
		o.must(err)
		v, err := o.publish(second(t), 10*day)
		o.must(err)
		if v.Number != 2 {
			t.Errorf("it has number %d", v.Number)
		}
		paper, err := study(o, "partner", o.school.Paper)
		o.must(err)
		r, err := study(o, "partner", func(g *guard.Grant) (training.Result, error) {
			return o.school.Mark(g, paper.ID, right(course.Default(), paper.Sheet))
		})
		o.must(err)
		if r.Version != 1 || r.Until != v.Required || !o.may("partner") {
			t.Errorf("passed version %d until %s", r.Version, r.Until)
		}
		if s := o.mine("trainee"); !o.may("trainee") || s.Version.Number != 2 || s.Left != len(s.Steps) || len(s.Duties) != 1 || s.Duties[0].Cause != training.NewVersion || s.Duties[0].Version != 2 ||
			s.Duties[0].Notice != training.Fortnight || s.Until != v.Required {
			t.Errorf("who passed the first: %+v", s.Duties)
		}
		o.teach("security") // who would be closed out like everybody
		o.pass(10 * day)
		account((*person.Roster).Restore)
		for _, login := range []string{"trainee", "lawyer", "partner"} {
			if o.may(login) {
				t.Errorf("%s works with the old version", login)
			}
		}
		o.learn("trainee")
		o.teach("lawyer") // in a classroom, after the new version came
		if !o.may("trainee") || !o.may("lawyer") || o.may("partner") {
			t.Error("the new version opens nothing")
		}
		o.must(o.door.Do(context.Background(), console, access.Appoint, o.thing("partner"), func(g *guard.Grant) error {
			return o.people.RecordTraining(g, "regular", g.Tx().Now.Add(-11*day), "纸质记录存档") // before the new version
		}))
		if o.may("partner") {
			t.Error("a training from before the new version is enough for it")
		}
	})
}

// TestPublishing refuses what is no new course.
func TestPublishing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		_, err := o.publish(course.Default(), day)
		o.want(err, problem.Conflict, "完全相同")
		_, err = o.publish(second(t), 0)
		o.want(err, problem.Invalid, "晚于今天")
		odd, err := training.ReadCourse([]byte(strings.Replace(course.Default().Text(), "条款：", "条款：99.9、", 1)))
		o.must(err)
		_, err = o.publish(odd, day)
		o.want(err, problem.Invalid, "没有的条款 99.9")
		for _, raw := range []string{"", " \n", "PK\x03\x04broken", "# 别的", "\xff\xfe"} {
			_, err = training.ReadCourse([]byte(raw))
			var p *problem.Error
			if !errors.As(err, &p) || p.Field != "course" || p.Kind != problem.Invalid {
				t.Errorf("%q: %v", raw, err)
			}
		}
		_, err = o.publish(second(t), day)
		o.must(err)
		all, err := manage(o, o.school.Versions)
		o.must(err)
		one, err := manage(o, func(g *guard.Grant) (training.Version, error) { return o.school.Numbered(g, 1) })
		o.must(err)
		if len(all) != 2 || all[0].Number != 2 || all[0].By != o.ids["security"] || all[1].By != "" || one.Course.Hash() != course.Default().Hash() {
			t.Errorf("versions: %d", len(all))
		}
		_, err = manage(o, func(g *guard.Grant) (training.Version, error) { return o.school.Numbered(g, 9) })
		o.want(err, problem.Absent, "")
	})
}

// TestCampaign: whoever is called and does not come is closed out after the grace, by nobody's doing, and let in by passing.
func TestCampaign(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for _, login := range []string{"lawyer", "partner", "trainee"} {
			o.teach(login)
		}
		o.pass(day)
		id, err := o.begin(training.Plan{Title: "春季轮训", Kind: "regular", Posts: []access.Post{access.Lawyer}, Due: o.now().Add(20 * day), Grace: 5})
		o.must(err)
		notices := map[int]training.Notice{0: training.Ahead, 6: training.Fortnight, 13: training.Week, 19: training.Tomorrow, 20: training.Overdue, 24: training.Overdue, 25: training.Closed}
		for d := range 26 {
			if want, asked := notices[d]; asked {
				s := o.mine("lawyer")
				if len(s.Duties) != 1 || s.Duties[0].Cause != training.Campaigned || s.Duties[0].Title != "春季轮训" || s.Duties[0].Notice != want || o.may("lawyer") != (want != training.Closed) {
					t.Errorf("on day %d: %+v", d, s.Duties)
				}
			}
			if d == 10 {
				o.learn("partner")
				o.clock.Store(noon.Add(11 * day).UnixMilli())
			}
			o.pass(day)
		}
		if !o.may("trainee") || !o.may("partner") || len(o.mine("trainee").Duties) != 0 {
			t.Error("who was not called, or came, is closed out")
		}
		var c training.Campaign
		called, err := manage(o, func(g *guard.Grant) (all []training.Attendee, err error) {
			c, all, err = o.school.Attendees(g, id)
			return all, err
		})
		o.must(err)
		if c.Called != 2 || c.Missing() != 1 || called[0].Person != o.ids["lawyer"] || !called[0].At.IsZero() || called[1].Name != "测试partner" || c.Notice(o.now()) != training.Closed {
			t.Errorf("%+v: %+v", c, called)
		}
		o.learn("lawyer")
		l, err := manage(o, func(g *guard.Grant) (training.Campaigns, error) { return o.school.Campaigns(g, 0, 10) })
		o.must(err)
		if !o.may("lawyer") || l.Total != 1 || l.Rows[0].Missing() != 0 || l.Rows[0].Called != 2 || !slices.Equal(l.Rows[0].Posts, []access.Post{access.Lawyer}) {
			t.Errorf("%+v", l)
		}
	})
}

// TestMovingAndWithdrawing let in who was closed out.
func TestMovingAndWithdrawing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.teach("lawyer")
		o.pass(time.Minute)
		plan := training.Plan{Title: "专项培训", Kind: "special", Due: o.now().Add(2 * day)}
		id, err := o.begin(plan)
		o.must(err)
		o.teach("security") // in the classroom
		o.pass(2 * day)
		if o.may("lawyer") {
			t.Fatal("a campaign that is over leaves who did not come in")
		}
		move := func(due time.Time, grace int) error {
			_, err := manage(o, func(g *guard.Grant) (int, error) { return 0, o.school.Move(g, id, due, grace) })
			return err
		}
		withdraw := func(reason string) error {
			_, err := manage(o, func(g *guard.Grant) (int, error) { return 0, o.school.Withdraw(g, id, reason) })
			return err
		}
		o.want(move(o.now(), 0), problem.Invalid, "截止日期")
		o.must(move(o.now().Add(day), 1))
		if s := o.mine("lawyer"); !o.may("lawyer") || s.Until != o.now().Add(2*day) {
			t.Errorf("the day was moved, and access is open until %s", s.Until)
		}
		o.pass(2 * day)
		o.want(withdraw(" "), problem.Invalid, "理由")
		if o.may("lawyer") {
			t.Error("the second day passed")
		}
		o.must(withdraw("改为下季度"))
		if s := o.mine("lawyer"); !o.may("lawyer") || len(s.Duties) != 0 {
			t.Errorf("it was withdrawn: %+v", s.Duties)
		}
		o.want(move(o.now().Add(day), 0), problem.Conflict, "已经撤回")
		o.want(withdraw("再来一次"), problem.Conflict, "已经撤回")
		for field, spoil := range map[string]func(*training.Plan){
			"title": func(p *training.Plan) { p.Title = " " }, "kind": func(p *training.Plan) { p.Kind = "joining" }, "due": func(p *training.Plan) { p.Due = o.now() },
			"grace": func(p *training.Plan) { p.Grace = 61 }, "posts": func(p *training.Plan) { p.Posts = []access.Post{access.Custodian} },
		} {
			p := plan
			p.Due = o.now().Add(day)
			spoil(&p)
			var wrong *problem.Error
			if _, err := o.begin(p); !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("a plan with a wrong %s: %v", field, err)
			}
		}
	})
}

// TestRegister has who was trained how, on what, with what result.
func TestRegister(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.read("trainee")
		_, err := o.sit("trainee", false)
		o.must(err)
		o.pass(time.Minute)
		_, err = o.sit("trainee", true)
		o.must(err)
		o.pass(time.Minute)
		_, err = o.begin(training.Plan{Title: "专项培训", Kind: "special", Due: o.now().Add(2 * day)})
		o.must(err)
		o.learn("trainee")
		o.pass(time.Minute)
		register := func(f training.Filter) []training.Entry {
			t.Helper()
			var b training.Book
			err := o.door.Do(t.Context(), o.who("security"), access.ReadTraining, guard.Firm, func(g *guard.Grant) (err error) { b, err = o.school.Register(g, f); return err })
			o.must(err)
			return b.Rows
		}
		all := register(training.Filter{})
		if len(all) != 4 {
			t.Fatalf("%d rows: %+v", len(all), all)
		}
		want := []training.Entry{{Form: training.Online, Kind: "special", Scope: "专项培训", State: training.Passed, Score: 20, Name: "测试trainee"},
			{Form: training.Online, Kind: "joining", State: training.Passed, Score: 20, Name: "测试trainee"}, {Form: training.Online, State: training.Failed, Name: "测试trainee"},
			{Form: training.Outside, Kind: "joining", State: training.Passed, Name: "测试security"}}
		for i, w := range want {
			e := all[i]
			if e.Form != w.Form || e.Kind != w.Kind || e.Scope != w.Scope || e.State != w.State || e.Score != w.Score || e.Name != w.Name || e.Form == training.Online && (e.Title != course.Default().Title || e.Number != 1 || e.Of != 20) {
				t.Errorf("row %d is %+v", i, e)
			}
		}
		for n, f := range map[int]training.Filter{3: {Form: training.Online}, 1: {Text: "security"}, 0: {To: noon}} {
			if got := register(f); len(got) != n {
				t.Errorf("%+v gives %d rows", f, len(got))
			}
		}
		if got := register(training.Filter{State: training.Failed}); len(got) != 1 {
			t.Errorf("%d failed", len(got))
		}
		if got := register(training.Filter{Offset: 1, Limit: 2}); len(got) != 2 || got[0].Kind != "joining" {
			t.Errorf("the second page: %+v", got)
		}
	})
}
