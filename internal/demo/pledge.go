package demo

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/criteria"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
)

// publishPledge has the security administrator publish a second edition of the pledge, which adds a sentence to the shipped one, and
// which everybody is to sign within a fortnight.
func (b *builder) publishPledge() error {
	who := b.who(b.holder(access.SecurityAdmin))
	var editions []pledge.Edition
	err := b.h.Door.Do(b.ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		editions, err = b.h.Pledges.Editions(g)
		return err
	})
	if err != nil {
		return err
	}
	texts := map[pledge.Kind]string{}
	for k, text := range editions[0].Texts {
		texts[k] = strings.Replace(text, "本人确认：", "本人知悉：本所的客户资料一律在密卷中办理，阅览、打印、外发逐次留有记录，本人对自己名下的记录负责。\n\n本人确认：", 1)
	}
	return b.h.Door.Do(b.ctx, who, access.SetPledge, guard.Firm, func(g *guard.Grant) error {
		_, err := b.h.Pledges.Publish(g, texts, g.Tx().Now.Add(14*24*time.Hour))
		return err
	})
}

// publishCriteria has a member of the committee publish a second edition of the criteria for levels, with one line more.
func (b *builder) publishCriteria() error {
	who := b.who(b.holder(access.Committee))
	var now criteria.Edition
	if err := b.h.Door.Do(b.ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		now, err = b.h.Criteria.InForce(g)
		return err
	}); err != nil {
		return err
	}
	texts := maps.Clone(now.Texts)
	texts[classification.Secret] += "\n劳动争议案件中员工名册、薪酬明细和绩效评价"
	return b.h.Door.Do(b.ctx, who, access.SetCriteria, guard.Firm, func(g *guard.Grant) error {
		_, err := b.h.Criteria.Publish(g, texts)
		return err
	})
}

// holder is the login of somebody who holds a post.
func (b *builder) holder(post access.Post) string {
	for _, p := range b.firm.Persons {
		if len(p.Posts) > 0 && p.Posts[0] == post {
			return p.Login
		}
	}
	return b.firm.Persons[0].Login
}

// signPledge signs what somebody is asked to sign, in the session they are in.
func (b *builder) signPledge(login, session, password string) error {
	who := b.who(login)
	var due []pledge.Due
	err := b.h.Door.Do(b.ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		due, err = b.h.Pledges.Asked(g)
		return err
	})
	if err != nil {
		return err
	}
	for _, d := range due {
		_, err := b.h.Pledges.Sign(b.ctx, who, pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text),
			Consent: hand.Consent{Session: session, Confirmation: person.Confirmation{Password: password}, From: person.From{Addr: who.Addr}}})
		if err != nil {
			return fmt.Errorf("%s signs a pledge: %w", login, err)
		}
	}
	return nil
}
