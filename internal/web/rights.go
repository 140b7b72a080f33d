package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/rights"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) rightsRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/rights", server.Signed, f.rights),
		get("/rights/register", server.Signed, f.rightsRegister),
		post("/rights", server.Signed, f.askRights),
		post("/rights/{request}", server.Signed, f.settleRights),
	}
}

// applications is the page of requests: what waits for the visitor, the visitor's own, and the forms to ask.
type applications struct {
	waiting  []rights.Request
	unkept   map[string]int // by request: what is to be handed over first
	mine     []rights.Request
	register bool // may be read
	people   []person.Person
	now      time.Time
	form     url.Values
	failed   error
	at       string // which form came back: place, posts, or a request's id
}

func (x applications) wrong(lang text.Lang, at, field string) string {
	if x.at != at {
		return ""
	}
	return fieldError(lang, x.failed, field)
}

func (x applications) typed(at, field string) string {
	if x.at != at {
		return ""
	}
	return x.form.Get(field)
}

func (x applications) sentence(lang text.Lang, at string, fields ...string) string {
	if x.at != at {
		return ""
	}
	return formError(lang, x.failed, fields...)
}

func (f *face) rights(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in := r.URL.Query().Get("matter")
	if in == "" {
		return f.showRights(w, r, v, "", nil)
	}
	heads, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, matterThing(in), func(g *guard.Grant) (map[string]matter.Heading, error) {
		return f.Matters.Headings(g.Tx(), []string{in})
	})
	if err != nil {
		return err
	}
	r.PostForm = url.Values{"number": {heads[in].Number}} // as if typed: a refusal leads here
	return f.showRights(w, r, v, string(rights.Place), nil)
}

func (f *face) showRights(w http.ResponseWriter, r *http.Request, v *Visitor, at string, failed error) error {
	x := applications{unkept: map[string]int{}, form: form(r), failed: failed, at: at}
	err := f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		x.now = g.Tx().Now
		if x.waiting, err = f.Rights.Waiting(g); err != nil {
			return err
		}
		for _, q := range x.waiting {
			if q.State == rights.Approved {
				if x.unkept[q.ID], err = f.Rights.Unkept(g, q); err != nil {
					return err
				}
			}
		}
		x.mine, err = f.Rights.Mine(g)
		return err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ReadRights)
	if err != nil {
		return err
	}
	x.register = can[access.ReadRights].Outcome == access.Permit
	if len(x.unkept) > 0 {
		if x.people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	return send(w, r, rightsPage(f.shell(r, v, "权限变更"), v, x))
}

// askRights is a request: for a place in a team, or for other posts, one's own or, from a person's page, another's.
func (f *face) askRights(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	of, back := form.Get("person"), "/rights"
	if of == "" {
		of = v.Person.ID
	}
	var err error
	if form.Get("kind") == string(rights.Place) {
		level, _ := classification.ParseLevel(form.Get("clearance")) // none is said by AskPlace
		want := rights.Wanted{Number: form.Get("number"), Duty: matter.Duty(form.Get("duty")), Level: level, Listed: form.Get("listed") == "yes"}
		day, derr := time.ParseInLocation(time.DateOnly, form.Get("until"), matter.Beijing)
		if derr == nil {
			want.Until = day.AddDate(0, 0, 1).Add(-time.Second)
		}
		err = f.Door.Do(r.Context(), v.Who, access.RequestRights, personThing(of), func(g *guard.Grant) error {
			if derr != nil && form.Get("until") != "" {
				return problem.New(problem.Invalid, "请填写截止日").In("until")
			}
			return f.Rights.AskPlace(g, want, form.Get("reason"))
		})
	} else {
		act := access.RequestRights
		can, cerr := f.Door.Can(r.Context(), v.Who, personThing(of), access.Appoint)
		if cerr != nil {
			return cerr
		}
		if can[access.Appoint].Outcome == access.Permit { // where nobody could approve, this changes the posts at once
			act = access.Appoint
		}
		err = f.Door.Do(r.Context(), v.Who, act, personThing(of), func(g *guard.Grant) error {
			asked, err := f.Rights.AskPosts(g, of, postsOf(form["posts"]), form.Get("reason"))
			if !asked {
				back = "/people/" + of
			}
			return err
		})
	}
	if err != nil && correctable(err) {
		if of != v.Person.ID {
			r.SetPathValue("person", of)
			return f.showPerson(w, r, v, err)
		}
		return f.showRights(w, r, v, form.Get("kind"), err)
	}
	if err != nil {
		return err
	}
	return see(w, r, back)
}

