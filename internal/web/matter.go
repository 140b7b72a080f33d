package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

const perPage = 30

func (f *face) matterRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/matters", server.Signed, f.matters),
		post("/matters/search", server.Signed, f.matters),
		get("/matters/new", server.Signed, f.newMatter),
		post("/matters/new", server.Signed, f.openMatter),
		get("/matters/{matter}", server.Signed, f.matterMaterials),
		post("/matters/{matter}/search", server.Signed, f.matterMaterials),
		post("/matters/{matter}/basis", server.Signed, f.completeBasis),
		get("/matters/{matter}/team", server.Signed, f.matterTeam),
		post("/matters/{matter}/team", server.Signed, f.assign),
		post("/matters/{matter}/team/remove", server.Signed, f.removeMember),
		post("/matters/{matter}/walls", server.Signed, f.setWall),
		post("/matters/{matter}/walls/lift", server.Signed, f.liftWall),
	}
}

// listed is a page of matters with what its rows need.
type listed struct {
	page  matter.Page
	count map[string]int // of the materials that the reader sees
	names map[string]string
	now   time.Time
}

var matterSorts = map[string]string{"number": "number", "-number": "number-desc", "opened": "opened-asc", "-opened": "opened"}

func signed(key string, down bool) string {
	if down {
		return "-" + key
	}
	return key
}

func (f *face) matters(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/matters"
	if format, file := asked(view); file {
		return f.bringMatters(w, r, v, format, view, narrowing(v.Lang, matterTable(v.Lang, view, listed{})))
	}
	all, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (listed, error) { return f.readMatters(g, matterFilter(view)) })
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.OpenMatter)
	if err != nil {
		return err
	}
	t, open := matterTable(v.Lang, view, all), can[access.OpenMatter].Outcome == access.Permit
	if open {
		t.Empty.Sentence, t.Empty.Step = v.Lang.T("立案之后，或者别人把您加入团队之后，案件会列在这里。"), ui.Link{Label: v.Lang.T("立案"), Href: "/matters/new"}
	}
	if empty, shut := unready(v); shut {
		t.Empty = empty
	}
	return send(w, r, mattersPage(f.shell(r, v, "案件"), t, all, open))
}

func matterFilter(view ui.View) matter.Filter {
	return matter.Filter{Search: view.Search(), Kind: matter.Kind(view.Get("kind")), State: access.State(view.Get("state")),
		Sort: matterSorts[signed(view.Sort("-opened", "number"))], Offset: (view.Page() - 1) * perPage, Limit: perPage}
}

// readMatters reads rows of matters with the names of their leads.
func (f *face) readMatters(g *guard.Grant, filter matter.Filter) (l listed, err error) {
	l.now = g.Tx().Now
	if l.page, err = f.Matters.List(g, filter); err != nil {
		return l, err
	}
	if l.count, err = f.Shelf.Counts(g, l.page.IDs()); err != nil {
		return l, err
	}
	var leads []string
	for _, m := range l.page.Matters {
		leads = append(leads, m.Lead)
	}
	l.names, err = f.People.Names(g.Tx(), leads)
	return l, err
}

func matterTable(lang text.Lang, view ui.View, l listed) ui.Table {
	t := register(lang, view, len(l.page.Matters), l.page.More)
	t.Name, t.Search, t.SearchPost = lang.T("案件"), lang.T("案号、案由、客户、当事人"), "/matters/search"
	t.Columns = []ui.Column{{Key: "number", Label: lang.T("案号")}, {Label: lang.T("案由或项目")}, {Label: lang.T("客户"), Narrow: true}, {Label: lang.T("主办律师"), Narrow: true},
		{Label: lang.T("资料"), Num: true}, {Key: "opened", Label: lang.T("立案"), Down: true, Narrow: true}, {Label: lang.T("状态")}}
	var kinds []ui.Option
	for _, k := range matter.Kinds {
		kinds = append(kinds, ui.Option{Value: string(k.Code), Label: lang.T(k.Name)})
	}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: "open", Label: lang.T("办理中")}, {Value: "closed", Label: lang.T("已结案")}}},
		{Name: "kind", Label: lang.T("类别"), Options: kinds}}
	t.Empty = ui.EmptyProps{Title: lang.T("还没有您参与的案件"), Sentence: lang.T("加入团队的案件会列在这里。")}
	return t
}

