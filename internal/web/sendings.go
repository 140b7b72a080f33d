package web

import (
	"net/http"
	"net/url"
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

func (f *face) sendingRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/sendings", server.Signed, f.sendings),
		post("/matters/{matter}/sendings/{sending}/receipt", server.Signed, f.acknowledge),
	}
}

// sent is a page of the register 外发登记.
type sent struct {
	all            []carrier.Sending
	names, matters map[string]string
	approvers      map[string]string // names, by request
	now            time.Time
}

func (f *face) readSendings(g *guard.Grant, filter carrier.SendingFilter) (x sent, more bool, err error) {
	x.now = g.Tx().Now
	if x.all, more, err = f.Carriers.Sendings(g, filter); err != nil {
		return x, more, err
	}
	var people, matters, leaves []string
	for _, s := range x.all {
		people, matters, leaves = append(people, s.Sender, s.ReceiptedBy), append(matters, s.Matter), append(leaves, s.Approval)
	}
	if x.approvers, err = f.approvers(g, leaves); err != nil {
		return x, more, err
	}
	if x.names, err = f.People.Names(g.Tx(), people); err != nil {
		return x, more, err
	}
	x.matters, err = f.Matters.Numbers(g.Tx(), matters)
	return x, more, err
}

func sendingFilter(view ui.View) carrier.SendingFilter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	return carrier.SendingFilter{Number: strings.TrimSpace(view.Search()), Level: level, Channel: carrier.Channel(view.Get("channel")), Open: view.Get("receipt") == "no", Offset: (view.Page() - 1) * perPage, Limit: perPage}
}

// sendings is the register 外发登记簿 of all that the visitor may know.
func (f *face) sendings(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	view.Path = "/sendings"
	filter := sendingFilter(view)
	if format, file := asked(view); file {
		filter.Offset = 0
		return f.bring(w, r, v, format, access.ExportRegister, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			x, more, err := f.readSendings(g, filter)
			if err != nil {
				return rowsOf{}, err
			}
			if more {
				return rowsOf{}, tooMany(carrier.MaxExport)
			}
			highest, counts := classification.Level(0), map[string]int{}
			var rows [][]string
			for _, s := range x.all {
				highest = max(highest, s.Level())
				counts[s.Matter]++
				rows = append(rows, []string{ui.Date(s.Sent), s.Title, s.Number, v.Lang.T(s.Level().Name()), s.Recipient, s.Organisation, v.Lang.T(s.Channel.Name()), s.Basis, x.consented(s), x.names[s.Sender], s.Receipt})
			}
			stepInto(g, counts)
			return rowsOf{registerFile{"sendings", "外发登记簿", narrowing(v.Lang, sendingTable(v.Lang, view, 0, false)), markOf(v.Lang, highest), sendingColumns(v.Lang)}, rows}, nil
		})
	}
	more := false
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x sent, err error) {
		x, more, err = f.readSendings(g, filter)
		return x, err
	})
	if err != nil {
		return err
	}
	t := sendingTable(v.Lang, view, len(x.all), more)
	if !business(v.Person) { // administrators take no register with client data along
		t.Exports = nil
	}
	return send(w, r, sendingsPage(f.shell(r, v, "外发", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, t, x))
}

func sendingTable(lang text.Lang, view ui.View, n int, more bool) ui.Table {
	t := register(lang, view, n, more)
	t.Name, t.Search = lang.T("外发"), lang.T("扫标签，或输入编号")
	t.Columns = []ui.Column{{Label: lang.T("日期"), Narrow: true}, {Label: lang.T("编号")}, {Label: lang.T("题名"), Narrow: true}, {Label: lang.T("密级"), Narrow: true}, {Label: lang.T("收件人")}, {Label: lang.T("外发方式"), Narrow: true}, {Label: lang.T("批准人"), Narrow: true}, {Label: lang.T("回执")}}
	t.Filters = []ui.Filter{{Name: "channel", Label: lang.T("外发方式"), Options: channelOptions(lang)}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)}, {Name: "receipt", Label: lang.T("回执"), Options: []ui.Option{{Value: "no", Label: lang.T("等待回执")}}}}
	t.Empty = ui.EmptyProps{Title: lang.T("没有外发记录"), Sentence: lang.T("在载体的页面申请外发，批准、交出之后会列在这里，等待登记回执。")}
	return t
}

func sendingColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Label: lang.T("日期"), Width: 6}, {Label: lang.T("题名"), Width: 13}, {Label: lang.T("编号"), Width: 10}, {Label: lang.T("密级"), Width: 4}, {Label: lang.T("收件人"), Width: 6}, {Label: lang.T("单位"), Width: 10},
		{Label: lang.T("外发方式"), Width: 6}, {Label: lang.T("依据和用途"), Width: 12}, {Label: lang.T("批准人"), Width: 6}, {Label: lang.T("经办人"), Width: 5}, {Label: lang.T("回执"), Width: 11}}
}

func channelOptions(lang text.Lang) (all []ui.Option) {
	for _, c := range carrier.Channels {
		all = append(all, ui.Option{Value: string(c), Label: lang.T(c.Name())})
	}
	return all
}

// consented is who let it go: whoever approved, or the lead who sent it.
func (x sent) consented(s carrier.Sending) string {
	if by := x.approvers[s.Approval]; by != "" {
		return by
	}
	return x.names[s.Sender]
}

// acknowledge notes a receipt.
func (f *face) acknowledge(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, back := r.PathValue("matter"), form(r).Get("carrier")
	err := f.Door.Do(r.Context(), v.Who, access.RegisterCarrier, matterThing(in), func(g *guard.Grant) error {
		return f.Carriers.Acknowledge(g, r.PathValue("sending"), form(r).Get("receipt"))
	})
	if err != nil {
		return err
	}
	return see(w, r, "/carriers/"+url.PathEscape(back))
}

// sendingOf is what a form says of where a carrier goes.
func sendingOf(form url.Values) carrier.Sending {
	return carrier.Sending{Recipient: form.Get("recipient"), Organisation: form.Get("organisation"), Basis: form.Get("basis"), Channel: carrier.Channel(form.Get("channel"))}
}
