package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) matterDataRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/matters/{matter}/data", server.Signed, f.matterData),
		get("/matters/{matter}/edit", server.Signed, f.editing),
		post("/matters/{matter}/edit", server.Signed, f.editMatter),
	}
}

// matterData shows all that is registered of a matter, and what was changed of it.
func (f *face) matterData(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	revisions, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, matterThing(m.matter.ID), func(g *guard.Grant) (all []matter.Revision, err error) {
		if all, err = f.Matters.Revisions(g); err != nil {
			return nil, err
		}
		var ids []string
		for _, e := range all {
			ids = append(ids, e.Person)
		}
		names, err := f.People.Names(g.Tx(), ids)
		for id, name := range names {
			m.names[id] = name
		}
		return all, err
	})
	if err != nil {
		return err
	}
	return send(w, r, matterDataPage(f.matterShell(r, v, m), v, m, revisions))
}

func (f *face) editing(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showEditing(w, r, v, nil, nil)
}

// showEditing shows the form with what was typed, or with the matter's data.
func (f *face) showEditing(w http.ResponseWriter, r *http.Request, v *Visitor, typed url.Values, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	if !m.may(access.EditMatter) {
		return f.Door.Do(r.Context(), v.Who, access.EditMatter, matterThing(m.matter.ID), func(*guard.Grant) error { return nil })
	}
	if typed == nil {
		typed = editingForm(m.matter)
	}
	return send(w, r, editingPage(f.matterShell(r, v, m), v, m, typed, partyRows(typed), failed))
}

func (f *face) editMatter(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id := form(r), r.PathValue("matter")
	err := f.Door.Do(r.Context(), v.Who, access.EditMatter, matterThing(id), func(g *guard.Grant) error { return f.Matters.Edit(g, edited(form)) })
	if err != nil && correctable(err) {
		return f.showEditing(w, r, v, form, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+id+"/data")
}

// editingForm is the form filled with a matter's data.
func editingForm(m matter.Matter) url.Values {
	v := url.Values{"version": {strconv.Itoa(m.Version)}, "kind": {string(m.Kind)}, "title": {m.Title}, "summary": {m.Summary},
		"client": {m.Client.Name}, "client_identity": {m.Client.Identity}, "client_kind": {m.Client.Kind}}
	for i, p := range m.Parties {
		v.Set(fmt.Sprintf("party_id_%d", i), p.ID)
		v.Set(fmt.Sprintf("role_%d", i), p.Role)
		v.Set(fmt.Sprintf("party_%d", i), p.Name)
		v.Set(fmt.Sprintf("identity_%d", i), p.Identity)
	}
	v.Set("rows", strconv.Itoa(len(m.Parties)+openings))
	return v
}

// partyRows is how many rows for parties a form has: those it says, within what a matter may have.
func partyRows(form url.Values) int {
	n, err := strconv.Atoi(form.Get("rows"))
	if err != nil || n < openings {
		return openings
	}
	return min(n, matter.MaxParties+openings)
}

// edited reads the form. A party whose name was emptied is removed.
func edited(form url.Values) matter.Editing {
	e := matter.Editing{Kind: matter.Kind(form.Get("kind")), Title: form.Get("title"), Summary: form.Get("summary"),
		Client: matter.Client{Kind: form.Get("client_kind"), Name: form.Get("client"), Identity: form.Get("client_identity")}}
	var err error
	if e.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		e.Version = -1 // no version: Edit says that somebody was there meanwhile
	}
	for i := range partyRows(form) {
		row := func(name string) string { return strings.TrimSpace(form.Get(fmt.Sprintf("%s_%d", name, i))) }
		if row("party") != "" {
			e.Parties = append(e.Parties, matter.Party{ID: row("party_id"), Role: row("role"), Name: row("party"), Identity: row("identity")})
		}
	}
	return e
}

// changedFields are the names of what an edit can change.
var changedFields = map[string]string{"kind": "类别", "title": "案由或项目名", "summary": "说明", "client": "客户", "party": "当事人"}

// changedValue is one side of a difference.
func changedValue(lang text.Lang, field, value string) string {
	switch {
	case value == "":
		return "—"
	case field == "kind":
		return lang.T(matter.Kind(value).Name())
	}
	return value
}

// shownParties are as many as stand beside a matter's materials.
const shownParties = 6

// partiesBeside are the first parties, and the way to the rest.
func partiesBeside(lang text.Lang, m matter.Matter) []ui.Fact {
	facts := partyFacts(lang, m.Parties[:min(shownParties, len(m.Parties))])
	if more := len(m.Parties) - shownParties; more > 0 {
		facts = append(facts, ui.Fact{Label: lang.T("其余"), Value: lang.T("还有 %d 名当事人", more), Href: "/matters/" + m.ID + "/data"})
	}
	return facts
}
