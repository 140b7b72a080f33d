package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) deliveryRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/intakes", server.Signed, f.intakes),
		get("/matters/{matter}/intakes/{batch}", server.Signed, f.delivery),
		post("/matters/{matter}/intakes/{batch}", server.Signed, f.signDelivery),
	}
}

// deliveries is a list of what was delivered with what its rows need.
type deliveries struct {
	carrier.IntakePage
	names, matters map[string]string
}

func (f *face) readIntakes(g *guard.Grant, filter carrier.Filter) (d deliveries, err error) {
	if d.IntakePage, err = f.Carriers.Intakes(g, filter); err != nil {
		return d, err
	}
	var people, matters []string
	for _, in := range d.Intakes {
		people, matters = append(people, in.Receiver()), append(matters, in.First.Matter)
	}
	if d.names, err = f.People.Names(g.Tx(), people); err != nil {
		return d, err
	}
	d.matters, err = f.Matters.Numbers(g.Tx(), matters)
	return d, err
}

// intakeFilter reads the filters of the register; a number that was scanned or typed is spelt as on the label.
func intakeFilter(view ui.View) carrier.Filter {
	filter := carrierFilter(view)
	filter.State, filter.Overdue, filter.Mine = "", false, false
	if number, err := callnumber.Read(view.Search()); err == nil {
		filter.Number = number
	}
	filter.Unsigned = view.Get("signed") == "no"
	if day, err := time.ParseInLocation(time.DateOnly, view.Get("date_from"), matter.Beijing); err == nil {
		filter.Since = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, view.Get("date_to"), matter.Beijing); err == nil {
		filter.Until = day.AddDate(0, 0, 1)
	}
	return filter
}

// intakes is the register 收文签收.
func (f *face) intakes(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	filter := intakeFilter(view)
	if format, file := asked(view); file {
		filter.Offset = 0
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			d, err := f.readIntakes(g, filter)
			if err != nil {
				return rowsOf{}, err
			}
			if d.More {
				return rowsOf{}, tooMany(carrier.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for _, in := range d.Intakes {
				highest = max(highest, in.First.Level)
				counts[in.First.Matter]++
				rows = append(rows, intakeCells(v.Lang, d, in))
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"intakes", "收文签收登记簿", narrowing(v.Lang, intakeTable(v.Lang, view, deliveries{})), markOf(v.Lang, highest), intakeColumns(v.Lang)}, rows}, nil
		})
	}
	d, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (deliveries, error) { return f.readIntakes(g, filter) })
	if err != nil {
		return err
	}
	t := intakeTable(v.Lang, view, d)
	if v.Person.Has(access.Auditor) { // who sees no titles takes no register along
		t.Exports = nil
	}
	if empty, shut := unready(v); shut {
		t.Empty = empty
	}
	return send(w, r, intakesPage(f.shell(r, v, "收文签收", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, d))
}

func intakeTable(lang text.Lang, view ui.View, d deliveries) ui.Table {
	view.Path = "/intakes"
	t := register(lang, view, len(d.Intakes), d.More)
	t.Name, t.Search = lang.T("收文签收"), lang.T("扫标签，或输入编号")
	t.Columns = []ui.Column{{Label: lang.T("日期")}, {Label: lang.T("编号"), Narrow: true}, {Label: lang.T("来文字号"), Narrow: true}, {Label: lang.T("题名")}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("类别"), Narrow: true}, {Label: lang.T("数量"), Narrow: true},
		{Label: lang.T("交件人"), Narrow: true}, {Label: lang.T("接收人"), Narrow: true}, {Label: lang.T("签收情况")}}
	filters := carrierFilters(lang)
	t.Filters = append([]ui.Filter{{Name: "date", Label: lang.T("日期"), Span: true}, {Name: "signed", Label: lang.T("签收情况"), Options: []ui.Option{{Value: "no", Label: lang.T("待签收")}}}}, filters[len(filters)-2:]...)
	t.Empty = ui.EmptyProps{Title: lang.T("没有收文"), Sentence: lang.T("客户、法院等交来的原件在案件的“载体”里登记之后会列在这里，由交件人当面签名。")}
	return t
}

func intakeColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("日期"), Width: 8}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("来文字号"), Width: 8}, {Label: lang.T("案号"), Width: 7}, {Label: lang.T("题名"), Width: 16}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("类别"), Width: 6},
		{Label: lang.T("数量"), Width: 8}, {Label: lang.T("交件人"), Width: 12}, {Label: lang.T("接收人"), Width: 6}, {Label: lang.T("签收情况"), Width: 10}}
}

func intakeCells(lang text.Lang, d deliveries, in carrier.Intake) []string {
	it := in.First
	return []string{ui.Stamp(it.Registered), it.Number, it.Reference, d.matters[it.Matter], it.Title, lang.T(it.Level.Name()), lang.T(it.Form.Name()), delivered(lang, in), it.From, d.names[in.Receiver()], signedWords(lang, in)}
}

// delivered is how much it was.
func delivered(lang text.Lang, in carrier.Intake) string {
	if in.Copies == 1 {
		return quantity(lang, in.First)
	}
	return lang.T("%d 份，每份 %s", in.Copies, quantity(lang, in.First))
}

func signedWords(lang text.Lang, in carrier.Intake) string {
	switch {
	case in.Signed.IsZero():
		return lang.T("待签收")
	case in.Signer == "":
		return ui.Date(in.Signed)
	case in.Absent != "":
		return lang.T("%s，%s（%s）", in.Signer, ui.Date(in.Signed), in.Absent)
	}
	return lang.T("%s，%s", in.Signer, ui.Date(in.Signed))
}

// handing is one delivery, as it is signed for.
type handing struct {
	room
	carried
	in     carrier.Intake
	people map[string]string // names
	form   url.Values
	failed error
}

// mine reports whether the visitor is who has it signed for.
func (d handing) mine(v *Visitor) bool {
	return d.in.Signed.IsZero() && d.in.For(v.Who.Person)
}

func (f *face) delivery(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showDelivery(w, r, v, nil)
}

func (f *face) showDelivery(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	d := handing{room: m, form: form(r), failed: failed}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, matterThing(m.matter.ID), func(g *guard.Grant) (err error) {
		if d.in, err = f.Carriers.Intake(g, r.PathValue("batch")); err != nil {
			return err
		}
		if d.carried, err = f.readCarriers(g, carrier.Filter{Matter: m.matter.ID, Batch: d.in.First.Batch, Limit: 200}); err != nil {
			return err
		}
		d.people, err = f.People.Names(g.Tx(), []string{d.in.Receiver(), d.in.First.RegisteredBy})
		return err
	}); err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	return send(w, r, deliveryPage(f.shell(r, v, "收文签收", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("载体"), Href: base + "/carriers"}), v, d))
}

func (f *face) signDelivery(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, batch, form := r.PathValue("matter"), r.PathValue("batch"), form(r)
	ink, err := drawn(form.Get("drawing"))
	if err == nil {
		err = f.Door.Do(r.Context(), v.Who, access.RegisterCarrier, matterThing(in), func(g *guard.Grant) error {
			return f.Carriers.SignIntake(g, batch, carrier.Signing{Signer: form.Get("signer"), Ink: ink, Absent: form.Get("absent"), Checked: form.Get("checked") == "yes"})
		})
	}
	if err != nil && correctable(err) {
		return f.showDelivery(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+in+"/intakes/"+batch)
}

// keptInk is a drawing for the form that comes back: the one that was sent, if it is one.
func keptInk(sent string) string {
	if _, err := drawn(sent); err != nil {
		return ""
	}
	return sent
}

// pieces counts the copies of a delivery in words.
func pieces(lang text.Lang, in carrier.Intake) string {
	return lang.T("%d 份", in.Copies) + " · " + strconv.Itoa(in.Copies*in.First.Pages) + " " + lang.T(in.First.Form.Unit())
}
