package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func rosterColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("姓名"), Width: 6}, {Label: lang.T("岗位"), Width: 10}, {Label: lang.T("部门"), Width: 10}, {Label: lang.T("登录名"), Width: 7},
		{Label: lang.T("执业证号"), Width: 9}, {Label: lang.T("培训"), Width: 8}, {Label: lang.T("承诺书"), Width: 5}, {Label: lang.T("入职日期"), Width: 6}, {Label: lang.T("账号启用"), Width: 6}, {Label: lang.T("职责"), Width: 12},
		{Label: lang.T("状态"), Width: 5}}
}

// bringRoster exports the roster as the visitor's view shows it.
func (f *face) bringRoster(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, q person.Query, span string) error {
	q.Offset, q.Limit = 0, 0
	return f.bring(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		page, err := f.People.List(g, q)
		if err != nil {
			return rowsOf{}, err
		}
		starts, err := f.Directory.AllStarts(g)
		if err != nil {
			return rowsOf{}, err
		}
		duties, err := f.Leaving.Tally(g)
		if err != nil {
			return rowsOf{}, err
		}
		var rows [][]string
		for _, p := range page.Persons {
			rows = append(rows, personCells(v.Lang, p, starts[p.ID], duties[p.ID]))
		}
		return rowsOf{registerFile{"roster", "人员登记簿", span, inside(v.Lang), rosterColumns(v.Lang)}, rows}, nil
	})
}

func personCells(lang text.Lang, p person.Person, starts string, duties map[leaving.Kind]int) []string {
	training, pledge, joined := lang.T("未完成或已过期"), lang.T("未签署"), ""
	if p.Trained {
		training = lang.T("有效至 %s", ui.Date(p.TrainedUntil))
	}
	if p.Bound {
		pledge = lang.T("已签")
	}
	if !p.Joined.IsZero() {
		joined = ui.Date(p.Joined)
	}
	var answers []string
	for _, k := range []leaving.Kind{leaving.Lead, leaving.Materials, leaving.Carriers, leaving.Devices} {
		if n := duties[k]; n > 0 {
			answers = append(answers, lang.T(k.Name())+" "+strconv.Itoa(n))
		}
	}
	return []string{p.Name, postNames(lang, p.Posts), p.Department, p.Login, p.Licence, training, pledge, starts, joined, strings.Join(answers, "\n"), lang.T(p.Status.Name())}
}

// ledgerColumns have keys, since the ledger is read by programs too.
func ledgerColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Key: "seq", Label: lang.T("序号"), Width: 4, Num: true}, {Key: "time", Label: lang.T("时间"), Width: 9}, {Key: "person", Label: lang.T("人员"), Width: 5},
		{Key: "act", Label: lang.T("事项"), Width: 7}, {Key: "thing", Label: lang.T("对象"), Width: 10}, {Key: "outcome", Label: lang.T("结果"), Width: 4},
		{Key: "clauses", Label: lang.T("依据"), Width: 8}, {Key: "address", Label: lang.T("地址"), Width: 7}, {Key: "matter", Label: lang.T("案号"), Width: 7},
		{Key: "matter_seq", Label: lang.T("本案序号"), Width: 4, Num: true}, {Key: "rules", Label: lang.T("规则版本"), Width: 6}}
}

// lineCells is an entry in words, or in codes for programs.
func lineCells(v *Visitor, format sheet.Format, l audit.Line) []string {
	inMatter := ""
	if l.MatterSeq > 0 {
		inMatter = strconv.FormatUint(l.MatterSeq, 10)
	}
	if format == sheet.CSV {
		return []string{seqText(l.Seq), l.At.Format(time.RFC3339), typedOr(l.Actor, l.ActorID), string(l.Act), l.Thing, l.Outcome.String(), strings.Join(l.Clauses, " "), l.Addr,
			l.Matter, inMatter, l.Rules}
	}
	return []string{seqText(l.Seq), ui.Stamp(l.At), typedOr(l.Actor, actorless(v, l)), v.Lang.T(l.Act.Name()), typedOr(l.Thing, l.Matter), outcomeName(v.Lang, l.Outcome),
		clauseLabels(v.Lang, l.Clauses), l.Addr, l.Matter, inMatter, l.Rules[:min(12, len(l.Rules))]}
}

// takeLines streams entries as a register in the way that the room allows.
func (f *face) takeLines(w http.ResponseWriter, r *http.Request, v *Visitor, title string, take func(audit.Taking) error) error {
	view := ui.ReadView(r)
	format, _ := asked(view)
	if format.ContentType() == "" {
		return problem.New(problem.Invalid, "没有这种导出格式")
	}
	out := &outbound{ResponseWriter: w, format: format}
	file := registerFile{"ledger", title, narrowing(v.Lang, ledgerTable(v.Lang, view, audit.Page{})), inside(v.Lang), ledgerColumns(v.Lang)}
	var s *sheet.Sheet
	err := take(audit.Taking{Filter: lineFilter(view), Format: string(format), Start: func(no uint64, at time.Time) (line func(audit.Line) error, err error) {
		if s, err = f.start(r.Context(), out, v, file, no, at); err != nil {
			return nil, err
		}
		return func(l audit.Line) error { return s.Row(lineCells(v, format, l)...) }, nil
	}, End: func() error { return s.Close() }})
	return out.fail(err)
}

func (f *face) takeLedger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.takeLines(w, r, v, "台账", func(t audit.Taking) error { return f.Audit.TakeAll(r.Context(), v.Who, t) })
}

func (f *face) takeMatterLedger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.takeLines(w, r, v, "本案台账", func(t audit.Taking) error { return f.Audit.TakeMatter(r.Context(), v.Who, r.PathValue("matter"), t) })
}

func (f *face) takePersonActs(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.takeLines(w, r, v, "操作记录", func(t audit.Taking) error { return f.Audit.TakePerson(r.Context(), v.Who, r.PathValue("person"), t) })
}

// toFile sends the visitor from a page whose address asks for a file to where files of any length are fetched.
func toFile(w http.ResponseWriter, r *http.Request) error {
	return see(w, r, r.URL.Path+"/file?"+r.URL.RawQuery)
}
