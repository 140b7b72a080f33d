package demo

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
)

// hands is who does what to one carrier of the demonstration.
type hands struct {
	add          func(before time.Duration, what string, do func() error)
	act          func(by string, a access.Act, f func(*guard.Grant) error) error
	id           func() string
	keeper, lead string
}

func (b *builder) lend(h hands, at time.Duration, to string, days int) {
	h.add(at, "lend a carrier", func() error {
		return h.act(h.keeper, access.HandCarrier, func(g *guard.Grant) error {
			return b.h.Carriers.Offer(g, carrier.Handing{To: b.ids[to], Due: g.Tx().Now.Add(time.Duration(days) * 24 * hour), Note: "准备开庭，核对原件"})
		})
	})
	h.add(at-1*hour, "borrow it", func() error {
		return h.act(to, access.TakeCarrier, func(g *guard.Grant) error { return b.h.Carriers.Take(g, "") })
	})
}

func (b *builder) back(h hands, at time.Duration, condition string) {
	h.add(at, "take it back", func() error {
		return h.act(h.keeper, access.TakeBackCarrier, func(g *guard.Grant) error { return b.h.Carriers.TakeBack(g, condition) })
	})
}

// borrow has the lead borrow an original: brought back once and lent again, or overdue and called back.
func (b *builder) borrow(h hands, before time.Duration, late bool) {
	const day = 24 * hour
	if !late {
		b.lend(h, before-3*hour, h.lead, 10)
		b.back(h, before-40*hour, "完好，数量相符")
		b.lend(h, min(before-44*hour, 20*day), h.lead, 60)
		return
	}
	b.late++
	at := min(before-3*hour, time.Duration(4+5*(b.late%3))*day) // 9, 14 or 4 days ago
	b.lend(h, at, h.lead, 1)
	h.add(at-50*hour, "call it back", func() error {
		return h.act(h.keeper, access.RecallCarrier, func(g *guard.Grant) error { return b.h.Carriers.Recall(g, "归档整理") })
	})
}

// lendOutside has a lawyer who is not of the team look at an original, with the lead's consent: the first is still out, the others are back.
func (b *builder) lendOutside(h hands, m corpus.Matter, before time.Duration) {
	to := b.stranger(m)
	if to == "" {
		return
	}
	b.lendings++
	var leave string
	if b.lendings == 1 {
		before = min(before, 6*24*hour)
	}
	h.add(before-5*hour, "ask to lend it outside", func() error {
		return b.h.Door.Ask(b.ctx, b.who(h.keeper), access.LendOutside, guard.Thing{Kind: access.Carrier, ID: h.id()}, func(g *guard.Grant) (err error) {
			leave, err = b.h.Carriers.AskOutside(g, carrier.Handing{To: b.ids[to], Due: g.Tx().Now.Add(20 * 24 * hour), Note: "类案检索，核对录音内容"})
			return err
		})
	})
	h.add(before-6*hour, "consent to lending outside", func() error {
		return b.h.Door.Do(b.ctx, b.who(h.lead), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: leave}, func(g *guard.Grant) error {
			return b.h.Approvals.Decide(g, approval.Yes, "只在所内查阅")
		})
	})
	h.add(before-7*hour, "lend it outside", func() error {
		return h.act(h.keeper, access.LendOutside, func(g *guard.Grant) error { return b.h.Carriers.LendOutside(g, carrier.Handing{}) })
	})
	h.add(before-8*hour, "borrow it from outside", func() error {
		return h.act(to, access.TakeCarrier, func(g *guard.Grant) error { return b.h.Carriers.Take(g, "") })
	})
	if b.lendings > 1 {
		b.back(h, before-30*hour, "完好，数量相符")
	}
}

// stranger is a lawyer who is neither of the team nor behind a wall.
func (b *builder) stranger(m corpus.Matter) string {
	for _, p := range b.firm.Persons {
		of := slices.ContainsFunc(m.Team, func(t corpus.Member) bool { return t.Login == p.Login })
		walled := slices.ContainsFunc(b.firm.Walls, func(w corpus.Wall) bool { return w.Login == p.Login })
		if !of && !walled && slices.Equal(p.Posts, []access.Post{access.Lawyer}) {
			return p.Login
		}
	}
	return ""
}

// sendOut has the lead hand an original in at the court; all but the last have their receipt.
func (b *builder) sendOut(h hands, m corpus.Matter, before time.Duration) {
	b.sendings++
	waits := b.sendings == 1
	h.add(before-6*hour, "hand it in at the court", func() error {
		return h.act(h.lead, access.SendCarrier, func(g *guard.Grant) error {
			return b.h.Carriers.Send(g, carrier.Sending{Recipient: "立案庭收件窗口", Organisation: "江澜市中级人民法院", Channel: carrier.ByCounter, Basis: "举证通知书，提交证据原件"})
		})
	})
	if waits {
		return
	}
	h.add(before-8*hour, "note its receipt", func() error {
		var all []carrier.Sending
		if err := h.act(h.lead, access.ViewCarrier, func(g *guard.Grant) (err error) { all, err = b.h.Carriers.SendingsOf(g); return err }); err != nil {
			return err
		}
		return b.h.Door.Do(b.ctx, b.who(h.lead), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}, func(g *guard.Grant) error {
			return b.h.Carriers.Acknowledge(g, all[0].ID, "立案庭当日签收，盖收件章")
		})
	})
}
