package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) carrierRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/carriers", server.Signed, f.carriers),
		post("/carriers/take", server.Signed, f.takeCarriers),
		post("/carriers/erase", server.Signed, f.eraseCopies),
		get("/carriers/{carrier}", server.Signed, f.carrier),
		post("/carriers/{carrier}/{deed}", server.Signed, f.carrierDeed),
		get("/matters/{matter}/carriers", server.Signed, f.matterCarriers),
		get("/matters/{matter}/carriers/new", server.Signed, f.newCarriers),
		post("/matters/{matter}/carriers/new", server.Signed, f.registerCarriers),
		get("/matters/{matter}/carriers/receipt", server.Signed, f.carrierReceipt),
		get("/matters/{matter}/carriers/labels", server.Signed, f.matterLabels),
		get("/carriers/{carrier}/label", server.Signed, f.carrierLabel),
		get("/take-outs", server.Signed, f.takeOuts),
		get("/carriers/{carrier}/slips/{slip}", server.Signed, f.slipForm),
	}
}

func carrierThing(id string) guard.Thing { return guard.Thing{Kind: access.Carrier, ID: id} }

// carried is a list of carriers with what its rows need.
type carried struct {
	page    carrier.Page
	names   map[string]string
	matters map[string]string // numbers
	now     time.Time
}

func (f *face) readCarriers(g *guard.Grant, filter carrier.Filter) (l carried, err error) {
	l.now = g.Tx().Now
	if l.page, err = f.Carriers.List(g, filter); err != nil {
		return l, err
	}
	var people, matters []string
	for _, it := range l.page.Carriers {
		people, matters = append(people, it.Holder, it.OfferedTo, it.Lender, it.RegisteredBy), append(matters, it.Matter)
	}
	if l.names, err = f.People.Names(g.Tx(), people); err != nil {
		return l, err
	}
	l.matters, err = f.Matters.Numbers(g.Tx(), matters)
	return l, err
}

func carrierFilter(view ui.View) carrier.Filter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	return carrier.Filter{State: access.State(view.Get("state")), Form: carrier.Form(view.Get("form")), Level: level, Number: strings.TrimSpace(view.Search()),
		Overdue: view.Get("loan") == "overdue", Mine: view.Get("whose") == "mine", Offset: (view.Page() - 1) * perPage, Limit: perPage}
}

// carriers is the register 涉密载体登记簿.
func (f *face) carriers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	view := ui.ReadView(r)
	if format, file := asked(view); file {
		return f.bringCarriers(w, r, v, format, guard.Firm, carrierFilter(view), narrowing(v.Lang, carrierTable(v.Lang, view, carried{})))
	}
	var wrong error
	if number := view.Search(); callnumber.Resembles(number) {
		address, err := f.found(r, v, number)
		switch {
		case address != "":
			return see(w, r, address)
		case correctable(err):
			wrong = err
		case err != nil:
			return err
		}
	}
	l, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (carried, error) { return f.readCarriers(g, carrierFilter(view)) })
	if err != nil {
		return err
	}
	t := carrierTable(v.Lang, view, l)
	if v.Person.Has(access.Auditor) { // who sees no titles takes no register along
		t.Exports = nil
	}
	if empty, shut := unready(v); shut {
		t.Empty = empty
	}
	return send(w, r, carriersPage(f.shell(r, v, "载体"), v, t, l, fieldError(v.Lang, wrong, "number")))
}

// takeCarriers confirms everything that is offered to the visitor.
func (f *face) takeCarriers(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	if form(r).Get("checked") != "yes" {
		return problem.New(problem.Invalid, "请先逐份核对实物，再勾选“已核对”")
	}
	if err := f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) error { _, err := f.Carriers.TakeAll(g, form(r)["carrier"]); return err }); err != nil {
		return err
	}
	return see(w, r, "/carriers?whose=mine")
}

// found leads from a whole number, scanned or typed, to its carrier's page; "" is none that the visitor may know.
func (f *face) found(r *http.Request, v *Visitor, number string) (address string, err error) {
	id, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (string, error) { return carrier.ByNumber(g.Tx(), number) })
	if problem.Is(err, problem.Absent) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	can, err := f.Door.Can(r.Context(), v.Who, carrierThing(id), access.ViewCarrier)
	if err != nil || can[access.ViewCarrier].Outcome != access.Permit {
		return "", err
	}
	return "/carriers/" + id, nil
}

