package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/training"
	"mijuan/internal/web/ui"
)

// The room 培训 as learners see it. Whoever is not trained yet reaches this, the pledge and the own account, and nothing else.

func (f *face) trainingRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/training", server.Signed, f.training),
		get("/training/lessons/{lesson}", server.Signed, f.lesson),
		post("/training/lessons/{lesson}", server.Signed, f.finishLesson),
		post("/training/test", server.Signed, f.drawTest),
		get("/training/test", server.Signed, f.test),
		get("/training/test/clock", server.Signed, f.testClock),
		post("/training/test/{test}", server.Signed, f.handIn),
		get("/training/results/{test}", server.Signed, f.testResult),
	}
}

// study passes the door as a learner.
func study[O any](f *face, r *http.Request, v *Visitor, act func(*guard.Grant) (O, error)) (O, error) {
	return do(r.Context(), f.Door, v.Who, access.Study, personThing(v.Person.ID), act)
}

func (f *face) training(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTraining(w, r, v, nil)
}

func (f *face) showTraining(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	s, err := study(f, r, v, f.Training.Mine)
	if err != nil {
		return err
	}
	return send(w, r, trainingPage(f.shell(r, v, "培训"), v, s, failed))
}

// trainingTabs are the parts of the room for those who arrange training; a learner sees one page and no tabs.
func trainingTabs(v *Visitor, at string) []ui.Tab {
	all := []ui.Tab{{Name: "我的培训", Href: "/training"}, {Name: "培训计划", Href: "/training/plans"}, {Name: "课程版本", Href: "/training/courses"}, {Name: "培训登记簿", Href: "/training/register"}}
	switch {
	case v.Person.Has(access.SecurityAdmin):
	case v.Person.Has(access.Auditor): // reads the register
		all = []ui.Tab{all[0], all[3]}
	default:
		return nil
	}
	var tabs []ui.Tab
	for _, t := range all {
		tabs = append(tabs, ui.Tab{Name: v.Lang.T(t.Name), Href: t.Href, Current: t.Href == at})
	}
	return tabs
}

func (f *face) lesson(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showLesson(w, r, v, nil)
}

