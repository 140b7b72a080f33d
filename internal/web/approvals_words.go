package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func approvalTable(v *Visitor, view ui.View, filter approval.Filter, x inbox) ui.Table {
	lang := v.Lang
	t := register(lang, view, len(x.page.Requests), x.page.More)
	t.Name, t.Search = lang.T("申请"), lang.T("单号")
	t.Columns = []ui.Column{{Label: lang.T("单号")}, {Label: lang.T("申请事项")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("申请人"), Narrow: true}, {Label: lang.T("用途"), Narrow: true}, {Label: lang.T("使用期限"), Narrow: true}, {Label: lang.T("状态")}}
	whose := []ui.Option{{Value: string(approval.ForMe), Label: lang.T("等我审批")}, {Value: string(approval.Mine), Label: lang.T("我申请的")}, {Value: string(approval.Decided), Label: lang.T("我审批过的")}}
	if v.Person.Has(access.Auditor) {
		whose = append(whose, ui.Option{Value: string(approval.All), Label: lang.T("全所")})
	}
	var states []ui.Option
	for _, s := range approval.States {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t.Filters = []ui.Filter{{Name: "whose", Label: lang.T("范围"), Options: whose}, {Name: "act", Label: lang.T("申请事项"), Options: approvalActs(lang)}, {Name: "state", Label: lang.T("状态"), Options: states}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有等您审批的申请"), Sentence: lang.T("需要您批准的事会出现在这里；您自己的申请在“我申请的”里。")}
	if filter.Whose != "" && filter.Whose != approval.ForMe {
		t.Empty = ui.EmptyProps{Title: lang.T("没有申请"), Sentence: lang.T("须经批准的事，在它的页面上申请；批准之后在期限内使用一次。")}
	}
	if !business(v.Person) { // who may not take client data along
		t.Exports = nil
	}
	return t
}

// approvalActs are the acts for which leave is asked.
func approvalActs(lang text.Lang) (all []ui.Option) {
	for _, a := range []access.Act{access.FetchOriginal, access.PrintMaterial, access.CopyCarrier, access.ScanCarrier, access.TakeOut, access.LendOutside, access.SendCarrier, access.ExportToMedium, access.Destroy} {
		all = append(all, ui.Option{Value: string(a), Label: lang.T(a.Name())})
	}
	return all
}

func (f *face) bringApprovals(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, view ui.View, read func(*guard.Grant) (inbox, error)) error {
	return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		x, err := read(g)
		if err != nil {
			return rowsOf{}, err
		}
		if x.page.More {
			return rowsOf{}, tooMany(approval.MaxExport)
		}
		highest, counts := classification.Level(0), map[string]int{}
		var rows [][]string
		for _, q := range x.page.Requests {
			highest = max(highest, q.Level)
			if q.Matter != "" {
				counts[q.Matter]++
			}
			rows = append(rows, approvalCells(v.Lang, q, x))
		}
		stepInto(g, counts)
		return rowsOf{registerFile{"approvals", "审批登记簿", narrowing(v.Lang, approvalTable(v, view, approvalFilter(v, view), inbox{})), markOf(v.Lang, highest), approvalColumns(v.Lang)}, rows}, nil
	})
}

func approvalColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("单号"), Width: 6}, {Label: lang.T("日期"), Width: 6}, {Label: lang.T("申请事项"), Width: 7}, {Label: lang.T("对象"), Width: 10}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("案号"), Width: 7}, {Label: lang.T("申请人"), Width: 5},
		{Label: lang.T("用途"), Width: 12}, {Label: lang.T("范围"), Width: 8}, {Label: lang.T("保密措施"), Width: 9}, {Label: lang.T("使用期限"), Width: 9}, {Label: lang.T("审批意见"), Width: 14}, {Label: lang.T("状态"), Width: 6}}
}

func approvalCells(lang text.Lang, q approval.Request, x inbox) []string {
	var said []string
	for _, s := range q.Seats {
		if s.Decision != "" {
			said = append(said, seatWords(lang, q, s, x.names, nil))
		}
	}
	return []string{q.Number(), ui.Date(q.Asked), lang.T(q.Act.Name()), x.things[q.Thing], levelWord(lang, q.Level), x.things[q.Matter], x.names[q.Applicant], q.Purpose, q.Scope, q.Measures,
		windowWords(lang, q), strings.Join(said, lang.T("；")), lang.T(q.State.Name())}
}

func levelWord(lang text.Lang, l classification.Level) string {
	if !l.Valid() {
		return ""
	}
	return lang.T(l.Name())
}

func windowWords(lang text.Lang, q approval.Request) string {
	return lang.T("%s 至 %s", ui.Date(q.Since), ui.Date(q.Until))
}

// mostSeated is how many names of those whom a seat waits for are told.
const mostSeated = 5

