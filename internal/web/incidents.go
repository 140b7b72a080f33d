package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) incidentRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/incidents", server.Signed, f.incidents),
		get("/incidents/{incident}", server.Signed, f.incident),
		post("/incidents/{incident}/{deed}", server.Signed, f.incidentDeed),
	}
}

func incidentThing(id string) guard.Thing { return guard.Thing{Kind: access.Incident, ID: id} }

// leaks is a page of the register 泄密事件.
type leaks struct {
	all   []incident.Incident
	next  string         // where the next page begins
	late  []carrier.Slip // out too long, and so drafts before long
	names map[string]string
	now   time.Time
}

func (f *face) readIncidents(g *guard.Grant, filter incident.Filter) (x leaks, err error) {
	x.now = g.Tx().Now
	if x.all, x.next, err = f.Incidents.List(g, filter); err != nil {
		return x, err
	}
	var people []string
	for _, i := range x.all {
		people = append(people, i.People()...)
	}
	x.names, err = f.People.Names(g.Tx(), people)
	return x, err
}

func incidentFilter(view ui.View) incident.Filter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	_, down := view.Sort("-found")
	filter := incident.Filter{State: incident.State(view.Get("state")), Cause: incident.Cause(view.Get("cause")), Level: level, Number: strings.TrimSpace(view.Search()), Oldest: !down}
	filter.From, filter.To = span(view, "found")
	return filter
}

// incidents is the register 泄密事件.
func (f *face) incidents(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := incidentFilter(view)
	if format, file := asked(view); file {
		whole := guard.Firm
		whole.Bulk = true // all at once, to be taken along
		return f.bring(w, r, v, format, access.ReadIncidents, whole, func(g *guard.Grant) (rowsOf, error) {
			x, err := f.readIncidents(g, filter)
			if err == nil && x.next != "" {
				err = tooMany(incident.MaxExport)
			}
			highest := classification.Level(0)
			var rows [][]string
			for _, i := range x.all {
				highest = max(highest, i.Level)
				rows = append(rows, incidentCells(v.Lang, i, x.names))
				g.Step(access.ViewIncident, incidentThing(i.ID), i.Matter, nil)
			}
			return rowsOf{registerFile{"incidents", "泄密事件登记簿", narrowing(v.Lang, incidentTable(v.Lang, view, leaks{})), markOf(v.Lang, highest), incidentColumns(v.Lang)}, rows}, err
		})
	}
	filter.After, filter.Limit = view.After(), perPage
	x, err := do(r.Context(), f.Door, v.Who, access.ReadIncidents, guard.Firm, func(g *guard.Grant) (leaks, error) { return f.readIncidents(g, filter) })
	if err != nil {
		return err
	}
	if err := f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { x.late, err = f.Carriers.SlipsLate(g); return err }); err != nil {
		return err
	}
	return send(w, r, incidentsPage(f.shell(r, v, "泄密事件"), v, incidentTable(v.Lang, view, x), x))
}

// leak is the page of one incident.
type leak struct {
	it     incident.Incident
	names  map[string]string
	matter string // its number
	now    time.Time
	may    bool // settle it
	deed   string
	failed error
	form   url.Values
}

func (f *face) incident(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showIncident(w, r, v, "", nil)
}

func (f *face) showIncident(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	thing := incidentThing(r.PathValue("incident"))
	x, err := do(r.Context(), f.Door, v.Who, access.ViewIncident, thing, func(g *guard.Grant) (x leak, err error) {
		x.now = g.Tx().Now
		if x.it, err = f.Incidents.Get(g); err != nil {
			return x, err
		}
		if x.names, err = f.People.Names(g.Tx(), x.it.People()); err != nil {
			return x, err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), []string{x.it.Matter})
		x.matter = numbers[x.it.Matter]
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, thing, access.SettleIncident)
	if err != nil {
		return err
	}
	x.may = can[access.SettleIncident].Outcome == access.Permit
	x.deed, x.failed, x.form = deed, failed, form(r)
	return send(w, r, incidentPage(f.shell(r, v, "泄密事件", ui.Crumb{Name: v.Lang.T("泄密事件"), Href: "/incidents"}), v, x))
}

