package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) delegationRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/delegations", server.Signed, f.delegations),
		post("/delegations", server.Signed, f.delegate),
		post("/delegations/end", server.Signed, f.endDelegation),
	}
}

// mandates is who may approve in a director's place.
type mandates struct {
	all    []person.Delegation
	now    time.Time
	may    bool // give and end them
	people []ui.Option
	form   url.Values
	failed error
}

func (f *face) delegations(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDelegations(w, r, v, nil)
}

func (f *face) showDelegations(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	view.Path = "/delegations"
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			all, _, err := f.People.Delegations(g, person.DelegationFilter{})
			var rows [][]string
			for _, d := range all {
				rows = append(rows, delegationCells(v.Lang, d, g.Tx().Now))
			}
			return rowsOf{registerFile{"delegations", "审批授权登记簿", narrowing(v.Lang, delegationTable(v.Lang, view, 0)), inside(v.Lang), delegationColumns(v.Lang)}, rows}, err
		})
	}
	x := mandates{form: form(r), failed: failed}
	total := int64(0)
	err := f.Door.Do(r.Context(), v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
		x.now = g.Tx().Now
		x.all, total, err = f.People.Delegations(g, person.DelegationFilter{Offset: (view.Page() - 1) * perPage, Limit: perPage})
		return err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.Delegate)
	if err != nil {
		return err
	}
	if x.may = can[access.Delegate].Outcome == access.Permit; x.may {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		x.people = personOptions(v.Lang, people, func(p person.Person) bool {
			return p.Status == person.Active && business(p) && !p.Has(access.Director) && !p.Has(access.Committee)
		})
	}
	return send(w, r, delegationsPage(f.shell(r, v, "审批授权", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, delegationTable(v.Lang, view, total), x))
}

func (f *face) delegate(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	d := person.Delegation{Person: form.Get("person"), Reason: form.Get("reason")}
	for _, act := range form["acts"] {
		d.Acts = append(d.Acts, access.Act(act))
	}
	// A day that cannot be read stays zero, which the roster refuses in its field.
	if day, err := time.ParseInLocation(time.DateOnly, form.Get("since"), matter.Beijing); err == nil {
		d.Since = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, form.Get("until"), matter.Beijing); err == nil {
		d.Until = day.AddDate(0, 0, 1).Add(-time.Second)
	}
	err := f.Door.Do(r.Context(), v.Who, access.Delegate, guard.Firm, func(g *guard.Grant) error { return f.People.Delegate(g, d) })
	return f.afterDelegation(w, r, v, err)
}

func (f *face) endDelegation(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id := form(r).Get("delegation")
	err := f.Door.Do(r.Context(), v.Who, access.Delegate, guard.Firm, func(g *guard.Grant) error { return f.People.EndDelegation(g, id) })
	return f.afterDelegation(w, r, v, err)
}

func (f *face) afterDelegation(w http.ResponseWriter, r *http.Request, v *Visitor, err error) error {
	if err != nil && correctable(err) {
		return f.showDelegations(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/delegations")
}

func delegationTable(lang text.Lang, view ui.View, total int64) ui.Table {
	return ui.Table{Lang: lang, Name: lang.T("审批授权"), View: view, Total: total, Per: perPage, Exports: paperFormats,
		Columns: []ui.Column{{Label: lang.T("受权人")}, {Label: lang.T("授权人"), Narrow: true}, {Label: lang.T("授权事项")}, {Label: lang.T("起止"), Narrow: true}, {Label: lang.T("事由"), Narrow: true}, {Label: lang.T("状态")}},
		Empty:   ui.EmptyProps{Title: lang.T("没有授权他人代行审批"), Sentence: lang.T("主任外出或者事务繁忙时，可以把审批交给一位律师，写明事项和期限；到期自动失效。")}}
}

func delegationColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("受权人"), Width: 6}, {Label: lang.T("授权人"), Width: 6}, {Label: lang.T("授权事项"), Width: 16}, {Label: lang.T("授权日期"), Width: 7}, {Label: lang.T("开始日"), Width: 7},
		{Label: lang.T("截止日"), Width: 7}, {Label: lang.T("事由"), Width: 14}, {Label: lang.T("状态"), Width: 6}}
}

func delegationCells(lang text.Lang, d person.Delegation, now time.Time) []string {
	return []string{d.Name, d.ByName, actsNamed(lang, d.Acts), ui.Date(d.Given), ui.Date(d.Since), ui.Date(d.Until), d.Reason, lang.T(standingOf(d, now))}
}

func actsNamed(lang text.Lang, acts []access.Act) string {
	names := make([]string, len(acts))
	for i, a := range acts {
		names[i] = lang.T(a.Name())
	}
	return strings.Join(names, lang.T("、"))
}

// standingOf is how a delegation stands.
func standingOf(d person.Delegation, now time.Time) string {
	switch {
	case !d.Ended.IsZero():
		return "已收回"
	case !now.Before(d.Until):
		return "已到期"
	case d.Void:
		return "已失效"
	case now.Before(d.Since):
		return "未开始"
	}
	return "生效中"
}

// delegableOptions are the approvals to choose from.
func delegableOptions(lang text.Lang) (all []ui.Option) {
	hints := map[access.Act]string{access.Release: "绝密级原件的取用", access.DecideRights: "他人的岗位变更", access.SettleLeaving: "把离岗人名下的事项交给接收人", access.WriteOffLeaving: "离岗清单上无法移交的事项", access.WriteOffCarrier: "下落不明的载体"}
	for _, a := range access.Delegable {
		o := ui.Option{Value: string(a), Label: lang.T(a.Name())}
		if hints[a] != "" {
			o.Hint = lang.T(hints[a])
		}
		all = append(all, o)
	}
	return all
}

// myMandates are the delegations that the visitor may use now, as facts of one's own page.
func (f *face) myMandates(r *http.Request, v *Visitor) (facts []ui.Fact, err error) {
	err = f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		all, _, err := f.People.Delegations(g, person.DelegationFilter{Limit: 50})
		for _, d := range all {
			if d.Person == v.Person.ID && d.Stands(g.Tx().Now) {
				facts = append(facts, ui.Fact{Label: v.Lang.T("代%s审批，至 %s", d.ByName, ui.Date(d.Until)), Value: actsNamed(v.Lang, d.Acts)})
			}
		}
		return err
	})
	return facts, err
}
