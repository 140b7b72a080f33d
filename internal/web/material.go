package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/classification"
	"mijuan/internal/criteria"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) materialRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/materials", server.Signed, f.materials),
		post("/materials/search", server.Signed, f.materials),
		get("/materials/{material}", server.Signed, f.material),
		get("/materials/{material}/history", server.Signed, f.history),
		get("/materials/{material}/view", server.Signed, f.view),
		get("/materials/{material}/page/{page}", server.Signed, f.pageImage),
		{Method: http.MethodGet, Pattern: "/materials/{material}/original", Auth: server.Signed, Timeout: server.Stream, Handle: f.original},
		post("/materials/{material}/review", server.Signed, f.review),
		post("/materials/{material}/propose", server.Signed, f.propose),
		post("/materials/{material}/reviewer", server.Signed, f.chooseReviewer),
		post("/materials/{material}/title", server.Signed, f.rename),
		post("/materials/{material}/basis", server.Signed, f.recordBasis),
		post("/materials/{material}/release", server.Signed, f.release),
	}
}

func (f *face) materials(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/materials"
	if format, file := asked(view); file {
		return f.bringMaterials(w, r, v, format, guard.Firm, view, narrowing(v.Lang, materialTable(v.Lang, view, found{}, true)))
	}
	l, err := f.listMaterials(r, v, access.UseSystem, guard.Firm, view)
	if err != nil {
		return err
	}
	t := materialTable(v.Lang, view, l, true)
	t.Empty.Step = ui.Link{Label: v.Lang.T("去案件收件"), Href: "/matters"}
	if empty, shut := unready(v); shut {
		t.Empty = empty
	}
	return send(w, r, materialsPage(f.shell(r, v, "资料"), v, t, l))
}

// materialTable is the register of materials; wide adds the matter.
func materialTable(lang text.Lang, view ui.View, l found, wide bool) ui.Table {
	t := register(lang, view, len(l.page.Rows), l.page.More)
	t.Name, t.Search, t.SearchPost = lang.T("资料"), lang.T("名称或编号"), "/materials/search"
	t.Columns = []ui.Column{{Key: "level", Label: lang.T("密级"), Down: true}, {Label: lang.T("资料")}, {Key: "number", Label: lang.T("编号"), Narrow: true}}
	if wide {
		t.Columns = append(t.Columns, ui.Column{Label: lang.T("案件"), Narrow: true})
	}
	t.Columns = append(t.Columns, ui.Column{Label: lang.T("责任人"), Narrow: true}, ui.Column{Label: lang.T("个人信息"), Narrow: true}, ui.Column{Label: lang.T("状态")}, ui.Column{Key: "received", Label: lang.T("收件"), Down: true, Narrow: true})
	var kinds []ui.Option
	for _, c := range classification.Categories {
		kinds = append(kinds, ui.Option{Value: c.String(), Label: lang.T(c.Name())})
	}
	t.Filters = []ui.Filter{
		{Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)},
		{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: "proposed", Label: lang.T("待审核")}, {Value: "filed", Label: lang.T("已定密")}}},
		{Name: "waiting", Label: lang.T("等我"), Options: []ui.Option{{Value: "me", Label: lang.T("等我审核")}}},
		{Name: "kind", Label: lang.T("种类"), Options: kinds},
		{Name: "personal", Label: lang.T("个人信息"), Options: groundOptions(lang)},
	}
	t.Empty = ui.EmptyProps{Title: lang.T("这里没有您可以阅览的资料"), Sentence: lang.T("收件登记并审核之后，资料会列在这里。")}
	return t
}

// dossier is what the page of one material shows.
type dossier struct {
	material material.Material
	matter   matter.Heading
	team     []matter.Member
	levels   []material.Leveling
	changes  []material.GroundChange
	names    map[string]string
	now      time.Time
	can      map[access.Act]access.Decision
	history  []audit.Line
	people   []person.Person
	copies   where
	criteria criteria.Edition // in force
}

func (s dossier) may(act access.Act) bool { return s.can[act].Outcome == access.Permit }

// proposed is the level that waits for review.
func (s dossier) proposed() classification.Level {
	if n := len(s.levels); n > 0 {
		return s.levels[n-1].Level
	}
	return s.material.Level
}

func (f *face) enterMaterial(r *http.Request, v *Visitor) (dossier, error) {
	thing := materialThing(r.PathValue("material"))
	s, err := do(r.Context(), f.Door, v.Who, access.View, thing, func(g *guard.Grant) (s dossier, err error) {
		s.now = g.Tx().Now
		if s.material, err = f.Shelf.Get(g); err != nil {
			return s, err
		}
		if s.copies, err = f.whereCopies(g); err != nil {
			return s, err
		}
		if s.levels, err = f.Shelf.Levels(g); err != nil {
			return s, err
		}
		if s.changes, err = f.Shelf.GroundChanges(g); err != nil {
			return s, err
		}
		heads, err := f.Matters.Headings(g.Tx(), []string{s.material.Matter})
		if err != nil {
			return s, err
		}
		s.matter = heads[s.material.Matter]
		if s.team, err = f.Matters.Knowing(g, s.material.Matter, s.material.Level); err != nil {
			return s, err
		}
		ids := []string{s.material.Owner, s.material.Proposer, s.material.Reviewer}
		for _, m := range s.team {
			ids = append(ids, m.Person)
		}
		for _, l := range s.levels {
			ids = append(ids, l.Person, l.Reviewer)
		}
		for _, c := range s.changes {
			ids = append(ids, c.Person)
		}
		s.names, err = f.People.Names(g.Tx(), ids)
		return s, err
	})
	if err != nil {
		return s, err
	}
	s.can, err = f.Door.Can(r.Context(), v.Who, thing, access.ViewPage, access.Review, access.Propose, access.RenameMaterial, access.RecordBasis, access.Release, access.FetchOriginal, access.ReadHistory, access.PrintMaterial)
	return s, err
}

