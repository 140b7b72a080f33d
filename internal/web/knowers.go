package web

import (
	"cmp"
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) knowerRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/carriers/known", server.Signed, f.knowers),
	}
}

// known is a page of the register 绝密知悉人员 with what its rows need.
type known struct {
	page      knower.Page
	names     map[string]string
	approvers map[string]string // by the id of the request
	numbers   map[string]string // of matters
	matters   []ui.Option       // to narrow by
	people    []ui.Option
}

func (f *face) readKnowers(g *guard.Grant, filter knower.Filter) (x known, err error) {
	if x.page, err = f.Knowers.List(g, filter); err != nil {
		return x, err
	}
	var people, leaves, matters []string
	for _, k := range x.page.Knowers {
		people, leaves, matters = append(people, k.Person, k.Handler, k.Lister), append(leaves, k.Approval), append(matters, k.Matter)
	}
	if x.names, err = f.People.Names(g.Tx(), people); err != nil {
		return x, err
	}
	if x.approvers, err = f.approvers(g, leaves); err != nil {
		return x, err
	}
	x.numbers, err = f.Matters.Numbers(g.Tx(), matters)
	return x, err
}

// consented is who let somebody know: whoever approved it, or who had put them on the matter's list.
func (x known) consented(k knower.Knower) string {
	return cmp.Or(x.approvers[k.Approval], x.names[k.Lister])
}

func knowerFilter(view ui.View) knower.Filter {
	f := knower.Filter{Matter: view.Get("matter"), Person: view.Get("person"), Manner: knower.Manner(view.Get("manner")), After: view.After(), Limit: perPage}
	f.Since, f.Until = span(view, "date")
	return f
}

// knowers is the register 绝密知悉人员 of all that the visitor may know.
func (f *face) knowers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/carriers/known"
	filter := knowerFilter(view)
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x known, err error) {
		matters, people, err := f.Knowers.Sides(g)
		if err != nil {
			return x, err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), matters)
		if err != nil {
			return x, err
		}
		names, err := f.People.Names(g.Tx(), people)
		if err != nil {
			return x, err
		}
		if _, file := asked(view); !file {
			x, err = f.readKnowers(g, filter)
		}
		x.matters, x.people = named(numbers), named(names)
		return x, err
	})
	if err != nil {
		return err
	}
	t := knowerTable(v.Lang, view, x)
	if format, file := asked(view); file {
		return f.bringKnowers(w, r, v, format, guard.Firm, filter, narrowing(v.Lang, t))
	}
	if !business(v.Person) { // administrators take no register with client data along
		t.Exports = nil
	}
	return send(w, r, knowersPage(f.shell(r, v, "绝密知悉", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, x))
}

func knowerTable(lang text.Lang, view ui.View, x known) ui.Table {
	t := keyed(lang, view, len(x.page.Knowers), x.page.Next)
	t.Name = lang.T("绝密知悉")
	t.Columns = []ui.Column{{Label: lang.T("编号")}, {Label: lang.T("题名"), Narrow: true}, {Label: lang.T("案号"), Narrow: true}, {Label: lang.T("知悉人")}, {Label: lang.T("时间"), Narrow: true}, {Label: lang.T("方式")}, {Label: lang.T("经手人"), Narrow: true}, {Label: lang.T("批准人"), Narrow: true}}
	var manners []ui.Option
	for _, m := range knower.Manners {
		manners = append(manners, ui.Option{Value: string(m), Label: lang.T(m.Name())})
	}
	t.Filters = []ui.Filter{{Name: "date", Label: lang.T("时间"), Span: true}, {Name: "manner", Label: lang.T("方式"), Options: manners}}
	for _, more := range []ui.Filter{{Name: "matter", Label: lang.T("案号"), Options: x.matters}, {Name: "person", Label: lang.T("人员"), Options: x.people}} {
		if len(more.Options) > 0 {
			t.Filters = append(t.Filters, more)
		}
	}
	t.Empty = ui.EmptyProps{Title: lang.T("没有绝密级的知悉记录"), Sentence: lang.T("绝密级的载体经手、资料阅览之后自动登记；只列出您可以知悉的。")}
	return t
}

// bringKnowers exports the register, of one matter or of all.
func (f *face) bringKnowers(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing, filter knower.Filter, span string) error {
	filter.After = ""
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		x, err := f.readKnowers(g, filter)
		if err != nil {
			return rowsOf{}, err
		}
		if x.page.Next != "" {
			return rowsOf{}, tooMany(knower.MaxExport)
		}
		if thing.Kind == access.Matter {
			numbers, err := f.Matters.Numbers(g.Tx(), []string{thing.ID})
			if err != nil {
				return rowsOf{}, err
			}
			span = numbers[thing.ID]
		}
		highest, counts := classification.Level(0), map[string]int{}
		var rows [][]string
		for _, k := range x.page.Knowers {
			highest = classification.TopSecret
			counts[k.Matter]++
			rows = append(rows, []string{k.Title, k.Number, x.numbers[k.Matter], x.names[k.Person], ui.Stamp(k.At), v.Lang.T(k.Manner.Name()), x.names[k.Handler], x.consented(k)})
		}
		if thing.Kind == access.Firm {
			stepInto(g, counts)
		}
		return rowsOf{registerFile{"known", "绝密知悉人员登记簿", span, markOf(v.Lang, highest), knownColumns(v.Lang)}, rows}, nil
	})
}

func knownColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("题名"), Width: 14}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("案号"), Width: 7}, {Label: lang.T("知悉人"), Width: 6}, {Label: lang.T("时间"), Width: 8}, {Label: lang.T("方式"), Width: 6}, {Label: lang.T("经手人"), Width: 6}, {Label: lang.T("批准人"), Width: 6}}
}

// lendings is the page of a matter's loans and of who came to know what is top secret in it.
type lendings struct {
	room
	borrowings
	known known
}

// matterLendings is the registers 借阅 and 绝密知悉人员 of a matter.
func (f *face) matterLendings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	thing := matterThing(r.PathValue("matter"))
	filter := loanFilter(v, view)
	filter.Matter = thing.ID
	if format, file := asked(view); file && view.Get("of") == "known" {
		return f.bringKnowers(w, r, v, format, thing, knower.Filter{Matter: thing.ID}, "")
	} else if file {
		return f.bringLoans(w, r, v, format, thing, filter, narrowing(v.Lang, loanTable(v.Lang, view, borrowings{})))
	}
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	x := lendings{room: m}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, thing, func(g *guard.Grant) (err error) {
		if x.borrowings, err = f.readLoans(g, filter); err != nil {
			return err
		}
		x.known, err = f.readKnowers(g, knower.Filter{Matter: thing.ID})
		return err
	}); err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	view.Path = base + "/carriers/loans"
	return send(w, r, lendingsPage(f.shell(r, v, "借阅与知悉", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("载体"), Href: base + "/carriers"}), v, x, loanTable(v.Lang, view, x.borrowings)))
}
