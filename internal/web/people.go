package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) peopleRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/people", server.Signed, f.people),
		get("/people/new", server.Signed, f.newPerson),
		post("/people/new", server.Signed, f.invite),
		get("/people/{person}", server.Signed, f.person),
		post("/people/{person}/{deed}", server.Signed, f.settle),
		get("/walls", server.Signed, f.walls),
		post("/walls", server.Signed, f.raiseWall),
	}
}

func (f *face) people(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	key, down := view.Sort("name", "login", "department", "status", "joined")
	q := person.Query{Text: view.Search(), Post: access.Post(view.Get("post")), Status: person.Status(view.Get("status")), Sort: key, Desc: down,
		Offset: (view.Page() - 1) * perPage, Limit: perPage}
	if format, file := asked(view); file {
		return f.bringRoster(w, r, v, format, q, narrowing(v.Lang, peopleTable(v, view, person.Page{})))
	}
	page, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (person.Page, error) { return f.People.List(g, q) })
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.Appoint)
	if err != nil {
		return err
	}
	return send(w, r, peoplePage(f.shell(r, v, "人员"), v, peopleTable(v, view, page), page, can[access.Appoint].Outcome == access.Permit, f.outsideLogIns()))
}

func peopleTable(v *Visitor, view ui.View, page person.Page) ui.Table {
	var posts, statuses []ui.Option
	for _, p := range access.Posts {
		posts = append(posts, ui.Option{Value: string(p), Label: v.Lang.T(p.Name())})
	}
	for _, s := range person.Statuses {
		statuses = append(statuses, ui.Option{Value: string(s), Label: v.Lang.T(s.Name())})
	}
	return ui.Table{Lang: v.Lang, Name: v.Lang.T("人员"), View: view, Search: v.Lang.T("姓名、登录名、部门"), Total: int64(page.Total), Per: perPage,
		Columns: []ui.Column{{Key: "name", Label: v.Lang.T("姓名")}, {Label: v.Lang.T("岗位")}, {Key: "department", Label: v.Lang.T("部门"), Narrow: true},
			{Key: "login", Label: v.Lang.T("登录名"), Narrow: true}, {Label: v.Lang.T("培训"), Narrow: true}, {Label: v.Lang.T("承诺书"), Narrow: true}, {Key: "status", Label: v.Lang.T("状态")}},
		Filters: []ui.Filter{{Name: "status", Label: v.Lang.T("状态"), Options: statuses}, {Name: "post", Label: v.Lang.T("岗位"), Options: posts}},
		Exports: paperFormats,
		Empty:   ui.EmptyProps{Title: v.Lang.T("没有符合的人员")}}
}

func (f *face) newPerson(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showInvitation(w, r, v, nil)
}

func (f *face) showInvitation(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.Appoint)
	if err != nil {
		return err
	}
	if can[access.Appoint].Outcome != access.Permit {
		return f.Door.Do(r.Context(), v.Who, access.Appoint, guard.Firm, func(*guard.Grant) error { return nil })
	}
	return send(w, r, invitationPage(f.shell(r, v, "邀请", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, form(r), failed))
}

