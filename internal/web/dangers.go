package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/server"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) dangerRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/dangers", server.Signed, f.dangers),
		get("/dangers/new", server.Signed, f.newDanger),
		post("/dangers/new", server.Signed, f.registerDanger),
		get("/dangers/{danger}", server.Signed, f.danger),
		post("/dangers/{danger}/{deed}", server.Signed, f.dangerDeed),
	}
}

func dangerThing(id string) guard.Thing { return guard.Thing{Kind: access.Danger, ID: id} }

// hazards is a page of the register 隐患排查.
type hazards struct {
	all            []danger.Danger
	names, devices map[string]string
	now            time.Time
}

func (f *face) readDangers(g *guard.Grant, filter danger.Filter) (x hazards, more bool, err error) {
	x.now = g.Tx().Now
	if x.all, more, err = f.Dangers.List(g, filter); err != nil {
		return x, false, err
	}
	var people, devices []string
	for _, d := range x.all {
		people, devices = append(people, d.People()...), append(devices, d.Device)
	}
	if x.names, err = f.People.Names(g.Tx(), people); err != nil {
		return x, false, err
	}
	x.devices, err = f.Devices.Labels(g.Tx(), devices)
	return x, more, err
}

func dangerFilter(view ui.View) danger.Filter {
	by, down := view.Sort("-found", "due")
	filter := danger.Filter{Severity: danger.Severity(view.Get("severity")), Mine: view.Get("whose") == "mine", Number: strings.TrimSpace(view.Search()), ByDue: by == "due", Up: !down}
	if state := view.Get("state"); state == "late" {
		filter.Late = true
	} else {
		filter.State = danger.State(state)
	}
	filter.From, filter.To = span(view, "found")
	filter.DueFrom, filter.DueTo = span(view, "due")
	return filter
}

// dangers is the register 隐患排查, as far as the visitor may know each.
func (f *face) dangers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := dangerFilter(view)
	if format, file := asked(view); file {
		whole := guard.Firm
		whole.Bulk = true // all at once, to be taken along
		return f.bring(w, r, v, format, access.ReadDangers, whole, func(g *guard.Grant) (rowsOf, error) {
			x, _, err := f.readDangers(g, filter)
			var rows [][]string
			for _, d := range x.all {
				rows = append(rows, dangerCells(v.Lang, d, x))
				g.Step(access.ViewDanger, dangerThing(d.ID), "", nil)
			}
			return rowsOf{registerFile{"dangers", "隐患排查整改登记簿", narrowing(v.Lang, dangerTable(v.Lang, view, 0, false)), inside(v.Lang), dangerColumns(v.Lang)}, rows}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	more := false
	x, err := do(r.Context(), f.Door, v.Who, access.ReadDangers, guard.Firm, func(g *guard.Grant) (x hazards, err error) {
		x, more, err = f.readDangers(g, filter)
		return x, err
	})
	if err != nil {
		return err
	}
	return send(w, r, dangersPage(f.shell(r, v, "隐患排查"), v, dangerTable(v.Lang, view, len(x.all), more), x))
}

func (f *face) newDanger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNewDanger(w, r, v, nil)
}

// showNewDanger is the form of a new danger. Devices are offered to who may read their register.
func (f *face) showNewDanger(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	now, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (time.Time, error) { return g.Tx().Now, nil })
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ReadDevices)
	if err != nil {
		return err
	}
	var machines []ui.Option
	if can[access.ReadDevices].Outcome == access.Permit {
		all, err := do(r.Context(), f.Door, v.Who, access.ReadDevices, guard.Firm, func(g *guard.Grant) (all []device.Device, err error) {
			all, _, err = f.Devices.List(g, device.Filter{})
			return all, err
		})
		if err != nil {
			return err
		}
		for _, d := range all {
			if d.State != device.Scrapped {
				machines = append(machines, ui.Option{Value: d.ID, Label: d.Label() + " " + d.Model + " · " + d.Place})
			}
		}
	}
	return send(w, r, newDangerPage(f.shell(r, v, "登记隐患", ui.Crumb{Name: v.Lang.T("隐患排查"), Href: "/dangers"}), v, machines, form(r), now, failed))
}