func (f *face) showLesson(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	p, err := study(f, r, v, func(g *guard.Grant) (training.Page, error) { return f.Training.Read(g, r.PathValue("lesson")) })
	if err != nil {
		return err
	}
	return send(w, r, lessonPage(f.shell(r, v, "课文", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, p, failed))
}

// finishLesson counts a lesson as read and goes on to the next.
func (f *face) finishLesson(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	key := r.PathValue("lesson")
	_, err := study(f, r, v, func(g *guard.Grant) (struct{}, error) { return struct{}{}, f.Training.Finish(g, key) })
	if err != nil && correctable(err) {
		return f.showLesson(w, r, v, err)
	}
	if err != nil {
		return err
	}
	if next := form(r).Get("next"); next != "" {
		return see(w, r, "/training/lessons/"+url.PathEscape(next))
	}
	return see(w, r, "/training")
}

func (f *face) drawTest(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	_, err := study(f, r, v, f.Training.Draw)
	if err != nil && correctable(err) {
		return f.showTraining(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/training/test")
}

func (f *face) test(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTest(w, r, v, nil)
}

// showTest shows the open test with what was chosen already; without an open test it shows the room.
func (f *face) showTest(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	p, err := study(f, r, v, f.Training.Paper)
	if problem.Is(err, problem.Absent) {
		return see(w, r, "/training")
	}
	if err != nil {
		return err
	}
	return send(w, r, testPage(f.shell(r, v, "测验", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, p, form(r), failed))
}

// testClock says how much time is left. The page asks every few minutes, so that a session does not end while somebody thinks.
func (f *face) testClock(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	left, err := study(f, r, v, f.Training.Clock)
	if err != nil {
		return err
	}
	return send(w, r, testClock(v.Lang, left))
}

// mostQuestions is more than any test has.
const mostQuestions = 1000

// answersOf reads a posted test, and counts what was left empty.
func answersOf(posted url.Values) (answers course.Answers, empty int) {
	n, _ := strconv.Atoi(posted.Get("questions"))
	for i := range min(max(n, 0), mostQuestions) {
		var chosen []int
		for _, value := range posted[question(i)] {
			place, err := strconv.Atoi(value)
			if err != nil {
				place = -1 // which no question admits
			}
			chosen = append(chosen, place)
		}
		if len(chosen) == 0 {
			empty++
		}
		answers = append(answers, chosen)
	}
	return answers, empty
}

// question is the name of the field of the i-th question.
func question(i int) string { return "q" + strconv.Itoa(i) }

func (f *face) handIn(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	posted, id := form(r), r.PathValue("test")
	answers, empty := answersOf(posted)
	if empty > 0 && posted.Get("incomplete") != "yes" {
		return f.showTest(w, r, v, problem.New(problem.Invalid, "还有 %d 题没有作答", empty).In("incomplete"))
	}
	_, err := study(f, r, v, func(g *guard.Grant) (training.Result, error) { return f.Training.Mark(g, id, answers) })
	switch {
	case problem.Is(err, problem.Conflict):
		return f.showTraining(w, r, v, err)
	case err != nil && correctable(err):
		return f.showTest(w, r, v, err)
	case err != nil:
		return err
	}
	return see(w, r, "/training/results/"+id)
}

func (f *face) testResult(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	result, err := study(f, r, v, func(g *guard.Grant) (training.Result, error) { return f.Training.Result(g, r.PathValue("test")) })
	if err != nil {
		return err
	}
	return send(w, r, testResultPage(f.shell(r, v, "测验结果", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, result))
}

// dutyTitle says what a duty asks.
func dutyTitle(lang text.Lang, d training.Duty) string {
	switch d.Cause {
	case training.Joining:
		return lang.T("完成岗前保密培训")
	case training.Campaigned:
		return lang.T("参加培训：%s", d.Title)
	case training.NewVersion:
		return lang.T("学习新版课程（第 %d 版）", d.Version)
	case training.Lapsing:
	}
	return lang.T("再次参加保密培训")
}

// dutyNote says until when.
func dutyNote(lang text.Lang, d training.Duty, now time.Time) string {
	switch d.Notice {
	case training.Closed:
		if d.Cause == training.Joining {
			return lang.T("完成之前不能接触资料")
		}
		return lang.T("已经逾期，不能接触资料；完成后立即恢复")
	case training.Overdue:
		return lang.T("已过截止日期 %s；%s 之后不能接触资料", ui.Date(d.Due), ui.Date(d.Closes))
	case training.Tomorrow:
		return lang.T("不足一天，%s 截止", ui.Stamp(d.Due)[:len("2006-01-02 15:04")])
	case training.Week, training.Fortnight, training.Ahead:
	}
	return lang.T("还有 %d 天，%s 截止", int(d.Due.Sub(now)/(24*time.Hour)), ui.Date(d.Due))
}

func noticeTone(n training.Notice) ui.Tone {
	switch n {
	case training.Closed, training.Overdue:
		return ui.Late
	case training.Tomorrow, training.Week:
		return ui.Warn
	case training.Fortnight:
		return ui.Note
	case training.Ahead:
	}
	return 0
}

// dutyTasks are the tasks of a desk: reminders begin a fortnight before the day.
func dutyTasks(lang text.Lang, duties []training.Duty, now time.Time, all bool) (tasks []ui.Task) {
	for _, d := range duties {
		if d.Notice != training.Ahead || all {
			tasks = append(tasks, ui.Task{Kind: lang.T("培训"), Title: dutyTitle(lang, d), Note: dutyNote(lang, d, now), Tone: noticeTone(d.Notice),
				Step: ui.Link{Label: lang.T("去学习"), Href: "/training"}, First: d.Notice >= training.Tomorrow})
		}
	}
	return tasks
}

func testTone(s training.State) ui.Tone {
	switch s {
	case training.Passed:
		return ui.Good
	case training.Open:
		return ui.Note
	case training.Failed, training.Lapsed:
	}
	return ui.Late
}

// minutes rounds a time up to whole minutes.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }
