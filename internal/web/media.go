package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/media"
	"mijuan/internal/server"
	"mijuan/internal/sheet"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func (f *face) mediaRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/media", server.Signed, f.media),
		get("/media/new", server.Signed, f.newMedium),
		post("/media/new", server.Signed, f.addMedium),
		get("/media/{medium}", server.Signed, f.medium),
		post("/media/{medium}/{deed}", server.Signed, f.mediumDeed),
		get("/matters/{matter}/exports", server.Signed, f.matterExports),
		get("/matters/{matter}/exports/new", server.Signed, f.newExport),
		post("/matters/{matter}/exports/new", server.Signed, f.prepareExport),
		get("/exports/{export}", server.Signed, f.export),
		post("/exports/{export}/scan", server.Signed, f.scanExport),
		{Method: http.MethodPost, Pattern: "/exports/{export}/fetch", Auth: server.Signed, Body: formLimit, Timeout: server.Stream, Handle: f.fetchExport},
		post("/exports/{export}/{deed}", server.Signed, f.exportDeed),
	}
}

// registered is a list of media with the names in it.
type registered struct {
	all   []media.Medium
	total int
	names map[string]string
	now   time.Time
	may   bool // register more
}

func (f *face) readMedia(g *guard.Grant, filter media.Filter) (l registered, err error) {
	l.now = g.Tx().Now
	if l.all, l.total, err = f.Media.List(g, filter); err != nil {
		return l, err
	}
	var people []string
	for _, m := range l.all {
		people = append(people, m.People()...)
	}
	l.names, err = f.People.Names(g.Tx(), people)
	return l, err
}

// media is the register 移动存储介质.
func (f *face) media(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	filter := media.Filter{Text: view.Search(), Form: carrier.Form(view.Get("form")), State: media.State(view.Get("state")), Level: level, Overdue: view.Get("loan") == "overdue"}
	if format, file := asked(view); file {
		return f.bring(w, r, v, format, access.ReadMedia, guard.Firm, func(g *guard.Grant) (rowsOf, error) {
			l, err := f.readMedia(g, filter)
			return rowsOf{registerFile{"media", "移动存储介质登记簿", narrowing(v.Lang, mediaTable(v.Lang, view, 0)), inside(v.Lang), mediaColumns(v.Lang)}, mediaRows(v.Lang, l)}, err
		})
	}
	filter.Offset, filter.Limit = (view.Page()-1)*perPage, perPage
	l, err := do(r.Context(), f.Door, v.Who, access.ReadMedia, guard.Firm, func(g *guard.Grant) (registered, error) { return f.readMedia(g, filter) })
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.ManageMedia)
	if err != nil {
		return err
	}
	l.may = can[access.ManageMedia].Outcome == access.Permit
	return send(w, r, mediaPage(f.shell(r, v, "移动介质"), v, mediaTable(v.Lang, view, l.total), l))
}

func mediaTable(lang text.Lang, view ui.View, total int) ui.Table {
	var states []ui.Option
	for _, s := range media.States {
		states = append(states, ui.Option{Value: string(s), Label: lang.T(s.Name())})
	}
	return ui.Table{Lang: lang, Name: lang.T("移动介质"), View: view, Search: lang.T("编号、型号、序列号"), Total: int64(total), Per: perPage, Exports: paperFormats,
		Columns: []ui.Column{{Label: lang.T("编号")}, {Label: lang.T("类别")}, {Label: lang.T("型号"), Narrow: true}, {Label: lang.T("可存密级")}, {Label: lang.T("持有人"), Narrow: true}, {Label: lang.T("归还期限"), Narrow: true}, {Label: lang.T("状态")}},
		Filters: []ui.Filter{{Name: "state", Label: lang.T("状态"), Options: states}, {Name: "form", Label: lang.T("类别"), Options: mediumForms(lang)}, {Name: "level", Label: lang.T("密级"), Options: levelOptions(lang)},
			{Name: "loan", Label: lang.T("借用"), Options: []ui.Option{{Value: "overdue", Label: lang.T("逾期未还")}}}},
		Empty: ui.EmptyProps{Title: lang.T("没有移动介质"), Sentence: lang.T("优盘、移动硬盘和光盘由保管员、系统管理员或后勤人员按序列号登记，安全管理员核定可以存放的密级；没有登记的一律不能用。")}}
}

