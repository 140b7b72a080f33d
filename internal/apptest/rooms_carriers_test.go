package apptest

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"slices"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
)

// carriers puts two papers on a matter's register: handling holds the one, the other is offered to lead for a while.
func (o *office) carriers(t *testing.T, matter string) (ids []string) {
	t.Helper()
	for _, title := range []string{"股权转让协议", "付款凭证与银行回单"} {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
			batch, err := o.h.Carriers.Register(g, carrier.Registration{Title: title, Form: carrier.Paper, Origin: carrier.Client, Level: classification.Secret, Pages: 12, Copies: 1, From: "客户法务部 周女士", Place: "三楼档案室 A01 柜 2 层", Use: "立案用", Reference: "沧函〔2026〕17 号"})
			if err != nil {
				return err
			}
			id, err := o.h.Carriers.FirstOf(g, batch)
			ids = append(ids, id)
			return err
		}))
	}
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.HandCarrier, guard.Thing{Kind: access.Carrier, ID: ids[1]}, func(g *guard.Grant) error {
		return o.h.Carriers.Offer(g, carrier.Handing{To: o.ids["lead"], Due: g.Tx().Now.AddDate(0, 0, 9), Note: "开庭准备"})
	}))
	must(t, o.h.Door.Ask(t.Context(), worker(o.ids["handling"]), access.TakeOut, guard.Thing{Kind: access.Carrier, ID: ids[0]}, func(g *guard.Grant) error {
		_, err := o.h.Carriers.AskOut(g, carrier.Slip{Place: "市中级人民法院第三法庭", Purpose: "庭前会议，核对原件", Measures: carrier.Measures, Due: g.Tx().Now.AddDate(0, 0, 3)})
		return err
	}))
	return ids
}

// incident writes a paper of a matter off, and gives the draft of the incident that this made.
func (o *office) incident(t *testing.T, matter string) (id string) {
	t.Helper()
	var lost string
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
		batch, err := o.h.Carriers.Register(g, carrier.Registration{Title: "会议记录", Form: carrier.Paper, Origin: carrier.Made, Level: classification.Secret, Pages: 6, Copies: 1, Place: "三楼会议室"})
		if err == nil {
			lost, err = o.h.Carriers.FirstOf(g, batch)
		}
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.WriteOffCarrier, guard.Thing{Kind: access.Carrier, ID: lost}, func(g *guard.Grant) error { return o.h.Carriers.WriteOff(g, "盘点时没有找到") }))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.ReadIncidents, guard.Firm, func(g *guard.Grant) error {
		all, _, err := o.h.Incidents.List(g, incident.Filter{})
		if err == nil {
			id = all[0].ID
		}
		return err
	}))
	return id
}

// batches are those of the carriers; the second has been signed for.
func (o *office) batches(t *testing.T, matter string, carriers []string) (all []string) {
	t.Helper()
	var drawn bytes.Buffer
	line := image.NewGray(image.Rect(0, 0, 840, 240))
	draw.Draw(line, line.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(line, image.Rect(200, 100, 600, 108), image.Black, image.Point{}, draw.Src)
	must(t, png.Encode(&drawn, line))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		page, err := o.h.Carriers.List(g, carrier.Filter{Matter: matter})
		for _, id := range carriers {
			all = append(all, page.Carriers[slices.IndexFunc(page.Carriers, func(it carrier.Carrier) bool { return it.ID == id })].Batch)
		}
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
		return o.h.Carriers.SignIntake(g, all[1], carrier.Signing{Signer: "周慎言", Ink: drawn.Bytes(), Checked: true})
	}))
	return all
}

// leave is the last request of somebody's for leave to do an act.
func (o *office) leave(t *testing.T, by string) (id string) {
	t.Helper()
	must(t, o.h.Door.Do(t.Context(), worker(o.ids[by]), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		page, err := o.h.Approvals.List(g, approval.Filter{Whose: approval.Mine})
		if err == nil {
			id = page.Requests[len(page.Requests)-1].ID
		}
		return err
	}))
	return id
}
