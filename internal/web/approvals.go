package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/server"
	"mijuan/internal/web/ui"
)

func (f *face) approvalRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/approvals", server.Signed, f.approvals),
		post("/approvals", server.Signed, f.decideApprovals),
		get("/approvals/{approval}", server.Signed, f.approval),
		post("/approvals/{approval}/decide", server.Signed, f.decideApproval),
		post("/approvals/{approval}/withdraw", server.Signed, f.withdrawApproval),
		get("/ask", server.Signed, f.askForm),
		post("/ask", server.Signed, f.askLeave),
	}
}

func approvalThing(id string) guard.Thing { return guard.Thing{Kind: access.Approval, ID: id} }

// inbox is a list of requests with what its rows need.
type inbox struct {
	page   approval.Page
	names  map[string]string // people by id
	things map[string]string // numbers of what is asked for, and of matters, by id
	now    time.Time
	form   url.Values
	failed error
}

// readApprovals adds to requests the names and numbers that they are shown with.
func (f *face) readApprovals(g *guard.Grant, all []approval.Request) (x inbox, err error) {
	x.now, x.page.Requests, x.things = g.Tx().Now, all, map[string]string{}
	var people []string
	ids := map[access.Kind][]string{}
	for _, q := range all {
		people = append(people, q.People()...)
		ids[q.Kind] = append(ids[q.Kind], q.Thing)
		ids[access.Matter] = append(ids[access.Matter], q.Matter)
	}
	if x.names, err = f.People.Names(g.Tx(), people); err != nil {
		return x, err
	}
	for _, kind := range access.Kinds {
		found, err := f.Labels(g.Tx(), kind, ids[kind])
		if err != nil {
			return x, err
		}
		for id, number := range found {
			x.things[id] = number
		}
	}
	return x, nil
}

func approvalFilter(v *Visitor, view ui.View) approval.Filter {
	level, _ := classification.ParseLevel(view.Get("level")) // none: every level
	f := approval.Filter{Whose: approval.Whose(view.Get("whose")), State: approval.State(view.Get("state")), Act: access.Act(view.Get("act")), Level: level, Number: strings.TrimSpace(view.Search()), Offset: (view.Page() - 1) * perPage, Limit: perPage}
	if f.Whose == "" && v.Person.Has(access.Auditor) {
		f.Whose = approval.All
	}
	return f
}

// approvals is the inbox 审批中心 and, with other ranges, the register of requests.
func (f *face) approvals(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showApprovals(w, r, v, nil)
}

func (f *face) showApprovals(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	view := ui.ReadView(r)
	view.Path = "/approvals"
	filter := approvalFilter(v, view)
	read := func(g *guard.Grant) (x inbox, err error) {
		page, err := f.Approvals.List(g, filter)
		if err != nil {
			return x, err
		}
		x, err = f.readApprovals(g, page.Requests)
		x.page = page
		return x, err
	}
	if format, file := asked(view); file {
		return f.bringApprovals(w, r, v, format, view, read)
	}
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, read)
	if err != nil {
		return err
	}
	x.form, x.failed = form(r), failed
	return send(w, r, approvalsPage(f.shell(r, v, "审批中心"), v, approvalTable(v, view, filter, x), x))
}

// decideApprovals decides several requests with one stroke, each by itself.
func (f *face) decideApprovals(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	if len(form["approval"]) == 0 {
		return f.showApprovals(w, r, v, problem.New(problem.Invalid, "请先勾选要审批的申请").In("approval"))
	}
	for _, id := range form["approval"] {
		thing := approvalThing(id)
		thing.Bulk = true
		err := f.Door.Do(r.Context(), v.Who, access.DecideApproval, thing, func(g *guard.Grant) error {
			return f.Approvals.Decide(g, approval.Decision(form.Get("decision")), form.Get("opinion"))
		})
		if err != nil && correctable(err) {
			return f.showApprovals(w, r, v, err)
		}
		if err != nil {
			return err
		}
	}
	return see(w, r, "/approvals")
}

// petition is the page of one request.
type petition struct {
	q      approval.Request
	names  map[string]string
	things map[string]string
	seated map[string][]string // by capacity, the names of those whom its seats wait for
	now    time.Time
	can    map[access.Act]access.Decision
	form   url.Values
	failed error
}

