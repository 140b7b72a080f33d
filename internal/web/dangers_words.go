package web

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func severityOptions(lang text.Lang) (options []ui.Option) {
	for _, s := range danger.Severities {
		options = append(options, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	return options
}

func dangerTable(lang text.Lang, view ui.View, rows int, more bool) ui.Table {
	states := []ui.Option{{Value: "late", Label: lang.T("逾期未整改")}}
	for _, s := range danger.States {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t := register(lang, view, rows, more)
	t.Name, t.Search = lang.T("隐患排查"), lang.T("隐患编号")
	t.Columns = []ui.Column{{Label: lang.T("隐患编号")}, {Key: "found", Label: lang.T("发现日期"), Down: true, Narrow: true}, {Label: lang.T("地点")}, {Label: lang.T("隐患情况"), Narrow: true}, {Label: lang.T("级别"), Narrow: true},
		{Label: lang.T("责任人"), Narrow: true}, {Key: "due", Label: lang.T("整改期限"), Narrow: true}, {Label: lang.T("状态")}}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: states}, {Name: "severity", Label: lang.T("级别"), Options: severityOptions(lang)},
		{Name: "whose", Label: lang.T("范围"), Options: []ui.Option{{Value: "mine", Label: lang.T("由我整改")}}}, {Name: "found", Label: lang.T("发现日期"), Span: true}, {Name: "due", Label: lang.T("整改期限"), Span: true}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有隐患"), Sentence: lang.T("门锁不严、屏幕朝外、文件散放，凡是可能造成泄密的，谁发现谁登记；由安全管理员指派整改，整改之后由别人复查。"), Step: ui.Link{Label: lang.T("登记隐患"), Href: "/dangers/new"}}
	return t
}

func dangerColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("隐患编号"), Width: 8}, {Label: lang.T("发现日期"), Width: 6}, {Label: lang.T("发现人"), Width: 5}, {Label: lang.T("地点"), Width: 8}, {Label: lang.T("相关设备"), Width: 7}, {Label: lang.T("隐患情况"), Width: 14}, {Label: lang.T("级别"), Width: 5},
		{Label: lang.T("整改要求"), Width: 9}, {Label: lang.T("责任人"), Width: 5}, {Label: lang.T("整改期限"), Width: 6}, {Label: lang.T("整改措施"), Width: 12}, {Label: lang.T("整改结果"), Width: 10}, {Label: lang.T("复查"), Width: 10}, {Label: lang.T("状态"), Width: 5}}
}

func dangerCells(lang text.Lang, d danger.Danger, x hazards) []string {
	last := d.Last()
	return []string{d.Number, ui.Date(d.Found), x.names[d.Finder], d.Place, x.devices[d.Device], d.What, lang.T(d.Severity.Name()), d.Demand, x.names[d.Responsible], dueDay(d), last.Measures, mendedWords(lang, last, x.names), checkedWords(lang, last, x.names), dangerState(lang, d, x.now)}
}

func dueDay(d danger.Danger) string {
	if d.Due.IsZero() {
		return ""
	}
	return ui.Date(d.Due)
}

// mendedWords is what the responsible said of a round; nothing where there is none.
func mendedWords(lang text.Lang, r danger.Round, names map[string]string) string {
	if r.N == 0 {
		return ""
	}
	return r.Statement + lang.T("（%s %s）", names[r.MendedBy], ui.Date(r.Mended))
}

// checkedWords is what a check came to.
func checkedWords(lang text.Lang, r danger.Round, names map[string]string) string {
	if r.Checked.IsZero() {
		return ""
	}
	words := lang.T("退回整改")
	if r.Passed {
		words = lang.T("复查通过")
	}
	if r.Opinion != "" {
		words += lang.T("：") + r.Opinion
	}
	return words + lang.T("（%s %s）", names[r.CheckedBy], ui.Date(r.Checked))
}

// dangerState is how a danger stands, with what is late about it.
func dangerState(lang text.Lang, d danger.Danger, now time.Time) string {
	switch {
	case d.Overdue(now):
		return lang.T("逾期未整改")
	case d.SentBack():
		return lang.T("退回整改")
	}
	return lang.T(d.State.Name())
}

func dangerTone(d danger.Danger, now time.Time) ui.Tone {
	switch {
	case d.Overdue(now), d.Severity == danger.Major && d.State == access.Found:
		return ui.Late
	case d.State == access.Confirmed:
		return ui.Good
	}
	return ui.Warn
}

