package web

import (
	"net/http"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// manages reports whether the visitor's posts open the register of pledges; what they see in it the rules decide row by row.
func (v *Visitor) manages() bool {
	return v.Person.Has(access.SecurityAdmin) || v.Person.Has(access.Auditor)
}

// pledgeTabs are the views of the room; whoever has only their own pledges has one.
func (f *face) pledgeTabs(r *http.Request, v *Visitor) []ui.Tab {
	if !v.manages() {
		return nil
	}
	var tabs []ui.Tab
	for _, t := range []struct{ name, href string }{{"我的承诺", "/pledge"}, {"登记簿", "/pledge/register"}, {"待签", "/pledge/missing"}, {"文本与版本", "/pledge/texts"}} {
		tabs = append(tabs, ui.Tab{Name: v.Lang.T(t.name), Href: t.href, Current: r.URL.Path == t.href})
	}
	return tabs
}

func (f *face) pledgeRegister(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	key, down := view.Sort("-at", "name", "version")
	version, _ := strconv.Atoi(view.Get("version")) // none: all
	q := pledge.Filter{Text: view.Search(), Kind: pledge.Kind(view.Get("kind")), Version: version, Sort: key, Desc: down, Offset: (view.Page() - 1) * perPage, Limit: perPage}
	q.From, q.To = span(view, "at")
	if format, file := asked(view); file {
		return f.bringPledges(w, r, v, format, q, narrowing(v.Lang, pledgeTable(v.Lang, view, nil, pledge.Page{})))
	}
	var editions []pledge.Edition
	page, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (pledge.Page, error) { return f.Pledges.List(g, q) })
	if err != nil {
		return err
	}
	if editions, err = f.editions(r, v); err != nil {
		return err
	}
	return send(w, r, pledgeRegisterPage(f.shell(r, v, "承诺书"), v, pledgeTable(v.Lang, view, editions, page), page, f.pledgeTabs(r, v)))
}

// span is what an address narrows a time to, in whole days.
func span(view ui.View, name string) (from, to time.Time) {
	if day, err := time.ParseInLocation(time.DateOnly, view.Get(name+"_from"), chinaTime); err == nil {
		from = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, view.Get(name+"_to"), chinaTime); err == nil {
		to = day.AddDate(0, 0, 1)
	}
	return from, to
}

func (f *face) editions(r *http.Request, v *Visitor) ([]pledge.Edition, error) {
	return do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, f.Pledges.Editions)
}

func pledgeTable(lang text.Lang, view ui.View, editions []pledge.Edition, page pledge.Page) ui.Table {
	var kinds, versions []ui.Option
	for _, k := range pledge.Kinds {
		kinds = append(kinds, ui.Option{Value: string(k), Label: lang.T(k.Name())})
	}
	for _, e := range editions {
		versions = append(versions, ui.Option{Value: strconv.Itoa(e.Version), Label: lang.T("第 %d 版", e.Version)})
	}
	return ui.Table{Lang: lang, Name: lang.T("承诺书"), View: view, Search: lang.T("姓名、部门"), Total: int64(page.Total), Per: perPage,
		Columns: []ui.Column{{Key: "name", Label: lang.T("姓名")}, {Label: lang.T("岗位"), Narrow: true}, {Label: lang.T("类别")}, {Key: "version", Label: lang.T("版本"), Down: true},
			{Key: "at", Label: lang.T("日期"), Down: true}, {Label: lang.T("签名"), Narrow: true}, {Label: lang.T("文书")}},
		Filters: []ui.Filter{{Name: "at", Label: lang.T("日期"), Span: true}, {Name: "kind", Label: lang.T("类别"), Options: kinds}, {Name: "version", Label: lang.T("版本"), Options: versions}},
		Exports: append(paperFormats[:2:2], string(sheet.CSV)),
		Empty:   ui.EmptyProps{Title: lang.T("还没有签署的承诺书")}}
}

func pledgeColumns(lang text.Lang) []sheet.Column {
	return []sheet.Column{{Key: "name", Label: lang.T("姓名"), Width: 6}, {Key: "post", Label: lang.T("岗位"), Width: 9}, {Key: "department", Label: lang.T("部门"), Width: 8}, {Key: "kind", Label: lang.T("类别"), Width: 7},
		{Key: "version", Label: lang.T("版本"), Width: 3, Num: true}, {Key: "date", Label: lang.T("日期"), Width: 9}, {Key: "signature", Label: lang.T("签名"), Width: 16},
		{Key: "sha256", Label: lang.T("文书摘要"), Width: 16}}
}

