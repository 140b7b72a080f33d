package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/continuing"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) dutyRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/duty", server.Signed, f.dutyRegister),
		get("/people/{person}/duty", server.Signed, f.personDuty),
		get("/people/{person}/duty/{reminder}", server.Signed, f.reminderLetter),
		{Method: http.MethodPost, Pattern: "/people/{person}/duty/{deed}", Auth: server.Signed, Body: formLimit, Timeout: signTimeout, Handle: f.dutyDeed},
	}
}

// lasting is the page of the duty of one who left.
type lasting struct {
	person person.Person
	duty   *continuing.Duty // nil: the person did not leave
	may    bool             // the visitor may remind
	asks   consent          // for signing
	now    time.Time
	deed   string // the form that came back
	failed error
}

func (f *face) personDuty(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDuty(w, r, v, "", nil)
}

func (f *face) showDuty(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	id := r.PathValue("person")
	x := lasting{deed: deed, failed: failed}
	err := f.Door.Do(r.Context(), v.Who, access.ReadHoldings, personThing(id), func(g *guard.Grant) (err error) {
		x.now = g.Tx().Now
		if x.person, err = f.People.One(g.Tx(), id); err != nil {
			return err
		}
		x.duty, err = f.Duty.Of(g)
		return err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, personThing(id), access.RemindLeaver)
	if err != nil {
		return err
	}
	if x.may = x.duty != nil && can[access.RemindLeaver].Outcome == access.Permit; x.may {
		if x.asks, err = f.consent(r, v); err != nil {
			return err
		}
	}
	return send(w, r, dutyPage(f.shell(r, v, "离任义务", ui.Crumb{Name: v.Lang.T("离任义务"), Href: "/duty"}, ui.Crumb{Name: x.person.Name, Href: "/people/" + id}), v, x, form(r)))
}

// dutyDeed sends a reminder, or ends reminding.
func (f *face) dutyDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("person"), r.PathValue("deed"), form(r)
	var err error
	switch deed {
	case "remind":
		err = f.remind(r, v, id)
	case "end":
		err = f.Door.Do(r.Context(), v.Who, access.RemindLeaver, personThing(id), func(g *guard.Grant) error { return f.Duty.End(g, form.Get("note")) })
	default:
		return nowhere(w, r, v)
	}
	if err != nil && (shown(err) || problem.Is(err, problem.Unavailable)) {
		if _, _, gone := f.People.Authenticate(r.Context(), v.secret, f.ClientIP(r)); gone != nil {
			return gone
		}
		return f.showDuty(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/people/"+id+"/duty")
}

func (f *face) remind(r *http.Request, v *Visitor, id string) error {
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	form := form(r)
	months, _ := strconv.Atoi(form.Get("months")) // none: the field says so
	return f.Duty.Send(r.Context(), v.Who, id, continuing.Sending{Manner: continuing.Manner(form.Get("manner")), Note: form.Get("note"), Months: months},
		f.consented(r, v), firm)
}

// reminderLetter gives a signed letter as a PDF.
func (f *face) reminderLetter(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	var pdf []byte
	var number string
	p, err := f.Door.Open(r.Context(), v.Who, access.ReadHoldings, personThing(r.PathValue("person")), func(g *guard.Grant) (err error) {
		pdf, number, err = f.Duty.Letter(g, r.PathValue("reminder"))
		return err
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Content-Disposition", `attachment; filename="reminder-`+number[:12]+`.pdf"`)
	n, err := w.Write(pdf)
	return errors.Join(err, p.Close(r.Context(), int64(n), err))
}

// dutyRegister lists everybody who left, with when they are to be reminded.
func (f *face) dutyRegister(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := continuing.Filter{Due: view.Get("state") == "due", Offset: (view.Page() - 1) * perPage, Limit: perPage}
	if format, file := asked(view); file {
		filter.Offset, filter.Limit = 0, 0
		return f.bring(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			all, _, err := f.Duty.List(g, filter)
			var rows [][]string
			for _, d := range all {
				rows = append(rows, dutyCells(v.Lang, d))
			}
			return rowsOf{registerFile{"duty", "离任义务提醒登记簿", narrowing(v.Lang, dutyTable(v.Lang, view)), inside(v.Lang), dutyColumns(v.Lang)}, rows}, err
		})
	}
	t := dutyTable(v.Lang, view)
	var now time.Time
	all, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (all []continuing.Duty, err error) {
		now = g.Tx().Now
		var total int
		all, total, err = f.Duty.List(g, filter)
		t.Total = int64(total)
		return all, err
	})
	if err != nil {
		return err
	}
	return send(w, r, dutyRegisterPage(f.shell(r, v, "离任义务", ui.Crumb{Name: v.Lang.T("离岗交接"), Href: "/leaving"}), v, t, all, now))
}

func dutyTable(lang text.Lang, view ui.View) ui.Table {
	return ui.Table{Lang: lang, Name: lang.T("离任义务"), View: view, Per: perPage,
		Columns: []ui.Column{{Label: lang.T("姓名")}, {Label: lang.T("岗位"), Narrow: true}, {Label: lang.T("最后在岗日"), Narrow: true}, {Label: lang.T("离岗承诺书"), Narrow: true},
			{Label: lang.T("最近提醒"), Narrow: true}, {Label: lang.T("下次提醒")}},
		Filters: []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: []ui.Option{{Value: "due", Label: lang.T("该提醒的")}}}}, Exports: paperFormats,
		Empty: ui.EmptyProps{Title: lang.T("没有离岗人员"), Sentence: lang.T("只列出您有权查看的。离岗办结后会出现在这里，到期提醒发函。")}}
}

func dutyColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("姓名"), Width: 6}, {Label: lang.T("岗位"), Width: 8}, {Label: lang.T("最后在岗日"), Width: 6}, {Label: lang.T("离岗承诺书"), Width: 6},
		{Label: lang.T("提醒记录"), Width: 24}, {Label: lang.T("下次提醒"), Width: 6}}
}

func dutyCells(lang text.Lang, d continuing.Duty) []string {
	var told []string
	for _, m := range d.Reminders {
		told = append(told, ui.Date(m.At)+" "+lang.T(m.Manner.Name())+" "+m.By+lang.T("：")+m.Note)
	}
	return []string{d.Name, postNames(lang, d.Posts), d.LastDay.Format(time.DateOnly), pledgedOn(lang, d), strings.Join(told, "\n"), nextReminder(lang, d)}
}

func pledgedOn(lang text.Lang, d continuing.Duty) string {
	if d.Pledged.IsZero() {
		return lang.T("未签署（已核销）")
	}
	return ui.Date(d.Pledged)
}

func nextReminder(lang text.Lang, d continuing.Duty) string {
	if d.Next.IsZero() {
		return lang.T("不再提醒")
	}
	return d.Next.Format(time.DateOnly)
}

func mannerOptions(lang text.Lang) (options []ui.Option) {
	for _, m := range continuing.Manners {
		options = append(options, ui.Option{Value: string(m), Label: lang.T(m.Name())})
	}
	return options
}

func spanOptions(lang text.Lang) (options []ui.Option) {
	for _, n := range continuing.Spans {
		options = append(options, ui.Option{Value: strconv.Itoa(n), Label: lang.T("%d 个月后", n)})
	}
	return options
}