func (f *face) registerDanger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	found, _ := time.ParseInLocation(time.DateOnly, form.Get("found"), chinaTime) // none: the room says so
	id, err := do(r.Context(), f.Door, v.Who, access.RegisterDanger, guard.Firm, func(g *guard.Grant) (string, error) {
		return f.Dangers.Register(g, danger.Finding{Place: form.Get("place"), What: form.Get("what"), Severity: danger.Severity(form.Get("severity")), Found: found, Device: form.Get("device")})
	})
	if err != nil && correctable(err) {
		return f.showNewDanger(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/dangers/"+id)
}

// hazard is the page of one danger.
type hazard struct {
	it     danger.Danger
	names  map[string]string
	device string // its label
	now    time.Time
	can    map[access.Act]bool
	people []ui.Option // who can be named, for who may assign
	reads  bool        // the visitor may read the register of devices
	deed   string
	failed error
	form   url.Values
}

func (x hazard) wrong(lang text.Lang, deed, field string) string {
	if x.deed != deed {
		return ""
	}
	return fieldError(lang, x.failed, field)
}

// typed is what was typed into the form that came back, or what it begins with.
func (x hazard) typed(deed, field, otherwise string) string {
	if x.deed != deed {
		return otherwise
	}
	return x.form.Get(field)
}

// works reports whether the visitor has a step to do.
func (x hazard) works() bool {
	return x.can[access.AssignDanger] || x.can[access.MendDanger] || x.can[access.CheckDanger]
}

func (f *face) danger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDanger(w, r, v, "", nil)
}

func (f *face) showDanger(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	thing := dangerThing(r.PathValue("danger"))
	x, err := do(r.Context(), f.Door, v.Who, access.ViewDanger, thing, func(g *guard.Grant) (x hazard, err error) {
		x.now = g.Tx().Now
		if x.it, err = f.Dangers.Get(g); err != nil {
			return x, err
		}
		if x.names, err = f.People.Names(g.Tx(), x.it.People()); err != nil {
			return x, err
		}
		labels, err := f.Devices.Labels(g.Tx(), []string{x.it.Device})
		x.device = labels[x.it.Device]
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, thing, access.AssignDanger, access.MendDanger, access.CheckDanger)
	if err != nil {
		return err
	}
	x.can = map[access.Act]bool{}
	for act, d := range can {
		x.can[act] = d.Outcome == access.Permit
	}
	if x.can[access.AssignDanger] {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		x.people = keepers(v.Lang, people)
	}
	x.reads, x.deed, x.failed, x.form = v.keepsDevices(), deed, failed, form(r)
	return send(w, r, dangerPage(f.shell(r, v, "隐患", ui.Crumb{Name: v.Lang.T("隐患排查"), Href: "/dangers"}), v, x))
}

func (f *face) dangerDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("danger"), r.PathValue("deed"), form(r)
	deeds := map[string]struct {
		act access.Act
		do  func(*guard.Grant) error
	}{
		"assign": {access.AssignDanger, func(g *guard.Grant) error {
			due, _ := time.ParseInLocation(time.DateOnly, form.Get("due"), chinaTime) // none: the room says so
			return f.Dangers.Assign(g, danger.Order{Responsible: form.Get("responsible"), Due: due, Severity: danger.Severity(form.Get("severity")), Demand: form.Get("demand")})
		}},
		"mend":    {access.MendDanger, func(g *guard.Grant) error { return f.Dangers.Mend(g, form.Get("measures"), form.Get("statement")) }},
		"confirm": {access.CheckDanger, func(g *guard.Grant) error { return f.Dangers.Check(g, true, form.Get("opinion")) }},
		"return":  {access.CheckDanger, func(g *guard.Grant) error { return f.Dangers.Check(g, false, form.Get("opinion")) }},
	}
	one, known := deeds[deed]
	if !known {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, one.act, dangerThing(id), one.do)
	if err != nil && correctable(err) {
		return f.showDanger(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/dangers/"+id)
}
