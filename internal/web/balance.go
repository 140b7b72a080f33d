package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) balanceRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/carriers/balance", server.Signed, f.balances),
		get("/matters/{matter}/carriers/balance", server.Signed, f.balance),
		post("/matters/{matter}/carriers/balance", server.Signed, f.explainGap),
		get("/materials/{material}/copies", server.Signed, f.materialCopies),
	}
}

// balanceAt is the page of one matter's balance, for the team and for who keeps the carriers.
func balanceAt(matter string) string { return "/matters/" + matter + "/carriers/balance" }

// skipped is a number that was skipped, and why.
type skipped struct {
	carrier.Gap
	why   string // empty: nobody knows
	state string // of a copy that is still being made, or of which nobody knows where it is
	lost  bool   // nobody knows where it is
}

// matterAccount is the balance of one matter with its skipped numbers.
type matterAccount struct {
	carrier.Account
	sees bool // the skipped numbers
	gaps []skipped
}

// open counts the skipped numbers that nobody has explained; one on its way needs no explaining.
func (a matterAccount) open() (n int) {
	for _, s := range a.gaps {
		if s.why == "" && (s.state == "" || s.lost) {
			n++
		}
	}
	return n
}

// wrong reports whether something has to be looked into.
func (a matterAccount) wrong() bool { return !a.Even() || a.open() > 0 }

// withGaps adds the skipped numbers of a matter for who may know them.
func (f *face) withGaps(g *guard.Grant, one carrier.Account) (a matterAccount, err error) {
	a.Account = one
	if a.sees, err = f.Carriers.SeesGaps(g, one.Matter); err != nil || !a.sees {
		return a, err
	}
	gaps, err := f.Carriers.Gaps(g.Tx(), one.Matter)
	if err != nil || len(gaps) == 0 {
		return a, err
	}
	made, err := f.Output.Unmade(g.Tx(), one.Matter)
	for _, p := range gaps {
		s := skipped{Gap: p, why: p.Reason}
		if u, there := made[p.Number]; there && u.Void { // the output's own record goes before what somebody says of it
			s.why, s.By = u.Word, ""
		} else if there {
			s.why, s.By, s.state, s.lost = "", "", u.Word, u.Lost
		}
		a.gaps = append(a.gaps, s)
	}
	return a, err
}

// accounts is a page of balances with the sum over all matters.
type accounts struct {
	all   []matterAccount
	next  string
	total carrier.Account
}

// readBalances reads a page of balances.
func (f *face) readBalances(g *guard.Grant, view ui.View, whole bool) (x accounts, err error) {
	filter := carrier.AccountFilter{Number: strings.TrimSpace(view.Search()), Wrong: view.Get("state") == "wrong", After: view.After(), Limit: perPage}
	if whole {
		filter.After, filter.Limit = "", -1
	}
	if x.total, err = f.Carriers.Total(g); err != nil {
		return x, err
	}
	page, err := f.Carriers.Accounts(g, filter)
	if err != nil {
		return x, err
	}
	x.next = page.Next
	for _, one := range page.Accounts {
		a, err := f.withGaps(g, one)
		if err != nil {
			return x, err
		}
		if !filter.Wrong || a.wrong() {
			x.all = append(x.all, a)
		}
	}
	return x, nil
}

// balances is the page 去向平衡 of all matters that the visitor may know of.
func (f *face) balances(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/carriers/balance"
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			x, err := f.readBalances(g, view, true)
			counts, rows := map[string]int{}, [][]string(nil)
			for _, a := range x.all {
				counts[a.Matter]++
				rows = append(rows, balanceCells(v.Lang, a))
			}
			rows = append(rows, totalCells(v.Lang, x.total))
			stepInto(g, counts)
			return rowsOf{registerFile{"balance", "载体去向平衡表", narrowing(v.Lang, balanceTable(v.Lang, view, 0, "")), inside(v.Lang), balanceColumns(v.Lang)}, rows}, err
		})
	}
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (accounts, error) { return f.readBalances(g, view, false) })
	if err != nil {
		return err
	}
	t := balanceTable(v.Lang, view, len(x.all), x.next)
	if !business(v.Person) {
		t.Exports = nil
	}
	return send(w, r, balancesPage(f.shell(r, v, "去向平衡", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, x))
}

