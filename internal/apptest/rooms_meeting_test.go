package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/meeting"
)

// meeting convenes one in the matter: of three copies, one is signed for, one lies ready and one is free.
func (o *office) meeting(t *testing.T, matter string) (id string) {
	t.Helper()
	in, by := guard.Thing{Kind: access.Matter, ID: matter}, worker(o.ids["handling"])
	serial := 0
	must(t, o.h.Door.Do(t.Context(), by, access.RegisterCarrier, in, func(g *guard.Grant) error {
		batch, err := o.h.Carriers.Register(g, carrier.Registration{Title: "争议焦点与举证安排", Form: carrier.Printed, Origin: carrier.Made, Level: classification.Confidential, Pages: 9, Copies: 3, Place: "二楼第一会议室"})
		if err != nil {
			return err
		}
		first, err := o.h.Carriers.FirstOf(g, batch)
		if err != nil {
			return err
		}
		it, err := o.h.Carriers.One(g.Tx(), first)
		serial = it.Serial
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), by, access.ArrangeMeeting, in, func(g *guard.Grant) (err error) {
		now := g.Tx().Now
		if id, err = o.h.Meetings.Convene(g, meeting.Plan{Title: "庭前会议", Place: "二楼第一会议室", Starts: now, Ends: now.AddDate(0, 0, 1)}); err != nil {
			return err
		}
		return o.h.Meetings.Prepare(g, id, serial, []string{o.ids["lead"], o.ids["lead"]})
	}))
	var m meeting.Meeting
	var sets []meeting.Set
	must(t, o.h.Door.Do(t.Context(), by, access.ViewMatter, in, func(g *guard.Grant) (err error) { m, sets, err = o.h.Meetings.Get(g, id); return err }))
	thing := guard.Thing{Kind: access.Carrier, ID: sets[0].Carrier}
	must(t, o.h.Door.Do(t.Context(), by, access.HandCarrier, thing, func(g *guard.Grant) error {
		return o.h.Carriers.Offer(g, carrier.Handing{To: o.ids["lead"], Due: m.Ends, Note: "会议材料 " + m.Number()})
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.TakeCarrier, thing, func(g *guard.Grant) error { return o.h.Carriers.Take(g, "") }))
	return id
}

// prints has the lead hold two prints of a material and a copy of the first, with two numbers skipped between, and gives the material's id.
func (o *office) prints(t *testing.T, matter, material string) string {
	t.Helper()
	source := ""
	for range 2 {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.CollectOutput, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) error {
			reserved, err := o.h.Carriers.Reserve(g.Tx(), matter, material, 2)
			if source != "" {
				reserved, err = o.h.Carriers.ReserveOf(g.Tx(), source, 1)
			}
			if err != nil {
				return err
			}
			made := make([]carrier.Making, len(reserved))
			for i, r := range reserved {
				made[i] = carrier.Making{Reserved: r, Form: carrier.Printed, Title: "代理词第二稿", Level: classification.Secret, Pages: 3, Place: "三楼档案室 A01 柜 2 层", Material: material, Source: source}
			}
			ids, err := o.h.Carriers.TakeOn(g, made)
			if err == nil {
				source = ids[0]
			}
			return err
		}))
	}
	return material
}
