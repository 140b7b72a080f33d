package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/training"
	"mijuan/internal/web/ui"
)

// The room 培训 as the security administrator sees it: versions of the course, and campaigns.

// courseLimit is of an uploaded course: its text may have a MiB, an archive of it some more.
const courseLimit = 4 << 20

func (f *face) schoolRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/training/plans", server.Signed, f.plans),
		post("/training/plans", server.Signed, f.beginPlan),
		get("/training/plans/{plan}", server.Signed, f.plan),
		post("/training/plans/{plan}/{deed}", server.Signed, f.changePlan),
		get("/training/courses", server.Signed, f.courses),
		{Method: http.MethodPost, Pattern: "/training/courses", Auth: server.Signed, Body: courseLimit, Timeout: pageTimeout, Handle: f.publish},
		fetching("/training/courses/{number}/file", f.courseText),
		get("/training/register", server.Signed, f.trainingRegister),
	}
}

// school passes the door as the one who arranges training.
func school[O any](f *face, r *http.Request, v *Visitor, act func(*guard.Grant) (O, error)) (O, error) {
	return do(r.Context(), f.Door, v.Who, access.ManageTraining, guard.Firm, act)
}

// lastOf is the end of the day that a form names; a date that is none is the zero time, which no rule admits.
func lastOf(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, chinaTime)
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1).Add(-time.Millisecond)
}

// firstOf is its beginning.
func firstOf(day string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, day, chinaTime)
	return t
}

func (f *face) plans(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showPlans(w, r, v, nil)
}

// planned is the list of campaigns.
type planned struct {
	training.Campaigns
	names map[string]string
}

func (f *face) showPlans(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	l, err := school(f, r, v, func(g *guard.Grant) (l planned, err error) {
		if l.Campaigns, err = f.Training.Campaigns(g, (view.Page()-1)*perPage, perPage); err != nil {
			return l, err
		}
		var ids []string
		for _, c := range l.Rows {
			ids = append(ids, c.By)
		}
		l.names, err = f.People.Names(g.Tx(), ids)
		return l, err
	})
	if err != nil {
		return err
	}
	return send(w, r, plansPage(f.shell(r, v, "培训计划", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, plansTable(v.Lang, view, l), l, form(r), failed))
}

func plansTable(lang text.Lang, view ui.View, l planned) ui.Table {
	return ui.Table{Lang: lang, Name: lang.T("培训计划"), View: view, Total: int64(l.Total), Per: perPage,
		Columns: []ui.Column{{Label: lang.T("计划")}, {Label: lang.T("范围"), Narrow: true}, {Label: lang.T("截止")}, {Label: lang.T("完成"), Num: true}, {Label: lang.T("状态")}},
		Empty:   ui.EmptyProps{Title: lang.T("还没有培训计划"), Sentence: lang.T("培训计划按岗位召集人员，到期未完成的人自动停止接触资料，完成后自动恢复。")}}
}

func planOf(form url.Values) training.Plan {
	p := training.Plan{Title: form.Get("title"), Kind: form.Get("kind"), Posts: postsOf(form["posts"]), Due: lastOf(form.Get("due"))}
	p.Grace = graceOf(form)
	return p
}

// graceOf is a number of days; what is none is -1, which no rule admits.
func graceOf(form url.Values) int {
	n, err := strconv.Atoi(strings.TrimSpace(form.Get("grace")))
	if err != nil {
		return -1
	}
	return n
}

func (f *face) beginPlan(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	plan := planOf(form(r))
	id, err := school(f, r, v, func(g *guard.Grant) (string, error) { return f.Training.Begin(g, plan) })
	if err != nil && correctable(err) {
		return f.showPlans(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/training/plans/"+id)
}

// roll is a campaign with whom it called.
type roll struct {
	campaign training.Campaign
	called   []training.Attendee
	names    map[string]string
	now      time.Time
}

func (f *face) plan(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showPlan(w, r, v, nil)
}

func (f *face) readRoll(g *guard.Grant, id string) (l roll, err error) {
	l.now = g.Tx().Now
	if l.campaign, l.called, err = f.Training.Attendees(g, id); err != nil {
		return l, err
	}
	l.names, err = f.People.Names(g.Tx(), []string{l.campaign.By})
	return l, err
}

func (f *face) showPlan(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	if format, file := asked(view); file {
		return f.bringRoll(w, r, v, format, r.PathValue("plan"), view.Get("state"))
	}
	l, err := school(f, r, v, func(g *guard.Grant) (roll, error) { return f.readRoll(g, r.PathValue("plan")) })
	if err != nil {
		return err
	}
	crumbs := []ui.Crumb{{Name: v.Lang.T("培训"), Href: "/training"}, {Name: v.Lang.T("培训计划"), Href: "/training/plans"}}
	table, rows := rollTable(v.Lang, view, l)
	return send(w, r, planPage(f.shell(r, v, "培训计划", crumbs...), v, table, l, rows, form(r), failed))
}

const (
	stateDone    = "done"
	stateMissing = "missing"
)

// rollTable is the register of those called, and the rows that its view shows.
func rollTable(lang text.Lang, view ui.View, l roll) (ui.Table, []training.Attendee) {
	rows := narrowRoll(l.called, view.Get("state"))
	total := int64(len(rows))
	from := min((view.Page()-1)*perPage, len(rows))
	rows = rows[from:min(from+perPage, len(rows))]
	return ui.Table{Lang: lang, Name: lang.T("人员"), View: view, Total: total, Per: perPage, Exports: keyedFormats,
		Columns: []ui.Column{{Label: lang.T("姓名")}, {Label: lang.T("完成时间")}, {Label: lang.T("状态")}},
		Filters: []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: stateMissing, Label: lang.T("未完成")}, {Value: stateDone, Label: lang.T("已完成")}}}},
		Empty:   ui.EmptyProps{Title: lang.T("没有符合的人员")}}, rows
}

