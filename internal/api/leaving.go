package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/problem"
)

// The witness signs in person, on the pages; all other steps of a leaving are here.

type itemBody struct {
	Kind   string      `json:"kind" doc:"lead, materials, reviews, carriers, lent, alongs, meetings, devices, repairs, dangers, media, destructions, decisions, orders, requests, uploads, pledge, stock, witnessing or administrator"`
	Matter string      `json:"matter,omitempty" doc:"Id"`
	Number string      `json:"number,omitempty" doc:"Of the matter"`
	Count  int         `json:"count"`
	Top    string      `json:"top,omitempty" doc:"Highest level among them"`
	Pieces []pieceBody `json:"pieces,omitempty" doc:"Of carriers, devices and repairs in an open leaving: the first 200"`
}

type pieceBody struct {
	ID    string `json:"id"`
	Label string `json:"label" doc:"Number"`
}

type doneBody struct {
	Kind      string    `json:"kind"`
	Matter    string    `json:"matter,omitempty" doc:"Id"`
	Number    string    `json:"number,omitempty" doc:"Of the matter"`
	Count     int       `json:"count"`
	Successor string    `json:"successor,omitempty" doc:"Person; absent: written off"`
	Reason    string    `json:"reason,omitempty" doc:"Of a write-off"`
	By        string    `json:"by" doc:"Name"`
	At        time.Time `json:"at"`
}

type departureBody struct {
	Person    string         `json:"person"`
	Name      string         `json:"name"`
	Begun     time.Time      `json:"begun"`
	LastDay   string         `json:"last_day" format:"date"`
	Reason    string         `json:"reason"`
	Witness   string         `json:"witness"`
	Pledged   *time.Time     `json:"pledged,omitempty" doc:"When the leaving pledge was signed"`
	Witnessed *time.Time     `json:"witnessed,omitempty"`
	Sheet     string         `json:"sheet,omitempty" doc:"SHA-256 of the signed hand-over sheet"`
	Closed    *time.Time     `json:"closed,omitempty"`
	Cancelled bool           `json:"cancelled,omitempty"`
	Done      []doneBody     `json:"done"`
	Ended     *leaving.Ended `json:"ended,omitempty"`
}

type holdingsBody struct {
	Outstanding []itemBody     `json:"outstanding"`
	Leaving     *departureBody `json:"leaving,omitempty" doc:"The open one, or the last"`
}

func (f *face) registerLeaving(api huma.API) {
	register(api, operation("list-leavings", http.MethodGet, "/leavings", "The register of leavings, as far as you may see what its people answer for", "leaving"), f.listLeavings)
	register(api, operation("get-holdings", http.MethodGet, "/persons/{person}/holdings", "What a person answers for, and their leaving", "leaving"), f.getHoldings)
	register(api, operation("begin-leaving", http.MethodPost, "/persons/{person}/leaving", "Begin a leaving", "leaving"), f.beginLeaving)
	register(api, operation("cancel-leaving", http.MethodPost, "/persons/{person}/leaving/cancellation", "End a leaving because the person stays", "leaving"), f.cancelLeaving)
	register(api, operation("change-witness", http.MethodPut, "/persons/{person}/leaving/witness", "Appoint another witness; what the former one signed is void", "leaving"), f.changeWitness)
	register(api, operation("hand-over", http.MethodPost, "/persons/{person}/leaving/handovers", "Hand something to a successor; of materials at most 500 at a time", "leaving"), f.handOver)
	register(api, operation("drop", http.MethodPost, "/persons/{person}/leaving/withdrawals", "Withdraw what the person asked for, or pass up what waits for their decision", "leaving"), f.dropLeaving)
	register(api, operation("close-leaving", http.MethodPost, "/persons/{person}/leaving/closing", "Close a leaving: account, sessions, tokens, places in teams", "leaving"), f.closeLeaving)
}

func itemOut(i leaving.Item) itemBody {
	out := itemBody{Kind: string(i.Kind), Matter: i.Matter, Number: i.Number, Count: i.N}
	if i.Top.Valid() {
		out.Top = i.Top.String()
	}
	for _, p := range i.Pieces {
		out.Pieces = append(out.Pieces, pieceBody{p.ID, p.Label})
	}
	return out
}