func (f *face) material(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMaterial(w, r, v, nil)
}

func (f *face) showMaterial(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	s, err := f.enterMaterial(r, v)
	if err != nil {
		return err
	}
	if s.may(access.ReadHistory) {
		page, err := f.readHistory(r, v, s.material.ID, audit.Filter{Limit: 8})
		if err != nil {
			return err
		}
		s.history = page.Lines
	}
	if s.may(access.Propose) || s.may(access.Review) {
		if s.criteria, err = f.criteriaInForce(r, v); err != nil {
			return err
		}
	}
	if s.may(access.Propose) || s.may(access.Release) {
		if s.people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	return send(w, r, materialPage(f.materialShell(r, v, s), v, s, r.PostForm, failed))
}

func (f *face) materialShell(r *http.Request, v *Visitor, s dossier) ui.PageProps {
	return f.shell(r, v, "资料", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: s.matter.Number, Href: "/matters/" + s.matter.ID}, ui.Crumb{Name: v.Lang.T("资料")})
}

func (f *face) readHistory(r *http.Request, v *Visitor, id string, filter audit.Filter) (audit.Page, error) {
	return do(r.Context(), f.Door, v.Who, access.ReadHistory, materialThing(id), func(g *guard.Grant) (audit.Page, error) { return f.Audit.History(g, filter) })
}

func (f *face) history(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	before, _ := strconv.ParseUint(r.URL.Query().Get("before"), 10, 64) // none: the newest
	page, err := f.readHistory(r, v, r.PathValue("material"), audit.Filter{Before: before, Limit: 100})
	if err != nil {
		return err
	}
	now, err := f.now(r, v)
	if err != nil {
		return err
	}
	return send(w, r, historyPage(f.shell(r, v, "经过"), v, r.PathValue("material"), page, now))
}

// now is the store's clock.
func (f *face) now(r *http.Request, v *Visitor) (time.Time, error) {
	return do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (time.Time, error) { return g.Tx().Now, nil })
}

// event is a ledger line in words, for a timeline.
func event(v *Visitor, l audit.Line, now time.Time) ui.Event {
	e := ui.Event{Time: ui.When(v.Lang, l.At, now), Stamp: ui.Stamp(l.At), Who: l.Actor, Text: v.Lang.T(l.Act.Name())}
	if l.Actor == "" {
		e.Who = v.Lang.T("系统")
	}
	if page, ok := l.Notes["page"].(float64); ok {
		e.Text = v.Lang.T("阅览第 %d 页", int(page))
	}
	switch l.Outcome {
	case ledger.Refused, ledger.NeedsApproval:
		e.Tone, e.Text = ui.Late, v.Lang.T("%s，被拒绝", e.Text)
		if len(l.Clauses) > 0 {
			e.Clause = ClauseLabel(v.Lang, l.Clauses[0])
		}
	case ledger.Failed:
		e.Text = v.Lang.T("%s，未成", e.Text)
	case ledger.Completed:
		e.Text = v.Lang.T("%s，已完成", e.Text)
	case ledger.BrokenOff:
		e.Tone, e.Text = ui.Warn, v.Lang.T("%s，中断", e.Text)
	case ledger.Allowed:
	}
	return e
}

// alter does an act on a material and shows its page again.
func (f *face) alter(w http.ResponseWriter, r *http.Request, v *Visitor, act access.Act, level string, run func(*guard.Grant) error) error {
	thing := materialThing(r.PathValue("material"))
	if level != "" {
		var err error
		if thing.Level, err = classification.ParseLevel(level); err != nil {
			return f.showMaterial(w, r, v, err)
		}
	}
	err := f.Door.Do(r.Context(), v.Who, act, thing, run)
	if err != nil && correctable(err) {
		return f.showMaterial(w, r, v, err)
	}
	if err != nil {
		return err
	}
	if act == access.Review { // a reviewer from outside the team does not reach the material any more
		return see(w, r, "/")
	}
	return see(w, r, "/materials/"+thing.ID)
}

func (f *face) review(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	why := ui.ReasonOf(form(r), "reason", reviewReasons(v.Lang))
	return f.alter(w, r, v, access.Review, r.PostFormValue("level"), func(g *guard.Grant) error { return f.Shelf.Review(g, why) })
}

func (f *face) propose(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	why, reviewer := ui.ReasonOf(form(r), "why", levelReasons(v.Lang)), r.PostFormValue("reviewer")
	return f.alter(w, r, v, access.Propose, r.PostFormValue("newlevel"), func(g *guard.Grant) error { return f.Shelf.Propose(g, why, reviewer) })
}

func (f *face) chooseReviewer(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	why, reviewer := ui.ReasonOf(form(r), "why", reviewerReasons(v.Lang)), r.PostFormValue("reviewer")
	return f.alter(w, r, v, access.Propose, "", func(g *guard.Grant) error { return f.Shelf.ChooseReviewer(g, why, reviewer) })
}

func (f *face) rename(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.alter(w, r, v, access.RenameMaterial, "", func(g *guard.Grant) error { return f.Shelf.Rename(g, r.PostFormValue("title")) })
}

func (f *face) release(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	days, err := strconv.Atoi(r.PostFormValue("days"))
	if err != nil || days < 1 || days > 7 {
		days = 1
	}
	return f.alter(w, r, v, access.Release, "", func(g *guard.Grant) error {
		return f.Shelf.Release(g, material.Leave{Person: r.PostFormValue("person"), Until: g.Tx().Now.Add(time.Duration(days) * 24 * time.Hour), Reason: r.PostFormValue("cause")})
	})
}
