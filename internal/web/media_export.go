package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/media"
	"mijuan/internal/parcel"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

func exportThing(id string) guard.Thing { return guard.Thing{Kind: access.Export, ID: id} }

// outbox is the page of a matter's exports.
type outbox struct {
	room
	all     []media.Export
	media   map[string]string // labels
	may     bool
	makers  map[string]string
	present time.Time
}

func (f *face) matterExports(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	o := outbox{room: m, present: m.now}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, matterThing(m.matter.ID), func(g *guard.Grant) (err error) {
		if o.all, err = f.Media.Of(g); err != nil {
			return err
		}
		var people, sticks []string
		for _, e := range o.all {
			people, sticks = append(people, e.Owner), append(sticks, e.Medium)
		}
		if o.media, err = f.Media.Numbers(g.Tx(), sticks); err != nil {
			return err
		}
		o.makers, err = f.People.Names(g.Tx(), people)
		return err
	}); err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, matterThing(m.matter.ID), access.PrepareExport)
	if err != nil {
		return err
	}
	o.may = can[access.PrepareExport].Outcome == access.Permit
	return send(w, r, exportsPage(f.shell(r, v, "导出", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: "/matters/" + m.matter.ID}), v, o))
}

// packing is the form of a new export.
type packing struct {
	room
	rows   []material.Row
	more   bool
	media  []ui.Option
	search string
	form   url.Values
	failed error
}

func (f *face) newExport(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNewExport(w, r, v, nil)
}

