package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
)

type carrierBody struct {
	ID           string     `json:"id"`
	Number       string     `json:"number" doc:"Year, matter, title, copy and a check digit"`
	Matter       string     `json:"matter" doc:"Id"`
	Copy         int        `json:"copy"`
	Batch        string     `json:"batch" doc:"What was registered at once"`
	Form         string     `json:"form"`
	Origin       string     `json:"origin"`
	Level        string     `json:"level"`
	Pages        int        `json:"pages" doc:"Pages of paper; pieces of anything else"`
	Title        string     `json:"title,omitempty" doc:"Absent for who may not know it"`
	From         string     `json:"from,omitempty" doc:"Who delivered it"`
	Reference    string     `json:"reference,omitempty" doc:"The sender's own number of it"`
	Approval     string     `json:"approval,omitempty" doc:"Id of the request by which the firm made it"`
	Place        string     `json:"place" doc:"Room, cabinet, shelf"`
	Use          string     `json:"use,omitempty"`
	State        string     `json:"state" doc:"held, offered or ended"`
	Holder       string     `json:"holder" doc:"Person's id; of what has ended, the last one"`
	Since        time.Time  `json:"since"`
	Lender       string     `json:"lender,omitempty" doc:"Person's id, of what is lent"`
	Due          *time.Time `json:"due,omitempty"`
	OfferedTo    string     `json:"offered_to,omitempty" doc:"Person's id"`
	Fate         string     `json:"fate,omitempty" doc:"returned, destroyed, sent or lost, of what has ended"`
	Ended        *time.Time `json:"ended,omitempty"`
	Registered   time.Time  `json:"registered"`
	RegisteredBy string     `json:"registered_by" doc:"Person's id"`
}

type carrierMoveBody struct {
	Deed string     `json:"deed"`
	By   string     `json:"by" doc:"Person's id"`
	From string     `json:"from,omitempty" doc:"Person's id"`
	To   string     `json:"to,omitempty" doc:"Person's id"`
	Due  *time.Time `json:"due,omitempty"`
	Note string     `json:"note,omitempty"`
	At   time.Time  `json:"at"`
}

type carrierPageBody struct {
	carrierBody
	Moves []carrierMoveBody `json:"moves"`
}

// CarrierPath is one carrier.
type CarrierPath struct {
	Carrier string `path:"carrier" maxLength:"64"`
}

func (f *face) registerCarriers(api huma.API) {
	register(api, operation("list-carriers", http.MethodGet, "/carriers", "The register of carriers, as far as you may know them", "carriers"), f.listCarriers)
	register(api, operation("register-carriers", http.MethodPost, "/matters/{matter}/carriers", "Number and register copies of a title", "carriers"), f.registerBatch)
	register(api, operation("balance-carriers", http.MethodGet, "/matters/{matter}/carriers/balance", "Where a matter's copies are", "carriers"), f.balanceCarriers)
	register(api, operation("get-carrier", http.MethodGet, "/carriers/{carrier}", "One carrier with what happened to it", "carriers"), f.getCarrier)
	register(api, operation("offer-carrier", http.MethodPost, "/carriers/{carrier}/offer", "Hand it over, or lend it; the other side has still to confirm", "carriers"), f.offerCarrier)
	register(api, operation("withdraw-carrier", http.MethodDelete, "/carriers/{carrier}/offer", "Take an offer back that was not answered", "carriers"), f.withdrawCarrier)
	register(api, operation("take-carrier", http.MethodPost, "/carriers/{carrier}/acceptance", "Confirm that you have it", "carriers"), f.takeCarrier)
	register(api, operation("decline-carrier", http.MethodPost, "/carriers/{carrier}/refusal", "Decline what was offered to you", "carriers"), f.declineCarrier)
	register(api, operation("move-carrier", http.MethodPut, "/carriers/{carrier}/place", "Put it elsewhere", "carriers"), f.moveCarrier)
	register(api, operation("return-carrier", http.MethodPost, "/carriers/{carrier}/return", "Give it back to the client", "carriers"), f.returnCarrier)
	register(api, operation("erase-copy", http.MethodPost, "/carriers/{carrier}/erasure", "State that a fetched original is deleted where you had it", "carriers"), f.eraseCopy)
	register(api, operation("write-off-carrier", http.MethodPost, "/carriers/{carrier}/write-off", "Write off what cannot be found", "carriers"), f.writeOffCarrier)
}

