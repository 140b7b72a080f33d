package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

var wholeLedger = guard.Thing{Kind: access.Ledger, ID: "ledger"}

func (f *face) ledgerRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/ledger", server.Signed, f.ledger),
		post("/ledger/verify", server.Signed, f.verify),
		get("/ledger/verify/state", server.Signed, f.verifying),
		{Method: http.MethodPost, Pattern: "/ledger/export", Auth: server.Signed, Body: formLimit, Timeout: server.Stream, Handle: f.exportLedger},
		fetching("/ledger/file", f.takeLedger),
		get("/matters/{matter}/ledger", server.Signed, f.matterLedger),
		fetching("/matters/{matter}/ledger/file", f.takeMatterLedger),
		get("/people/{person}/acts", server.Signed, f.personActs),
		fetching("/people/{person}/acts/file", f.takePersonActs),
	}
}

// lines is a register of entries.
type lines struct {
	title string
	page  audit.Page
	table ui.Table
	now   time.Time
}

// readLines reads one page of entries in the way that the room allows.
func (f *face) readLines(r *http.Request, v *Visitor, act access.Act, thing guard.Thing, limit int, read func(*guard.Grant, audit.Filter) (audit.Page, error)) (lines, error) {
	view := ui.ReadView(r)
	filter := lineFilter(view)
	filter.Limit = limit
	filter.Before, _ = strconv.ParseUint(view.Get("before"), 10, 64) // none: the newest
	l, err := do(r.Context(), f.Door, v.Who, act, thing, func(g *guard.Grant) (l lines, err error) {
		l.now = g.Tx().Now
		l.page, err = read(g, filter)
		return l, err
	})
	l.table = ledgerTable(v.Lang, view, l.page)
	return l, err
}

// lineFilter is what an address narrows the entries to.
func lineFilter(view ui.View) audit.Filter {
	filter := audit.Filter{Act: access.Act(view.Get("act"))}
	for o := ledger.Allowed; o <= ledger.BrokenOff; o++ {
		if o.String() == view.Get("outcome") {
			filter.Outcome = o
		}
	}
	if day, err := time.ParseInLocation(time.DateOnly, view.Get("time_from"), chinaTime); err == nil {
		filter.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, view.Get("time_to"), chinaTime); err == nil {
		filter.To = day.AddDate(0, 0, 1)
	}
	return filter
}

var chinaTime = time.FixedZone("UTC+8", 8*60*60)

func ledgerTable(lang text.Lang, view ui.View, page audit.Page) ui.Table {
	var acts, outcomes []ui.Option
	for _, a := range access.Acts {
		acts = append(acts, ui.Option{Value: string(a), Label: lang.T(a.Name())})
	}
	for o := ledger.Allowed; o <= ledger.BrokenOff; o++ {
		outcomes = append(outcomes, ui.Option{Value: o.String(), Label: outcomeName(lang, o)})
	}
	t := ui.Table{Lang: lang, Name: lang.T("台账"), View: view, Total: -1,
		Columns: []ui.Column{{Label: lang.T("序号"), Num: true}, {Label: lang.T("时间")}, {Label: lang.T("人员")}, {Label: lang.T("事项")}, {Label: lang.T("对象"), Narrow: true},
			{Label: lang.T("结果")}, {Label: lang.T("依据"), Narrow: true}, {Label: lang.T("地址"), Narrow: true}},
		Filters: []ui.Filter{{Name: "time", Label: lang.T("时间"), Span: true}, {Name: "outcome", Label: lang.T("结果"), Options: outcomes}, {Name: "act", Label: lang.T("事项"), Options: acts}},
		Exports: append(paperFormats[:2:2], string(sheet.CSV)),
		Empty:   ui.EmptyProps{Title: lang.T("没有符合的记录")}}
	if len(page.Lines) == 0 {
		t.Total = 0
	}
	if view.Get("before") != "" {
		t.Newer = view.With("before", "")
	}
	if page.More && len(page.Lines) > 0 {
		t.Older = view.With("before", strconv.FormatUint(page.Lines[len(page.Lines)-1].Seq, 10))
	}
	return t
}

var outcomeNames = map[ledger.Outcome]string{ledger.Allowed: "准许", ledger.Refused: "拒绝", ledger.NeedsApproval: "须批准", ledger.Failed: "未成", ledger.Completed: "完成", ledger.BrokenOff: "中断"}

func outcomeName(lang text.Lang, o ledger.Outcome) string { return lang.T(outcomeNames[o]) }

func clauseLabels(lang text.Lang, clauses []string) string {
	var labels []string
	for _, c := range clauses {
		labels = append(labels, ClauseLabel(lang, c))
	}
	return strings.Join(labels, " ")
}

// seal is what the ledger's page says of the whole.
type seal struct {
	size       uint64
	checkpoint string
	key        string
	verify     bool
	export     bool
	read       bool
	check      audit.Checked
	witnesses  []ledger.Attendance
}