// holding is the page of one carrier.
type holding struct {
	it       carrier.Carrier
	moves    []carrier.Move
	slips    []carrier.Slip
	outsides []carrier.Outside
	sendings []carrier.Sending
	names    map[string]string
	approver string // who let it be made
	matter   string
	team     bool // the visitor is of the matter's team
	lead     bool // and leads it
	scanned  bool // the visitor came by its label
	now      time.Time
	can      map[access.Act]access.Decision
	people   []ui.Option // who may take it
	deed     string      // the form that came back
	failed   error
	form     url.Values
}

func (h holding) may(act access.Act) bool { return h.can[act].Outcome == access.Permit }

// returnable reports whether the visitor may give it back to the client: what is borrowed goes back to its lender first, unless the lead says otherwise.
func (h holding) returnable() bool {
	return h.may(access.ReturnCarrier) && (h.it.Lender == "" || h.lead)
}

// asks reports whether the visitor may ask leave for the act.
func (h holding) asks(act access.Act) bool { return h.can[act].Outcome == access.NeedsApproval }

// wrong is the sentence beside a field of the form that came back.
func (h holding) wrong(v *Visitor, deed, field string) string {
	if h.deed != deed {
		return ""
	}
	return fieldError(v.Lang, h.failed, field)
}

func (f *face) carrier(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showCarrier(w, r, v, "", nil)
}

func (f *face) showCarrier(w http.ResponseWriter, r *http.Request, v *Visitor, deed string, failed error) error {
	thing := carrierThing(r.PathValue("carrier"))
	h, err := do(r.Context(), f.Door, v.Who, access.ViewCarrier, thing, func(g *guard.Grant) (h holding, err error) {
		h.now, h.team, h.lead = g.Tx().Now, g.Facts().Where.Member, g.Facts().Where.Lead
		if h.it, h.moves, err = f.Carriers.Get(g); err != nil {
			return h, err
		}
		if h.slips, err = f.Carriers.SlipsOf(g); err != nil {
			return h, err
		}
		if h.outsides, err = f.Carriers.OutsidesOf(g); err != nil {
			return h, err
		}
		if h.sendings, err = f.Carriers.SendingsOf(g); err != nil {
			return h, err
		}
		people := []string{h.it.Holder, h.it.OfferedTo, h.it.Lender, h.it.RegisteredBy}
		for _, s := range h.slips {
			people = append(people, s.People()...)
		}
		for _, o := range h.outsides {
			people = append(people, o.Borrower)
		}
		for _, m := range h.moves {
			people = append(people, m.By, m.From, m.To)
		}
		if h.names, err = f.People.Names(g.Tx(), people); err != nil {
			return h, err
		}
		approvers, err := f.approvers(g, []string{h.it.Approval})
		if err != nil {
			return h, err
		}
		h.approver = approvers[h.it.Approval]
		numbers, err := f.Matters.Numbers(g.Tx(), []string{h.it.Matter})
		h.matter = numbers[h.it.Matter]
		return h, err
	})
	if err != nil {
		return err
	}
	if h.can, err = f.Door.Can(r.Context(), v.Who, thing, access.HandCarrier, access.TakeCarrier, access.ReturnCarrier, access.WriteOffCarrier, access.RecallCarrier, access.TakeBackCarrier, access.LendOutside, access.SendCarrier, access.EraseCopy, access.TakeOut, access.CheckBack, access.CopyCarrier, access.ScanCarrier); err != nil {
		return err
	}
	if (h.may(access.HandCarrier) || h.asks(access.TakeOut) || h.lendable()) && h.it.State == access.Held {
		people, err := f.roster(r, v)
		if err != nil {
			return err
		}
		h.people = personOptions(v.Lang, people, func(p person.Person) bool { return business(p) && p.ID != h.it.Holder && p.Status == person.Active })
	}
	h.deed, h.failed, h.form, h.scanned = deed, failed, form(r), r.URL.Query().Get("by") == "scan"
	return send(w, r, carrierPage(f.shell(r, v, "载体", ui.Crumb{Name: v.Lang.T("载体"), Href: "/carriers"}), v, h))
}

