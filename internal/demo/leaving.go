package demo

import (
	"fmt"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/continuing"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
)

// leavings are two: a former assistant whose leaving was closed, and a lawyer who is handing over now.
func (b *builder) leavings(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * time.Hour
	former := Account{Login: "yu.chunhe", Password: newPassword()}
	add(50*day, "hire somebody who will leave", func() error { return b.hireFormer(former) })
	add(30*day, "a leaving", func() error { return b.leave(former) })
	add(29*day, "a reminder to one who left", func() error { return b.remind(former) })
	add(2*day, "a leaving that is not closed", b.leavingNow)
}

// leave walks a leaving to its end.
func (b *builder) leave(a Account) error {
	witness := b.accountOf(access.Custodian)
	if err := b.beginLeaving(b.holder(access.Director), a.Login, witness.Login, "劳动合同期满，不再续签"); err != nil {
		return err
	}
	if err := b.inSession(a, func(session string) error { return b.signPledge(a.Login, session, a.Password) }); err != nil {
		return err
	}
	if err := b.witness(a.Login, witness); err != nil {
		return err
	}
	return b.h.Door.Do(b.ctx, b.who(b.holder(access.SecurityAdmin)), access.CloseLeaving, b.personThing(a.Login), func(g *guard.Grant) error {
		_, err := b.h.Leaving.Close(g)
		return err
	})
}

// remind sends one who left the first letter about the duty that stays.
func (b *builder) remind(a Account) error {
	by := b.accountOf(access.SecurityAdmin)
	who := b.who(by.Login)
	return b.inSession(by, func(session string) error {
		return b.h.Duty.Send(b.ctx, who, b.ids[a.Login], continuing.Sending{Manner: continuing.ByPost, Note: "滨江路 8 号 2 单元 501 室（本人留存的地址）", Months: 12},
			hand.Consent{Session: session, Confirmation: person.Confirmation{Password: by.Password}, From: person.From{Addr: who.Addr}}, b.firm.Name)
	})
}

// leavingNow begins the leaving of a lawyer who answers for materials and has handed a part of them over.
func (b *builder) leavingNow() error {
	director, witness := b.holder(access.Director), b.accountOf(access.Custodian)
	leaver := ""
	var items []leaving.Item
	for _, p := range b.firm.Persons { // the lawyer who answers for the most, and leads nothing
		var held []leaving.Item
		if p.Posts[0] != access.Lawyer || p.Login == director || p.Login == witness.Login {
			continue
		}
		if err := b.h.Door.Do(b.ctx, b.who(director), access.ReadHoldings, b.personThing(p.Login), func(g *guard.Grant) (err error) {
			held, _, err = b.h.Leaving.Holdings(g)
			return err
		}); err != nil {
			return err
		}
		if len(held) > len(items) && held[0].Kind == leaving.Materials {
			leaver, items = p.Login, held
		}
	}
	if leaver == "" {
		return nil
	}
	if err := b.beginLeaving(director, leaver, witness.Login, "本人申请调往外地执业"); err != nil {
		return err
	}
	lead := ""
	for number, id := range b.matters {
		if id == items[0].Matter {
			lead = b.leadOf(number)
		}
	}
	return b.h.Door.Do(b.ctx, b.who(director), access.SettleLeaving, b.personThing(leaver), func(g *guard.Grant) error {
		_, err := b.h.Leaving.Settle(g, leaving.Handover{Kind: leaving.Materials, Matter: items[0].Matter, Successor: b.ids[lead]})
		return err
	})
}

func (b *builder) leadOf(number string) string {
	for _, m := range b.find(number).Team {
		if m.Duty == "lead" {
			return m.Login
		}
	}
	return ""
}

func (b *builder) personThing(login string) guard.Thing {
	return guard.Thing{Kind: access.Person, ID: b.ids[login]}
}

func (b *builder) accountOf(post access.Post) Account {
	login := b.holder(post)
	for _, a := range b.accounts {
		if a.Login == login {
			return a
		}
	}
	return Account{}
}

// hireFormer takes on somebody who is not with the firm any more.
func (b *builder) hireFormer(a Account) error {
	var id, link string
	if err := b.h.Door.Do(b.ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = b.h.People.Invite(g, person.Invitation{Login: a.Login, Details: person.Details{Name: "于春和", Department: "行政部"}, Posts: []access.Post{access.Assistant}})
		return err
	}); err != nil {
		return err
	}
	b.ids[a.Login] = id
	if _, err := b.h.People.Accept(b.ctx, link, person.Acceptance{Password: a.Password}, person.From{Addr: "192.168.8.1"}); err != nil {
		return err
	}
	for _, record := range []func(*guard.Grant) error{
		func(g *guard.Grant) error {
			return b.h.People.RecordTraining(g, "joining", g.Tx().Now, "集中培训签到表及纸质承诺书，存行政部")
		},
		func(g *guard.Grant) error {
			return b.h.People.RecordPledge(g, "joining", g.Tx().Now, "集中培训签到表及纸质承诺书，存行政部")
		},
	} {
		if err := b.h.Door.Do(b.ctx, console, access.Appoint, b.personThing(a.Login), record); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) beginLeaving(by, leaver, witness, why string) error {
	return b.h.Door.Do(b.ctx, b.who(by), access.BeginLeaving, b.personThing(leaver), func(g *guard.Grant) error {
		return b.h.Leaving.Begin(g, leaving.Beginning{LastDay: g.Tx().Now.Add(14 * 24 * time.Hour), Reason: why, Witness: b.ids[witness]})
	})
}

// inSession logs somebody in for f.
func (b *builder) inSession(a Account, f func(session string) error) error {
	from := person.From{Addr: "192.168.8.1"}
	e, err := b.h.People.Enter(b.ctx, a.Login, a.Password, from)
	if err != nil {
		return fmt.Errorf("%s logs in: %w", a.Login, err)
	}
	if err := f(e.Token); err != nil {
		return err
	}
	return b.h.People.Leave(b.ctx, e.Token, from)
}

func (b *builder) witness(leaver string, by Account) error {
	who := b.who(by.Login)
	var list *leaving.Departure
	if err := b.h.Door.Do(b.ctx, who, access.ReadHoldings, b.personThing(leaver), func(g *guard.Grant) (err error) {
		_, list, err = b.h.Leaving.Holdings(g)
		return err
	}); err != nil {
		return err
	}
	return b.inSession(by, func(session string) error {
		return b.h.Leaving.Witness(b.ctx, who, b.ids[leaver], list.Digest(),
			hand.Consent{Session: session, Confirmation: person.Confirmation{Password: by.Password}, From: person.From{Addr: who.Addr}}, b.firm.Name)
	})
}
