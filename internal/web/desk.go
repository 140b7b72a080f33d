package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/audit"
	"mijuan/internal/carrier"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/meeting"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/retention"
	"mijuan/internal/rights"
	"mijuan/internal/server"
	"mijuan/internal/teamreview"
	"mijuan/internal/training"
	"mijuan/internal/web/ui"
)

func (f *face) deskRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/{$}", server.Signed, f.desk),
		post("/search", server.Signed, f.search),
	}
}

// desk is the first page: what waits on the visitor.
type desk struct {
	waiting, recent found
	people          []person.Person // of a security administrator: accounts to settle
	duties          []training.Duty
	pledges         []pledge.Due
	leavings        []leaving.Waiting
	toRemind        int                  // who left and is to be reminded of the duty
	teams           []teamreview.Waiting // whose lead the visitor is
	requests        []rights.Request     // for other rights, that wait for the visitor
	roundDue        bool                 // half a year without a review of teams, and the visitor opens them
	toDecide        int                  // requests that wait for the visitor
	usable          []approval.Request   // the visitor's own that were approved
	late            []carrier.Slip       // taken off the premises, and should be back
	unsent          int                  // notices that did not go out, of who sets the mail server
	leaks           int                  // drafts of incidents that the visitor may read
	dangers         danger.Tasks         // to mend; to assign and to check
	baseless        int                  // the visitor's proposals with personal information on no basis
	offered         int                  // carriers that the visitor is to take
	unsigned        int                  // deliveries that the visitor is to have signed for
	loans           carrier.Chase        // to bring back, to get back, to look after
	meetings        []meeting.Meeting    // that the visitor convened, are over and not closed
	uncollected     int                  // other such meetings, of a custodian
	burnings        []retention.Waiting  // destruction lists that wait for the visitor by name
	mine, operate   []output.Order       // output that waits for the visitor: as who asked for it, as operator
	lateMedia       []media.Medium       // that the visitor should have brought back
	issued          []media.Export       // containers that the visitor may take out
	repairs         []device.Device      // whose repair the visitor watches
	toReply         int                  // measures on the visitor, who has not been heard
	resets          []person.Reset       // log-ins that were reset and wait for the visitor's word
	resetNames      map[string]string
	copies          copies        // fetched originals that the visitor has not deleted, or others of the visitor's matters
	alarm           audit.Checked // what the last verification found wrong, of who may verify
}

func (f *face) desk(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	var d desk
	var err error
	if d.waiting, err = f.findMaterials(r, v, access.UseSystem, guard.Firm, material.Filter{Waiting: true, Sort: "received-asc", Limit: 20}); err != nil {
		return err
	}
	if d.recent, err = f.findMaterials(r, v, access.UseSystem, guard.Firm, material.Filter{Limit: 8}); err != nil {
		return err
	}
	if err = f.Door.Do(r.Context(), v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		if d.duties, err = f.Training.Duties(g); err != nil {
			return err
		}
		if d.pledges, err = f.Pledges.Asked(g); err != nil {
			return err
		}
		if d.leavings, err = f.Leaving.Waiting(g); err != nil {
			return err
		}
		if d.toRemind, err = f.Duty.Waiting(g); err != nil {
			return err
		}
		if d.teams, err = f.TeamReviews.Waiting(g); err != nil {
			return err
		}
		if d.roundDue, err = f.TeamReviews.Due(g); err != nil {
			return err
		}
		if d.requests, err = f.Rights.Waiting(g); err != nil {
			return err
		}
		if d.toDecide, d.usable, err = f.Approvals.Tasks(g); err != nil {
			return err
		}
		if d.late, err = f.Carriers.SlipsLate(g); err != nil {
			return err
		}
		if d.unsent, err = f.Notices.Failing(g); err != nil {
			return err
		}
		if d.alarm, err = f.Audit.Alarm(g); err != nil {
			return err
		}
		if d.leaks, err = f.Incidents.Drafts(g); err != nil {
			return err
		}
		if d.dangers, err = f.Dangers.Tasks(g); err != nil {
			return err
		}
		if d.baseless, err = f.Shelf.Baseless(g); err != nil {
			return err
		}
		if d.repairs, err = f.Devices.ToWatch(g); err != nil {
			return err
		}
		if d.offered, err = f.Carriers.Waiting(g); err != nil {
			return err
		}
		if d.unsigned, err = f.Carriers.Unsigned(g); err != nil {
			return err
		}
		if d.loans, err = f.Carriers.Chase(g); err != nil {
			return err
		}
		if d.resets, err = f.People.Resets(g); err != nil {
			return err
		}
		var named []string
		for _, x := range d.resets {
			named = append(named, x.Person, x.By)
		}
		if d.resetNames, err = f.People.Names(g.Tx(), named); err != nil {
			return err
		}
		if d.copies, err = f.readCopies(g); err != nil {
			return err
		}
		if d.meetings, d.uncollected, err = f.Meetings.Waiting(g); err != nil {
			return err
		}
		if d.mine, d.operate, err = f.Output.Tasks(g); err != nil {
			return err
		}
		if d.burnings, err = f.Retention.Waiting(g); err != nil {
			return err
		}
		if d.lateMedia, d.issued, err = f.Media.Waiting(g); err != nil {
			return err
		}
		d.toReply, err = f.Measures.ToReply(g)
		return err
	}); err != nil {
		return err
	}
	if v.Person.Has(access.SecurityAdmin) {
		people, err := f.roster(r, v)
		if err != nil && !correctable(err) {
			return err
		}
		for _, p := range people {
			if p.Status == person.Invited || p.Status == person.Active && (!p.Trained || !p.Bound) {
				d.people = append(d.people, p)
			}
		}
	}
	return send(w, r, deskPage(f.shell(r, v, "工作台"), v, d))
}

// results are what a search found; each list came through the door by itself.
type results struct {
	matters   matter.Page
	materials found
	people    []person.Person
}

func (f *face) search(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	query := ui.ReadView(r).Search()
	var found results
	var err error
	if query != "" {
		if found.matters, err = do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (matter.Page, error) {
			return f.Matters.List(g, matter.Filter{Search: query, Limit: 20})
		}); err != nil {
			return err
		}
		if found.materials, err = f.findMaterials(r, v, access.UseSystem, guard.Firm, material.Filter{Search: query, Limit: 30}); err != nil {
			return err
		}
		page, err := do(r.Context(), f.Door, v.Who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (person.Page, error) {
			return f.People.List(g, person.Query{Text: query, Limit: 20})
		})
		if _, refused := guard.AsRefusal(err); err != nil && !refused {
			return err
		}
		found.people = page.Persons
	}
	props := f.shell(r, v, "搜索")
	props.SearchText, props.Back = query, "/"
	return send(w, r, searchPage(props, v, query, found))
}