// mediaColumns are those of the register 移动存储介质, a row for each loan.
func mediaColumns(lang text.Lang) []sheet.Column {
	var all []sheet.Column
	for _, c := range []struct {
		label string
		width float64
	}{{"编号", 5}, {"类别", 4}, {"型号", 8}, {"序列号", 9}, {"可存密级", 5}, {"责任人", 5}, {"持有人", 5}, {"状态", 5}, {"使用人", 5}, {"借出", 6}, {"期限", 6}, {"用途", 9}, {"使用的电脑", 8}, {"查毒", 7}, {"归还", 6}, {"清除", 9}, {"核对人", 5}} {
		all = append(all, sheet.Column{Label: lang.T(c.label), Width: c.width})
	}
	return all
}

func mediaRows(lang text.Lang, l registered) (rows [][]string) {
	for _, m := range l.all {
		head := []string{m.Label(), lang.T(m.Form.Name()), m.Model, m.Serial, ratedFor(lang, m), l.names[m.Keeper], l.names[m.Holder], lang.T(m.State.Name())}
		if len(m.Loans) == 0 {
			rows = append(rows, append(head, make([]string, 9)...))
		}
		for _, loan := range m.Loans {
			back, wipe := "", ""
			if !loan.Returned.IsZero() {
				back, wipe = ui.Date(loan.Returned), strings.Trim(lang.T(loan.Wipe.Name())+lang.T("，")+loan.Found, lang.T("，"))
			}
			rows = append(rows, append(slices.Clone(head), l.names[loan.Person], ui.Date(loan.Lent), ui.Date(loan.Due), loan.Purpose, loan.Device, scanned(lang, loan), back, wipe, l.names[loan.Checker]))
		}
	}
	return rows
}

// scanned says how the scans of a loan's exports ended.
func scanned(lang text.Lang, l media.Loan) string {
	switch {
	case l.Infected > 0:
		return lang.T("%d 次有毒，未导出", l.Infected)
	case l.Exports > 0:
		return lang.T("无毒，导出 %d 次", l.Exports)
	}
	return lang.T("没有导出")
}

func mediumForms(lang text.Lang) (options []ui.Option) {
	for _, form := range media.Forms {
		options = append(options, ui.Option{Value: string(form), Label: lang.T(form.Name())})
	}
	return options
}

func ratedFor(lang text.Lang, m media.Medium) string {
	if m.Level == 0 {
		return lang.T("未核定")
	}
	return lang.T("%s以下", lang.T(m.Level.Name()))
}

func (f *face) newMedium(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNewMedium(w, r, v, nil)
}

func (f *face) showNewMedium(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	if failed == nil {
		if err := f.Door.Do(r.Context(), v.Who, access.ManageMedia, guard.Firm, func(*guard.Grant) error { return nil }); err != nil {
			return err
		}
	}
	people, err := f.roster(r, v)
	if err != nil {
		return err
	}
	return send(w, r, newMediumPage(f.shell(r, v, "登记介质", ui.Crumb{Name: v.Lang.T("移动介质"), Href: "/media"}), v, keepers(v.Lang, people), form(r), failed))
}

