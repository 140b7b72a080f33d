package web

import (
	"net/http"
	"strconv"
	"time"

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
	loans   []carrier.Loan
	knowers []carrier.Knower
	people  map[string]string
	now     time.Time
}

func (f *face) readLendings(g *guard.Grant, x *lendings) (err error) {
	x.now = g.Tx().Now
	if x.loans, err = f.Carriers.Loans(g); err != nil {
		return err
	}
	if x.knowers, err = f.Carriers.Knowers(g); err != nil {
		return err
	}
	var ids []string
	for _, l := range x.loans {
		ids = append(ids, l.Borrower, l.Lender)
	}
	for _, k := range x.knowers {
		ids = append(ids, k.Person, k.Handler)
	}
	x.people, err = f.People.Names(g.Tx(), ids)
	return err
}

// matterLendings is the registers 借阅 and 绝密知悉人员 of a matter.
func (f *face) matterLendings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	thing := matterThing(r.PathValue("matter"))
	known := view.Get("of") == "known"
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ExportRegister, thing, func(g *guard.Grant) (rowsOf, error) {
			var x lendings
			if err := f.readLendings(g, &x); err != nil {
				return rowsOf{}, err
			}
			numbers, err := f.Matters.Numbers(g.Tx(), []string{thing.ID})
			if err != nil {
				return rowsOf{}, err
			}
			highest, rows := classification.Level(0), [][]string(nil)
			if known {
				for _, k := range x.knowers {
					highest = classification.TopSecret
					rows = append(rows, []string{k.Title, k.Number, x.people[k.Person], ui.Stamp(k.At), v.Lang.T(mannerOf(k.Manner)), x.people[k.Handler]})
				}
				return rowsOf{registerFile{"known", "绝密知悉人员登记簿", numbers[thing.ID], markOf(v.Lang, highest), knownColumns(v.Lang)}, rows}, nil
			}
			for _, l := range x.loans {
				highest = max(highest, l.Level)
				rows = append(rows, []string{ui.Date(l.At), l.Title, v.Lang.T(l.Level.Name()), l.Number, strconv.Itoa(l.Copy), x.people[l.Borrower], l.Purpose, x.people[l.Lender], ui.Date(l.Due), loanEnd(v.Lang, l, x.now)})
			}
			return rowsOf{registerFile{"loans", "借阅登记簿", numbers[thing.ID], markOf(v.Lang, highest), loanColumns(v.Lang)}, rows}, nil
		})
	}
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	x := lendings{room: m}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, thing, func(g *guard.Grant) error { return f.readLendings(g, &x) }); err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	return send(w, r, lendingsPage(f.shell(r, v, "借阅与知悉", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("载体"), Href: base + "/carriers"}), v, x))
}

func loanColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("日期"), Width: 6}, {Label: lang.T("题名"), Width: 14}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("份号"), Width: 3}, {Label: lang.T("借阅人"), Width: 6},
		{Label: lang.T("用途"), Width: 10}, {Label: lang.T("出借人"), Width: 6}, {Label: lang.T("归还期限"), Width: 6}, {Label: lang.T("归还情况"), Width: 8}}
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
	case carrier.OfferedTo, carrier.Declined, carrier.Withdrawn, carrier.Placed, carrier.GivenBack, carrier.WrittenOff, carrier.CameBack:
	}
	return d.Name()
}

// loanEnd says how a loan was over, or that it is not.
func loanEnd(lang text.Lang, l carrier.Loan, now time.Time) string {
	switch {
	case l.Over.IsZero() && now.After(l.Due):
		return lang.T("逾期未还")
	case l.Over.IsZero():
		return lang.T("借出")
	case l.End == carrier.Taken:
		return lang.T("%s 归还", ui.Date(l.Over))
	}
	return ui.Date(l.Over) + " " + lang.T(l.End.Name())
}

func loanTone(l carrier.Loan, now time.Time) ui.Tone {
	switch {
	case l.Over.IsZero() && now.After(l.Due):
		return ui.Late
	case l.Over.IsZero():
		return ui.Note
	}
	return ui.Good
}
