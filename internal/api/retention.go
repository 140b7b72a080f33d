package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/retention"
)

// Appraising and destroying are done in person, before witnesses; here is what is due, and legal holds.

type dueBody struct {
	Matter    string    `json:"matter" doc:"Id"`
	Number    string    `json:"number"`
	Closed    time.Time `json:"closed"`
	Class     string    `json:"class" doc:"How long the matter is kept"`
	Since     time.Time `json:"since" doc:"The earliest day on which something ran out"`
	Materials int       `json:"materials" doc:"That ran out, are not frozen and on no list"`
	Carriers  int       `json:"carriers"`
	Held      bool      `json:"held,omitempty" doc:"The matter is frozen"`
}

type holdBody struct {
	ID     string    `json:"id"`
	Matter string    `json:"matter" doc:"Id"`
	Number string    `json:"number,omitempty" doc:"Of what it is on"`
	Reason string    `json:"reason"`
	SetBy  string    `json:"set_by" doc:"Person's id"`
	Since  time.Time `json:"since"`
}

type keptBody struct {
	Kind   string     `json:"kind" doc:"Material or Carrier"`
	ID     string     `json:"id"`
	Number string     `json:"number"`
	Level  string     `json:"level"`
	Class  string     `json:"class"`
	Until  *time.Time `json:"until,omitempty" doc:"Absent: the matter is open, or it is kept for good"`
	Hold   *holdBody  `json:"hold,omitempty" doc:"Its own"`
	Listed bool       `json:"listed,omitempty" doc:"On an open destruction list"`
}

type keepingBody struct {
	Closed *time.Time `json:"closed,omitempty" doc:"Absent: open"`
	Class  string     `json:"class"`
	Until  *time.Time `json:"until,omitempty"`
	Hold   *holdBody  `json:"hold,omitempty" doc:"On the whole matter"`
	Items  []keptBody `json:"items" doc:"That are still there and that you may know"`
}

type reasonBody struct {
	Reason string `json:"reason" maxLength:"200"`
}

func (f *face) registerRetention(api huma.API) {
	register(api, operation("list-due", http.MethodGet, "/retention/due", "Closed matters of yours of which something has run out, the longest overdue first", "retention"), f.listDue)
	register(api, operation("list-holds", http.MethodGet, "/retention/holds", "Standing holds on matters where you may set or lift them", "retention"), f.listHolds)
	register(api, operation("get-keeping", http.MethodGet, "/matters/{matter}/keeping", "How long a matter and what is in it are kept, with holds", "retention"), f.getKeeping)
	register(api, operation("set-matter-hold", http.MethodPut, "/matters/{matter}/hold", "Freeze a matter: nothing that it is on can be destroyed", "retention"), func(ctx context.Context, who guard.Who, in *struct {
		MatterPath
		Body reasonBody
	}) (*none, error) {
		return f.setHold(ctx, who, guard.Thing{Kind: access.Matter, ID: in.Matter}, in.Body.Reason)
	})
	register(api, operation("set-material-hold", http.MethodPut, "/materials/{material}/hold", "Freeze a material: nothing that it is on can be destroyed", "retention"), func(ctx context.Context, who guard.Who, in *struct {
		MaterialPath
		Body reasonBody
	}) (*none, error) {
		return f.setHold(ctx, who, guard.Thing{Kind: access.Material, ID: in.Material}, in.Body.Reason)
	})
	register(api, operation("set-carrier-hold", http.MethodPut, "/carriers/{carrier}/hold", "Freeze a carrier: nothing that it is on can be destroyed", "retention"), func(ctx context.Context, who guard.Who, in *struct {
		CarrierPath
		Body reasonBody
	}) (*none, error) {
		return f.setHold(ctx, who, carrierThing(in.Carrier), in.Body.Reason)
	})
}

func (f *face) setHold(ctx context.Context, who guard.Who, thing guard.Thing, why string) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.SetHold, thing, func(g *guard.Grant) error { return f.Retention.SetHold(g, why) })
}

func holdOut(h retention.Hold) *holdBody {
	if h.ID == "" {
		return nil
	}
	return &holdBody{h.ID, h.Matter, h.Number, h.Reason, h.SetBy, h.Since}
}

func (f *face) listDue(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]dueBody], error) {
	all, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.Retention.Expired)
	out := []dueBody{}
	for _, d := range all {
		out = append(out, dueBody{d.ID, d.Number, d.Closed, d.Class.Code, d.Since, d.Materials, d.Carriers, d.Held})
	}
	return &body[[]dueBody]{out}, err
}

func (f *face) listHolds(ctx context.Context, who guard.Who, _ *struct{}) (*body[[]holdBody], error) {
	all, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, f.Retention.Holds)
	out := []holdBody{}
	for _, h := range all {
		out = append(out, *holdOut(h))
	}
	return &body[[]holdBody]{out}, err
}

func (f *face) getKeeping(ctx context.Context, who guard.Who, in *MatterPath) (*body[keepingBody], error) {
	k, err := do(ctx, f.Door, who, access.ViewMatter, guard.Thing{Kind: access.Matter, ID: in.Matter}, f.Retention.Matter)
	if err != nil {
		return nil, err
	}
	out := keepingBody{Closed: given(k.Closed), Class: k.Term.Class.Code, Until: given(k.Term.Until), Hold: holdOut(k.Hold), Items: []keptBody{}}
	for _, i := range k.Items {
		if i.Open() {
			out.Items = append(out.Items, keptBody{string(i.Kind), i.ID, i.Number, i.Level.String(), i.Term.Class.Code, given(i.Term.Until), holdOut(i.Hold), i.Listed})
		}
	}
	return &body[keepingBody]{out}, nil
}
