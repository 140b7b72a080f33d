package apptest

import (
	"fmt"
	"io"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/media"
	"mijuan/internal/output"
)

// ofCarriers is value for the rooms of approvals and what they are about.
func (w *writer) ofCarriers(op operation, where string) (value any, known bool) {
	switch op.id + " " + where {
	case "drop kind":
		return string(leaving.Requests), true
	case "drop matter":
		return w.matter, true
	}
	return nil, false
}

// whereCarriers is place for the rooms of approvals and what they are about.
func (w *writer) whereCarriers(op operation, name string) (id string, known bool) {
	switch {
	case name == "approval":
		return w.leave(), true
	case name == "take_out":
		return w.slip, true
	case name == "carrier" && op.id == "get-take-out":
		id := w.RegisterCarriers(w.matter, 1)[0]
		w.slip, _ = w.askOut(id)
		return id, true
	case op.id == "erase-copy":
		return w.fetch(), true
	case name == "output":
		return w.askCopy(), true
	case name == "medium":
		return w.stick(), true
	case op.id == "drop":
		w.begin("handling")
		w.leave()
		return w.IDs["handling"], true
	case strings.HasSuffix(op.id, "-hold"):
		thing := guard.Thing{Kind: access.Carrier}
		switch name {
		case "matter":
			thing = guard.Thing{Kind: access.Matter, ID: w.OpenMatter("合同纠纷", "云麓科技有限公司")}
		case "material":
			thing = guard.Thing{Kind: access.Material, ID: w.Receive(w.matter, "h.txt", "证据", "丙", classification.Confidential)}
		case "carrier":
			thing.ID = w.RegisterCarriers(w.matter, 1)[0]
		}
		if strings.HasPrefix(op.id, "lift-") {
			must(w.T, w.House.Door.Do(w.T.Context(), w.Who("lead"), access.SetHold, thing, func(g *guard.Grant) error { return w.House.Retention.SetHold(g, "法院保全裁定") }))
		}
		return thing.ID, true
	}
	return "", false
}

// fetch has lead fetch an original, and gives the copy's id.
func (w *writer) fetch() (id string) {
	original, err := w.House.Shelf.Fetch(w.T.Context(), w.Who("lead"), w.Receive(w.matter, "h.txt", "证据", "丙", classification.Confidential))
	must(w.T, err)
	must(w.T, original.SendTo(w.T.Context(), io.Discard))
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { id, err = carrier.ByNumber(g.Tx(), original.Copy); return err }))
	return id
}

// leave is a request of handling that a director decides.
func (w *writer) leave() string {
	_, leave := w.askOut(w.RegisterCarriers(w.matter, 1)[0])
	return leave
}

// askOut has handling ask leave to take a carrier out, and gives the slip and the request.
func (w *writer) askOut(id string) (slip, leave string) {
	w.T.Helper()
	thing := guard.Thing{Kind: access.Carrier, ID: id}
	must(w.T, w.House.Door.Ask(w.T.Context(), w.Who("handling"), access.TakeOut, thing, func(g *guard.Grant) error {
		_, err := w.House.Carriers.AskOut(g, carrier.Slip{Place: "法院", Purpose: "开庭", Measures: carrier.Measures, Due: g.Tx().Now.Add(48 * time.Hour)})
		return err
	}))
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("handling"), access.ViewCarrier, thing, func(g *guard.Grant) error {
		all, err := w.House.Carriers.SlipsOf(g)
		if err == nil {
			slip, leave = all[0].ID, all[0].Approval
		}
		return err
	}))
	return slip, leave
}

// askCopy has handling order a copy, once.
func (w *writer) askCopy() string {
	w.T.Helper()
	if w.order != "" {
		return w.order
	}
	var copier string
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("system"), access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
		copier, err = w.House.Devices.Add(g, device.Entry{Kind: "copier", Model: "复印机", Serial: fmt.Sprintf("C%d", time.Now().UnixNano()), Place: "文印室", Keeper: w.IDs["lead"]})
		return err
	}))
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("security"), access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
		return w.House.Devices.Clear(g, copier, classification.Secret, "已检查")
	}))
	order, _, err := w.House.Output.Ask(w.T.Context(), w.Who("handling"), output.Application{Kind: output.Copy, Thing: w.RegisterCarriers(w.matter, 1)[0], Copies: 1, Device: copier, Purpose: "court"})
	must(w.T, err)
	w.order = order
	return order
}

// stick registers a removable medium.
func (w *writer) stick() (id string) {
	w.T.Helper()
	must(w.T, w.House.Door.Do(w.T.Context(), w.Who("system"), access.ManageMedia, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = w.House.Media.Add(g, media.Entry{Form: carrier.Stick, Model: "加密优盘", Serial: fmt.Sprintf("S%d", time.Now().UnixNano()), Vendor: "0951", Product: "1666", Keeper: w.IDs["system"]})
		return err
	}))
	return id
}
