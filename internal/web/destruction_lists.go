package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// ashes is a page of lists or of what they destroyed.
type ashes struct {
	lists   []retention.List
	entries []retention.Entry
	next    string // where the next page begins
	names   map[string]string
	matters map[string]string // numbers
	now     time.Time
}

func (f *face) nameLists(g *guard.Grant, a *ashes) (err error) {
	a.now = g.Tx().Now
	var people, matters []string
	all := a.lists
	for _, e := range a.entries {
		all = append(all[:len(all):len(all)], e.List)
	}
	for _, l := range all {
		people, matters = append(people, l.People()...), append(matters, l.Matter)
	}
	for _, e := range a.entries {
		people = append(people, e.Custodian)
	}
	if a.names, err = f.People.Names(g.Tx(), people); err != nil {
		return err
	}
	a.matters, err = f.Matters.Numbers(g.Tx(), matters)
	return err
}

func (f *face) destructions(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/destruction"
	a, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (a ashes, err error) {
		page, err := f.Retention.Lists(g, retention.Filter{Stage: retention.Stage(view.Get("stage")), After: view.After(), Limit: perPage})
		if err != nil {
			return a, err
		}
		a.lists, a.next = page.Lists, page.Next
		return a, f.nameLists(g, &a)
	})
	if err != nil {
		return err
	}
	return send(w, r, destructionsPage(f.shell(r, v, "保管与销毁"), v, destructionTable(v.Lang, view, a), a))
}

func destructionTable(lang text.Lang, view ui.View, a ashes) ui.Table {
	var stages []ui.Option
	for _, s := range retention.Stages {
		stages = append(stages, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	t := keyed(lang, view, len(a.lists), a.next)
	t.Name, t.Exports = lang.T("销毁清册"), nil
	t.Columns = []ui.Column{{Label: lang.T("清册编号")}, {Label: lang.T("案号"), Narrow: true}, {Label: lang.T("密级")}, {Label: lang.T("项数"), Num: true}, {Label: lang.T("提请"), Narrow: true}, {Label: lang.T("销毁人"), Narrow: true}, {Label: lang.T("状态")}}
	t.Filters = []ui.Filter{{Name: "stage", Label: lang.T("状态"), Options: stages}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有销毁清册"), Sentence: lang.T("主办或承办律师在案件的“保管”里选择到期的资料和载体，提请销毁。")}
	return t
}

func (f *face) expired(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	all, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, f.Retention.Expired)
	if err != nil {
		return err
	}
	return send(w, r, expiredPage(f.shell(r, v, "保管期满", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, all))
}

// destroyed is the register 销毁清册.
func (f *face) destroyed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/destruction/register"
	level, _ := classification.ParseLevel(view.Get("level")) // none: all levels
	since, until := dayspan(view, "day")
	read := func(g *guard.Grant, after string) (a ashes, err error) {
		page, err := f.Retention.Register(g, retention.EntryFilter{Level: level, Since: since, Until: until, After: after, Limit: perPage})
		if err != nil {
			return a, err
		}
		a.entries, a.next = page.Entries, page.Next
		return a, f.nameLists(g, &a)
	}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			a, err := read(g, "")
			if err == nil && a.next != "" {
				err = tooMany(retention.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for n, e := range a.entries {
				highest = max(highest, e.Level)
				counts[e.List.Matter]++
				rows = append(rows, destroyedCells(v.Lang, n+1, e, a))
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"destruction", "销毁清册", narrowing(v.Lang, destroyedTable(v.Lang, view, ashes{})), markOf(v.Lang, highest), destroyedColumns(v.Lang)}, rows}, err
		})
	}
	a, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (ashes, error) { return read(g, view.After()) })
	if err != nil {
		return err
	}
	t := destroyedTable(v.Lang, view, a)
	if !business(v.Person) {
		t.Exports = nil
	}
	return send(w, r, destroyedPage(f.shell(r, v, "销毁登记", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, t, a))
}

// dayspan is the days of a filter: from inclusive, until exclusive; zero where none is given.
func dayspan(view ui.View, name string) (since, until time.Time) {
	since, _ = time.ParseInLocation(time.DateOnly, view.Get(name+"_from"), matter.Beijing) // none: from the first
	if until, _ = time.ParseInLocation(time.DateOnly, view.Get(name+"_to"), matter.Beijing); !until.IsZero() {
		until = until.AddDate(0, 0, 1)
	}
	return since, until
}