// register is a table whose pages are not counted.
func register(lang text.Lang, view ui.View, rows int, more bool) ui.Table {
	t := ui.Table{Lang: lang, View: view, Total: -1, Per: perPage, Exports: paperFormats}
	if rows == 0 {
		t.Total = 0
	}
	if n := view.Page(); n > 1 {
		t.Newer = view.With("page", strconv.Itoa(n-1))
	}
	if more {
		t.Older = view.With("page", strconv.Itoa(view.Page()+1))
	}
	return t
}

// keyed is a table whose pages begin where the one before ended.
func keyed(lang text.Lang, view ui.View, rows int, next string) ui.Table {
	t := ui.Table{Lang: lang, View: view, Total: -1, Per: perPage, Exports: paperFormats}
	if rows == 0 && next == "" {
		t.Total = 0
	}
	if view.After() != "" {
		t.First = view.Begin("")
	}
	if next != "" {
		t.Older = view.Begin(next)
	}
	return t
}

// roster is the people a form may name.
func (f *face) roster(r *http.Request, v *Visitor) ([]person.Person, error) {
	page, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (person.Page, error) {
		return f.People.List(g, person.Query{})
	})
	return page.Persons, err
}

// business leaves out those who can have no part in a matter.
func business(p person.Person) bool {
	return !p.Has(access.SystemAdmin) && !p.Has(access.SecurityAdmin) && !p.Has(access.Auditor) && p.Status != person.Left
}

func personOptions(lang text.Lang, people []person.Person, fit func(person.Person) bool) []ui.Option {
	var options []ui.Option
	for _, p := range people {
		if fit(p) && len(p.Posts) > 0 {
			options = append(options, ui.Option{Value: p.ID, Label: p.Name + " · " + lang.T(p.Posts[0].Name())})
		}
	}
	return options
}

// pick puts an empty choice first, so that nobody is chosen by accident.
func pick(lang text.Lang, options []ui.Option) []ui.Option {
	return append([]ui.Option{{Label: lang.T("请选择")}}, options...)
}

func levelOptions(lang text.Lang) []ui.Option {
	var options []ui.Option
	for _, l := range classification.Levels {
		options = append(options, ui.Option{Value: l.String(), Label: lang.T(l.Name())})
	}
	return options
}

// room is what the pages of one matter share.
type room struct {
	matter matter.Matter
	names  map[string]string
	now    time.Time
	can    map[access.Act]access.Decision
}

func (m room) may(act access.Act) bool { return m.can[act].Outcome == access.Permit }

func (f *face) enterMatter(r *http.Request, v *Visitor) (room, error) {
	thing := matterThing(r.PathValue("matter"))
	m, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, thing, func(g *guard.Grant) (m room, err error) {
		m.now = g.Tx().Now
		if m.matter, err = f.Matters.Get(g); err != nil {
			return m, err
		}
		ids := []string{m.matter.Lead}
		for _, t := range m.matter.Team {
			ids = append(ids, t.Person, t.GrantedBy)
		}
		for _, w := range m.matter.Walls {
			ids = append(ids, w.Person, w.SetBy)
		}
		m.names, err = f.People.Names(g.Tx(), ids)
		return m, err
	})
	if err != nil {
		return m, err
	}
	m.can, err = f.Door.Can(r.Context(), v.Who, thing, access.ReceiveMaterial, access.EditMatter, access.ManageTeam, access.SetWall, access.ReadMatterLedger)
	return m, err
}

func (f *face) matterMaterials(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	view := ui.ReadView(r)
	view.Path = "/matters/" + m.matter.ID
	return f.showMatterMaterials(w, r, v, m, view, url.Values{}, nil)
}

// showMatterMaterials shows a matter's materials, with what was typed in the form that completes them.
func (f *face) showMatterMaterials(w http.ResponseWriter, r *http.Request, v *Visitor, m room, view ui.View, typed url.Values, failed error) error {
	if format, file := asked(view); file {
		span := m.matter.Number + v.Lang.T("，") + narrowing(v.Lang, materialTable(v.Lang, view, found{}, false))
		return f.bringMaterials(w, r, v, format, matterThing(m.matter.ID), view, span)
	}
	l, err := f.listMaterials(r, v, access.ListMaterials, matterThing(m.matter.ID), view)
	if err != nil {
		return err
	}
	t := materialTable(v.Lang, view, l, false)
	t.SearchPost = view.Path + "/search"
	if m.may(access.ReceiveMaterial) {
		t.Empty.Step = ui.Link{Label: v.Lang.T("收件"), Href: view.Path + "/intake"}
	}
	return send(w, r, matterPage(f.matterShell(r, v, m), v, m, t, l, typed, failed))
}

