package web

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// storeroom is the page of a matter's carriers: where the copies are, the list, and the form to register more.
type storeroom struct {
	room
	carried
	balance carrier.Balance
	may     bool // register
	batch   string
	form    url.Values
	failed  error
}

func (f *face) matterCarriers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	if format, file := asked(view); file {
		filter := carrierFilter(view)
		filter.Matter = r.PathValue("matter")
		numbers, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, matterThing(filter.Matter), func(g *guard.Grant) (map[string]string, error) {
			return f.Matters.Numbers(g.Tx(), []string{filter.Matter})
		})
		if err != nil {
			return err
		}
		return f.bringCarriers(w, r, v, format, matterThing(filter.Matter), filter, numbers[filter.Matter]+v.Lang.T("，")+narrowing(v.Lang, carrierTable(v.Lang, view, carried{})))
	}
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	view.Path = "/matters/" + m.matter.ID + "/carriers"
	filter := carrierFilter(view)
	filter.Matter = m.matter.ID
	s := storeroom{room: m, batch: view.Get("batch")}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewMatter, matterThing(m.matter.ID), func(g *guard.Grant) (err error) {
		if s.carried, err = f.readCarriers(g, filter); err != nil {
			return err
		}
		s.balance, err = f.Carriers.Balance(g)
		return err
	}); err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, matterThing(m.matter.ID), access.RegisterCarrier)
	if err != nil {
		return err
	}
	s.may = can[access.RegisterCarrier].Outcome == access.Permit
	t := carrierTable(v.Lang, view, s.carried)
	t.View.Path = view.Path
	t.Newer, t.Older = "", ""
	if page := view.Page(); page > 1 {
		t.Newer = view.With("page", strconv.Itoa(page-1))
	}
	if s.page.More {
		t.Older = view.With("page", strconv.Itoa(view.Page()+1))
	}
	t.Empty = ui.EmptyProps{Title: v.Lang.T("本案还没有载体"), Sentence: v.Lang.T("纸质原件、复印件、光盘、优盘等交到所里，先在这里登记，取得编号。")}
	return send(w, r, storeroomPage(f.shell(r, v, "载体", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: "/matters/" + m.matter.ID}), v, s, t))
}

func (f *face) newCarriers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showNewCarriers(w, r, v, nil)
}

func (f *face) showNewCarriers(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	m, err := f.enterMatter(r, v)
	if err != nil {
		return err
	}
	base := "/matters/" + m.matter.ID
	return send(w, r, newCarriersPage(f.shell(r, v, "登记载体", ui.Crumb{Name: v.Lang.T("案件"), Href: "/matters"}, ui.Crumb{Name: m.matter.Number, Href: base}, ui.Crumb{Name: v.Lang.T("载体"), Href: base + "/carriers"}),
		v, storeroom{room: m, failed: failed, form: form(r)}))
}

func (f *face) registerCarriers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, form := r.PathValue("matter"), form(r)
	level, _ := classification.ParseLevel(form.Get("level")) // none is said by Register
	pages, _ := strconv.Atoi(form.Get("pages"))              // likewise
	copies, _ := strconv.Atoi(form.Get("copies"))
	batch, err := do(r.Context(), f.Door, v.Who, access.RegisterCarrier, matterThing(in), func(g *guard.Grant) (string, error) {
		return f.Carriers.Register(g, carrier.Registration{Title: form.Get("title"), Form: carrier.Form(form.Get("form")), Origin: carrier.Origin(form.Get("origin")), Level: level,
			Pages: pages, Copies: copies, From: form.Get("from"), Place: form.Get("place"), Use: form.Get("use"), Reference: form.Get("reference")})
	})
	if err != nil && correctable(err) {
		return f.showNewCarriers(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/matters/"+in+"/carriers?batch="+batch)
}

// carrierReceipt is the receipt of a batch, for both sides to sign.
func (f *face) carrierReceipt(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, batch := r.PathValue("matter"), r.URL.Query().Get("batch")
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	var l carried
	numbers, h := map[string]string{}, carrier.Handover{Firm: firm}
	err = f.Door.Do(r.Context(), v.Who, access.ExportRegister, matterThing(in), func(g *guard.Grant) (err error) {
		if batch != "" {
			if l, err = f.readCarriers(g, carrier.Filter{Matter: in, Batch: batch}); err != nil {
				return err
			}
		}
		if len(l.page.Carriers) == 0 || !l.page.Carriers[0].Known {
			return problem.New(problem.Absent, "没有找到，或者您无权知悉")
		}
		g.Note("receipt", batch)
		numbers = l.matters
		if l.page.Carriers[0].Origin == carrier.Made {
			return nil
		}
		in, err := f.Carriers.Intake(g, batch)
		if err != nil {
			return err
		}
		names, err := f.People.Names(g.Tx(), []string{in.Receiver()})
		if err != nil {
			return err
		}
		h.Receiver, h.Signer, h.Signed, h.Absent = names[in.Receiver()], in.Signer, in.Signed, in.Absent
		h.Ink, err = f.Carriers.Ink(g, batch)
		return err
	})
	if err != nil {
		return err
	}
	one := l.page.Carriers[0]
	h.Matter, h.Receiver, h.Made = numbers[in], cmp.Or(h.Receiver, l.names[one.RegisteredBy]), l.now
	pdf, err := carrier.Receipt(h, l.page.Carriers)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="receipt-`+one.Number+`.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(pdf)
	return err
}

func carrierFormOptions(lang text.Lang) (options []ui.Option) {
	for _, f := range carrier.Forms {
		options = append(options, ui.Option{Value: string(f), Label: lang.T(f.Name())})
	}
	return options
}

func originOptions(lang text.Lang) (options []ui.Option) {
	for _, o := range carrier.Origins {
		options = append(options, ui.Option{Value: string(o), Label: lang.T(o.Name())})
	}
	return options
}

// levelsUpTo are the levels that may be registered by somebody cleared that high.
func levelsUpTo(lang text.Lang, most classification.Level) (options []ui.Option) {
	for _, o := range levelOptions(lang) {
		if level, err := classification.ParseLevel(o.Value); err == nil && level <= most {
			options = append(options, o)
		}
	}
	return options
}

// or is what was typed, or what a form begins with.
func or(form url.Values, name, otherwise string) string {
	if form.Has(name) {
		return form.Get(name)
	}
	return otherwise
}