// settleRights decides, carries out or withdraws a request, or begins the hand-over that it needs first.
func (f *face) settleRights(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id := form(r), r.PathValue("request")
	of, why := personThing(form.Get("person")), form.Get("opinion")
	approve := form.Get("decision") == "approve"
	var err error
	switch form.Get("deed") {
	case "posts":
		err = f.Door.Do(r.Context(), v.Who, access.DecideRights, of, func(g *guard.Grant) error { return f.Rights.DecidePosts(g, id, approve, why) })
	case "place":
		err = f.Door.Do(r.Context(), v.Who, access.ManageTeam, matterThing(form.Get("matter")), func(g *guard.Grant) error { return f.Rights.DecidePlace(g, id, approve, why) })
	case "carry-out":
		err = f.Door.Do(r.Context(), v.Who, access.Appoint, of, func(g *guard.Grant) error { return f.Rights.CarryOut(g, id) })
	case "withdraw":
		err = f.Door.Do(r.Context(), v.Who, access.RequestRights, of, func(g *guard.Grant) error { return f.Rights.Withdraw(g, id) })
	case "hand-over":
		day, _ := time.Parse(time.DateOnly, form.Get("last_day")) // none is said by Begin
		err = f.Door.Do(r.Context(), v.Who, access.BeginLeaving, of, func(g *guard.Grant) error {
			return f.Rights.HandOver(g, id, leaving.Beginning{LastDay: day, Witness: form.Get("witness")})
		})
		if err == nil {
			return see(w, r, "/people/"+of.ID+"/leaving")
		}
	default:
		return nowhere(w, r, v)
	}
	if err != nil && correctable(err) {
		return f.showRights(w, r, v, id, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/rights")
}

func (f *face) rightsRegister(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := rights.Filter{Kind: rights.Kind(view.Get("kind")), Text: view.Search()}
	filter.From, filter.To = span(view, "at")
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadRights, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			all, _, err := f.Rights.List(g, filter)
			var rows [][]string
			for _, q := range all {
				rows = append(rows, rightsCells(v.Lang, q))
			}
			return rowsOf{registerFile{"rights", "权限变更登记簿", narrowing(v.Lang, rightsTable(v.Lang, view, 0)), inside(v.Lang), rightsColumns(v.Lang)}, rows}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	total := int64(0)
	all, err := do(r.Context(), f.Door, v.Who, access.ReadRights, guard.Firm, func(g *guard.Grant) (all []rights.Request, err error) {
		all, total, err = f.Rights.List(g, filter)
		return all, err
	})
	if err != nil {
		return err
	}
	return send(w, r, rightsRegisterPage(f.shell(r, v, "登记簿", ui.Crumb{Name: v.Lang.T("权限变更"), Href: "/rights"}), v, rightsTable(v.Lang, view, total), all))
}

func rightsTable(lang text.Lang, view ui.View, total int64) ui.Table {
	var kinds []ui.Option
	for _, k := range []rights.Kind{rights.Posts, rights.Place, rights.Account} {
		kinds = append(kinds, ui.Option{Value: string(k), Label: lang.T(k.Name())})
	}
	return ui.Table{Lang: lang, Name: lang.T("权限变更"), View: view, Search: lang.T("姓名"), Total: total, Per: perPage, Exports: paperFormats,
		Columns: []ui.Column{{Label: lang.T("姓名")}, {Label: lang.T("申请内容")}, {Label: lang.T("理由"), Narrow: true}, {Label: lang.T("申请人"), Narrow: true}, {Label: lang.T("申请日期"), Narrow: true}, {Label: lang.T("批准人"), Narrow: true}, {Label: lang.T("状态")}},
		Filters: []ui.Filter{{Name: "at", Label: lang.T("日期"), Span: true}, {Name: "kind", Label: lang.T("类别"), Options: kinds}},
		Empty:   ui.EmptyProps{Title: lang.T("没有权限变更"), Sentence: lang.T("变更岗位、加入案件团队，都先申请，经批准后办理。")}}
}

func rightsColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("姓名"), Width: 6}, {Label: lang.T("岗位"), Width: 6}, {Label: lang.T("类别"), Width: 4}, {Label: lang.T("原权限"), Width: 9}, {Label: lang.T("新权限"), Width: 12}, {Label: lang.T("理由"), Width: 12}, {Label: lang.T("申请人"), Width: 6},
		{Label: lang.T("申请日期"), Width: 7}, {Label: lang.T("批准人"), Width: 6}, {Label: lang.T("意见"), Width: 9}, {Label: lang.T("办理人"), Width: 6}, {Label: lang.T("办理日期"), Width: 7}, {Label: lang.T("状态"), Width: 5}}
}