func narrowRoll(called []training.Attendee, state string) (rows []training.Attendee) {
	for _, a := range called {
		if state == "" || (state == stateMissing) == a.At.IsZero() {
			rows = append(rows, a)
		}
	}
	return rows
}

// changePlan moves a campaign's day or withdraws it.
func (f *face) changePlan(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id := form(r), r.PathValue("plan")
	deeds := map[string]func(*guard.Grant) error{
		"move":     func(g *guard.Grant) error { return f.Training.Move(g, id, lastOf(form.Get("due")), graceOf(form)) },
		"withdraw": func(g *guard.Grant) error { return f.Training.Withdraw(g, id, form.Get("reason")) },
	}
	deed, known := deeds[r.PathValue("deed")]
	if !known {
		return nowhere(w, r, v)
	}
	_, err := school(f, r, v, func(g *guard.Grant) (struct{}, error) { return struct{}{}, deed(g) })
	if err != nil && correctable(err) {
		return f.showPlan(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/training/plans/"+id)
}

// editions are the versions of the course.
type editions struct {
	versions []training.Version
	names    map[string]string
	now      time.Time
	shipped  bool // the course that ships with this program is none of them
}

func (f *face) courses(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showCourses(w, r, v, nil)
}

func (f *face) showCourses(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	e, err := school(f, r, v, func(g *guard.Grant) (e editions, err error) {
		e.now = g.Tx().Now
		if e.versions, err = f.Training.Versions(g); err != nil {
			return e, err
		}
		var ids []string
		e.shipped = true
		for _, c := range e.versions {
			ids = append(ids, c.By)
			e.shipped = e.shipped && c.Hash != course.Default().Hash()
		}
		e.names, err = f.People.Names(g.Tx(), ids)
		return e, err
	})
	if err != nil {
		return err
	}
	return send(w, r, coursesPage(f.shell(r, v, "课程版本", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, e, form(r), failed))
}

// publish takes a course as a file, or the one that ships with the program.
func (f *face) publish(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := uploadedCourse(r)
	if err == nil {
		_, err = school(f, r, v, func(g *guard.Grant) (training.Version, error) {
			return f.Training.Publish(g, c, firstOf(r.PostFormValue("required")))
		})
	}
	if err != nil && correctable(err) {
		return f.showCourses(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/training/courses")
}

func uploadedCourse(r *http.Request) (*course.Course, error) {
	if err := r.ParseMultipartForm(courseLimit); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, problem.New(problem.TooLarge, "课程过长：全部文字最多 %d KiB", course.MaxBytes>>10).In("course")
		}
		return nil, problem.New(problem.Invalid, "请选择课程文件").In("course").Because(err)
	}
	if r.PostFormValue("source") == "shipped" {
		return course.Default(), nil
	}
	file, _, err := r.FormFile("course")
	if err != nil {
		return nil, problem.New(problem.Invalid, "请选择课程文件").In("course").Because(err)
	}
	defer file.Close()
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return training.ReadCourse(raw)
}

// courseText gives a version as the Markdown that the firm edits; it holds the right answers.
func (f *face) courseText(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nowhere(w, r, v)
	}
	version, err := school(f, r, v, func(g *guard.Grant) (training.Version, error) { return f.Training.Numbered(g, n) })
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="course-`+strconv.Itoa(n)+`.md"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = io.WriteString(w, version.Course.Text())
	return err
}

// planState is how a campaign stands.
func planState(lang text.Lang, c training.Campaign, now time.Time) (ui.Tone, string) {
	switch {
	case !c.Withdrawn.IsZero():
		return 0, lang.T("已撤回")
	case c.Missing() == 0:
		return ui.Good, lang.T("全部完成")
	}
	switch n := c.Notice(now); n {
	case training.Closed:
		return ui.Late, lang.T("已结束，%d 人逾期", c.Missing())
	case training.Overdue:
		return ui.Late, lang.T("宽限中，至 %s", ui.Date(c.Closes()))
	case training.Ahead, training.Fortnight, training.Week, training.Tomorrow:
	}
	return ui.Note, lang.T("进行中")
}

// attendeeState is how one person stands with a campaign.
func attendeeState(lang text.Lang, a training.Attendee, c training.Campaign, now time.Time) (ui.Tone, string) {
	switch {
	case !a.At.IsZero():
		return ui.Good, lang.T("已完成")
	case !c.Withdrawn.IsZero():
		return 0, lang.T("已撤回")
	case a.Status != person.Active:
		return 0, lang.T(a.Status.Name())
	}
	switch c.Notice(now) {
	case training.Closed:
		return ui.Late, lang.T("逾期，已停止接触资料")
	case training.Overdue:
		return ui.Late, lang.T("逾期，宽限中")
	case training.Tomorrow, training.Week, training.Fortnight:
		return ui.Warn, lang.T("已提醒")
	case training.Ahead:
	}
	return 0, lang.T("未完成")
}

func scopeOf(lang text.Lang, posts []access.Post) string {
	if len(posts) == 0 {
		return lang.T("全体在岗人员")
	}
	return postNames(lang, posts)
}