func (f *face) invite(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	i := person.Invitation{Login: form.Get("login"), Details: person.Details{Name: form.Get("name"), Department: form.Get("department"), Licence: form.Get("licence"), Mail: form.Get("mail")}, Posts: postsOf(form["posts"])}
	var asked bool
	link, err := do(r.Context(), f.Door, v.Who, access.Appoint, guard.Firm, func(g *guard.Grant) (link string, err error) {
		_, link, asked, err = f.Directory.Invite(g, i, form.Get("starts"))
		return link, err
	})
	if err != nil && correctable(err) {
		return f.showInvitation(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return send(w, r, linkPage(f.shell(r, v, "一次性链接", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, "https://"+r.Host+"/invite/"+link, linkNote{asked: asked}))
}

// linkNote is what stands besides a one-time link: posts that were asked for, a second person who has to confirm it first.
type linkNote struct{ asked, second bool }

func postsOf(codes []string) (posts []access.Post) {
	for _, c := range codes {
		posts = append(posts, access.Post(c))
	}
	return posts
}

// entry is the page of one person.
type entry struct {
	person  person.Person
	history []person.Qualification
	names   map[string]string
	now     time.Time
	appoint bool
	acts    bool
	holds   bool
	judged  bool // measures and rewards may be seen
	starts  string
	doors   doors         // besides the own password
	duties  *duties       // nil: not for the visitor to know
	reset   *person.Reset // nil: no reset log-in waits for the visitor's word
}

func (f *face) enterPerson(r *http.Request, v *Visitor) (entry, error) {
	id := r.PathValue("person")
	e, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (e entry, err error) {
		e.now, e.doors = g.Tx().Now, f.doors(r, v.Lang)
		if e.person, e.history, err = f.People.Get(g, id); err != nil {
			return e, err
		}
		if e.starts, err = f.Directory.Starts(g, id); err != nil {
			return e, err
		}
		var ids []string
		for _, q := range e.history {
			ids = append(ids, q.RecordedBy)
		}
		resets, err := f.People.Resets(g)
		if err != nil {
			return e, err
		}
		for _, x := range resets {
			if x.Person == id {
				e.reset, ids = &x, append(ids, x.By)
			}
		}
		e.names, err = f.People.Names(g.Tx(), ids)
		return e, err
	})
	if err != nil {
		return e, err
	}
	can, err := f.Door.Can(r.Context(), v.Who, personThing(id), access.Appoint, access.ReadPersonActs, access.ReadHoldings, access.ReadMeasures)
	permitted := func(act access.Act) bool { return can[act].Outcome == access.Permit }
	e.appoint, e.acts, e.holds, e.judged = permitted(access.Appoint), permitted(access.ReadPersonActs), permitted(access.ReadHoldings), permitted(access.ReadMeasures)
	if err == nil && e.holds {
		e.duties, err = f.dutiesOf(r, v, id)
	}
	return e, err
}

func (f *face) person(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showPerson(w, r, v, nil)
}

func (f *face) showPerson(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	e, err := f.enterPerson(r, v)
	if err != nil {
		return err
	}
	return send(w, r, personPage(f.shell(r, v, "人员", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, e, form(r), failed))
}

// settle is what a security administrator does to an account. Each is an act; each states its reason.
func (f *face) settle(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id, link, second, act := form(r), r.PathValue("person"), "", false, access.Appoint
	if r.PathValue("deed") == "second" {
		act = access.SecondReset
	}
	why := form.Get("reason")
	deeds := map[string]func(*guard.Grant) error{
		"suspend": func(g *guard.Grant) error { return f.People.Suspend(g, why) },
		"restore": func(g *guard.Grant) error { return f.People.Restore(g, why) },
		"details": func(g *guard.Grant) error {
			return f.Directory.Correct(g, person.Details{Name: form.Get("name"), Department: form.Get("department"), Licence: form.Get("licence")}, why)
		},
		"starts":    func(g *guard.Grant) error { return f.Directory.SetStarts(g, form.Get("starts"), why) },
		"mail":      func(g *guard.Grant) error { return f.People.SetMail(g, form.Get("mail"), why) },
		"directory": func(g *guard.Grant) error { return f.People.SetDirectory(g, true, why) },
		"link": func(g *guard.Grant) error {
			was, err := f.identity(form.Get("subject"))
			if err != nil {
				return err
			}
			return f.People.LinkPerson(g, was, why)
		},
		"unlink":       func(g *guard.Grant) error { return f.People.UnlinkPerson(g, why) },
		"own-password": func(g *guard.Grant) error { return f.People.SetDirectory(g, false, why) },
		"unlock":       func(g *guard.Grant) error { return f.People.Unlock(g, why) },
		"training":     func(g *guard.Grant) error { return f.People.RecordTraining(g, form.Get("kind"), g.Tx().Now, why) },
		"pledge":       func(g *guard.Grant) error { return f.People.RecordPledge(g, form.Get("kind"), g.Tx().Now, why) },
		"reset": func(g *guard.Grant) (err error) {
			link, second, err = f.People.ResetLogin(g, why)
			return err
		},
		"second": func(g *guard.Grant) error {
			until, _ := strconv.ParseInt(form.Get("until"), 10, 64) // anything else is none that waits
			return f.People.Second(g, person.Reset{By: form.Get("by"), Until: time.UnixMilli(until)}, why)
		},
	}
	deed, known := deeds[r.PathValue("deed")]
	if !known {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, act, personThing(id), deed)
	switch {
	case err != nil && correctable(err):
		return f.showPerson(w, r, v, err)
	case err != nil:
		return err
	case link != "":
		return send(w, r, linkPage(f.shell(r, v, "一次性链接", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, "https://"+r.Host+"/invite/"+link, linkNote{second: second}))
	}
	return see(w, r, "/people/"+id)
}

// fence is the room of walls for those who set them without seeing matters.
type fence struct {
	walls []matter.Fence
	names map[string]string
}

func (f *face) walls(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showWalls(w, r, v, nil)
}

func (f *face) showWalls(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	fences, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x fence, err error) {
		if x.walls, err = f.Matters.Fences(g); err != nil {
			return x, err
		}
		var ids []string
		for _, w := range x.walls {
			ids = append(ids, w.Person, w.SetBy)
		}
		x.names, err = f.People.Names(g.Tx(), ids)
		return x, err
	})
	if err != nil {
		return err
	}
	people, err := f.roster(r, v)
	if err != nil {
		return err
	}
	return send(w, r, wallsPage(f.shell(r, v, "隔离墙"), v, fences, personOptions(v.Lang, people, business), form(r), failed))
}

func (f *face) raiseWall(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (string, error) { return f.Matters.ByNumber(g, form.Get("number")) })
	if err != nil {
		return err
	}
	wall := matter.Wall{Person: form.Get("person"), Reason: form.Get("reason")}
	err = f.Door.Do(r.Context(), v.Who, access.SetWall, matterThing(id), func(g *guard.Grant) error { return f.Matters.SetWall(g, wall) })
	if problem.Is(err, problem.Absent) {
		err = problem.New(problem.Invalid, "没有这个案号，或者不能在本案设隔离墙").In("number")
	}
	if err != nil && correctable(err) {
		return f.showWalls(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/walls")
}
