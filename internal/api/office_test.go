package api_test

import (
	"context"
	"io"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/media"
	"mijuan/internal/output"
)

// askOriginal has handling ask leave to fetch a material's original, and gives the request's id.
func (o *office) askOriginal(material string) (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Ask(context.Background(), o.Who("handling"), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) (err error) {
		id, err = o.House.Approvals.Request(g, approval.Ask{Purpose: "立案递交", Scope: "第 1 版"})
		return err
	}))
	return id
}

// fetch has lead fetch an original, and gives the copy's id.
func (o *office) fetch(material string) (id string) {
	o.T.Helper()
	original, err := o.House.Shelf.Fetch(context.Background(), o.Who("lead"), material)
	must(o.T, err)
	must(o.T, original.SendTo(context.Background(), io.Discard))
	must(o.T, o.House.Door.Do(context.Background(), o.Who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { id, err = carrier.ByNumber(g.Tx(), original.Copy); return err }))
	return id
}

// askOut has handling ask leave to take a carrier out, and gives the slip's id.
func (o *office) askOut(id string) (slip string) {
	o.T.Helper()
	thing := guard.Thing{Kind: access.Carrier, ID: id}
	must(o.T, o.House.Door.Ask(context.Background(), o.Who("handling"), access.TakeOut, thing, func(g *guard.Grant) error {
		_, err := o.House.Carriers.AskOut(g, carrier.Slip{Place: "法院", Purpose: "开庭", Measures: carrier.Measures, Due: g.Tx().Now.Add(48 * time.Hour)})
		return err
	}))
	must(o.T, o.House.Door.Do(context.Background(), o.Who("handling"), access.ViewCarrier, thing, func(g *guard.Grant) error {
		all, err := o.House.Carriers.SlipsOf(g)
		if err == nil {
			slip = all[0].ID
		}
		return err
	}))
	return slip
}

// askCopy has handling ask for a copy of a carrier, and gives the order's id.
func (o *office) askCopy(id string) string {
	o.T.Helper()
	var copier string
	must(o.T, o.House.Door.Do(context.Background(), o.Who("system"), access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
		copier, err = o.House.Devices.Add(g, device.Entry{Kind: "copier", Model: "复印机", Serial: "C1", Place: "文印室", Keeper: o.IDs["lead"]})
		return err
	}))
	must(o.T, o.House.Door.Do(context.Background(), o.Who("security"), access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
		return o.House.Devices.Clear(g, copier, classification.Secret, "已检查")
	}))
	order, _, err := o.House.Output.Ask(context.Background(), o.Who("handling"), output.Application{Kind: output.Copy, Thing: id, Copies: 1, Device: copier, Purpose: "court"})
	must(o.T, err)
	return order
}

// medium registers a stick, and gives its id.
func (o *office) medium() (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Do(context.Background(), o.Who("system"), access.ManageMedia, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Media.Add(g, media.Entry{Form: carrier.Stick, Model: "加密优盘 64 GB", Serial: "E0D55EA573F0", Vendor: "0951", Product: "1666", Keeper: o.IDs["system"]})
		return err
	}))
	return id
}