func departureOut(d leaving.Departure) *departureBody {
	out := &departureBody{Person: d.Person, Name: d.Name, Begun: d.Begun, LastDay: d.LastDay.Format(time.DateOnly), Reason: d.Reason, Witness: d.Witness,
		Pledged: given(d.Pledged), Witnessed: given(d.Witnessed), Sheet: d.Sheet, Closed: given(d.Closed), Cancelled: d.Cancelled, Done: []doneBody{}}
	for _, i := range d.Done {
		out.Done = append(out.Done, doneBody{string(i.Kind), i.Matter, i.Number, i.N, i.Successor, i.Reason, i.By, i.At})
	}
	if !d.Closed.IsZero() && !d.Cancelled {
		out.Ended = &d.Ended
	}
	return out
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (f *face) listLeavings(ctx context.Context, who guard.Who, in *struct {
	Paging
	Open bool `query:"open" doc:"Only open ones"`
}) (*body[page[*departureBody]], error) {
	filter := leaving.Filter{Offset: in.Offset, Limit: in.Limit}
	if in.Open {
		filter.State = leaving.StateOpen
	}
	var more bool
	all, err := do(ctx, f.Door, who, access.ReadRoster, guard.Firm, func(g *guard.Grant) (all []leaving.Departure, err error) {
		all, more, err = f.Leaving.List(g, filter)
		return all, err
	})
	if err != nil {
		return nil, err
	}
	var items []*departureBody
	for _, d := range all {
		items = append(items, departureOut(d))
	}
	return &body[page[*departureBody]]{pageOf(items, in.Offset, in.Limit, more)}, nil
}

func (f *face) getHoldings(ctx context.Context, who guard.Who, in *PersonPath) (*body[holdingsBody], error) {
	out := holdingsBody{Outstanding: []itemBody{}}
	err := f.Door.Do(ctx, who, access.ReadHoldings, personThing(in.Person), func(g *guard.Grant) error {
		items, d, err := f.Leaving.Holdings(g)
		for _, i := range items {
			out.Outstanding = append(out.Outstanding, itemOut(i))
		}
		if d != nil {
			out.Leaving = departureOut(*d)
		}
		return err
	})
	return &body[holdingsBody]{out}, err
}

func (f *face) beginLeaving(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		LastDay string `json:"last_day" format:"date" doc:"Last day in post"`
		Reason  string `json:"reason"`
		Witness string `json:"witness" doc:"Person; neither the leaver nor you"`
	}
}) (*struct{}, error) {
	day, err := time.Parse(time.DateOnly, in.Body.LastDay)
	if err != nil {
		return nil, problem.New(problem.Invalid, "请填写最后在岗日").In("last_day").Because(err)
	}
	return nil, f.Door.Do(ctx, who, access.BeginLeaving, personThing(in.Person), func(g *guard.Grant) error {
		return f.Leaving.Begin(g, leaving.Beginning{LastDay: day, Reason: in.Body.Reason, Witness: in.Body.Witness})
	})
}

func (f *face) cancelLeaving(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Reason string `json:"reason"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.BeginLeaving, personThing(in.Person), func(g *guard.Grant) error { return f.Leaving.Cancel(g, in.Body.Reason) })
}

func (f *face) changeWitness(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Witness string `json:"witness" maxLength:"64" doc:"Person; neither the leaver nor you, nor somebody who has taken over"`
	}
}) (*none, error) {
	return nil, f.Door.Do(ctx, who, access.BeginLeaving, personThing(in.Person), func(g *guard.Grant) error { return f.Leaving.SetWitness(g, in.Body.Witness) })
}

type countBody struct {
	Count int `json:"count" doc:"How many went"`
}

func (f *face) handOver(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Kind      string   `json:"kind" enum:"lead,materials,reviews,carriers,devices,media,alongs,destructions,repairs,lent,meetings,dangers"`
		Matter    string   `json:"matter" maxLength:"64"`
		Materials []string `json:"materials,omitempty" maxItems:"500" doc:"Some of them; absent: all of the matter, 500 at a time"`
		Pieces    []string `json:"pieces,omitempty" maxItems:"200" doc:"Some of the carriers, devices or repairs; absent: all"`
		Successor string   `json:"successor" maxLength:"64"`
	}
}) (*body[countBody], error) {
	n, err := do(ctx, f.Door, who, access.SettleLeaving, personThing(in.Person), func(g *guard.Grant) (int, error) {
		return f.Leaving.Settle(g, leaving.Handover{Kind: leaving.Kind(in.Body.Kind), Matter: in.Body.Matter, Materials: in.Body.Materials, Pieces: in.Body.Pieces, Successor: in.Body.Successor})
	})
	return &body[countBody]{countBody{n}}, err
}

func (f *face) dropLeaving(ctx context.Context, who guard.Who, in *struct {
	PersonPath
	Body struct {
		Kind   string `json:"kind" enum:"orders,requests,decisions"`
		Matter string `json:"matter,omitempty" maxLength:"64"`
	}
}) (*body[countBody], error) {
	n, err := do(ctx, f.Door, who, access.SettleLeaving, personThing(in.Person), func(g *guard.Grant) (int, error) {
		return f.Leaving.Drop(g, leaving.Kind(in.Body.Kind), in.Body.Matter)
	})
	return &body[countBody]{countBody{n}}, err
}

func (f *face) closeLeaving(ctx context.Context, who guard.Who, in *PersonPath) (*body[leaving.Ended], error) {
	ended, err := do(ctx, f.Door, who, access.CloseLeaving, personThing(in.Person), f.Leaving.Close)
	return &body[leaving.Ended]{ended}, err
}