func (f *face) carrierDeed(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id, deed, form := r.PathValue("carrier"), r.PathValue("deed"), form(r)
	due, derr := dueOf(form)
	acts := map[string]access.Act{"offer": access.HandCarrier, "withdraw": access.HandCarrier, "move": access.HandCarrier, "take": access.TakeCarrier, "decline": access.TakeCarrier,
		"return": access.ReturnCarrier, "write-off": access.WriteOffCarrier, "recall": access.RecallCarrier, "take-back": access.TakeBackCarrier,
		"ask-outside": access.LendOutside, "lend-outside": access.LendOutside, "ask-send": access.SendCarrier, "send": access.SendCarrier, "erase": access.EraseCopy,
		"ask-out": access.TakeOut, "go-out": access.TakeOut, "check-back": access.CheckBack}
	deeds := map[string]func(*guard.Grant) error{
		"offer": func(g *guard.Grant) error {
			if derr != nil {
				return derr
			}
			return f.Carriers.Offer(g, carrier.Handing{To: form.Get("to"), Due: due, Note: form.Get("note")})
		},
		"withdraw": f.Carriers.Withdraw,
		"move":     func(g *guard.Grant) error { return f.Carriers.Move(g, form.Get("place")) },
		"take": func(g *guard.Grant) error {
			return f.Carriers.Take(g, ui.ReasonOf(form, "condition", conditions(v.Lang)))
		},
		"decline":   func(g *guard.Grant) error { return f.Carriers.Decline(g, form.Get("note")) },
		"return":    func(g *guard.Grant) error { return f.Carriers.Return(g, form.Get("note")) },
		"write-off": func(g *guard.Grant) error { return f.Carriers.WriteOff(g, form.Get("note")) },
		"recall": func(g *guard.Grant) error {
			return f.Carriers.Recall(g, ui.ReasonOf(form, "note", recallReasons(v.Lang)))
		},
		"take-back": func(g *guard.Grant) error {
			return f.Carriers.TakeBack(g, ui.ReasonOf(form, "condition", conditions(v.Lang)))
		},
		"ask-outside": func(g *guard.Grant) error {
			if derr != nil {
				return derr
			}
			_, err := f.Carriers.AskOutside(g, carrier.Handing{To: form.Get("to"), Due: due, Note: ui.ReasonOf(form, "note", purposes(v.Lang))})
			return err
		},
		"lend-outside": func(g *guard.Grant) error {
			if derr != nil {
				return derr
			}
			return f.Carriers.LendOutside(g, carrier.Handing{To: form.Get("to"), Due: due, Note: ui.ReasonOf(form, "note", purposes(v.Lang))})
		},
		"ask-send": func(g *guard.Grant) error {
			_, err := f.Carriers.AskSend(g, sendingOf(form))
			return err
		},
		"send": func(g *guard.Grant) error { return f.Carriers.Send(g, sendingOf(form)) },
		"erase": func(g *guard.Grant) error {
			if form.Get("deleted") != "yes" {
				return problem.New(problem.Invalid, "请先删除文件，再勾选“已删除”").In("deleted")
			}
			return f.Carriers.Erase(g)
		},
		"ask-out": func(g *guard.Grant) error {
			if derr != nil {
				return derr
			}
			_, err := f.Carriers.AskOut(g, slipOf(form, due))
			return err
		},
		"go-out": func(g *guard.Grant) error { return f.Carriers.GoOut(g, form.Get("promised") == "yes") },
		"check-back": func(g *guard.Grant) error {
			pages, err := strconv.Atoi(strings.TrimSpace(form.Get("pages")))
			if err != nil {
				return problem.New(problem.Invalid, "请填写清点的数量").In("pages")
			}
			return f.Carriers.ComeBack(g, carrier.Tally{Pages: pages, Missing: form.Get("missing"), Found: form.Get("found")})
		},
	}
	if deeds[deed] == nil {
		return nowhere(w, r, v)
	}
	through := f.Door.Do
	if strings.HasPrefix(deed, "ask-") {
		through = f.Door.Ask
	}
	err := through(r.Context(), v.Who, acts[deed], carrierThing(id), deeds[deed])
	if err != nil && correctable(err) {
		return f.showCarrier(w, r, v, deed, err)
	}
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, carrierThing(id), access.ViewCarrier)
	if err == nil && can[access.ViewCarrier].Outcome != access.Permit { // who has handed it on may know no more of it
		return see(w, r, "/carriers")
	}
	if err != nil {
		return err
	}
	return see(w, r, "/carriers/"+id)
}

// dueOf is the end of a loan: the end of the day in Beijing. None is for good.
func dueOf(form url.Values) (time.Time, error) {
	typed := form.Get("due")
	if typed == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, matter.Beijing)
	if err != nil {
		return time.Time{}, problem.New(problem.Invalid, "请填写归还日期").In("due")
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), nil
}