func (f *face) addMedium(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.ManageMedia, guard.Firm, func(g *guard.Grant) (string, error) {
		return f.Media.Add(g, media.Entry{Form: carrier.Form(form.Get("form")), Model: form.Get("model"), Serial: form.Get("serial"), Vendor: form.Get("vendor"), Product: form.Get("product"), Keeper: form.Get("keeper")})
	})
	if err != nil && correctable(err) {
		return f.showNewMedium(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/media/"+id)
}

// stick is the page of one medium.
type stick struct {
	it     media.Medium
	names  map[string]string
	now    time.Time
	can    map[access.Act]bool
	people []ui.Option
	deed   string
	failed error
	form   url.Values
}

func (s stick) wrong(lang text.Lang, deed, field string) string {
	if s.deed != deed {
		return ""
	}
	return fieldError(lang, s.failed, field)
}

func (s stick) typed(deed, field, otherwise string) string {
	if s.deed != deed {
		return otherwise
	}
	return s.form.Get(field)
}

func (f *face) medium(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showMedium(w, r, v, "", nil)
}

func (f *face) showMedium(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	id := r.PathValue("medium")
	s, err := do(r.Context(), f.Door, v.Who, access.ReadMedia, guard.Firm, func(g *guard.Grant) (s stick, err error) {
		s.now = g.Tx().Now
		if s.it, err = f.Media.One(g, id); err != nil {
			return s, err
		}
		s.names, err = f.People.Names(g.Tx(), s.it.People())
		return s, err
	})
	if err != nil {
		return err
	}
	s.can, s.deed, s.failed, s.form = map[access.Act]bool{}, deed, failed, form(r)
	for _, of := range []struct {
		thing guard.Thing
		acts  []access.Act
	}{{guard.Firm, []access.Act{access.ManageMedia, access.RateMedium}}, {guard.Thing{Kind: access.Medium, ID: id}, []access.Act{access.CheckMedium}}} {
		can, err := f.Door.Can(r.Context(), v.Who, of.thing, of.acts...)
		if err != nil {
			return err
		}
		for act, d := range can {
			s.can[act] = d.Outcome == access.Permit && s.it.State != media.Ended
		}
	}
	if s.can[access.ManageMedia] {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		s.people = keepers(v.Lang, people)
	}
	return send(w, r, mediumPage(f.shell(r, v, "移动介质", ui.Crumb{Name: v.Lang.T("移动介质"), Href: "/media"}), v, s))
}

func (f *face) mediumDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("medium"), r.PathValue("deed"), form(r)
	thing, act := guard.Firm, access.ManageMedia
	due, derr := dueOf(form)
	deeds := map[string]func(*guard.Grant) error{
		"rate": func(g *guard.Grant) error {
			level, _ := classification.ParseLevel(form.Get("level")) // none is none
			return f.Media.Rate(g, id, level, form.Get("reason"))
		},
		"lend": func(g *guard.Grant) error {
			if derr != nil {
				return derr
			}
			return f.Media.Lend(g, id, media.Lending{Person: form.Get("person"), Purpose: form.Get("purpose"), Device: form.Get("device"), Due: due})
		},
		"check": func(g *guard.Grant) error { return f.Media.Check(g, media.Wipe(form.Get("wipe")), form.Get("found")) },
		"keep":  func(g *guard.Grant) error { return f.Media.Keep(g, id, form.Get("keeper")) },
		"scrap": func(g *guard.Grant) error { return f.Media.Scrap(g, id, form.Get("witness"), form.Get("reason")) },
	}
	switch deed {
	case "rate":
		act = access.RateMedium
	case "check":
		thing, act = guard.Thing{Kind: access.Medium, ID: id}, access.CheckMedium
	}
	if deeds[deed] == nil {
		return nowhere(w, r, v)
	}
	err := f.Door.Do(r.Context(), v.Who, act, thing, deeds[deed])
	if err != nil && correctable(err) {
		return f.showMedium(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/media/"+id)
}

// mediumWords is a step of a medium's life in a line.
func mediumWords(lang text.Lang, e media.Event, names map[string]string) string {
	var said []string
	add := func(label, value string) {
		if value != "" {
			said = append(said, lang.T(label)+" "+value)
		}
	}
	add("责任人", names[e.Keeper])
	add("使用人", names[e.Person])
	if e.What == media.Rated {
		said = append(said, ratedFor(lang, media.Medium{Level: e.Level}))
	}
	add("导出单", e.Export)
	if e.Due != 0 {
		add("期限", ui.Date(time.UnixMilli(e.Due)))
	}
	add("使用的电脑", e.Device)
	if e.Wipe != "" {
		add("清除方式", lang.T(e.Wipe.Name()))
	}
	add("见证人", names[e.Witness])
	if e.Reason != "" {
		said = append(said, e.Reason)
	}
	words := lang.T(e.What.Name())
	if len(said) > 0 {
		words += lang.T("：") + strings.Join(said, lang.T("，"))
	}
	return words
}

func usbIDs(m media.Medium) string {
	if m.Vendor == "" {
		return "—"
	}
	return m.Vendor + ":" + m.Product
}

// mediaTasks is what waits for the visitor of media and exports.
func mediaTasks(v *Visitor, late []media.Medium, issued []media.Export) (tasks []ui.Task) {
	for _, m := range late {
		tasks = append(tasks, ui.Task{Kind: v.Lang.T("移动介质"), Title: v.Lang.T("%s 逾期未还，请清除后交还核对", m.Label()), Note: v.Lang.T("期限 %s", ui.Date(m.Due)), Tone: ui.Late, Step: ui.Link{Label: v.Lang.T("查看"), Href: "/self"}})
	}
	for _, e := range issued {
		tasks = append(tasks, ui.Task{Level: e.Level, Title: v.Lang.T("导出单 %s 待写入介质", e.Number()), Note: v.Lang.T("%s 前写入，逾期失效", ui.Stamp(e.Lapses)), Step: ui.Link{Label: v.Lang.T("写入"), Href: "/exports/" + e.ID}})
	}
	return tasks
}

// sizeOf is a size for people.
func sizeOf(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return strconv.FormatInt((n+1023)>>10, 10) + " KiB"
}
