package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/meeting"
)

// meetings have papers handed out: one is closed, one was over yesterday and a set is not back, one is tomorrow.
func (b *builder) meetings(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * hour
	held := 0
	for _, m := range b.firm.Matters {
		if m.Closed || len(m.Team) < 3 || held == 3 {
			continue
		}
		b.meet(add, m, []time.Duration{15 * day, 26 * hour, -20 * hour}[held], held)
		held++
	}
}

// meet holds a meeting that begins so long ago: the n-th of the demonstration.
func (b *builder) meet(add func(before time.Duration, what string, do func() error), m corpus.Matter, begins time.Duration, n int) {
	lead, in := m.Lead(), guard.Thing{Kind: access.Matter, ID: ""}
	var id string
	var it meeting.Meeting
	var sets []meeting.Set
	arrange := func(f func(*guard.Grant) error) error {
		in.ID = b.matters[m.Number]
		return b.h.Door.Do(b.ctx, b.who(lead), access.ArrangeMeeting, in, f)
	}
	carry := func(by string, act access.Act, carrier string, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), act, guard.Thing{Kind: access.Carrier, ID: carrier}, f)
	}
	ready := max(begins+3*hour, 3*hour) // the papers are set aside before
	add(ready, "print papers for a meeting", func() error {
		in.ID = b.matters[m.Number]
		return b.h.Door.Do(b.ctx, b.who(lead), access.RegisterCarrier, in, func(g *guard.Grant) error {
			_, err := b.h.Carriers.Register(g, carrier.Registration{Title: "争议焦点与举证安排（讨论稿）", Form: carrier.Printed, Origin: carrier.Made, Level: classification.Confidential, Pages: 9, Copies: 2, Place: "二楼第一会议室", Use: "会议使用"})
			return err
		})
	})
	add(ready-hour/2, "prepare a meeting", func() error {
		return arrange(func(g *guard.Grant) (err error) {
			starts := g.Tx().Now.Add(ready - hour/2 - begins).Truncate(hour)
			if id, err = b.h.Meetings.Convene(g, meeting.Plan{Title: "案情讨论会", Place: "二楼第一会议室", Starts: starts, Ends: starts.Add(2 * hour)}); err != nil {
				return err
			}
			free, err := b.h.Meetings.Ready(g, in.ID)
			if err != nil {
				return err
			}
			serial := 0
			for _, c := range free {
				if c.Form == carrier.Printed && c.Holder == b.ids[lead] {
					serial = c.Serial
				}
			}
			return b.h.Meetings.Prepare(g, id, serial, []string{b.ids[m.Team[1].Login], b.ids[m.Team[2].Login]})
		})
	})
	if begins < 0 {
		return
	}
	add(begins+hour, "hand the papers out", func() error {
		if err := b.h.Door.Do(b.ctx, b.who(lead), access.ViewMatter, in, func(g *guard.Grant) (err error) { it, sets, err = b.h.Meetings.Get(g, id); return err }); err != nil {
			return err
		}
		for i, s := range sets {
			if err := carry(lead, access.HandCarrier, s.Carrier, func(g *guard.Grant) error {
				return b.h.Carriers.Offer(g, carrier.Handing{To: s.Participant, Due: it.Ends, Note: "会议材料 " + it.Number()})
			}); err != nil {
				return err
			}
			if err := carry(m.Team[i+1].Login, access.TakeCarrier, s.Carrier, func(g *guard.Grant) error { return b.h.Carriers.Take(g, "") }); err != nil {
				return err
			}
		}
		return nil
	})
	add(begins-3*hour, "collect the papers", func() error {
		for _, s := range sets[:2-n] { // all of the first, one of the second
			if err := carry(lead, access.TakeBackCarrier, s.Carrier, func(g *guard.Grant) error { return b.h.Carriers.TakeBack(g, "完好，数量相符") }); err != nil {
				return err
			}
		}
		return nil
	})
	if n == 0 {
		add(begins-4*hour, "close the meeting", func() error {
			return arrange(func(g *guard.Grant) error { return b.h.Meetings.Close(g, id) })
		})
	}
}
