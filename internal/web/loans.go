package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) loanRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/carriers/loans", server.Signed, f.loans),
		get("/carriers/loans/overdue", server.Signed, f.overdueLoans),
		get("/matters/{matter}/carriers/loans", server.Signed, f.matterLendings),
	}
}

// borrowings is a list of loans with what its rows need.
type borrowings struct {
	page      carrier.LoanPage
	names     map[string]string
	approvers map[string]string // by the id of the request
	now       time.Time
	matters   []ui.Option // to narrow by
	people    []ui.Option
}

func (f *face) readLoans(g *guard.Grant, filter carrier.LoanFilter) (l borrowings, err error) {
	l.now = g.Tx().Now
	if l.page, err = f.Carriers.Loans(g, filter); err != nil {
		return l, err
	}
	var people, leaves []string
	for _, loan := range l.page.Loans {
		people, leaves = append(people, loan.Borrower, loan.Lender), append(leaves, loan.Approval)
	}
	if l.names, err = f.People.Names(g.Tx(), people); err != nil {
		return l, err
	}
	l.approvers, err = f.approvers(g, leaves)
	return l, err
}

// approvers names who decided requests, by their ids; an empty id is none.
func (f *face) approvers(g *guard.Grant, requests []string) (map[string]string, error) {
	var people []string
	decided := map[string][]string{}
	for _, id := range requests {
		if id == "" || decided[id] != nil {
			continue
		}
		q, err := f.Approvals.One(g.Tx(), id)
		if err != nil {
			return nil, err
		}
		for _, s := range q.Seats {
			if s.DecidedBy != "" && !slices.Contains(decided[id], s.DecidedBy) {
				decided[id] = append(decided[id], s.DecidedBy)
			}
		}
		people = append(people, decided[id]...)
	}
	names, err := f.People.Names(g.Tx(), people)
	joined := make(map[string]string, len(decided))
	for id, ids := range decided {
		for i, p := range ids {
			ids[i] = names[p]
		}
		joined[id] = strings.Join(ids, "、")
	}
	return joined, err
}

// narrowLoans are the matters and people by which the visitor may narrow the register.
func (f *face) narrowLoans(g *guard.Grant, l *borrowings) error {
	matters, people, err := f.Carriers.Sides(g)
	if err != nil {
		return err
	}
	numbers, err := f.Matters.Numbers(g.Tx(), matters)
	if err != nil {
		return err
	}
	names, err := f.People.Names(g.Tx(), people)
	l.matters, l.people = named(numbers), named(names)
	return err
}

// named are options by their names.
func named(names map[string]string) (options []ui.Option) {
	for id, name := range names {
		options = append(options, ui.Option{Value: id, Label: name})
	}
	slices.SortFunc(options, func(a, b ui.Option) int { return strings.Compare(a.Label+a.Value, b.Label+b.Value) })
	return options
}

func loanFilter(v *Visitor, view ui.View) carrier.LoanFilter {
	key, down := view.Sort("-at", "due", "number")
	f := carrier.LoanFilter{Matter: view.Get("matter"), Person: view.Get("person"), Number: strings.TrimSpace(view.Search()), State: carrier.LoanState(view.Get("state")), Outside: view.Get("to") == "outside",
		Sort: key, Up: !down, Offset: (view.Page() - 1) * perPage, Limit: perPage}
	if view.Get("whose") == "mine" {
		f.Person = v.Person.ID
	}
	return f
}

// loans is the register 借阅登记簿 of all that the visitor may know.
func (f *face) loans(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/carriers/loans"
	if format, file := asked(view); file {
		return f.bringLoans(w, r, v, format, guard.Firm, loanFilter(v, view), narrowing(v.Lang, loanTable(v.Lang, view, borrowings{})))
	}
	l, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (borrowings, error) {
		l, err := f.readLoans(g, loanFilter(v, view))
		if err == nil {
			err = f.narrowLoans(g, &l)
		}
		return l, err
	})
	if err != nil {
		return err
	}
	t := loanTable(v.Lang, view, l)
	if !business(v.Person) { // administrators take no register with client data along
		t.Exports = nil
	}
	return send(w, r, loansPage(f.shell(r, v, "借阅", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, l))
}

func loanTable(lang text.Lang, view ui.View, l borrowings) ui.Table {
	t := register(lang, view, len(l.page.Loans), l.page.More)
	t.Name, t.Search = lang.T("借阅"), lang.T("扫标签，或输入编号")
	t.Columns = []ui.Column{{Key: "number", Label: lang.T("编号")}, {Label: lang.T("题名"), Narrow: true}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("借阅人")}, {Label: lang.T("用途"), Narrow: true}, {Label: lang.T("批准人"), Narrow: true},
		{Key: "at", Label: lang.T("借出日期"), Down: true, Narrow: true}, {Key: "due", Label: lang.T("归还期限"), Narrow: true}, {Label: lang.T("归还情况")}}
	var states []ui.Option
	for _, s := range carrier.LoanStates {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t.Filters = []ui.Filter{{Name: "whose", Label: lang.T("范围"), Options: []ui.Option{{Value: "mine", Label: lang.T("我借入、借出的")}}}, {Name: "state", Label: lang.T("状态"), Options: states},
		{Name: "to", Label: lang.T("借阅人"), Options: []ui.Option{{Value: "outside", Label: lang.T("团队以外")}}}}
	for _, more := range []ui.Filter{{Name: "matter", Label: lang.T("案号"), Options: l.matters}, {Name: "person", Label: lang.T("人员"), Options: l.people}} {
		if len(more.Options) > 0 {
			t.Filters = append(t.Filters, more)
		}
	}
	t.Empty = ui.EmptyProps{Title: lang.T("没有借阅记录"), Sentence: lang.T("在载体的页面填写归还日期移交，对方确认之后就是借阅，会列在这里。")}
	return t
}