func (f *face) showNewExport(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	p := packing{room: m, search: r.URL.Query().Get("q"), form: form(r), failed: failed}
	l, err := f.findMaterials(r, v, access.ListMaterials, matterThing(m.matter.ID), material.Filter{State: material.Filed, Search: p.search, Sort: "number", Limit: media.MostItems})
	if err != nil {
		return err
	}
	p.rows, p.more = l.page.Rows, l.page.More
	err = f.Door.Do(r.Context(), v.Who, access.PrepareExport, matterThing(m.matter.ID), func(g *guard.Grant) error {
		mine, err := f.Media.Mine(g)
		for _, it := range mine {
			if it.Holder == v.Who.Person && it.Loan != "" && it.Level > 0 {
				p.media = append(p.media, ui.Option{Value: it.ID, Label: fmt.Sprintf("%s　%s　%s　%s", it.Label(), it.Model, ratedFor(v.Lang, it), v.Lang.T(it.State.Name()))})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	return send(w, r, newExportPage(f.shell(r, v, "导出到移动介质", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("导出"), Href: base + "/exports"}), v, p))
}

func (f *face) prepareExport(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	id, err := do(r.Context(), f.Door, v.Who, access.PrepareExport, matterThing(r.PathValue("matter")), func(g *guard.Grant) (string, error) {
		return f.Media.Prepare(g, media.Plan{Materials: form["material"], Medium: form.Get("medium"), Format: parcel.Format(form.Get("format")), Purpose: form.Get("purpose")})
	})
	if err != nil && correctable(err) {
		return f.showNewExport(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/exports/"+id)
}

func materialChoices(lang text.Lang, rows []material.Row) (options []ui.Option) {
	for _, m := range rows {
		options = append(options, ui.Option{Value: m.ID, Label: m.Number + "　" + m.Title, Hint: lang.T(m.Level.Name()) + lang.T("，") + lang.T(m.Type.Name) + lang.T("，") + sizeOf(m.Size)})
	}
	return options
}

func parcelFormats(lang text.Lang) (options []ui.Option) {
	hints := map[parcel.Format]string{parcel.Zip: "收件人用 7-Zip、WinZip、Bandizip 等打开；压缩包里的文件名就是编号，不透露内容", parcel.Age: "收件人用 age 工具打开；连文件名也加密"}
	for _, f := range parcel.Formats {
		options = append(options, ui.Option{Value: string(f), Label: lang.T(f.Name()), Hint: lang.T(hints[f])})
	}
	return options
}

// carton is the page of one export.
type carton struct {
	it         media.Export
	on         media.Medium
	names      map[string]string
	matter     string
	now        time.Time
	mine       bool
	fits       access.Decision // exportToMedium
	can        map[access.Act]bool
	passphrase string // right after it was made, and never again
	failed     error
}

func (f *face) export(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showExport(w, r, v, "", nil)
}

func (f *face) showExport(w http.ResponseWriter, r *http.Request, v *Visitor, passphrase string, failed error) error {
	thing := exportThing(r.PathValue("export"))
	c, err := do(r.Context(), f.Door, v.Who, access.ViewExport, thing, func(g *guard.Grant) (c carton, err error) {
		c.now = g.Tx().Now
		if c.it, c.on, err = f.Media.Get(g); err != nil {
			return c, err
		}
		if c.names, err = f.People.Names(g.Tx(), []string{c.it.Owner, c.on.Holder}); err != nil {
			return c, err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), []string{c.it.Matter})
		c.matter = numbers[c.it.Matter]
		return c, err
	})
	if err != nil {
		return err
	}
	c.mine, c.passphrase, c.failed, c.can = c.it.Owner == v.Who.Person, passphrase, failed, map[access.Act]bool{}
	can, err := f.Door.Can(r.Context(), v.Who, thing, access.ScanExport, access.ExportToMedium, access.FetchExport)
	if err != nil {
		return err
	}
	for act, d := range can {
		c.can[act] = d.Outcome == access.Permit
	}
	c.fits = can[access.ExportToMedium]
	base := "/matters/" + c.it.Matter
	if passphrase != "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	return send(w, r, exportPage(f.shell(r, v, "导出单", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: c.matter, Href: base}, ui.Crumb{Name: v.Lang.T("导出"), Href: base + "/exports"}), v, c))
}

// Times of a scan: how long it may take, and how long its page waits for it.
const (
	scanMost = 2 * time.Hour
	scanWait = 20 * time.Second
)

// scanExport has an export scanned. A scan that takes longer than the page goes on without it; the page of the export tells how it ended.
func (f *face) scanExport(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, who, ended := r.PathValue("export"), v.Who, make(chan error, 1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), scanMost)
	go func() {
		defer cancel()
		_, err := f.Media.ScanExport(ctx, who, id)
		ended <- err
	}()
	select {
	case err := <-ended:
		if err != nil && correctable(err) {
			return f.showExport(w, r, v, "", err)
		}
		if err != nil {
			return err
		}
	case <-time.After(scanWait):
	}
	return see(w, r, "/exports/"+id)
}

// fetchExport sends the container. What breaks off must not look whole: the connection is broken with it.
func (f *face) fetchExport(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	s, err := f.Media.Fetch(r.Context(), v.Who, r.PathValue("export"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+s.Name()+`"`)
	w.Header().Set("Cache-Control", "no-store")
	if err := s.SendTo(r.Context(), w); err != nil {
		slog.Error("send a container", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (f *face) exportDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id := r.PathValue("export")
	passphrase := ""
	var err error
	switch r.PathValue("deed") {
	case "ask":
		err = f.Door.Ask(r.Context(), v.Who, access.ExportToMedium, exportThing(id), func(g *guard.Grant) error { _, err := f.Media.Request(g); return err })
	case "issue":
		passphrase, err = do(r.Context(), f.Door, v.Who, access.ExportToMedium, exportThing(id), f.Media.Issue)
	case "again":
		passphrase, err = do(r.Context(), f.Door, v.Who, access.FetchExport, exportThing(id), f.Media.Again)
	case "drop":
		err = f.dropExport(r, v, id)
	default:
		return nowhere(w, r, v)
	}
	if err != nil && correctable(err) || passphrase != "" {
		return f.showExport(w, r, v, passphrase, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/exports/"+id)
}

func (f *face) dropExport(r *http.Request, v *Visitor, id string) error {
	in, err := do(r.Context(), f.Door, v.Who, access.ViewExport, exportThing(id), func(g *guard.Grant) (string, error) { return g.Facts().Thing.Matter, nil })
	if err != nil {
		return err
	}
	return f.Door.Do(r.Context(), v.Who, access.PrepareExport, matterThing(in), func(g *guard.Grant) error { return f.Media.Drop(g, id) })
}

// lacks reports whether the rules want what the step gives before the export may be made.
func (c carton) lacks(step string) bool {
	return slices.ContainsFunc(c.fits.Reasons, func(r access.Reason) bool { return r.Step == step })
}

// exportSteps are the three conditions and the two steps of an export, with how each stands.
func exportSteps(v *Visitor, c carton) []ui.Fact {
	done := func(ok bool, yes, no string) ui.Fact {
		if ok {
			return ui.Fact{Value: yes, Tone: ui.Good}
		}
		return ui.Fact{Value: no, Tone: ui.Warn}
	}
	over := c.it.State != access.Draft
	scan := done(over || c.it.Scan(c.now) == media.Clean, v.Lang.T("全部无毒"), v.Lang.T(c.it.Scan(c.now).Name()))
	scan.Label = v.Lang.T("查毒")
	register := done(over || !c.mine || !c.lacks("medium"), v.Lang.T("已登记，%s", ratedFor(v.Lang, c.on)), v.Lang.T("不合格，请换一件介质重新拟定"))
	register.Label = v.Lang.T("介质登记")
	leave := ui.Fact{Label: v.Lang.T("批准"), Value: v.Lang.T("尚未申请"), Tone: ui.Warn}
	if c.it.Asked != "" {
		leave.Value, leave.Href = v.Lang.T(c.it.Leave.Name()), "/approvals/"+c.it.Asked
		if c.it.Leave == approval.Approved || c.it.Leave == approval.Used {
			leave.Tone = ui.Good
		}
	}
	return []ui.Fact{scan, register, leave}
}

func exportState(lang text.Lang, e media.Export, now time.Time) string {
	if e.State == access.Ended {
		return lang.T("已失效")
	}
	return lang.T(e.State.Name())
}

func exportTone(e media.Export) ui.Tone {
	switch e.State {
	case access.Written:
		return ui.Good
	case access.Draft, access.Issued:
		return ui.Warn
	}
	return 0
}

func findingTone(f media.Finding) ui.Tone {
	switch f {
	case media.Clean:
		return ui.Good
	case media.Infected, media.Unknown:
		return ui.Late
	}
	return 0
}
