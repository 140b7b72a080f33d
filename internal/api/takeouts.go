package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// Taking a carrier out and counting it when it comes back are done in person, on the pages; here is how the slips stand.

type slipBody struct {
	ID        string     `json:"id"`
	Year      int        `json:"year"`
	Serial    int        `json:"serial"`
	Carrier   string     `json:"carrier" doc:"Id"`
	Number    string     `json:"number" doc:"The carrier's"`
	Matter    string     `json:"matter" doc:"Id"`
	Level     string     `json:"level"`
	Pages     int        `json:"pages" doc:"Of the carrier; pieces of what is no paper"`
	Applicant string     `json:"applicant" doc:"Person's id"`
	Companion string     `json:"companion,omitempty" doc:"Person's id"`
	Approval  string     `json:"approval" doc:"Id of the request for leave"`
	Place     string     `json:"place,omitempty" doc:"Absent for who may not know it"`
	Purpose   string     `json:"purpose,omitempty" doc:"Absent for who may not know it"`
	Measures  []string   `json:"measures"`
	Asked     time.Time  `json:"asked"`
	Due       time.Time  `json:"due"`
	State     string     `json:"state" doc:"open, approved, refused, withdrawn, lapsed, out, back or lost"`
	Overdue   bool       `json:"overdue,omitempty"`
	Left      *time.Time `json:"left,omitempty"`
	Back      *time.Time `json:"back,omitempty"`
	CheckedBy string     `json:"checked_by,omitempty" doc:"Person's id"`
	PagesBack *int       `json:"pages_back,omitempty" doc:"As they were counted"`
	Missing   string     `json:"missing,omitempty" doc:"Pages that did not come back, as in 3-5, 9"`
	Found     string     `json:"found,omitempty" doc:"Remarks of the check"`
}

func (f *face) registerTakeOuts(api huma.API) {
	register(api, operation("list-take-outs", http.MethodGet, "/take-outs", "The register of take-outs, as far as you may know the carriers or decided", "take-outs"), f.listTakeOuts)
	register(api, operation("get-take-out", http.MethodGet, "/carriers/{carrier}/take-outs/{take_out}", "One slip", "take-outs"), f.getTakeOut)
}

func slipOut(s carrier.Slip, now time.Time) slipBody {
	out := slipBody{ID: s.ID, Year: s.Year, Serial: s.Serial, Carrier: s.Carrier, Number: s.Number, Matter: s.Matter, Level: s.Level.String(), Pages: s.Pages, Applicant: s.Applicant, Companion: s.Companion,
		Approval: s.Approval, Place: s.Place, Purpose: s.Purpose, Measures: []string{}, Asked: s.Asked, Due: s.Due, State: string(s.State), Overdue: s.Overdue(now), Left: given(s.Left), Back: given(s.Back),
		CheckedBy: s.CheckedBy, Missing: s.Missing, Found: s.Found}
	for _, m := range s.Measures {
		out.Measures = append(out.Measures, string(m))
	}
	if !s.Back.IsZero() {
		out.PagesBack = &s.PagesBack
	}
	return out
}

func (f *face) listTakeOuts(ctx context.Context, who guard.Who, in *struct {
	Paging
	State  string `query:"state" enum:"open,approved,refused,withdrawn,lapsed,out,back,lost"`
	Number string `query:"number" maxLength:"30" doc:"Part of the carrier's or the slip's"`
	Late   bool   `query:"late" doc:"Only what should be back and is not"`
}) (*body[page[slipBody]], error) {
	var items []slipBody
	more := false
	err := f.Door.Do(ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		found, err := f.Carriers.Slips(g, carrier.SlipFilter{State: carrier.SlipState(in.State), Number: in.Number, Late: in.Late, Offset: in.Offset, Limit: in.Limit})
		more = found.Next != ""
		for _, s := range found.Slips {
			items = append(items, slipOut(s, g.Tx().Now))
		}
		return err
	})
	return &body[page[slipBody]]{pageOf(items, in.Offset, in.Limit, more)}, err
}

func (f *face) getTakeOut(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	TakeOut string `path:"take_out" maxLength:"64"`
}) (*body[slipBody], error) {
	out, err := do(ctx, f.Door, who, access.ViewCarrier, carrierThing(in.Carrier), func(g *guard.Grant) (out slipBody, err error) {
		all, err := f.Carriers.SlipsOf(g)
		if err != nil {
			return out, err
		}
		i := slices.IndexFunc(all, func(s carrier.Slip) bool { return s.ID == in.TakeOut })
		if i < 0 {
			return out, problem.New(problem.Absent, "没有找到，或者您无权知悉")
		}
		return slipOut(all[i], g.Tx().Now), nil
	})
	if err != nil {
		return nil, err
	}
	return &body[slipBody]{out}, nil
}