// bringLoans exports the register with its columns on paper.
func (f *face) bringLoans(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, filter carrier.LoanFilter, span string) error {
	filter.Offset = 0
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		l, err := f.readLoans(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		if l.page.More {
			return rowsOf{}, tooMany(carrier.MaxExport)
		}
		if thing.Kind == access.Matter {
			numbers, err := f.Matters.Numbers(g.Tx(), []string{thing.ID})
			if err != nil {
				return rowsOf{}, err
			}
			span = numbers[thing.ID] + v.Lang.T("，") + span
		}
		highest, counts := classification.Level(0), map[string]int{}
		var rows [][]string
		for _, loan := range l.page.Loans {
			highest = max(highest, loan.Level)
			counts[loan.Matter]++
			rows = append(rows, []string{ui.Date(loan.At), loan.Title, v.Lang.T(loan.Level.Name()), loan.Number, strconv.Itoa(loan.Copy), l.names[loan.Borrower], loan.Purpose, l.consented(loan),
				ui.Date(loan.Due), loanEnd(v.Lang, loan, l.now), loanNote(v.Lang, loan)})
		}
		if thing.Kind == access.Firm {
			stepInto(g, counts)
		}
		return rowsOf{registerFile{"loans", "借阅登记簿", span, markOf(v.Lang, highest), loanColumns(v.Lang)}, rows}, nil
	})
}

func loanColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("日期"), Width: 6}, {Label: lang.T("题名"), Width: 13}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("份号"), Width: 3}, {Label: lang.T("借阅人"), Width: 5},
		{Label: lang.T("用途"), Width: 10}, {Label: lang.T("批准人"), Width: 6}, {Label: lang.T("归还期限"), Width: 6}, {Label: lang.T("归还情况"), Width: 7}, {Label: lang.T("归还时状况"), Width: 9}}
}

// consented is who let it be lent: whoever approved, or the lender, whose own it was to lend.
func (l borrowings) consented(loan carrier.Loan) string {
	if by := l.approvers[loan.Approval]; by != "" {
		return by
	}
	return l.names[loan.Lender]
}

// loanNote is in what condition it came back, or why it is wanted back.
func loanNote(lang text.Lang, l carrier.Loan) string {
	switch {
	case !l.Over.IsZero() || l.Recalled.IsZero():
		return l.Condition
	case l.Why == "":
		return lang.T("%s 催还", ui.Date(l.Recalled))
	}
	return lang.T("%s 催还：%s", ui.Date(l.Recalled), l.Why)
}

// loanEnd says how a loan was over, or that it is not.
func loanEnd(lang text.Lang, l carrier.Loan, now time.Time) string {
	switch {
	case l.Late(now):
		return lang.T("逾期未还")
	case l.Over.IsZero() && !l.Recalled.IsZero():
		return lang.T("催还")
	case l.Over.IsZero():
		return lang.T("借出")
	case l.Passed:
		return lang.T("%s 转交他人", ui.Date(l.Over))
	case l.End == carrier.Taken:
		return lang.T("%s 归还", ui.Date(l.Over))
	}
	return ui.Date(l.Over) + " " + lang.T(l.End.Name())
}

func loanTone(l carrier.Loan, now time.Time) ui.Tone {
	switch {
	case l.Late(now):
		return ui.Late
	case l.Over.IsZero() && !l.Recalled.IsZero():
		return ui.Warn
	case l.Over.IsZero():
		return ui.Note
	}
	return ui.Good
}

// conditions are the usual ones in which a carrier comes back.
func conditions(lang text.Lang) (all []ui.Option) {
	for _, zh := range []string{"完好，数量相符", "有批注、折损或者污渍", carrier.Shortage, "密封或者标签损坏"} {
		all = append(all, ui.Option{Value: zh, Label: lang.T(zh)})
	}
	return all
}

// recallReasons are the usual reasons for which a loan is called back.
func recallReasons(lang text.Lang) (all []ui.Option) {
	for _, zh := range []string{"客户要求取回", "开庭、听证使用", "归档整理", "盘点核对", "借阅人离开团队"} {
		all = append(all, ui.Option{Value: zh, Label: lang.T(zh)})
	}
	return all
}