// seatWords says who decided at a seat and what, or whom it waits for.
func seatWords(lang text.Lang, q approval.Request, s approval.Seat, names map[string]string, seated map[string][]string) string {
	if s.Decision == "" {
		out := lang.T(s.Capacities.Name())
		var all []string
		for _, capacity := range s.Capacities {
			all = append(all, seated[capacity]...)
		}
		if n := len(all); n > mostSeated {
			return out + " " + lang.T("%s 等 %d 人", strings.Join(all[:mostSeated], lang.T("、")), n)
		} else if n > 0 {
			out += " " + strings.Join(all, lang.T("、"))
		}
		return out
	}
	out := lang.T("%s %s（%s）", ui.Date(s.Decided), names[s.DecidedBy], lang.T(access.Names.Approvers[s.Capacity]))
	if s.InsteadOf != "" {
		out = lang.T("%s %s（受 %s 授权）", ui.Date(s.Decided), names[s.DecidedBy], names[s.InsteadOf])
	}
	out += lang.T("：") + lang.T(s.Decision.Name())
	if s.Opinion != "" {
		out += lang.T("，") + s.Opinion
	}
	return out
}

func approvalTone(q approval.Request, now time.Time) ui.Tone {
	switch q.State {
	case approval.Pending:
		if q.Escalated(now) {
			return ui.Late
		}
		return ui.Warn
	case approval.Approved, approval.Used:
		return ui.Good
	case approval.Refused, approval.Lapsed:
		return ui.Late
	}
	return 0
}

func approvalFacts(lang text.Lang, p petition) []ui.Fact {
	q := p.q
	facts := []ui.Fact{{Label: lang.T("申请事项"), Value: lang.T(q.Act.Name())}, {Label: lang.T("对象"), Value: lang.T(q.Kind.Name()) + " " + p.things[q.Thing], Href: useAt(q)}}
	if q.Level.Valid() {
		facts = append(facts, ui.Fact{Label: lang.T("密级"), Node: ui.Level(lang, q.Level)})
	}
	if q.Matter != "" {
		facts = append(facts, ui.Fact{Label: lang.T("案号"), Value: p.things[q.Matter]})
	}
	facts = append(facts, ui.Fact{Label: lang.T("申请人"), Value: p.names[q.Applicant] + " · " + ui.Date(q.Asked)}, ui.Fact{Label: lang.T("用途"), Value: q.Purpose})
	for _, f := range []ui.Fact{{Label: lang.T("范围"), Value: q.Scope}, {Label: lang.T("保密措施"), Value: q.Measures}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return append(facts, ui.Fact{Label: lang.T("使用期限"), Value: windowWords(lang, q)})
}

// routeEvents is the way of a request, the last stage first.
func routeEvents(lang text.Lang, p petition) (all []ui.Event) {
	for _, s := range p.q.Seats {
		e := ui.Event{Time: lang.T("第%s步", numeralOf(lang, s.Stage)), Text: seatWords(lang, p.q, s, p.names, p.seated)}
		switch {
		case s.Decision == approval.No:
			e.Tone = ui.Late
		case s.Decision == "" && p.q.State == approval.Pending && s.Stage == p.q.Stage:
			e.Text, e.Tone = lang.T("等待%s审批", e.Text), ui.Warn
			if p.q.Escalated(p.now) {
				e.Text += lang.T("；已超过两天，上级也可以审批")
			}
		case s.Decision == "":
			e.Text = lang.T("未审批：%s", e.Text)
		}
		all = append(all, e)
	}
	return all
}

func numeralOf(lang text.Lang, n int) string {
	if lang == text.EN {
		return strconv.Itoa(n)
	}
	if n > 0 && n < len(numerals) {
		return numerals[n]
	}
	return ""
}

// purposes are the usual reasons for which leave is asked.
func purposes(lang text.Lang) []ui.Option {
	var all []ui.Option
	for _, zh := range []string{"提交法院、仲裁机构", "开庭、听证使用", "客户要求提供", "谈判、签约使用", "交专家、翻译或鉴定", "归档整理"} {
		all = append(all, ui.Option{Value: zh, Label: lang.T(zh)})
	}
	return all
}

// approvalTasks are requests to decide, and one's own that can be used.
func approvalTasks(v *Visitor, toDecide int, usable []approval.Request) (tasks []ui.Task) {
	if toDecide > 0 {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("审批"), Title: v.Lang.T("有 %d 件申请等您审批", toDecide), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去审批"), Href: "/approvals"}, First: true})
	}
	for _, q := range usable {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("审批"), Title: v.Lang.T("%s已获批准", v.Lang.T(q.Act.Name())), Note: v.Lang.T("单号 %s，%s 前使用一次", q.Number(), ui.Date(q.Until)), Tone: ui.Good, Step: ui.Link{Label: v.Lang.T("去办理"), Href: useAt(q)}})
	}
	return tasks
}
