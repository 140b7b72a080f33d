package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/accountability"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) measureRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/measures", server.Signed, f.measures),
		get("/people/{person}/measures", server.Signed, f.personMeasures),
		post("/people/{person}/measures/{deed}", server.Signed, f.measureDeed),
	}
}

// record is the page of one person's measures and rewards.
type record struct {
	person person.Person
	cases  []accountability.Case
	can    map[access.Act]bool
	now    time.Time
	deed   string // the form that came back, with the case it is about
	failed error
}

var measureActs = []access.Act{access.OpenMeasure, access.ReplyMeasure, access.DecideMeasure}

func (f *face) personMeasures(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMeasures(w, r, v, "", nil)
}

func (f *face) showMeasures(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	id := r.PathValue("person")
	x := record{can: map[access.Act]bool{}, deed: deed, failed: failed}
	err := f.Door.Do(r.Context(), v.Who, access.ReadMeasures, personThing(id), func(g *guard.Grant) (err error) {
		x.now = g.Tx().Now
		if x.person, err = f.People.One(g.Tx(), id); err != nil {
			return err
		}
		x.cases, err = f.Measures.Of(g)
		return err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, personThing(id), measureActs...)
	if err != nil {
		return err
	}
	for act, d := range can {
		x.can[act] = d.Outcome == access.Permit
	}
	return send(w, r, measuresPage(f.shell(r, v, "奖惩", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}, ui.Crumb{Name: x.person.Name, Href: "/people/" + id}), v, x, form(r)))
}

// measureDeed is each step of a case.
func (f *face) measureDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("person"), r.PathValue("deed"), form(r)
	one := form.Get("case")
	happened, _ := time.Parse(time.DateOnly, form.Get("happened")) // none: the field says so
	acts := map[string]access.Act{"open": access.OpenMeasure, "opinion": access.OpenMeasure, "reply": access.ReplyMeasure, "decide": access.DecideMeasure}
	deeds := map[string]func(*guard.Grant) error{
		"open": func(g *guard.Grant) error {
			_, err := f.Measures.Begin(g, accountability.Opening{Measure: accountability.Measure(form.Get("measure")), Matter: form.Get("matter"), Facts: form.Get("facts"), Happened: happened})
			return err
		},
		"opinion": func(g *guard.Grant) error { return f.Measures.Opine(g, one, form.Get("opinion")) },
		"reply":   func(g *guard.Grant) error { return f.Measures.Reply(g, one, form.Get("reply")) },
		"decide": func(g *guard.Grant) error {
			return f.Measures.Decide(g, one, accountability.Measure(form.Get("measure")), form.Get("why"))
		},
	}
	if deeds[deed] == nil {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, acts[deed], personThing(id), deeds[deed])
	if err != nil && correctable(err) {
		return f.showMeasures(w, r, v, deed+one, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/people/"+id+"/measures")
}

// measures is the register 奖惩.
func (f *face) measures(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := accountability.Filter{State: accountability.State(view.Get("state")), Measure: accountability.Measure(view.Get("measure")), Text: view.Search(), Offset: (view.Page() - 1) * perPage, Limit: perPage}
	filter.From, filter.To = span(view, "at")
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			filter.Offset, filter.Limit = 0, 10_000
			all, _, err := f.Measures.List(g, filter)
			var rows [][]string
			for _, c := range all {
				rows = append(rows, measureCells(v.Lang, c))
			}
			return rowsOf{registerFile{"measures", "奖惩登记簿", narrowing(v.Lang, measuresTable(v.Lang, view, false)), inside(v.Lang), measureColumns(v.Lang)}, rows}, err
		})
	}
	more := false
	all, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (all []accountability.Case, err error) {
		all, more, err = f.Measures.List(g, filter)
		return all, err
	})
	if err != nil {
		return err
	}
	return send(w, r, measureRegisterPage(f.shell(r, v, "奖惩", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, measuresTable(v.Lang, view, more), all))
}

func measuresTable(lang text.Lang, view ui.View, more bool) ui.Table {
	t := ui.Table{Lang: lang, Name: lang.T("奖惩"), View: view, Search: lang.T("姓名"), Total: -1, Per: perPage,
		Columns: []ui.Column{{Label: lang.T("姓名")}, {Label: lang.T("案号"), Narrow: true}, {Label: lang.T("发生日期")}, {Label: lang.T("提出"), Narrow: true}, {Label: lang.T("结果")}},
		Filters: []ui.Filter{{Name: "at", Label: lang.T("提出日期"), Span: true}, {Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: string(accountability.Undecided), Label: lang.T("待决定")}, {Value: string(accountability.Closed), Label: lang.T("已决定")}}},
			{Name: "measure", Label: lang.T("措施"), Options: measureOptions(lang, func(accountability.Measure) bool { return true })}}, Exports: paperFormats,
		Empty: ui.EmptyProps{Title: lang.T("没有奖惩记录"), Sentence: lang.T("只列出您有权查看的。主任、委员会或安全管理员在人员页面里提出。")}}
	if page := view.Page(); page > 1 {
		t.Newer = view.With("page", strconv.Itoa(page-1))
	}
	if more {
		t.Older = view.With("page", strconv.Itoa(view.Page()+1))
	}
	return t
}

func measureColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("姓名"), Width: 6}, {Label: lang.T("案号"), Width: 8}, {Label: lang.T("发生日期"), Width: 6}, {Label: lang.T("经过"), Width: 20}, {Label: lang.T("提出"), Width: 7},
		{Label: lang.T("提出人"), Width: 6}, {Label: lang.T("本人陈述"), Width: 14}, {Label: lang.T("处理意见"), Width: 14}, {Label: lang.T("决定"), Width: 7}, {Label: lang.T("理由"), Width: 12}, {Label: lang.T("决定人"), Width: 6}, {Label: lang.T("决定日期"), Width: 6}}
}

func measureCells(lang text.Lang, c accountability.Case) []string {
	decided, on := lang.T("待决定"), ""
	if !c.Open() {
		decided, on = lang.T(c.Decided.Name()), ui.Date(c.DecidedAt)
	}
	var opinions []string
	for _, o := range c.Opinions {
		opinions = append(opinions, o.By+" "+ui.Date(o.At)+lang.T("：")+o.Text)
	}
	return []string{c.Name, c.Matter, c.Happened.Format(time.DateOnly), c.Facts, lang.T(c.Proposed.Name()), c.OpenedBy, c.Reply, strings.Join(opinions, "\n"), decided, c.Why, c.DecidedBy, on}
}

func measureOptions(lang text.Lang, fit func(accountability.Measure) bool) []ui.Option {
	var options []ui.Option
	for _, m := range accountability.Measures {
		if fit(m) {
			options = append(options, ui.Option{Value: string(m), Label: lang.T(m.Name())})
		}
	}
	return options
}