func carrierThing(id string) guard.Thing { return guard.Thing{Kind: access.Carrier, ID: id} }

func carrierOut(c carrier.Carrier) carrierBody {
	return carrierBody{ID: c.ID, Number: c.Number, Matter: c.Matter, Copy: c.Copy, Batch: c.Batch, Form: string(c.Form), Origin: string(c.Origin), Level: c.Level.String(), Pages: c.Pages,
		Title: c.Title, From: c.From, Reference: c.Reference, Approval: c.Approval, Place: c.Place, Use: c.Use, State: string(c.State), Holder: c.Holder, Since: c.Since, Lender: c.Lender, Due: given(c.Due), OfferedTo: c.OfferedTo,
		Fate: string(c.Fate), Ended: given(c.Ended), Registered: c.Registered, RegisteredBy: c.RegisteredBy}
}

func (f *face) listCarriers(ctx context.Context, who guard.Who, in *struct {
	Paging
	Matter  string `query:"matter" maxLength:"64" doc:"Id"`
	Holder  string `query:"holder" maxLength:"64" doc:"Person's id"`
	Number  string `query:"number" maxLength:"30" doc:"Its beginning"`
	State   string `query:"state" enum:"held,offered,ended"`
	Level   string `query:"level" enum:"confidential,secret,top_secret"`
	Form    string `query:"form" enum:"paper,copy,printed,disk,stick,optical,phone,evidence,other,fetched"`
	Overdue bool   `query:"overdue"`
	Mine    bool   `query:"mine" doc:"Held by you or offered to you"`
}) (*body[page[carrierBody]], error) {
	level, _ := classification.ParseLevel(in.Level) // the enum has seen to it; none is every level
	found, err := do(ctx, f.Door, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (carrier.Page, error) {
		return f.Carriers.List(g, carrier.Filter{Matter: in.Matter, Holder: in.Holder, Number: in.Number, State: access.State(in.State), Form: carrier.Form(in.Form), Level: level,
			Overdue: in.Overdue, Mine: in.Mine, Offset: in.Offset, Limit: in.Limit})
	})
	var items []carrierBody
	for _, c := range found.Carriers {
		items = append(items, carrierOut(c))
	}
	return &body[page[carrierBody]]{pageOf(items, in.Offset, in.Limit, found.More)}, err
}

func (f *face) registerBatch(ctx context.Context, who guard.Who, in *struct {
	MatterPath
	Body struct {
		Title  string `json:"title"`
		Form   string `json:"form" enum:"paper,copy,printed,disk,stick,optical,phone,evidence,other"`
		Origin string `json:"origin" enum:"client,court,opponent,made,elsewhere"`
		Level  string `json:"level" enum:"confidential,secret,top_secret"`
		Pages  int    `json:"pages" minimum:"1" maximum:"100000" doc:"Of each copy"`
		Copies int    `json:"copies" minimum:"1" maximum:"200"`
		From   string `json:"from,omitempty" doc:"Who delivered it; needed unless the firm made it"`
		Place  string `json:"place"`
		Use    string `json:"use,omitempty"`

		Reference string `json:"reference,omitempty" doc:"The sender's own number of what was delivered"`
	}
}) (*body[idBody], error) {
	level, _ := classification.ParseLevel(in.Body.Level) // the enum has seen to it
	batch, err := do(ctx, f.Door, who, access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: in.Matter}, func(g *guard.Grant) (string, error) {
		return f.Carriers.Register(g, carrier.Registration{Title: in.Body.Title, Form: carrier.Form(in.Body.Form), Origin: carrier.Origin(in.Body.Origin), Level: level,
			Pages: in.Body.Pages, Copies: in.Body.Copies, From: in.Body.From, Place: in.Body.Place, Use: in.Body.Use, Reference: in.Body.Reference})
	})
	return &body[idBody]{idBody{ID: batch}}, err
}

