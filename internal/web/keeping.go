package web

import (
	"net/http"
	"net/url"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/retention"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// storage is the tab 保管 of a matter, or the page of one thing in it.
type storage struct {
	room
	retention.Keeping
	one     *retention.Kept // the thing whose page it is; nil: the matter
	oneCan  map[access.Act]access.Decision
	classes []retention.Class
	people  []person.Person
	who     map[string]string
	deed    string // the form that came back
	form    url.Values
	failed  error
}

func (s storage) wrong(v *Visitor, deed, field string) string {
	if s.deed != deed {
		return ""
	}
	return fieldError(v.Lang, s.failed, field)
}

func (s storage) typed(deed, field, otherwise string) string {
	if s.deed != deed || !s.form.Has(field) {
		return otherwise
	}
	return s.form.Get(field)
}

func (s storage) base() string { return "/matters/" + s.matter.ID + "/keeping" }

var keepingActs = []access.Act{access.CloseMatter, access.SetKeeping, access.SetHold, access.LiftHold, access.RequestDestruction}

func (f *face) keeping(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showKeeping(w, r, v, retention.Ref{}, "", nil)
}

func (f *face) keepingOf(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showKeeping(w, r, v, refOf(r.PathValue("kind"), r.PathValue("thing")), "", nil)
}

// refOf is what an address or a form names: a material or a carrier; else nothing.
func refOf(kind, id string) retention.Ref {
	kinds := map[string]access.Kind{"material": access.Material, "carrier": access.Carrier}
	if kinds[kind] == "" {
		return retention.Ref{}
	}
	return retention.Ref{Kind: kinds[kind], ID: id}
}

// kindPath is the part of an address that names the kind.
func kindPath(k access.Kind) string {
	if k == access.Carrier {
		return "carrier"
	}
	return "material"
}

func (f *face) showKeeping(w http.ResponseWriter, r *http.Request, v *Visitor, ref retention.Ref, deed string, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	s := storage{room: m, deed: deed, failed: failed, form: form(r)}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, matterThing(m.matter.ID), func(g *guard.Grant) (err error) {
		if s.Keeping, err = f.Retention.Matter(g); err != nil {
			return err
		}
		if s.classes, err = f.Retention.Classes(g.Tx()); err != nil {
			return err
		}
		var people []string
		for _, i := range s.Items {
			people = append(people, i.Custodian, i.Hold.SetBy)
		}
		for _, c := range s.Closings {
			people = append(people, c.Person)
		}
		s.who, err = f.People.Names(g.Tx(), append(people, s.Hold.SetBy))
		return err
	}); err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, matterThing(m.matter.ID), keepingActs...)
	if err != nil {
		return err
	}
	for act, d := range can {
		s.can[act] = d
	}
	if s.may(access.RequestDestruction) {
		if s.people, err = f.roster(r, v); err != nil {
			return err
		}
	}
	props := f.shell(r, v, "保管", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: "/matters/" + m.matter.ID})
	if ref.Kind == "" {
		return send(w, r, keepingPage(props, v, s))
	}
	for n := range s.Items {
		if s.Items[n].Ref == ref {
			s.one = &s.Items[n]
		}
	}
	if s.one == nil {
		return nowhere(w, r, v)
	}
	s.oneCan, err = f.Door.Can(r.Context(), v.Who, guard.Thing{Kind: ref.Kind, ID: ref.ID}, access.SetKeeping, access.SetHold, access.LiftHold)
	if err == nil && ref.Kind == access.Material {
		var more map[access.Act]access.Decision
		if more, err = f.Door.Can(r.Context(), v.Who, materialThing(ref.ID), access.RestrictMaterial); err == nil {
			s.oneCan[access.RestrictMaterial] = more[access.RestrictMaterial]
		}
	}
	if err != nil {
		return err
	}
	return send(w, r, keepingOnePage(props, v, s))
}

func (s storage) oneMay(act access.Act) bool { return s.oneCan[act].Outcome == access.Permit }

// keepingDeed is each act on what a matter keeps; a form that names a thing is about that, else about the matter.
func (f *face) keepingDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, deed, form := r.PathValue("matter"), r.PathValue("deed"), form(r)
	ref := refOf(form.Get("kind"), form.Get("thing"))
	thing, back := matterThing(in), "/matters/"+in+"/keeping"
	if ref.Kind != "" {
		thing, back = guard.Thing{Kind: ref.Kind, ID: ref.ID}, back+"/"+kindPath(ref.Kind)+"/"+ref.ID
	}
	why := form.Get("reason")
	deeds := map[string]struct {
		act access.Act
		run func(*guard.Grant) error
	}{
		"close":      {access.CloseMatter, func(g *guard.Grant) error { return f.Matters.Close(g, why) }},
		"reopen":     {access.CloseMatter, func(g *guard.Grant) error { return f.Matters.Reopen(g, why) }},
		"class":      {access.SetKeeping, func(g *guard.Grant) error { return f.Retention.Set(g, form.Get("class")) }},
		"hold":       {access.SetHold, func(g *guard.Grant) error { return f.Retention.SetHold(g, why) }},
		"lift":       {access.LiftHold, func(g *guard.Grant) error { return f.Retention.LiftHold(g, why) }},
		"restrict":   {access.RestrictMaterial, func(g *guard.Grant) error { return f.Shelf.Restrict(g, why) }},
		"unrestrict": {access.RestrictMaterial, func(g *guard.Grant) error { return f.Shelf.Unrestrict(g, why) }},
		"destroy": {access.RequestDestruction, func(g *guard.Grant) error {
			id, err := f.Retention.Request(g, asking(form))
			back = "/destruction/" + id
			return err
		}},
	}
	d, known := deeds[deed]
	if !known {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, d.act, thing, d.run)
	if err != nil && correctable(err) {
		return f.showKeeping(w, r, v, ref, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, back)
}

// asking reads the form that asks for a destruction.
func asking(form url.Values) retention.Asking {
	a := retention.Asking{Whole: form.Get("whole") == "yes", Reason: form.Get("reason"), Appraiser: form.Get("appraiser"), Destroyer: form.Get("destroyer")}
	for _, name := range form["item"] {
		kind, id, _ := strings.Cut(name, ":")
		a.Items = append(a.Items, refOf(kind, id))
	}
	return a
}

// termWords says how long something is kept.
func termWords(lang text.Lang, t retention.Term, closed bool) string {
	switch {
	case t.Class.Months == 0:
		return lang.T("永久")
	case !closed:
		return lang.T("结案后 %s", yearsWords(lang, t.Class.Months))
	}
	return lang.T("至 %s", ui.Date(t.Until))
}

func yearsWords(lang text.Lang, months int) string {
	switch {
	case months == 0:
		return lang.T("永久")
	case months%12 == 0:
		return lang.T("%d 年", months/12)
	}
	return lang.T("%d 个月", months)
}

func classOptions(lang text.Lang, all []retention.Class) (options []ui.Option) {
	for _, c := range all {
		options = append(options, ui.Option{Value: c.Code, Label: lang.T(c.Name) + " · " + yearsWords(lang, c.Months)})
	}
	return options
}
