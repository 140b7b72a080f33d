package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// lendings is the page of a matter's loans and of who came to know its top-secret carriers.
type lendings struct {
	room
	borrowings
	knowers []carrier.Knower
	people  map[string]string
}

func (f *face) readKnowers(g *guard.Grant) (all []carrier.Knower, names map[string]string, err error) {
	if all, err = f.Carriers.Knowers(g); err != nil {
		return nil, nil, err
	}
	var ids []string
	for _, k := range all {
		ids = append(ids, k.Person, k.Handler)
	}
	names, err = f.People.Names(g.Tx(), ids)
	return all, names, err
}

// matterLendings is the registers 借阅 and 绝密知悉人员 of a matter.
func (f *face) matterLendings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	thing := matterThing(r.PathValue("matter"))
	filter := loanFilter(v, view)
	filter.Matter = thing.ID
	if format, file := asked(view); file && view.Get("of") == "known" {
		return f.bringKnowers(w, r, v, format, thing)
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
		x.knowers, x.people, err = f.readKnowers(g)
		return err
	}); err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	view.Path = base + "/carriers/loans"
	return send(w, r, lendingsPage(f.shell(r, v, "借阅与知悉", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("载体"), Href: base + "/carriers"}), v, x, loanTable(v.Lang, view, x.borrowings)))
}

func (f *face) bringKnowers(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, thing guard.Thing) error {
	return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
		all, names, err := f.readKnowers(g)
		if err != nil {
			return rowsOf{}, err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), []string{thing.ID})
		highest, rows := classification.Level(0), [][]string(nil)
		for _, k := range all {
			highest = classification.TopSecret
			rows = append(rows, []string{k.Title, k.Number, names[k.Person], ui.Stamp(k.At), v.Lang.T(mannerOf(k.Manner)), names[k.Handler]})
		}
		return rowsOf{registerFile{"known", "绝密知悉人员登记簿", numbers[thing.ID], markOf(v.Lang, highest), knownColumns(v.Lang)}, rows}, err
	})
}

func knownColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("题名"), Width: 14}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("知悉人"), Width: 6}, {Label: lang.T("时间"), Width: 8}, {Label: lang.T("方式"), Width: 6}, {Label: lang.T("经手人"), Width: 6}}
}

// mannerOf says how somebody came to know a carrier.
func mannerOf(d carrier.Deed) string {
	switch d {
	case carrier.Registered:
		return "登记经手"
	case carrier.Taken:
		return "接收保管"
	case carrier.WentOut, carrier.Accompanied:
		return "外带同行"
	case carrier.OfferedTo, carrier.Declined, carrier.Withdrawn, carrier.Placed, carrier.GivenBack, carrier.WrittenOff, carrier.CameBack, carrier.Recalled:
	}
	return d.Name()
}