// overdueLoans is the list of what is long overdue, without a word of what it is.
func (f *face) overdueLoans(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	type list struct {
		all   []carrier.Overdue
		more  bool
		names map[string]string
		now   time.Time
	}
	read := func(g *guard.Grant, offset, limit int) (l list, err error) {
		l.now = g.Tx().Now
		if l.all, l.more, err = f.Carriers.LongOverdue(g, offset, limit); err != nil {
			return l, err
		}
		var people []string
		for _, o := range l.all {
			people = append(people, o.Borrower, o.Lender)
		}
		l.names, err = f.People.Names(g.Tx(), people)
		return l, err
	}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadOverdue, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			l, err := read(g, 0, carrier.MaxExport)
			if err == nil && l.more {
				err = tooMany(carrier.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for _, o := range l.all {
				highest = max(highest, o.Level)
				counts[o.Matter]++
				rows = append(rows, []string{o.Number, v.Lang.T(o.Level.Name()), l.names[o.Borrower], l.names[o.Lender], ui.Date(o.At), ui.Date(o.Due), strconv.Itoa(daysLate(o.Due, l.now)), recalledWord(v.Lang, o)})
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"overdue", "逾期借阅清单", v.Lang.T("逾期 %d 天以上", days(carrier.OfficerAfter)), markOf(v.Lang, highest), overdueColumns(v.Lang)}, rows}, err
		})
	}
	l, err := do(r.Context(), f.Door, v.Who, access.ReadOverdue, guard.Firm, func(g *guard.Grant) (list, error) { return read(g, (view.Page()-1)*perPage, perPage) })
	if err != nil {
		return err
	}
	t := register(v.Lang, view, len(l.all), l.more)
	t.Name = v.Lang.T("逾期借阅")
	t.Columns = []ui.Column{{Label: v.Lang.T("编号")}, {Label: v.Lang.T("密级"), Narrow: true}, {Label: v.Lang.T("借阅人")}, {Label: v.Lang.T("出借人"), Narrow: true}, {Label: v.Lang.T("归还期限"), Narrow: true}, {Label: v.Lang.T("逾期天数"), Num: true}, {Label: v.Lang.T("催还"), Narrow: true}}
	t.Empty = ui.EmptyProps{Title: v.Lang.T("没有长期逾期的借阅"), Sentence: v.Lang.T("借阅逾期 %d 天以上的列在这里，只有编号，没有题名。请联系借阅人归还，确已遗失的按泄密事件处理。", days(carrier.OfficerAfter))}
	return send(w, r, overduePage(f.shell(r, v, "逾期借阅"), v, t, l.all, l.names, l.now))
}

func overdueColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("编号"), Width: 10}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("借阅人"), Width: 6}, {Label: lang.T("出借人"), Width: 6}, {Label: lang.T("借出日期"), Width: 6}, {Label: lang.T("归还期限"), Width: 6},
		{Label: lang.T("逾期天数"), Width: 4, Num: true}, {Label: lang.T("催还"), Width: 4}}
}

func recalledWord(lang text.Lang, o carrier.Overdue) string {
	if o.Recalled {
		return lang.T("已催还")
	}
	return ""
}

func days(d time.Duration) int { return int(d.Hours()) / 24 }

func daysLate(due, now time.Time) int { return days(now.Sub(due)) }

// chaseTasks are loans to bring back, to get back, and to look after.
func chaseTasks(v *Visitor, x carrier.Chase, now time.Time) (tasks []ui.Task) {
	const each = 5
	kind := v.Lang.T("借阅")
	for i, l := range x.Mine {
		if i == each {
			tasks = append(tasks, ui.Task{Kind: kind, Title: v.Lang.T("另有 %d 份借阅的载体须归还", len(x.Mine)-each), Tone: ui.Late, Step: ui.Link{Label: v.Lang.T("去归还"), Href: "/carriers/loans?state=open&whose=mine"}})
			break
		}
		t := ui.Task{Kind: kind, Title: v.Lang.T("请归还 %s", l.Number), Note: v.Lang.T("应于 %s 归还", ui.Date(l.Due)), Tone: ui.Warn, Step: ui.Link{Label: v.Lang.T("去归还"), Href: "/carriers/" + l.Carrier}}
		if !l.Recalled.IsZero() {
			t.Note = v.Lang.T("%s 前归还，催还原因：%s", ui.Date(l.Due), l.Why)
		}
		if l.Late(now) {
			t.Title, t.Tone = v.Lang.T("%s 逾期未还", l.Number), ui.Late
		}
		tasks = append(tasks, t)
	}
	late := func(n int, words, label, href string) {
		if n > 0 {
			tasks = append(tasks, ui.Task{Kind: kind, Title: v.Lang.T(words, n), Tone: ui.Late, Step: ui.Link{Label: v.Lang.T(label), Href: href}})
		}
	}
	late(len(x.Lent), "您借出的载体有 %d 份逾期未还", "去催还", "/carriers/loans?"+url.Values{"state": {"late"}, "whose": {"mine"}}.Encode())
	late(len(x.Led), "您主办的案件有 %d 份借阅逾期三天以上", "去催还", "/carriers/loans?state=late")
	late(x.Office, "全所共有 %d 份借阅逾期七天以上", "去查看", "/carriers/loans/overdue")
	return tasks
}
