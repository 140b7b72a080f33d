package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/training"
	"mijuan/internal/web/ui"
)

// keyedFormats are those of registers whose columns have keys.
var keyedFormats = append(paperFormats[:2:2], string(sheet.CSV))

// registered is the register 培训 as a view shows it.
func (f *face) trainingRegister(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := training.Filter{Text: view.Search(), Offset: (view.Page() - 1) * perPage, Limit: perPage}
	filter.From = firstOf(view.Get("time_from"))
	if last := lastOf(view.Get("time_to")); !last.IsZero() {
		filter.To = last.Add(time.Millisecond)
	}
	for _, form := range []training.Form{training.Online, training.Outside} {
		if view.Get("form") == formCodes[form] {
			filter.Form = form
		}
	}
	for state, code := range stateCodes {
		if view.Get("result") == code {
			filter.State = state
		}
	}
	if format, file := asked(view); file {
		return f.bringTraining(w, r, v, format, filter, narrowing(v.Lang, trainingTable(v.Lang, view, training.Book{})))
	}
	book, err := do(r.Context(), f.Door, v.Who, access.ReadTraining, guard.Firm, func(g *guard.Grant) (training.Book, error) { return f.Training.Register(g, filter) })
	if err != nil {
		return err
	}
	return send(w, r, trainingRegisterPage(f.shell(r, v, "培训登记簿", ui.Crumb{Name: v.Lang.T("培训"), Href: "/training"}), v, trainingTable(v.Lang, view, book), book))
}

// Codes of the register's filters, in addresses and in CSV.
var (
	formCodes  = map[training.Form]string{training.Online: "online", training.Outside: "outside"}
	stateCodes = map[training.State]string{training.Passed: "passed", training.Failed: "failed", training.Lapsed: "lapsed"}
)

func trainingTable(lang text.Lang, view ui.View, book training.Book) ui.Table {
	var forms, states []ui.Option
	for _, form := range []training.Form{training.Online, training.Outside} {
		forms = append(forms, ui.Option{Value: formCodes[form], Label: lang.T(form.Name())})
	}
	for _, state := range []training.State{training.Passed, training.Failed, training.Lapsed} {
		states = append(states, ui.Option{Value: stateCodes[state], Label: lang.T(state.Name())})
	}
	return ui.Table{Lang: lang, Name: lang.T("培训登记簿"), View: view, Search: lang.T("姓名"), Total: int64(book.Total), Per: perPage,
		Columns: []ui.Column{{Label: lang.T("时间")}, {Label: lang.T("形式"), Narrow: true}, {Label: lang.T("范围"), Narrow: true}, {Label: lang.T("内容"), Narrow: true}, {Label: lang.T("参加人")}, {Label: lang.T("结果")}},
		Filters: []ui.Filter{{Name: "time", Label: lang.T("时间"), Span: true}, {Name: "result", Label: lang.T("结果"), Options: states}, {Name: "form", Label: lang.T("形式"), Options: forms}},
		Exports: keyedFormats,
		Empty:   ui.EmptyProps{Title: lang.T("还没有培训登记"), Sentence: lang.T("考试交卷，或登记集中培训以后，会出现在这里。")}}
}

// trainingColumns are those of the register 培训.
func trainingColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Key: "time", Label: lang.T("时间"), Width: 9}, {Key: "form", Label: lang.T("形式"), Width: 7}, {Key: "scope", Label: lang.T("范围"), Width: 9},
		{Key: "content", Label: lang.T("内容"), Width: 13}, {Key: "attendee", Label: lang.T("参加人"), Width: 5}, {Key: "result", Label: lang.T("结果"), Width: 9}}
}

func (f *face) bringTraining(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, filter training.Filter, span string) error {
	filter.Offset, filter.Limit = 0, 0
	return f.bringAny(w, r, v, format, access.ReadTraining, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		book, err := f.Training.Register(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		var rows [][]string
		for _, e := range book.Rows {
			rows = append(rows, []string{ui.Stamp(e.At), v.Lang.T(e.Form.Name()), entryScope(v.Lang, e), entryContent(v.Lang, e), e.Name, entryResult(v.Lang, e)})
		}
		return rowsOf{registerFile{"training", "培训登记簿", span, inside(v.Lang), trainingColumns(v.Lang)}, rows}, nil
	})
}

// entryScope is why somebody was trained: the occasion, and the campaign if one called.
func entryScope(lang text.Lang, e training.Entry) string {
	kind := ""
	if e.Kind != "" {
		kind = lang.T(person.KindNames[e.Kind])
	}
	if e.Scope != "" {
		return kind + " · " + e.Scope
	}
	return kind
}

func entryContent(lang text.Lang, e training.Entry) string {
	if e.Title == "" {
		return lang.T("保密制度")
	}
	return lang.T("%s（第 %d 版）", e.Title, e.Number)
}

func entryResult(lang text.Lang, e training.Entry) string {
	switch {
	case e.Form == training.Outside:
		return lang.T("%s，%s登记：%s", lang.T(e.State.Name()), typedOr(e.By, lang.T("控制台")), e.Reason)
	case e.Of == 0 || e.State == training.Lapsed:
		return lang.T(e.State.Name())
	}
	return lang.T("%s，%d 分", lang.T(e.State.Name()), e.Score*100/e.Of)
}

// bringRoll exports whom a campaign called.
func (f *face) bringRoll(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, id, state string) error {
	columns := []sheet.Column{{Key: "no", Label: v.Lang.T("序号"), Width: 3, Num: true}, {Key: "name", Label: v.Lang.T("姓名"), Width: 6},
		{Key: "done", Label: v.Lang.T("完成时间"), Width: 9}, {Key: "state", Label: v.Lang.T("状态"), Width: 9}}
	return f.bringAny(w, r, v, format, access.ManageTraining, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		l, err := f.readRoll(g, id)
		if err != nil {
			return rowsOf{}, err
		}
		var rows [][]string
		for i, a := range narrowRoll(l.called, state) {
			_, word := attendeeState(v.Lang, a, l.campaign, l.now)
			done := ""
			if !a.At.IsZero() {
				done = ui.Stamp(a.At)
			}
			rows = append(rows, []string{strconv.Itoa(i + 1), a.Name, done, word})
		}
		span := v.Lang.T("%s，%s，%s 截止", l.campaign.Title, scopeOf(v.Lang, l.campaign.Posts), ui.Date(l.campaign.Due))
		return rowsOf{registerFile{"campaign", "培训计划完成情况", span, inside(v.Lang), columns}, rows}, nil
	})
}