func (p petition) may(act access.Act) bool { return p.can[act].Outcome == access.Permit }

func (f *face) approval(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showApproval(w, r, v, nil)
}

func (f *face) showApproval(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	thing := approvalThing(r.PathValue("approval"))
	p, err := do(r.Context(), f.Door, v.Who, access.ViewApproval, thing, func(g *guard.Grant) (p petition, err error) {
		if p.q, err = f.Approvals.Get(g); err != nil {
			return p, err
		}
		x, err := f.readApprovals(g, []approval.Request{p.q})
		if err != nil {
			return p, err
		}
		p.names, p.things, p.now = x.names, x.things, x.now
		p.seated, err = f.seated(g, p.q)
		return p, err
	})
	if err != nil {
		return err
	}
	if p.can, err = f.Door.Can(r.Context(), v.Who, thing, access.DecideApproval, access.WithdrawApproval); err != nil {
		return err
	}
	p.form, p.failed = form(r), failed
	return send(w, r, approvalPage(f.shell(r, v, "审批中心", ui.Crumb{Name: v.Lang.T("审批中心"), Href: "/approvals"}), v, p))
}

func (f *face) decideApproval(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form := form(r)
	err := f.Door.Do(r.Context(), v.Who, access.DecideApproval, approvalThing(r.PathValue("approval")), func(g *guard.Grant) error {
		return f.Approvals.Decide(g, approval.Decision(form.Get("decision")), form.Get("opinion"))
	})
	if err != nil && correctable(err) {
		return f.showApproval(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/approvals")
}

func (f *face) withdrawApproval(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	id := r.PathValue("approval")
	if err := f.Door.Do(r.Context(), v.Who, access.WithdrawApproval, approvalThing(id), f.Approvals.Withdraw); err != nil {
		return err
	}
	return see(w, r, "/approvals/"+id)
}

// askable are the acts that need nothing said but why: their leave is asked for on the page /ask. Acts that have forms of their own lead there.
var askable = map[access.Act]access.Kind{access.FetchOriginal: access.Material}

// askAt is where leave for an act is asked for; "" is nowhere.
func askAt(act access.Act, thing guard.Thing) string {
	switch {
	case askable[act] == thing.Kind:
		return "/ask?" + url.Values{"act": {string(act)}, "thing": {thing.ID}}.Encode()
	case act == access.TakeOut:
		return "/carriers/" + thing.ID
	case act == access.SendCarrier:
		return "/carriers/" + thing.ID + "#send"
	case act == access.LendOutside:
		return "/carriers/" + thing.ID + "#outside"
	}
	return ""
}

// useAt is where an approved act is done.
func useAt(q approval.Request) string {
	switch q.Kind {
	case access.Material:
		return "/materials/" + q.Thing
	case access.Carrier:
		return "/carriers/" + q.Thing
	case access.Matter:
		return "/matters/" + q.Thing
	}
	return ""
}

// seated are the names of those who may sit in a request's open seats, by capacity; nobody decides their own. A director's delegates are not
// among them: whom a director lets decide is told with the decision.
func (f *face) seated(g *guard.Grant, q approval.Request) (map[string][]string, error) {
	seated := map[string][]string{}
	if q.State != approval.Pending {
		return seated, nil
	}
	holders := map[string]func() ([]string, error){
		"lead":      func() ([]string, error) { return matter.Leads(g.Tx(), q.Matter) },
		"director":  func() ([]string, error) { return f.People.Working(g.Tx(), []access.Post{access.Director}) },
		"committee": func() ([]string, error) { return f.People.Working(g.Tx(), []access.Post{access.Committee}) },
	}
	for _, s := range q.Seats {
		for _, capacity := range s.Capacities {
			if s.Decision != "" || holders[capacity] == nil || seated[capacity] != nil {
				continue
			}
			ids, err := holders[capacity]()
			if err != nil {
				return nil, err
			}
			ids = slices.DeleteFunc(ids, func(id string) bool { return id == q.Applicant })
			names, err := f.People.Names(g.Tx(), ids)
			if err != nil {
				return nil, err
			}
			for _, id := range ids {
				seated[capacity] = append(seated[capacity], names[id])
			}
		}
	}
	return seated, nil
}
