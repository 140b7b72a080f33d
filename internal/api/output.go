package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/output"
)

// Printing, copying and scanning are released, counted and signed for in person; here is how the orders stand.

type outputCopyBody struct {
	Number    string     `json:"number"`
	State     string     `json:"state" doc:"queued, making, sending, sent, printed, failed, unknown, out, collected or void"`
	Spoiled   int        `json:"spoiled,omitempty" doc:"Sheets that were shredded"`
	Carrier   string     `json:"carrier,omitempty" doc:"Id of what it became"`
	Collector string     `json:"collector,omitempty" doc:"Person's id"`
	Collected *time.Time `json:"collected,omitempty"`
}

type outputBody struct {
	ID        string           `json:"id"`
	Year      int              `json:"year"`
	Serial    int              `json:"serial"`
	Kind      string           `json:"kind" doc:"print, copy or scan"`
	Matter    string           `json:"matter" doc:"Id"`
	Material  string           `json:"material,omitempty" doc:"Id, of what is printed"`
	Carrier   string           `json:"carrier,omitempty" doc:"Id, of what is copied or scanned"`
	Title     string           `json:"title,omitempty" doc:"Absent for who may not know it"`
	Level     string           `json:"level"`
	Pages     string           `json:"pages,omitempty" doc:"As in 1-3,7; absent: all"`
	Sheets    int              `json:"sheets" doc:"Of one copy"`
	Copies    int              `json:"copies" doc:"Wanted"`
	Device    string           `json:"device" doc:"Id"`
	Requester string           `json:"requester" doc:"Person's id"`
	Purpose   string           `json:"purpose"`
	Approval  string           `json:"approval,omitempty" doc:"Id of the request for leave; absent: none was needed"`
	State     string           `json:"state" doc:"asked, approved, ready, locked, working, done, refused, withdrawn or lapsed"`
	Asked     time.Time        `json:"asked"`
	Released  *time.Time       `json:"released,omitempty"`
	Operator  string           `json:"operator,omitempty" doc:"Person's id"`
	Ended     *time.Time       `json:"ended,omitempty"`
	Each      []outputCopyBody `json:"each" doc:"The numbered copies"`
}

func (f *face) registerOutput(api huma.API) {
	register(api, operation("list-output", http.MethodGet, "/output", "The register of printing, copying and scanning, as far as you may know it", "output"), f.listOutput)
	register(api, operation("get-output", http.MethodGet, "/output/{output}", "One order with its copies", "output"), f.getOutput)
}

func outputOut(o output.Order) outputBody {
	out := outputBody{ID: o.ID, Year: o.Year, Serial: o.Serial, Kind: string(o.Kind), Matter: o.Matter, Material: o.Material, Carrier: o.Carrier, Title: o.Title, Level: o.Level.String(), Pages: o.Pages, Sheets: o.Sheets,
		Copies: o.Copies, Device: o.Device, Requester: o.Requester, Purpose: string(o.Purpose), Approval: o.Approval, State: string(o.State), Asked: o.Asked, Released: given(o.Released), Operator: o.Operator,
		Ended: given(o.Ended), Each: []outputCopyBody{}}
	for _, c := range o.Each {
		out.Each = append(out.Each, outputCopyBody{c.Number, string(c.State), c.Spoiled, c.Carrier, c.Collector, given(c.Collected)})
	}
	return out
}

func (f *face) listOutput(ctx context.Context, who guard.Who, in *struct {
	Paging
	Kind   string `query:"kind" enum:"print,copy,scan"`
	State  string `query:"state" enum:"asked,approved,ready,locked,working,done,refused,withdrawn,lapsed"`
	Matter string `query:"matter" maxLength:"64" doc:"Id"`
	Device string `query:"device" maxLength:"64" doc:"Id"`
	Number string `query:"number" maxLength:"30" doc:"Of a copy: its beginning"`
	Mine   bool   `query:"mine" doc:"Asked for by you"`
}) (*body[page[outputBody]], error) {
	more := false
	all, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (all []output.Order, err error) {
		all, more, err = f.Output.List(g, output.Filter{Kind: output.Kind(in.Kind), State: output.State(in.State), Matter: in.Matter, Device: in.Device, Number: in.Number, Mine: in.Mine, Offset: in.Offset, Limit: in.Limit})
		return all, err
	})
	var items []outputBody
	for _, o := range all {
		items = append(items, outputOut(o))
	}
	return &body[page[outputBody]]{pageOf(items, in.Offset, in.Limit, more)}, err
}

func (f *face) getOutput(ctx context.Context, who guard.Who, in *struct {
	Output string `path:"output" maxLength:"64"`
}) (*body[outputBody], error) {
	o, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (output.Order, error) { return f.Output.Get(g, in.Output) })
	if err != nil {
		return nil, err
	}
	return &body[outputBody]{outputOut(o)}, nil
}