// bringPledges exports the register as the visitor's view shows it.
func (f *face) bringPledges(w http.ResponseWriter, r *http.Request, v *Visitor, format sheet.Format, q pledge.Filter, span string) error {
	q.Offset, q.Limit = 0, 0
	return f.bringAny(w, r, v, format, access.ExportRoster, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
		page, err := f.Pledges.List(g, q)
		if err != nil {
			return rowsOf{}, err
		}
		var rows [][]string
		for _, p := range page.Pledges {
			rows = append(rows, []string{p.Name, postNames(v.Lang, p.Posts), p.Department, pledgeKind(v.Lang, p.Kind), strconv.Itoa(p.Version), ui.Stamp(p.At), signatureOf(v.Lang, p), p.Document})
		}
		return rowsOf{registerFile{"pledges", "承诺书登记簿", span, inside(v.Lang), pledgeColumns(v.Lang)}, rows}, nil
	})
}

func pledgeKind(lang text.Lang, k pledge.Kind) string {
	if name := k.Name(); name != "" {
		return lang.T(name)
	}
	return lang.T(person.KindNames[string(k)])
}

// signatureOf says how a pledge was signed.
func signatureOf(lang text.Lang, p pledge.Pledge) string {
	switch {
	case p.Document == "":
		return lang.T("纸质签署，%s登记：%s", typedOr(p.RecordedBy, lang.T("控制台")), p.Reason)
	case p.Stamped.IsZero():
		return lang.T("数字签名 %s", p.Certificate[:16])
	}
	return lang.T("数字签名 %s，时间戳 %s", p.Certificate[:16], ui.Stamp(p.Stamped))
}

// waiting is who has not signed the newest edition.
type waiting struct {
	people []person.Person
	staff  []person.Person // whom the visitor may ask for the leaving pledge; nil: nobody
	now    time.Time
}

func (f *face) pledgeMissing(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMissing(w, r, v, nil)
}

func (f *face) showMissing(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	all, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (x waiting, err error) {
		x.now = g.Tx().Now
		x.people, err = f.Pledges.Missing(g)
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.Appoint)
	if err != nil {
		return err
	}
	if can[access.Appoint].Outcome == access.Permit {
		if all.staff, err = f.roster(r, v); err != nil {
			return err
		}
	}
	return send(w, r, pledgeMissingPage(f.shell(r, v, "承诺书"), v, all, f.pledgeTabs(r, v), form(r), failed))
}

func (f *face) askLeaving(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	err := f.Door.Do(r.Context(), v.Who, access.Appoint, personThing(r.PostFormValue("person")), f.Pledges.AskLeaving)
	if problem.Is(err, problem.Absent) {
		err = problem.New(problem.Invalid, "没有这个人，请从名单里选择").In("person")
	}
	if err != nil && correctable(err) {
		return f.showMissing(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/pledge/missing")
}

// library is the texts of the pledge by edition.
type library struct {
	editions  []pledge.Edition
	shown     pledge.Edition
	names     map[string]string
	publish   bool
	fortnight time.Time
}

func (f *face) pledgeTexts(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showTexts(w, r, v, nil)
}

func (f *face) showTexts(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	l, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (l library, err error) {
		l.fortnight = g.Tx().Now.AddDate(0, 0, 14)
		if l.editions, err = f.Pledges.Editions(g); err != nil || len(l.editions) == 0 {
			return l, err
		}
		l.shown = l.editions[0]
		var ids []string
		for _, e := range l.editions {
			ids = append(ids, e.By)
			if strconv.Itoa(e.Version) == r.URL.Query().Get("version") {
				l.shown = e
			}
		}
		l.names, err = f.People.Names(g.Tx(), ids)
		return l, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.SetPledge)
	if err != nil {
		return err
	}
	l.publish = can[access.SetPledge].Outcome == access.Permit
	return send(w, r, pledgeTextsPage(f.shell(r, v, "承诺书"), v, l, f.pledgeTabs(r, v), form(r), failed))
}

func (f *face) publishPledge(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	texts := map[pledge.Kind]string{}
	for _, k := range pledge.Kinds {
		texts[k] = form.Get(string(k))
	}
	required, _ := time.ParseInLocation(time.DateOnly, form.Get("required"), chinaTime) // none: refused as in the past
	_, err := do(r.Context(), f.Door, v.Who, access.SetPledge, guard.Firm, func(g *guard.Grant) (int, error) { return f.Pledges.Publish(g, texts, required) })
	if err != nil && correctable(err) {
		return f.showTexts(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/pledge/texts")
}