func (f *face) incidentDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("incident"), r.PathValue("deed"), form(r)
	deeds := map[string]func(*guard.Grant) error{
		"revise": func(g *guard.Grant) error {
			return f.Incidents.Revise(g, incident.Account{Place: form.Get("place"), Others: form.Get("others"), Manner: form.Get("manner"), Harm: form.Get("harm"), Containment: form.Get("containment"), Remedies: form.Get("remedies"), Notices: form.Get("notices")})
		},
		"close":   func(g *guard.Grant) error { return f.Incidents.Close(g, form.Get("opinion")) },
		"dismiss": func(g *guard.Grant) error { return f.Incidents.Dismiss(g, form.Get("why")) },
	}
	if deeds[deed] == nil {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, access.SettleIncident, incidentThing(id), deeds[deed])
	if err != nil && correctable(err) {
		return f.showIncident(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/incidents/"+id)
}

func incidentTable(lang text.Lang, view ui.View, x leaks) ui.Table {
	var states, causes []ui.Option
	for _, s := range incident.States {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	for _, c := range incident.Causes {
		causes = append(causes, ui.Option{Value: string(c), Label: lang.T(c.Name())})
	}
	t := keyed(lang, view, len(x.all), x.next)
	t.Name, t.Search = lang.T("泄密事件"), lang.T("事件编号、载体编号")
	t.Columns = []ui.Column{{Label: lang.T("事件编号")}, {Key: "found", Label: lang.T("发现时间"), Down: true}, {Label: lang.T("情形")}, {Label: lang.T("载体编号"), Narrow: true}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("涉及人员"), Narrow: true}, {Label: lang.T("状态")}}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: states}, {Name: "cause", Label: lang.T("情形"), Options: causes}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}, {Name: "found", Label: lang.T("发现时间"), Span: true}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有泄密事件"), Sentence: lang.T("外带逾期满 7 天、带回时缺页、载体遗失核销的，系统当即生成草稿，由安全管理员处置。")}
	return t
}

func incidentColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("事件编号"), Width: 6}, {Label: lang.T("发现时间"), Width: 7}, {Label: lang.T("发现地点"), Width: 6}, {Label: lang.T("发现人"), Width: 6}, {Label: lang.T("情形"), Width: 6}, {Label: lang.T("载体编号"), Width: 9}, {Label: lang.T("密级"), Width: 4},
		{Label: lang.T("涉及人员"), Width: 7}, {Label: lang.T("经过"), Width: 14}, {Label: lang.T("危害"), Width: 9}, {Label: lang.T("控制措施"), Width: 9}, {Label: lang.T("补救措施"), Width: 9}, {Label: lang.T("报告和通知"), Width: 8}, {Label: lang.T("处置意见"), Width: 10}, {Label: lang.T("状态"), Width: 5}}
}

func incidentCells(lang text.Lang, i incident.Incident, names map[string]string) []string {
	return []string{i.Number(), ui.Stamp(i.Found), i.Place, finder(lang, i, names), lang.T(i.Cause.Name()), i.Subject, lang.T(i.Level.Name()), concerned(lang, i, names), i.Manner, i.Harm, i.Containment, i.Remedies, i.Notices, settlement(lang, i, names), lang.T(i.State.Name())}
}

// finder is who found it.
func finder(lang text.Lang, i incident.Incident, names map[string]string) string {
	if i.FoundBy == "" {
		return lang.T("程序自动发现")
	}
	return names[i.FoundBy]
}

// concerned are the persons concerned.
func concerned(lang text.Lang, i incident.Incident, names map[string]string) string {
	out := names[i.Owner]
	if i.Companion != "" {
		out += lang.T("、") + lang.T("%s（同行）", names[i.Companion])
	}
	if i.Others != "" {
		out += lang.T("、") + i.Others
	}
	return out
}

// settlement is with what an incident was settled, when and by whom.
func settlement(lang text.Lang, i incident.Incident, names map[string]string) string {
	if i.Settled.IsZero() {
		return ""
	}
	return i.Opinion + lang.T("（%s %s）", names[i.SettledBy], ui.Date(i.Settled))
}

func incidentTone(i incident.Incident) ui.Tone {
	if i.State == incident.Draft {
		return ui.Late
	}
	return 0
}

// incidentTasks are the drafts that wait for the security officer, and what a lead should know of.
func incidentTasks(v *Visitor, drafts int) []ui.Task {
	switch {
	case drafts == 0:
		return nil
	case v.Person.Has(access.SecurityAdmin):
		return []ui.Task{{Kind: v.Lang.T("泄密事件"), Title: v.Lang.T("有 %d 起泄密事件草稿待处置", drafts), Note: v.Lang.T("补全后结案，或者写明理由排除"), Tone: ui.Late, Step: ui.Link{Label: v.Lang.T("去处置"), Href: "/incidents?state=draft"}}}
	}
	return []ui.Task{{Kind: v.Lang.T("泄密事件"), Title: v.Lang.T("有 %d 起泄密事件草稿", drafts), Note: v.Lang.T("由安全管理员处置，您可以查看"), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去查看"), Href: "/incidents?state=draft"}}}
}