func destroyedTable(lang text.Lang, view ui.View, a ashes) ui.Table {
	t := keyed(lang, view, len(a.entries), a.next)
	t.Name = lang.T("销毁登记")
	t.Columns = []ui.Column{{Label: lang.T("编号")}, {Label: lang.T("题名")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("类别"), Narrow: true}, {Label: lang.T("销毁人"), Narrow: true}, {Label: lang.T("监销人"), Narrow: true}, {Label: lang.T("时间")}, {Label: lang.T("清册编号"), Narrow: true}}
	t.Filters = []ui.Filter{{Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}, {Name: "day", Label: lang.T("销毁日期"), Span: true}}
	t.Empty = ui.EmptyProps{Title: lang.T("还没有销毁过"), Sentence: lang.T("销毁之后，每一项在这里永久留下登记。")}
	return t
}

func destroyedColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("序号"), Width: 3, Num: true}, {Label: lang.T("题名"), Width: 12}, {Label: lang.T("来源"), Width: 6}, {Label: lang.T("类别"), Width: 6}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("密级"), Width: 4},
		{Label: lang.T("页数"), Width: 4, Num: true}, {Label: lang.T("数量"), Width: 4, Num: true}, {Label: lang.T("保管人"), Width: 5}, {Label: lang.T("销毁人"), Width: 5}, {Label: lang.T("监销人"), Width: 7}, {Label: lang.T("批准人"), Width: 7},
		{Label: lang.T("方法"), Width: 8}, {Label: lang.T("地点"), Width: 8}, {Label: lang.T("时间"), Width: 8}}
}

func destroyedCells(lang text.Lang, n int, e retention.Entry, a ashes) []string {
	var approvers []string
	for _, id := range e.List.Approvers {
		approvers = append(approvers, a.names[id])
	}
	origin := ""
	if e.Origin != "" {
		origin = lang.T(e.Origin.Name())
	}
	return []string{strconv.Itoa(n), ashTitle(lang, e), origin, lang.T(e.FormName()), e.Number, lang.T(e.Level.Name()), strconv.Itoa(e.Pages), "1", a.names[e.Custodian], a.names[e.List.Destroyer],
		witnessesOf(e.List, a.names), strings.Join(approvers, "、"), wayOf(lang, e), e.List.Place, ui.Stamp(e.List.Ended)}
}

func ashTitle(lang text.Lang, e retention.Entry) string {
	if !e.List.Known {
		return lang.T("不在您的知悉范围")
	}
	return e.Title
}

func witnessesOf(l retention.List, names map[string]string) string {
	if l.Witnesses[0] == "" {
		return ""
	}
	return names[l.Witnesses[0]] + "、" + names[l.Witnesses[1]]
}

// wayOf is how one thing was destroyed.
func wayOf(lang text.Lang, e retention.Entry) string {
	if e.Form == "" {
		return lang.T("销毁密钥并清除密文")
	}
	paper, _ := retention.List{Items: []retention.Item{{Form: e.Form, Level: e.Level, Verdict: retention.ToDestroy}}}.Needs()
	if paper {
		return lang.T(retention.MethodOf(e.List.Method).Name)
	}
	return lang.T(retention.MethodOf(e.List.Digital).Name)
}

// shreds is the page of waste paper.
type shreds struct {
	all    []retention.Waste
	names  map[string]string
	form   url.Values
	failed error
}

func (f *face) waste(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showWaste(w, r, v, nil)
}

func (f *face) showWaste(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	view.Path = "/destruction/waste"
	read := func(g *guard.Grant, offset, limit int) (x shreds, more bool, err error) {
		if x.all, more, err = f.Retention.Wastes(g, offset, limit); err != nil {
			return x, more, err
		}
		var people []string
		for _, s := range x.all {
			people = append(people, s.Person)
		}
		x.names, err = f.People.Names(g.Tx(), people)
		return x, more, err
	}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			x, _, err := read(g, 0, 10_000)
			var rows [][]string
			for _, s := range x.all {
				rows = append(rows, []string{ui.Stamp(s.At), x.names[s.Person], v.Lang.T(s.Level.Name()), strconv.Itoa(s.Pages), v.Lang.T(retention.MethodOf(s.Method).Name), s.Note})
			}
			return rowsOf{registerFile{"waste", "碎纸登记簿", v.Lang.T("全部"), inside(v.Lang), wasteColumns(v.Lang)}, rows}, err
		})
	}
	more := false
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x shreds, err error) {
		x, more, err = read(g, (view.Page()-1)*perPage, perPage)
		return x, err
	})
	if err != nil {
		return err
	}
	x.failed, x.form = failed, form(r)
	t := register(v.Lang, view, len(x.all), more)
	t.Name, t.Exports = v.Lang.T("碎纸登记"), nil
	if v.Person.Has(access.Auditor) || v.Person.Has(access.SecurityAdmin) {
		t.Exports = paperFormats
	}
	t.Columns = []ui.Column{{Label: v.Lang.T("时间")}, {Label: v.Lang.T("碎纸人")}, {Label: v.Lang.T("密级"), Narrow: true}, {Label: v.Lang.T("页数"), Num: true}, {Label: v.Lang.T("方法"), Narrow: true}, {Label: v.Lang.T("说明"), Narrow: true}}
	t.Empty = ui.EmptyProps{Title: v.Lang.T("没有碎纸登记"), Sentence: v.Lang.T("草稿、废页等没有编号的纸，当场碎掉，数好页数记一笔。")}
	return send(w, r, wastePage(f.shell(r, v, "碎纸登记", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, t, x))
}

func wasteColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("时间"), Width: 8}, {Label: lang.T("碎纸人"), Width: 6}, {Label: lang.T("密级"), Width: 5}, {Label: lang.T("页数"), Width: 4, Num: true}, {Label: lang.T("方法"), Width: 8}, {Label: lang.T("说明"), Width: 14}}
}

func (f *face) shred(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	level, _ := classification.ParseLevel(form.Get("level")) // none is said by Shred
	pages, _ := strconv.Atoi(strings.TrimSpace(form.Get("pages")))
	err := f.Door.Do(r.Context(), v.Who, access.ShredWaste, guard.Firm, func(g *guard.Grant) error {
		return f.Retention.Shred(g, retention.Waste{Level: level, Pages: pages, Method: form.Get("method"), Note: form.Get("note")})
	})
	if err != nil && correctable(err) {
		return f.showWaste(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/destruction/waste")
}

// years is the page of how long each class is kept.
type years struct {
	classes []retention.Class
	may     bool
	form    url.Values
	failed  error
}

func (f *face) periods(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showPeriods(w, r, v, nil)
}

func (f *face) showPeriods(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	all, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) ([]retention.Class, error) { return f.Retention.Classes(g.Tx()) })
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.SetPeriods)
	if err != nil {
		return err
	}
	return send(w, r, periodsPage(f.shell(r, v, "保管年限", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, years{all, can[access.SetPeriods].Outcome == access.Permit, form(r), failed}))
}

func (f *face) setPeriod(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	err := f.Door.Do(r.Context(), v.Who, access.SetPeriods, guard.Firm, func(g *guard.Grant) error {
		n, err := strconv.Atoi(strings.TrimSpace(form.Get("years")))
		if err != nil || n < 0 {
			return problem.New(problem.Invalid, "请填写年数").In("years")
		}
		return f.Retention.SetMonths(g, form.Get("class"), 12*n)
	})
	if err != nil && correctable(err) {
		return f.showPeriods(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/destruction/periods")
}

// frosts is the page of standing holds.
type frosts struct {
	all    []retention.Hold
	names  map[string]string
	form   url.Values
	failed error
}

func (f *face) holds(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showHolds(w, r, v, nil)
}

func (f *face) showHolds(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x frosts, err error) {
		if x.all, err = f.Retention.Holds(g); err != nil {
			return x, err
		}
		var people []string
		for _, h := range x.all {
			people = append(people, h.SetBy)
		}
		x.names, err = f.People.Names(g.Tx(), people)
		return x, err
	})
	if err != nil {
		return err
	}
	x.form, x.failed = form(r), failed
	return send(w, r, holdsPage(f.shell(r, v, "保全冻结", ui.Crumb{Name: v.Lang.T("保管与销毁"), Href: "/destruction"}), v, x))
}

// holdDeed freezes or releases a matter by its number, for those who know nothing else of it.
func (f *face) holdDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (string, error) { return f.Matters.ByNumber(g, form.Get("number")) })
	if err != nil {
		return err
	}
	act, run := access.SetHold, f.Retention.SetHold
	if form.Get("do") == "lift" {
		act, run = access.LiftHold, f.Retention.LiftHold
	}
	err = f.Door.Do(r.Context(), v.Who, act, matterThing(id), func(g *guard.Grant) error { return run(g, form.Get("reason")) })
	if problem.Is(err, problem.Absent) {
		err = problem.New(problem.Invalid, "没有这个案号，或者您无权冻结").In("number")
	}
	if err != nil && correctable(err) {
		return f.showHolds(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/destruction/holds")
}