func rightsCells(lang text.Lang, q rights.Request) []string {
	done := ""
	if !q.Done.IsZero() {
		done = ui.Date(q.Done)
	}
	by := func(name string) string { return typedOr(name, lang.T("控制台")) }
	doneBy := ""
	if done != "" {
		doneBy = by(q.DoneBy)
	}
	return []string{q.Name, postNames(lang, q.Held), lang.T(q.Kind.Name()), stoodBefore(lang, q), wantedOf(lang, q), q.Reason, by(q.ApplicantName), ui.Date(q.Asked), q.DecidedBy, q.Opinion, doneBy, done, lang.T(q.State.Name())}
}

// wantedOf says what a request asks for.
func wantedOf(lang text.Lang, q rights.Request) string {
	w := q.Wanted
	if q.Kind == rights.Posts {
		return postNames(lang, w.Posts)
	}
	if q.Kind == rights.Account {
		return lang.T(w.Is.Name())
	}
	if w.Removed {
		return w.Number + " " + lang.T("移出团队")
	}
	out := dutyAndLevel(lang, w.Duty, w.Level)
	if w.Number != "" {
		out = w.Number + " " + out
	}
	if w.Listed {
		out += lang.T("，") + lang.T("绝密名单")
	}
	if !w.Until.IsZero() {
		out += lang.T("，") + lang.T("至 %s", ui.Date(w.Until))
	}
	return out
}

// stoodBefore says what somebody had before.
func stoodBefore(lang text.Lang, q rights.Request) string {
	w := q.Wanted
	if q.Kind == rights.Posts {
		return postNames(lang, w.Before)
	}
	switch {
	case q.Kind == rights.Account:
		return lang.T(w.Was.Name())
	case w.WasDuty == "":
		return ""
	}
	return dutyAndLevel(lang, w.WasDuty, w.WasLevel)
}

func dutyAndLevel(lang text.Lang, duty matter.Duty, level classification.Level) string {
	said := lang.T(matter.DutyNames[duty])
	if level.Valid() {
		said += lang.T("，") + lang.T(level.Name())
	}
	return said
}

func rightsTone(s rights.State) ui.Tone {
	switch s {
	case rights.Open, rights.Approved:
		return ui.Warn
	case rights.Done:
		return ui.Good
	case rights.Refused, rights.Lapsed, rights.Withdrawn:
	}
	return 0
}

// rightsTasks are the requests that wait for the visitor.
func rightsTasks(v *Visitor, waiting []rights.Request) (tasks []ui.Task) {
	for i, q := range waiting {
		if i == 5 {
			return append(tasks, ui.Task{Kind: v.Lang.T("权限变更"), Title: v.Lang.T("还有 %s 项申请", strconv.Itoa(len(waiting)-i)), Step: ui.Link{Label: v.Lang.T("全部"), Href: "/rights"}})
		}
		step := "去审批"
		if q.State == rights.Approved {
			step = "去办理"
		}
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("权限变更"), Title: v.Lang.T("%s申请：%s", q.Name, wantedOf(v.Lang, q)), Note: v.Lang.T("%s 前处理，逾期自动失效", ui.Date(q.Lapses)), Tone: ui.Warn,
			Step: ui.Link{Label: v.Lang.T(step), Href: "/rights"}})
	}
	return tasks
}