// facts are the whole's figures, and how each witness stands.
func (s seal) facts(lang text.Lang) []ui.Fact {
	all := []ui.Fact{{Label: lang.T("记录数"), Value: ui.Figure(int64(s.size))}, {Label: lang.T("树根"), Value: s.checkpoint}, {Label: lang.T("校验公钥"), Value: s.key}}
	for _, w := range s.witnesses {
		format, args := w.Says()
		f := ui.Fact{Label: lang.T("见证方"), Value: w.Name + "　" + lang.T(format, args...)}
		if !w.Signed.IsZero() {
			f.Value += "（" + ui.Stamp(w.Signed) + "）"
		}
		if w.Failure != 0 {
			f.Tone = ui.Late
		}
		all = append(all, f)
	}
	return all
}

func (f *face) ledger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if _, file := asked(ui.ReadView(r)); file {
		return toFile(w, r)
	}
	can, err := f.Door.Can(r.Context(), v.Who, wholeLedger, access.ReadLedger, access.VerifyLedger, access.ExportLedger)
	if err != nil {
		return err
	}
	s := seal{key: f.Ledger.Key(), verify: can[access.VerifyLedger].Outcome == access.Permit, export: can[access.ExportLedger].Outcome == access.Permit,
		read: can[access.ReadLedger].Outcome == access.Permit}
	var l lines
	if s.read || !s.verify { // whoever may do neither is told why
		if l, err = f.readLines(r, v, access.ReadLedger, wholeLedger, 50, f.Audit.All); err != nil {
			return err
		}
	}
	if s.check, err = f.Audit.Last(r.Context()); err != nil {
		return err
	}
	if s.size, s.checkpoint, err = f.Audit.Head(r.Context()); err != nil {
		return err
	}
	if s.witnesses, err = f.Audit.Witnesses(r.Context()); err != nil {
		return err
	}
	return send(w, r, ledgerPage(f.shell(r, v, "台账"), v, l, s))
}

func (f *face) matterLedger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if _, file := asked(ui.ReadView(r)); file {
		return toFile(w, r)
	}
	thing := matterThing(r.PathValue("matter"))
	l, err := f.readLines(r, v, access.ReadMatterLedger, thing, 50, f.Audit.Matter)
	if err != nil {
		return err
	}
	l.title = "本案台账"
	return send(w, r, linesPage(f.shell(r, v, "本案台账", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}), v, l))
}

func (f *face) personActs(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if _, file := asked(ui.ReadView(r)); file {
		return toFile(w, r)
	}
	l, err := f.readLines(r, v, access.ReadPersonActs, personThing(r.PathValue("person")), 50, f.Audit.Person)
	if err != nil {
		return err
	}
	l.title = "操作记录"
	return send(w, r, linesPage(f.shell(r, v, "操作记录", ui.Crumb{Name: v.Lang.T("人员"), Href: "/people"}), v, l))
}

func (f *face) exportLedger(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	can, err := f.Door.Can(r.Context(), v.Who, wholeLedger, access.ExportLedger)
	if err != nil || can[access.ExportLedger].Outcome != access.Permit {
		return f.Door.Do(r.Context(), v.Who, access.ExportLedger, wholeLedger, func(*guard.Grant) error { return err })
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="mijuan-ledger.zip"`)
	if err := f.Audit.Export(r.Context(), v.Who, w); err != nil {
		slog.Error("export the ledger", "error", err)
		panic(http.ErrAbortHandler) // the archive is not whole
	}
	return nil
}

// verify begins a verification, which can be left and found again. One that runs already is as good.
func (f *face) verify(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	c, err := f.Audit.Begin(r.Context(), v.Who)
	if problem.Is(err, problem.Conflict) {
		return see(w, r, "/ledger")
	}
	if err != nil {
		return err
	}
	go func() {
		if _, err := c.Run(context.WithoutCancel(r.Context())); err != nil {
			slog.Error("verify the ledger", "error", err)
		}
	}()
	return see(w, r, "/ledger")
}

func (f *face) verifying(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	can, err := f.Door.Can(r.Context(), v.Who, wholeLedger, access.VerifyLedger)
	if err != nil {
		return err
	}
	if can[access.VerifyLedger].Outcome != access.Permit {
		return nowhere(w, r, v)
	}
	last, err := f.Audit.Last(r.Context())
	if err != nil {
		return err
	}
	return send(w, r, checkState(v, last))
}

// faultText says what a verification found: the first fault, and how many entries are wrong by themselves.
func faultText(lang text.Lang, c audit.Checked) string {
	said := lang.T(c.Wrong.Format, c.Wrong.Args...)
	if c.First > 0 {
		said = lang.T("第 %d 条起不符：%s", c.First, said)
	}
	return said
}

func seqText(n uint64) string { return fmt.Sprint(n) }