type balanceBody struct {
	Registered int `json:"registered"`
	Held       int `json:"held"`
	Returned   int `json:"returned"`
	Destroyed  int `json:"destroyed"`
	Sent       int `json:"sent"`
	Lost       int `json:"lost" doc:"Written off"`
}

func (f *face) balanceCarriers(ctx context.Context, who guard.Who, in *MatterPath) (*body[balanceBody], error) {
	b, err := do(ctx, f.Door, who, access.ViewMatter, guard.Thing{Kind: access.Matter, ID: in.Matter}, f.Carriers.Balance)
	return &body[balanceBody]{balanceBody(b)}, err
}

func (f *face) getCarrier(ctx context.Context, who guard.Who, in *CarrierPath) (*body[carrierPageBody], error) {
	out, err := do(ctx, f.Door, who, access.ViewCarrier, carrierThing(in.Carrier), func(g *guard.Grant) (out carrierPageBody, err error) {
		c, moves, err := f.Carriers.Get(g)
		out = carrierPageBody{carrierBody: carrierOut(c), Moves: []carrierMoveBody{}}
		for _, m := range moves {
			out.Moves = append(out.Moves, carrierMoveBody{Deed: string(m.Deed), By: m.By, From: m.From, To: m.To, Due: given(m.Due), Note: m.Note, At: m.At})
		}
		return out, err
	})
	return &body[carrierPageBody]{out}, err
}

func (f *face) offerCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body struct {
		To   string     `json:"to" doc:"Person's id"`
		Due  *time.Time `json:"due,omitempty" doc:"End of a loan; absent: for good"`
		Note string     `json:"note,omitempty" doc:"Purpose, needed for a loan"`
	}
}) (*struct{}, error) {
	h := carrier.Handing{To: in.Body.To, Note: in.Body.Note}
	if in.Body.Due != nil {
		h.Due = *in.Body.Due
	}
	return nil, f.Door.Do(ctx, who, access.HandCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.Offer(g, h) })
}

func (f *face) withdrawCarrier(ctx context.Context, who guard.Who, in *CarrierPath) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.HandCarrier, carrierThing(in.Carrier), f.Carriers.Withdraw)
}

func (f *face) takeCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body *struct {
		Condition string `json:"condition,omitempty" doc:"In which it comes back from a loan; needed then"`
	}
}) (*struct{}, error) {
	condition := ""
	if in.Body != nil {
		condition = in.Body.Condition
	}
	return nil, f.Door.Do(ctx, who, access.TakeCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.Take(g, condition) })
}

func (f *face) declineCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body struct {
		Reason string `json:"reason"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.TakeCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.Decline(g, in.Body.Reason) })
}

func (f *face) moveCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body struct {
		Place string `json:"place" doc:"Room, cabinet, shelf"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.HandCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.Move(g, in.Body.Place) })
}

func (f *face) returnCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body struct {
		Receiver string `json:"receiver" doc:"Who received it for the client"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.ReturnCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.Return(g, in.Body.Receiver) })
}

func (f *face) eraseCopy(ctx context.Context, who guard.Who, in *CarrierPath) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.EraseCopy, carrierThing(in.Carrier), f.Carriers.Erase)
}

func (f *face) writeOffCarrier(ctx context.Context, who guard.Who, in *struct {
	CarrierPath
	Body struct {
		Reason string `json:"reason"`
	}
}) (*struct{}, error) {
	return nil, f.Door.Do(ctx, who, access.WriteOffCarrier, carrierThing(in.Carrier), func(g *guard.Grant) error { return f.Carriers.WriteOff(g, in.Body.Reason) })
}