func (f *face) matterShell(r *http.Request, v *Visitor, m room) ui.PageProps {
	return f.shell(r, v, "案件", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number})
}

func (f *face) matterTeam(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTeam(w, r, v, nil)
}

// showTeam shows the team and the walls, with the error of a form that did not go through.
func (f *face) showTeam(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	var people []person.Person
	if m.may(access.ManageTeam) || m.may(access.SetWall) {
		if people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	return send(w, r, teamPage(f.matterShell(r, v, m), v, m, personOptions(v.Lang, people, business), r.PostForm, failed))
}

// change does an act on a matter's people and shows the team again.
func (f *face) change(w http.ResponseWriter, r *http.Request, v *Visitor, act access.Act, run func(*guard.Grant) error) error {
	err := f.Door.Do(r.Context(), v.Who, act, matterThing(r.PathValue("matter")), run)
	if err != nil && correctable(err) {
		return f.showTeam(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+r.PathValue("matter")+"/team")
}

func (f *face) assign(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	level, _ := classification.ParseLevel(r.PostFormValue("clearance")) // no level is said by Assign
	m := matter.Member{Person: r.PostFormValue("person"), Duty: matter.Duty(r.PostFormValue("duty")), Clearance: level, Listed: r.PostFormValue("listed") == "yes"}
	return f.change(w, r, v, access.ManageTeam, func(g *guard.Grant) error { return f.Rights.Assign(g, m, r.PostFormValue("reason")) })
}

func (f *face) removeMember(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.change(w, r, v, access.ManageTeam, func(g *guard.Grant) error {
		return f.Rights.Remove(g, r.PostFormValue("person"), r.PostFormValue("reason"))
	})
}

func (f *face) setWall(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	wall := matter.Wall{Person: r.PostFormValue("person"), Reason: r.PostFormValue("reason")}
	return f.change(w, r, v, access.SetWall, func(g *guard.Grant) error { return f.Matters.SetWall(g, wall) })
}

func (f *face) liftWall(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.change(w, r, v, access.SetWall, func(g *guard.Grant) error { return f.Matters.LiftWall(g, r.PostFormValue("person")) })
}

// found is a page of materials with what its rows need.
type found struct {
	page    material.Page
	names   map[string]string
	matters map[string]matter.Heading
	now     time.Time
}

var materialSorts = map[string]string{"number": "number", "-number": "number-desc", "received": "received-asc", "-received": "received", "-level": "level", "level": "level-asc"}

func (f *face) listMaterials(r *http.Request, v *Visitor, act access.Act, thing guard.Thing, view ui.View) (found, error) {
	return f.findMaterials(r, v, act, thing, materialFilter(view))
}

func materialFilter(view ui.View) material.Filter {
	filter := material.Filter{Search: view.Search(), State: access.State(view.Get("state")), Waiting: view.Get("waiting") == "me",
		Sort: materialSorts[signed(view.Sort("-received", "number", "level"))], Offset: (view.Page() - 1) * perPage, Limit: perPage}
	filter.Level, _ = classification.ParseLevel(view.Get("level")) // none: all levels
	for _, o := range groundOptions(text.ZH) {                     // anything else: all
		if o.Value == view.Get("personal") {
			filter.Ground = o.Value
		}
	}
	for _, c := range classification.Categories {
		if c.String() == view.Get("kind") {
			filter.Kind = c
		}
	}
	return filter
}

func (f *face) findMaterials(r *http.Request, v *Visitor, act access.Act, thing guard.Thing, filter material.Filter) (found, error) {
	return do(r.Context(), f.Door, v.Who, act, thing, func(g *guard.Grant) (found, error) { return f.readMaterials(g, filter) })
}

// readMaterials reads rows of materials with the names and matters that they speak of.
func (f *face) readMaterials(g *guard.Grant, filter material.Filter) (l found, err error) {
	l.now = g.Tx().Now
	if l.page, err = f.Shelf.List(g, filter); err != nil {
		return l, err
	}
	var people, matters []string
	for _, row := range l.page.Rows {
		people, matters = append(people, row.Owner, row.Reviewer, row.Proposer), append(matters, row.Matter)
	}
	if l.names, err = f.People.Names(g.Tx(), people); err != nil {
		return l, err
	}
	l.matters, err = f.Matters.Headings(g.Tx(), matters)
	return l, err
}
