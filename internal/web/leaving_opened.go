package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// spans are the months that the report of what somebody opened may cover.
var spans = []string{"3", "6", "12", "24"}

// opened is what somebody opened in the last months, by number.
func (f *face) opened(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	months, span := 0, v.Lang.T("全部") // none or another: from the first day
	if has(spans, view.Get("months")) {
		months, _ = strconv.Atoi(view.Get("months"))
		span = v.Lang.T("近 %d 个月", months)
	}
	id := r.PathValue("person")
	read := func(g *guard.Grant) (all []audit.Opened, p person.Person, err error) {
		if p, err = f.People.One(g.Tx(), id); err != nil {
			return nil, p, err
		}
		since := time.UnixMilli(0)
		if months > 0 {
			since = g.Tx().Now.AddDate(0, -months, 0)
		}
		shown, err := f.openedTo(g, v)
		if err != nil {
			return nil, p, err
		}
		all, err = f.Audit.Opened(g, since, shown)
		return all, p, err
	}
	t := openedTable(v.Lang, view)
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadOpened, personThing(id), func(g *guard.Grant) (rowsOf, error) {
			all, p, err := read(g)
			var rows [][]string
			for _, o := range all {
				rows = append(rows, []string{typedOr(o.Number, o.ID), o.Matter, strconv.Itoa(o.Pages), strconv.Itoa(o.Originals), strconv.Itoa(o.Prints), strconv.Itoa(o.Exports), ui.Stamp(o.Last)})
			}
			return rowsOf{registerFile{"opened", "近期查阅", p.Name + " · " + span, inside(v.Lang), openedColumns(v.Lang)}, rows}, err
		})
	}
	var all []audit.Opened
	var now time.Time
	p, err := do(r.Context(), f.Door, v.Who, access.ReadOpened, personThing(id), func(g *guard.Grant) (p person.Person, err error) {
		now = g.Tx().Now
		all, p, err = read(g)
		return p, err
	})
	if err != nil {
		return err
	}
	t.Total = int64(len(all))
	all = all[min((view.Page()-1)*perPage, len(all)):]
	all = all[:min(perPage, len(all))]
	return send(w, r, openedPage(f.shell(r, v, "近期查阅", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}, ui.Crumb{Name: p.Name, Href: "/people/" + id + "/leaving"}), v, p, t, all, now))
}

// openedTo is of which matters, and of which top secrets in them, the report tells the visitor: administrators and oneself of all; others of
// top secrets where they are on the list, and who took over of the matters taken over. Nobody is told of what lies behind a wall.
func (f *face) openedTo(g *guard.Grant, v *Visitor) (func(string, bool) bool, error) {
	tx, me := g.Tx(), v.Who.Person
	hidden, err := f.Matters.WalledFrom(tx, me)
	if err != nil {
		return nil, err
	}
	if g.Facts().Where.Self || v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Auditor) {
		return func(in string, _ bool) bool { return !hidden[in] }, nil
	}
	over, err := f.Leaving.TakenOver(g)
	if err != nil {
		return nil, err
	}
	listed, err := matter.ListedIn(tx, me)
	director := v.Person.Has(access.Director)
	return func(in string, top bool) bool { return !hidden[in] && (director || over[in]) && (!top || listed[in]) }, err
}

func openedColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("资料编号"), Width: 12}, {Label: lang.T("案号"), Width: 8}, {Label: lang.T("阅览页次"), Width: 5, Num: true}, {Label: lang.T("取用原件"), Width: 5, Num: true}, {Label: lang.T("打印次数"), Width: 5, Num: true}, {Label: lang.T("导出次数"), Width: 5, Num: true},
		{Label: lang.T("最近一次"), Width: 9}}
}

func openedTable(lang text.Lang, view ui.View) ui.Table {
	var options []ui.Option
	for _, s := range spans {
		n, _ := strconv.Atoi(s)
		options = append(options, ui.Option{Value: s, Label: lang.T("近 %d 个月", n)})
	}
	return ui.Table{Lang: lang, Name: lang.T("近期查阅"), View: view, Per: perPage, Columns: []ui.Column{{Label: lang.T("资料编号")}, {Label: lang.T("案号"), Narrow: true}, {Label: lang.T("阅览页次"), Num: true},
		{Label: lang.T("取用原件"), Num: true}, {Label: lang.T("打印次数"), Num: true, Narrow: true}, {Label: lang.T("导出次数"), Num: true, Narrow: true}, {Label: lang.T("最近一次")}}, Filters: []ui.Filter{{Name: "months", Label: lang.T("期间"), Options: options}}, Exports: paperFormats,
		Empty: ui.EmptyProps{Title: lang.T("这段时间没有查阅过资料")}}
}
