package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
)

type seatBody struct {
	Stage      int        `json:"stage" doc:"From 1; seats of one stage are decided together"`
	Capacities []string   `json:"capacities" doc:"lead, director or committee: any of them decides"`
	Decision   string     `json:"decision,omitempty" doc:"yes or no; absent: none yet"`
	Decided    *time.Time `json:"decided,omitempty"`
	DecidedBy  string     `json:"decided_by,omitempty" doc:"Person's id"`
	InsteadOf  string     `json:"instead_of,omitempty" doc:"Person's id: the director who let them"`
	Opinion    string     `json:"opinion,omitempty"`
}

type approvalBody struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	Act       string     `json:"act" doc:"What is asked for"`
	Kind      string     `json:"kind" doc:"Of the thing: Material, Carrier, Export or Destruction"`
	Thing     string     `json:"thing" doc:"Id"`
	Matter    string     `json:"matter,omitempty" doc:"Id"`
	Level     string     `json:"level,omitempty"`
	Applicant string     `json:"applicant" doc:"Person's id"`
	Asked     time.Time  `json:"asked"`
	Since     time.Time  `json:"since" doc:"May be used from then"`
	Until     time.Time  `json:"until" doc:"Undecided or unused it lapses then"`
	State     string     `json:"state" doc:"pending, approved, refused, withdrawn, lapsed or used"`
	Stage     int        `json:"stage" doc:"Where it stands"`
	Ended     *time.Time `json:"ended,omitempty"`
	Purpose   string     `json:"purpose"`
	Scope     string     `json:"scope,omitempty"`
	Measures  string     `json:"measures,omitempty"`
	Seats     []seatBody `json:"seats"`
	Decides   bool       `json:"decides" doc:"You decide now"`
}

// ApprovalPath is one request for leave.
type ApprovalPath struct {
	Approval string `path:"approval" maxLength:"64"`
}

func (f *face) registerApprovals(api huma.API) {
	register(api, operation("list-approvals", http.MethodGet, "/approvals", "Requests for leave that wait for you, that you asked for or that you decided", "approvals"), f.listApprovals)
	register(api, operation("get-approval", http.MethodGet, "/approvals/{approval}", "One request with its route", "approvals"), f.getApproval)
	register(api, operation("withdraw-approval", http.MethodPost, "/approvals/{approval}/withdrawal", "Take your own request back", "approvals"), f.withdrawApproval)
}

func approvalThing(id string) guard.Thing { return guard.Thing{Kind: access.Approval, ID: id} }

func approvalOut(q approval.Request) approvalBody {
	out := approvalBody{ID: q.ID, Number: q.Number(), Act: string(q.Act), Kind: string(q.Kind), Thing: q.Thing, Matter: q.Matter, Applicant: q.Applicant, Asked: q.Asked, Since: q.Since, Until: q.Until,
		State: string(q.State), Stage: q.Stage, Ended: given(q.Ended), Purpose: q.Purpose, Scope: q.Scope, Measures: q.Measures, Seats: []seatBody{}, Decides: q.Decides}
	if q.Level.Valid() {
		out.Level = q.Level.String()
	}
	for _, s := range q.Seats {
		out.Seats = append(out.Seats, seatBody{s.Stage, s.Capacities, string(s.Decision), given(s.Decided), s.DecidedBy, s.InsteadOf, s.Opinion})
	}
	return out
}

func (f *face) listApprovals(ctx context.Context, who guard.Who, in *struct {
	Paging
	Whose  string `query:"whose" enum:"for-me,mine,decided" default:"for-me"`
	State  string `query:"state" enum:"pending,approved,refused,withdrawn,lapsed,used"`
	Act    string `query:"act" maxLength:"40" doc:"What is asked for"`
	Level  string `query:"level" enum:"confidential,secret,top_secret"`
	Matter string `query:"matter" maxLength:"64" doc:"Id"`
}) (*body[page[approvalBody]], error) {
	level, _ := classification.ParseLevel(in.Level) // the enum has seen to it; none is every level
	found, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (approval.Page, error) {
		return f.Approvals.List(g, approval.Filter{Whose: approval.Whose(in.Whose), State: approval.State(in.State), Act: access.Act(in.Act), Level: level, Matter: in.Matter, Offset: in.Offset, Limit: in.Limit})
	})
	var items []approvalBody
	for _, q := range found.Requests {
		items = append(items, approvalOut(q))
	}
	return &body[page[approvalBody]]{pageOf(items, in.Offset, in.Limit, found.More)}, err
}

func (f *face) getApproval(ctx context.Context, who guard.Who, in *ApprovalPath) (*body[approvalBody], error) {
	q, err := do(ctx, f.Door, who, access.ViewApproval, approvalThing(in.Approval), f.Approvals.Get)
	if err != nil {
		return nil, err
	}
	return &body[approvalBody]{approvalOut(q)}, nil
}

func (f *face) withdrawApproval(ctx context.Context, who guard.Who, in *ApprovalPath) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.WithdrawApproval, approvalThing(in.Approval), f.Approvals.Withdraw)
}
