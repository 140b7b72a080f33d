package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/criteria"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) intakeRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/matters/{matter}/intake", server.Signed, f.intake),
		post("/matters/{matter}/intake", server.Signed, f.fileIntake),
		get("/matters/{matter}/intake/list", server.Signed, f.intakeList),
		get("/matters/{matter}/handover", server.Signed, f.handover),
	}
}

// openings is how many empty rows the form for a matter offers.
const openings = 6

func (f *face) newMatter(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showOpening(w, r, v, url.Values{}, nil)
}

func (f *face) showOpening(w http.ResponseWriter, r *http.Request, v *Visitor, typed url.Values, failed error) error {
	if can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.OpenMatter); err != nil || can[access.OpenMatter].Outcome != access.Permit {
		return f.Door.Do(r.Context(), v.Who, access.OpenMatter, guard.Firm, func(*guard.Grant) error { return err })
	}
	people, err := f.roster(r, v)
	if err != nil {
		return err
	}
	others := personOptions(v.Lang, people, func(p person.Person) bool { return business(p) && p.ID != v.Person.ID })
	return send(w, r, openingPage(f.shell(r, v, "立案", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}), v, others, typed, failed))
}

func (f *face) openMatter(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	o := opening(form, v.Person.ID)
	id, err := do(r.Context(), f.Door, v.Who, access.OpenMatter, guard.Firm, func(g *guard.Grant) (string, error) { return f.Matters.Open(g, o) })
	if err != nil && correctable(err) {
		return f.showOpening(w, r, v, form, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+id)
}

// opening reads the form; rows without a name or a person are empty.
func opening(form url.Values, opener string) matter.Opening {
	o := matter.Opening{Kind: matter.Kind(form.Get("kind")), Title: form.Get("title"), Summary: form.Get("summary"),
		Client: matter.Client{Kind: form.Get("client_kind"), Name: form.Get("client"), Identity: form.Get("client_identity")},
		Team:   []matter.Member{{Person: opener, Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true}}}
	for i := range openings {
		row := func(name string) string { return strings.TrimSpace(form.Get(fmt.Sprintf("%s_%d", name, i))) }
		if row("party") != "" {
			o.Parties = append(o.Parties, matter.Party{Role: row("role"), Name: row("party"), Identity: row("identity")})
		}
		if row("member") != "" {
			level, _ := classification.ParseLevel(row("clearance")) // none is said by Open
			o.Team = append(o.Team, matter.Member{Person: row("member"), Duty: matter.Duty(row("duty")), Clearance: level, Listed: row("listed") == "yes"})
		}
		if row("walled") != "" {
			o.Walls = append(o.Walls, matter.Wall{Person: row("walled"), Reason: row("wall_reason")})
		}
	}
	return o
}

// tray is the uploads that wait for their form.
type tray struct {
	room     room
	uploads  []*material.Upload
	people   []person.Person
	criteria criteria.Edition // in force
}

// ready are the uploads that can be filed now.
func (t tray) ready() (all []*material.Upload) {
	for _, u := range t.uploads {
		if u.State == material.Ready {
			all = append(all, u)
		}
	}
	return all
}

func (f *face) enterIntake(r *http.Request, v *Visitor) (tray, error) {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return tray{}, err
	}
	t := tray{room: m}
	if t.uploads, err = do(r.Context(), f.Door, v.Who, access.ReceiveMaterial, matterThing(m.matter.ID), f.Shelf.Uploads); err != nil {
		return t, err
	}
	if t.people, err = f.roster(r, v); err != nil {
		return t, err
	}
	t.criteria, err = f.criteriaInForce(r, v)
	return t, err
}

func (f *face) intake(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showIntake(w, r, v, url.Values{}, nil)
}

func (f *face) showIntake(w http.ResponseWriter, r *http.Request, v *Visitor, typed url.Values, failed error) error {
	t, err := f.enterIntake(r, v)
	if err != nil {
		return err
	}
	props := f.shell(r, v, "收件", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: t.room.matter.Number, Href: "/matters/" + t.room.matter.ID}, ui.Crumb{Name: v.Lang.T("收件")})
	return send(w, r, intakePage(props, v, t, typed, failed))
}

// intakeList is the part of the page that grows as files arrive.
func (f *face) intakeList(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	t, err := f.enterIntake(r, v)
	if err != nil {
		return err
	}
	return send(w, r, intakeForm(v, t, url.Values{}, nil))
}

// fileIntake files every ticked upload under the one form; titles are each file's own.
func (f *face) fileIntake(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	level, _ := classification.ParseLevel(form.Get("level")) // none is said by File
	kinds, err := classification.ParseSet(form["kinds"])
	if err != nil {
		return f.showIntake(w, r, v, form, err)
	}
	ground, err := groundOf(form, v.Lang)
	if err != nil {
		return f.showIntake(w, r, v, form, err)
	}
	var filings []material.Filing
	for _, id := range form["upload"] {
		filings = append(filings, material.Filing{Upload: id, Title: form.Get("title_" + id), Kinds: kinds, ClientAsked: form.Get("client_asked") == "yes", Level: level,
			Reason: ui.ReasonOf(form, "reason", levelReasons(v.Lang)), Reviewer: form.Get("reviewer"), Ground: ground})
	}
	_, err = do(r.Context(), f.Door, v.Who, access.ReceiveMaterial, matterThing(r.PathValue("matter")), func(g *guard.Grant) ([]string, error) {
		return f.Shelf.File(g, filings)
	})
	if err != nil && correctable(err) {
		return f.showIntake(w, r, v, form, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+r.PathValue("matter"))
}

// handover is the form for the offline route of what is a state secret.
func (f *face) handover(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	return send(w, r, handoverPage(f.shell(r, v, "国家秘密载体移交单"), v, m))
}