func dangerFacts(v *Visitor, x hazard) []ui.Fact {
	d, lang := x.it, v.Lang
	facts := []ui.Fact{{Label: lang.T("状态"), Node: ui.State(dangerTone(d, x.now), dangerState(lang, d, x.now))}, {Label: lang.T("级别"), Value: lang.T(d.Severity.Name())}, {Label: lang.T("隐患情况"), Value: d.What}, {Label: lang.T("地点"), Value: d.Place}}
	if d.Device != "" {
		device := ui.Fact{Label: lang.T("相关设备"), Value: x.device}
		if x.reads {
			device.Href = "/devices/" + d.Device
		}
		facts = append(facts, device)
	}
	facts = append(facts, ui.Fact{Label: lang.T("发现日期"), Value: ui.Date(d.Found)}, ui.Fact{Label: lang.T("发现人"), Value: x.names[d.Finder]})
	if d.Responsible == "" {
		return append(facts, ui.Fact{Label: lang.T("责任人"), Value: lang.T("待指派"), Tone: ui.Warn})
	}
	due := ui.Fact{Label: lang.T("整改期限"), Value: ui.Date(d.Due)}
	if d.Overdue(x.now) {
		due.Tone = ui.Late
	}
	facts = append(facts, ui.Fact{Label: lang.T("责任人"), Value: x.names[d.Responsible]}, due)
	if d.Demand != "" {
		facts = append(facts, ui.Fact{Label: lang.T("整改要求"), Value: d.Demand})
	}
	return facts
}

// dangerEvents is the way that a danger has gone, the newest first.
func dangerEvents(lang text.Lang, x hazard) []ui.Event {
	d := x.it
	said := func(at time.Time, by, words string) ui.Event {
		return ui.Event{Time: ui.Date(at), Stamp: ui.Stamp(at), Who: x.names[by], Text: words}
	}
	events := []ui.Event{said(d.Registered, d.Finder, lang.T("登记"))}
	for _, n := range d.Named {
		words := lang.T("指派 %s，%s 前完成整改", x.names[n.Responsible], ui.Date(n.Due))
		if n.Instead != "" {
			words = lang.T("离岗交接：由 %s 接替 %s 整改", x.names[n.Responsible], x.names[n.Instead])
		}
		events = append(events, said(n.At, n.By, words))
	}
	for _, r := range d.Rounds {
		events = append(events, said(r.Mended, r.MendedBy, lang.T("整改完成")+lang.T("：")+strings.Join([]string{r.Measures, r.Statement}, lang.T("；"))))
		if !r.Checked.IsZero() {
			words := lang.T("退回整改")
			if r.Passed {
				words = lang.T("复查通过，销号")
			}
			if r.Opinion != "" {
				words += lang.T("：") + r.Opinion
			}
			events = append(events, said(r.Checked, r.CheckedBy, words))
		}
	}
	slices.SortStableFunc(events, func(a, b ui.Event) int { return strings.Compare(a.Stamp, b.Stamp) }) // somebody else was named after a round
	slices.Reverse(events)
	return events
}

// dangerTasks are what waits for the visitor: what to mend, and of who assigns and checks, how much waits for that.
func dangerTasks(v *Visitor, t danger.Tasks, now time.Time) (tasks []ui.Task) {
	kind := v.Lang.T("隐患")
	for _, d := range t.Mine {
		task := ui.Task{Kind: kind, Title: v.Lang.T("整改隐患 %s", d.Number), Note: v.Lang.T("%s 前完成，写明措施和结果", ui.Date(d.Due)), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去整改"), Href: "/dangers/" + d.ID}}
		switch {
		case d.Overdue(now):
			task.Title, task.Tone = v.Lang.T("隐患 %s 逾期未整改", d.Number), ui.Late
		case d.SentBack():
			task.Title = v.Lang.T("隐患 %s 复查退回", d.Number)
		}
		tasks = append(tasks, task)
	}
	add := func(n int, title, note, label, state string, tone ui.Tone) {
		if n > 0 {
			tasks = append(tasks, ui.Task{Kind: kind, Title: v.Lang.T(title, n), Note: v.Lang.T(note), Tone: tone, Step: ui.Link{Label: v.Lang.T(label), Href: "/dangers?state=" + state}})
		}
	}
	add(t.Late, "有 %d 项隐患逾期未整改", "督促责任人，或者另行指派", "去查看", "late", ui.Late)
	add(t.ToAssign, "有 %d 项隐患待指派", "指定责任人和整改期限", "去指派", string(access.Found), ui.Warn)
	add(t.ToCheck, "有 %d 项隐患待复查", "到现场看过再销号", "去复查", string(access.Mended), ui.Warn)
	return tasks
}