func balanceTable(lang text.Lang, view ui.View, rows int, next string) ui.Table {
	t := keyed(lang, view, rows, next)
	t.Name, t.Search = lang.T("去向平衡"), lang.T("案号的开头")
	t.Columns = []ui.Column{{Label: lang.T("案号")}, {Label: lang.T("发出"), Num: true}, {Label: lang.T("在管"), Num: true}, {Label: lang.T("归还"), Num: true, Narrow: true}, {Label: lang.T("销毁"), Num: true, Narrow: true}, {Label: lang.T("外发"), Num: true, Narrow: true},
		{Label: lang.T("核销"), Num: true, Narrow: true}, {Label: lang.T("缺号"), Num: true, Narrow: true}, {Label: lang.T("结果")}}
	t.Filters = []ui.Filter{{Name: "state", Label: lang.T("结果"), Options: []ui.Option{{Value: "wrong", Label: lang.T("只看不平的")}}}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有可以核对的案件"), Sentence: lang.T("案件登记载体之后会列在这里：发出的每一份都要在管、归还、销毁、外发或者核销，有一份对不上就标红。")}
	return t
}

func balanceColumns(lang text.Lang) []sheet.Column {
	columns := []sheet.Column{{Label: lang.T("案号"), Width: 8}}
	for _, zh := range []string{"发出", "在管", "归还", "销毁", "外发", "核销", "缺号"} {
		columns = append(columns, sheet.Column{Label: lang.T(zh), Width: 4, Num: true})
	}
	return append(columns, sheet.Column{Label: lang.T("结果"), Width: 12})
}

func balanceCells(lang text.Lang, a matterAccount) []string {
	cells := []string{a.Number}
	for _, n := range []int{a.Issued, a.Held, a.Returned, a.Destroyed, a.Sent, a.Lost} {
		cells = append(cells, strconv.Itoa(n))
	}
	return append(cells, gapCount(a), balanceVerdict(lang, a))
}

// totalCells are the sums over all matters that the reader may know.
func totalCells(lang text.Lang, a carrier.Account) []string {
	cells := balanceCells(lang, matterAccount{Account: a})
	cells[0] = lang.T("全部合计")
	return cells
}

// gapCount is how many numbers were skipped; nothing for who may not know.
func gapCount(a matterAccount) string {
	if !a.sees {
		return ""
	}
	return strconv.Itoa(len(a.gaps))
}

// balanceVerdict says whether everything is somewhere.
func balanceVerdict(lang text.Lang, a matterAccount) string {
	switch n := a.open(); {
	case !a.Even():
		return lang.T("不平，差 %d 份", max(a.Issued-a.Registered, a.Registered-a.Issued, a.Issued-a.Held-a.Returned-a.Destroyed-a.Sent-a.Lost))
	case n > 0:
		return lang.T("%d 个缺号没有说明", n)
	}
	return lang.T("平")
}

// accounting is the page of one matter's balance.
type accounting struct {
	matterAccount
	names   map[string]string
	may     bool // explain
	failed  error
	form    url.Values
	written string // the number that the form is about
}

func (f *face) balance(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showBalance(w, r, v, nil)
}

func (f *face) showBalance(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x accounting, err error) {
		page, err := f.Carriers.Accounts(g, carrier.AccountFilter{Matter: r.PathValue("matter")})
		if err != nil {
			return x, err
		}
		i := slices.IndexFunc(page.Accounts, func(a carrier.Account) bool { return a.Matter == r.PathValue("matter") })
		if i < 0 {
			return x, problem.New(problem.Absent, "没有找到，或者您无权知悉")
		}
		if x.matterAccount, err = f.withGaps(g, page.Accounts[i]); err != nil {
			return x, err
		}
		var people []string
		for _, s := range x.gaps {
			people = append(people, s.By)
		}
		x.names, err = f.People.Names(g.Tx(), people)
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ExplainGap)
	if err != nil {
		return err
	}
	x.may, x.failed, x.form = can[access.ExplainGap].Outcome == access.Permit, failed, form(r)
	x.written = x.form.Get("number")
	return send(w, r, balancePage(f.shell(r, v, "去向平衡", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}, ui.Crumb{Name: v.Lang.T("去向平衡"), Href: "/carriers/balance"}), v, x))
}

func (f *face) explainGap(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, in := form(r), r.PathValue("matter")
	err := f.Door.Do(r.Context(), v.Who, access.ExplainGap, guard.Firm, func(g *guard.Grant) error {
		made, err := f.Output.Unmade(g.Tx(), in)
		if err != nil {
			return err
		}
		if _, there := made[strings.TrimSpace(form.Get("number"))]; there {
			if sees, err := f.Carriers.SeesGaps(g, in); err != nil || sees {
				return cmp.Or(err, error(problem.New(problem.Conflict, "这个编号由打印复印登记说明，请在输出单上处理")))
			}
		}
		return f.Carriers.ExplainGap(g, in, form.Get("number"), ui.ReasonOf(form, "reason", gapReasons(v.Lang)))
	})
	if err != nil && correctable(err) {
		return f.showBalance(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, balanceAt(in))
}

// gapReasons are the usual reasons for which a number is skipped.
func gapReasons(lang text.Lang) (all []ui.Option) {
	for _, zh := range []string{"登记时误取号，没有实物", "输出未成，废页已粉碎", "系统恢复后跳号"} {
		all = append(all, ui.Option{Value: zh, Label: lang.T(zh)})
	}
	return all
}

// leaf is a copy with those that were made from it.
type leaf struct {
	it   carrier.Carrier
	made []leaf
}

// grow puts copies below what they were made from.
func grow(all []carrier.Carrier) []leaf {
	below, there := map[string][]carrier.Carrier{}, map[string]bool{}
	for _, it := range all {
		there[it.ID] = true
	}
	for _, it := range all {
		source := it.Source
		if !there[source] { // the source is not the reader's to know, or there is none
			source = ""
		}
		below[source] = append(below[source], it)
	}
	var under func(string) []leaf
	under = func(source string) (leaves []leaf) {
		for _, it := range below[source] {
			leaves = append(leaves, leaf{it, under(it.ID)})
		}
		return leaves
	}
	return under("")
}

// whereabout is the page that shows where each copy of a material is.
type whereabout struct {
	where
	number string
}

func (f *face) materialCopies(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	thing := materialThing(r.PathValue("material"))
	x, err := do(r.Context(), f.Door, v.Who, access.View, thing, func(g *guard.Grant) (x whereabout, err error) {
		if x.where, err = f.whereCopies(g); err != nil {
			return x, err
		}
		numbers, err := f.Labels(g.Tx(), access.Material, []string{thing.ID})
		x.number = numbers[thing.ID]
		return x, err
	})
	if err != nil {
		return err
	}
	return send(w, r, materialCopiesPage(f.shell(r, v, "去向图", ui.Crumb{Name: v.Lang.T("资料"), Href: "/materials"}, ui.Crumb{Name: x.number, Href: "/materials/" + x.material}), v, x))
}
