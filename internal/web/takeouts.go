package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// outings is the register of slips 外带审批.
type outings struct {
	all   []carrier.Slip
	next  string // where the next page begins
	names map[string]string
	now   time.Time
}

func (f *face) readSlips(g *guard.Grant, filter carrier.SlipFilter) (x outings, err error) {
	x.now = g.Tx().Now
	page, err := f.Carriers.Slips(g, filter)
	if err != nil {
		return x, err
	}
	x.all, x.next = page.Slips, page.Next
	var people []string
	for _, s := range x.all {
		people = append(people, s.People()...)
	}
	x.names, err = f.People.Names(g.Tx(), people)
	return x, err
}

func (f *face) takeOuts(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/take-outs"
	filter := slipFilter(view)
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			x, err := f.readSlips(g, filter)
			if err == nil && x.next != "" {
				err = tooMany(carrier.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for _, s := range x.all {
				highest = max(highest, s.Level)
				counts[s.Matter]++
				rows = append(rows, slipCells(v.Lang, s, x))
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"take-outs", "外带审批登记簿", narrowing(v.Lang, slipTable(v.Lang, view, outings{})), markOf(v.Lang, highest), slipColumns(v.Lang)}, rows}, err
		})
	}
	filter.After, filter.Limit = view.After(), perPage
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (outings, error) { return f.readSlips(g, filter) })
	if err != nil {
		return err
	}
	t := slipTable(v.Lang, view, x)
	if !business(v.Person) { // administrators take no register with client data along
		t.Exports = nil
	}
	return send(w, r, takeOutsPage(f.shell(r, v, "外带", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, x))
}

// slipStates are what a register of slips can be narrowed to, in the order of a slip's life.
var slipStates = []carrier.SlipState{carrier.SlipOpen, carrier.SlipApproved, carrier.SlipOut, carrier.SlipBack, carrier.SlipLost, carrier.SlipRefused, carrier.SlipWithdrawn, carrier.SlipLapsed}

func slipFilter(view ui.View) carrier.SlipFilter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	by, down := view.Sort("-asked", "due")
	f := carrier.SlipFilter{Level: level, Number: strings.TrimSpace(view.Search()), ByDue: by == "due", Up: !down}
	switch state := view.Get("state"); state {
	case "late":
		f.Late = true
	case "short":
		f.Short = true
	default:
		f.State = carrier.SlipState(state)
	}
	return f
}

// slipOf reads the form of a slip.
func slipOf(form url.Values, due time.Time) carrier.Slip {
	s := carrier.Slip{Place: form.Get("place"), Purpose: form.Get("purpose"), Companion: form.Get("companion"), Due: due}
	for _, m := range form["measures"] {
		s.Measures = append(s.Measures, carrier.Measure(m))
	}
	return s
}

func slipTable(lang text.Lang, view ui.View, x outings) ui.Table {
	t := keyed(lang, view, len(x.all), x.next)
	t.Name, t.Search = lang.T("外带"), lang.T("单号、载体编号")
	states := []ui.Option{{Value: "late", Label: lang.T("逾期未带回")}, {Value: "short", Label: lang.T("带回不符")}}
	for _, s := range slipStates {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: states}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}}
	t.Columns = []ui.Column{{Key: "asked", Label: lang.T("单号"), Down: true}, {Label: lang.T("载体编号"), Narrow: true}, {Label: lang.T("密级")}, {Label: lang.T("去处"), Narrow: true}, {Label: lang.T("申请人"), Narrow: true}, {Key: "due", Label: lang.T("带回期限"), Narrow: true, Down: true}, {Label: lang.T("状态")}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有外带记录"), Sentence: lang.T("把载体带出办公场所之前，由保管人在载体页面申请，批准后才能带出。")}
	return t
}

func slipColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("单号"), Width: 6}, {Label: lang.T("日期"), Width: 6}, {Label: lang.T("载体编号"), Width: 10}, {Label: lang.T("题名"), Width: 10}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("去处"), Width: 9}, {Label: lang.T("用途"), Width: 9},
		{Label: lang.T("保密措施"), Width: 14}, {Label: lang.T("带回期限"), Width: 6}, {Label: lang.T("申请人（承诺）"), Width: 6}, {Label: lang.T("同行人"), Width: 5}, {Label: lang.T("批准人"), Width: 5}, {Label: lang.T("带回核对"), Width: 11}, {Label: lang.T("状态"), Width: 5}}
}

func slipNumber(s carrier.Slip) string { return s.Label() }

func slipCells(lang text.Lang, s carrier.Slip, x outings) []string {
	return []string{slipNumber(s), ui.Date(s.Asked), s.Number, s.Title, lang.T(s.Level.Name()), s.Place, s.Purpose, measuresNamed(lang, s.Measures), ui.Date(s.Due), x.names[s.Applicant], x.names[s.Companion], approversOf(lang, s, x.names),
		checkWords(lang, s, x.names), lang.T(s.State.Name())}
}

func measuresNamed(lang text.Lang, all []carrier.Measure) string {
	names := make([]string, len(all))
	for i, m := range all {
		names[i] = lang.T(m.Name())
	}
	return strings.Join(names, lang.T("；"))
}

// checkWords is what was found when a carrier came back.
func checkWords(lang text.Lang, s carrier.Slip, names map[string]string) string {
	if s.Back.IsZero() {
		return ""
	}
	out := lang.T("%s %s 清点 %s", ui.Date(s.Back), names[s.CheckedBy], strconv.Itoa(s.PagesBack))
	if s.Short() {
		out += lang.T("，应为 %s", strconv.Itoa(s.Pages))
	}
	if s.Missing != "" {
		out += lang.T("，缺第 %s 页", s.Missing)
	}
	if s.Found != "" {
		out += lang.T("，") + s.Found
	}
	return out
}

func slipFacts(lang text.Lang, s carrier.Slip, names map[string]string) []ui.Fact {
	facts := []ui.Fact{{Label: lang.T("载体编号"), Value: s.Number}, {Label: lang.T("密级"), Node: ui.Level(lang, s.Level)}, {Label: lang.T("申请人"), Value: names[s.Applicant] + " · " + ui.Date(s.Asked)},
		{Label: lang.T("去处"), Value: s.Place}, {Label: lang.T("用途"), Value: s.Purpose}, {Label: lang.T("带回期限"), Value: ui.Date(s.Due)}, {Label: lang.T("保密措施"), Value: measuresNamed(lang, s.Measures)}}
	if s.Companion != "" {
		facts = append(facts, ui.Fact{Label: lang.T("同行人"), Value: names[s.Companion]})
	}
	if s.DecidedBy != "" {
		facts = append(facts, ui.Fact{Label: lang.T("批准人"), Value: approversOf(lang, s, names)})
	}
	if words := checkWords(lang, s, names); words != "" {
		f := ui.Fact{Label: lang.T("带回核对"), Value: words}
		if s.Short() {
			f.Tone = ui.Late
		}
		facts = append(facts, f)
	}
	return facts
}

func slipTone(s carrier.Slip, now time.Time) ui.Tone {
	switch {
	case s.Overdue(now) || s.Short() || s.State == carrier.SlipLost:
		return ui.Late
	case s.State == carrier.SlipOut, s.State == carrier.SlipOpen, s.State == carrier.SlipApproved:
		return ui.Warn
	case s.State == carrier.SlipBack:
		return ui.Good
	}
	return 0
}

// slipWords is a slip's state, with what is late about it.
func slipWords(lang text.Lang, s carrier.Slip, now time.Time) string {
	switch {
	case s.Overdue(now):
		return lang.T("逾期未带回")
	case s.Short():
		return lang.T("带回不符")
	}
	return lang.T(s.State.Name())
}

// takeOutTasks are what should be back.
func takeOutTasks(v *Visitor, overdue []carrier.Slip, now time.Time) (tasks []ui.Task) {
	for _, s := range overdue {
		tasks = append(tasks, toldOf(v, s, now))
	}
	return tasks
}
