// Package web is the pages: server-rendered, Chinese first, quiet. A page calls the same acts as the API and shows no more
// than they give. Every page is rendered to a buffer before its first byte is sent, so that an error is always a whole page.
package web

import (
	"context"
	"io/fs"
	"net/http"
	"time"

	"mijuan/internal/accountability"
	"mijuan/internal/approval"
	"mijuan/internal/audit"
	"mijuan/internal/carrier"
	"mijuan/internal/continuing"
	"mijuan/internal/criteria"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/incident"
	"mijuan/internal/knower"
	"mijuan/internal/leaving"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/meeting"
	"mijuan/internal/notice"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/rights"
	"mijuan/internal/server"
	"mijuan/internal/signon"
	"mijuan/internal/stocktaking"
	"mijuan/internal/teamreview"
	"mijuan/internal/text"
	"mijuan/internal/training"
	"mijuan/internal/tus"
	"mijuan/internal/viewing"
	"mijuan/internal/web/assets"
)

// Parts are the rooms that the pages open.
type Parts struct {
	Door        *guard.Door
	People      *person.Roster
	Matters     *matter.Book
	Shelf       *material.Shelf
	Approvals   *approval.Room
	Carriers    *carrier.Cabinet
	Knowers     *knower.Room
	Incidents   *incident.Room
	Dangers     *danger.Room
	Devices     *device.Register
	Media       *media.Room
	TeamReviews *teamreview.Room
	Rights      *rights.Room
	Stock       *stocktaking.Room
	Meetings    *meeting.Room
	Notices     *notice.Room
	Output      *output.Room
	Viewing     *viewing.Room
	Training    *training.School
	Pledges     *pledge.Room
	Criteria    *criteria.Room
	Leaving     *leaving.Room
	Measures    *accountability.Room
	Duty        *continuing.Room
	Directory   *directory.Room
	Retention   *retention.Room
	Provider    *signon.OIDC // nil: nobody logs in by an OpenID provider
	Hand        *hand.Desk
	Audit       *audit.Reader
	Labels      audit.Labels
	Ledger      *ledger.Ledger
	Firm        func(context.Context) (string, error) // its name, for what is printed
	RuleFiles   fs.FS                                 // where the rules in force were read from; nil: the product's own
	Version     string
	ClientIP    func(*http.Request) string
	Demo        bool // the demonstration firm: pages say so
}

// Visitor is who looks at a page, as Admit established it.
type Visitor struct {
	Who    guard.Who
	Person person.Person // zero before log-in
	Lang   text.Lang
	Theme  string // "auto", "light", "dark"

	secret string // of the session, for the pages that end it or complete it
}

// face holds the parts; its methods are the pages.
type face struct {
	Parts
	proofs proofs
}

// Limits of a form and of the time a page may take.
const (
	formLimit   = 1 << 20
	pageTimeout = 30 * time.Second
)

// New builds the handler of all pages.
func New(p Parts) http.Handler {
	f := &face{Parts: p}
	mux := http.NewServeMux()
	mux.Handle("/assets/", assets.Handler())
	mux.Handle("/", server.Mount(f, f.routes()))
	return mux
}

func get(pattern string, auth server.Auth, h func(http.ResponseWriter, *http.Request, *Visitor) error) server.Route[*Visitor] {
	return server.Route[*Visitor]{Method: http.MethodGet, Pattern: pattern, Auth: auth, Timeout: pageTimeout, Handle: h}
}

func post(pattern string, auth server.Auth, h func(http.ResponseWriter, *http.Request, *Visitor) error) server.Route[*Visitor] {
	return server.Route[*Visitor]{Method: http.MethodPost, Pattern: pattern, Auth: auth, Body: formLimit, Timeout: pageTimeout, Handle: h}
}

// routes is the table of the pages, room by room.
func (f *face) routes() []server.Route[*Visitor] {
	var all []server.Route[*Visitor]
	for _, room := range [][]server.Route[*Visitor]{f.doorRoutes(), f.deskRoutes(), f.matterRoutes(), f.matterDataRoutes(), f.intakeRoutes(), f.materialRoutes(), f.carrierRoutes(), f.loanRoutes(), f.knowerRoutes(), f.sendingRoutes(), f.balanceRoutes(), f.deliveryRoutes(), f.scanRoutes(), f.incidentRoutes(), f.dangerRoutes(), f.approvalRoutes(), f.deviceRoutes(), f.mediaRoutes(), f.teamReviewRoutes(), f.delegationRoutes(), f.rightsRoutes(), f.stockRoutes(), f.meetingRoutes(), f.outputRoutes(), f.destructionRoutes(),
		f.ledgerRoutes(), f.peopleRoutes(), f.signonRoutes(), f.directoryRoutes(), f.trainingRoutes(), f.schoolRoutes(), f.pledgeRoutes(), f.criteriaRoutes(), f.leavingRoutes(), f.measureRoutes(), f.dutyRoutes(), f.rulesRoutes(), f.noticeRoutes(), f.selfRoutes(),
		tus.Routes("/matters", f.Door, f.Shelf, func(v *Visitor) guard.Who { return v.Who })} {
		all = append(all, room...)
	}
	return append(all, server.Route[*Visitor]{Method: http.MethodGet, Pattern: "/", Auth: server.Signed, Timeout: pageTimeout, Handle: nowhere})
}

// nowhere answers every address that is none.
func nowhere(http.ResponseWriter, *http.Request, *Visitor) error {
	return problem.New(problem.Absent, "没有找到，或者您无权知悉")
}
