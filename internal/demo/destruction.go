package demo

import (
	"fmt"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/person"
	"mijuan/internal/retention"
)

// disposals are the destruction lists of the firm, one at each stage: how far each has come.
var disposals = []string{"listed", "appraised", "asked", "approved", "done", "frozen"}

// destructions closes what is over, freezes one matter, shreds waste paper, and takes a list to each stage.
func (b *builder) destructions(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * hour
	n := 0
	for i, m := range b.firm.Matters {
		walled := slices.ContainsFunc(b.firm.Walls, func(w corpus.Wall) bool { return w.Matter == m.Number })
		if i%3 != 1 || walled || m.Lead() == b.holder(access.Director) || n == len(disposals) || m.OpenedAt < 30*day {
			continue
		}
		b.dispose(add, m, disposals[n], time.Duration(12-n)*day)
		n++
	}
	for n, w := range []retention.Waste{{Level: classification.Confidential, Pages: 36, Method: "shred-p4", Note: "代理意见草稿"}, {Level: classification.Secret, Pages: 12, Method: "shred-p5", Note: "打印废页"},
		{Level: classification.Confidential, Pages: 58, Method: "shred-p5", Note: "会议用毕的复印件"}} {
		by := []string{b.holder(access.Assistant), b.holder(access.Trainee), b.holder(access.Administration)}[n]
		add(time.Duration(2+3*n)*day, "shred waste paper", func() error {
			return b.h.Door.Do(b.ctx, b.who(by), access.ShredWaste, guard.Firm, func(g *guard.Grant) error { return b.h.Retention.Shred(g, w) })
		})
	}
}

// dispose takes spare copies of a matter as far on their way as stage says.
func (b *builder) dispose(add func(before time.Duration, what string, do func() error), m corpus.Matter, stage string, before time.Duration) {
	lead, keeper, appraiser := m.Lead(), b.holder(access.Custodian), b.holder(access.Committee)
	var things []retention.Ref
	list := ""
	on := func(by string, act access.Act, kind access.Kind, id string, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), act, guard.Thing{Kind: kind, ID: id}, f)
	}
	add(before, "ask to destroy spare copies", func() error {
		in := b.matters[m.Number]
		if err := on(lead, access.RegisterCarrier, access.Matter, in, func(g *guard.Grant) error {
			batch, err := b.h.Carriers.Register(g, carrier.Registration{Title: "证据材料多余复印件", Form: carrier.Copy, Origin: carrier.Made, Level: classification.Confidential, Pages: 42, Copies: 1, Place: "三楼档案室 D01 柜 1 层"})
			if err != nil {
				return err
			}
			id, err := b.h.Carriers.FirstOf(g, batch)
			things = []retention.Ref{{Kind: access.Carrier, ID: id}}
			return err
		}); err != nil {
			return err
		}
		return on(lead, access.RequestDestruction, access.Matter, in, func(g *guard.Grant) (err error) {
			list, err = b.h.Retention.Request(g, retention.Asking{Items: things, Reason: "开庭用毕，客户要求销毁多余复印件", Appraiser: b.ids[appraiser], Destroyer: b.ids[keeper]})
			return err
		})
	})
	if stage == "listed" {
		return
	}
	if stage == "frozen" {
		add(before-2*hour, "freeze the matter", func() error {
			return on(b.holder(access.SecurityAdmin), access.SetHold, access.Matter, b.matters[m.Number], func(g *guard.Grant) error {
				return b.h.Retention.SetHold(g, "法院通知保全证据，案卷不得销毁")
			})
		})
		return
	}
	add(before-5*hour, "appraise", func() error {
		return on(appraiser, access.AppraiseDestruction, access.Destruction, list, func(g *guard.Grant) error {
			return b.h.Retention.Appraise(g, []retention.Judgement{{Ref: things[0], Verdict: retention.ToDestroy}}, "原件在卷，复印件没有留存价值")
		})
	})
	if stage == "appraised" {
		return
	}
	add(before-8*hour, "arrange and ask for leave", func() error {
		if err := on(keeper, access.ArrangeDestruction, access.Destruction, list, func(g *guard.Grant) error {
			return b.h.Retention.Arrange(g, retention.Arrangement{Method: "shred-p4", Place: "三楼碎纸间", Witnesses: [2]string{b.ids[b.holder(access.Administration)], b.ids[b.holder(access.Logistics)]}})
		}); err != nil {
			return err
		}
		return b.h.Retention.Ask(b.ctx, b.who(keeper), list)
	})
	if stage == "asked" {
		return
	}
	for n, by := range []string{lead, b.holder(access.Director)} {
		add(before-time.Duration(10+n)*hour, "approve a destruction", func() error { return b.approveDestruction(by, keeper, list) })
	}
	if stage == "done" {
		add(before-30*hour, "destroy", func() error { return b.destroy(list) })
	}
}

func (b *builder) approveDestruction(by, keeper, list string) error {
	var asked []approval.Request
	if err := b.h.Door.Do(b.ctx, b.who(keeper), access.ViewDestruction, guard.Thing{Kind: access.Destruction, ID: list}, func(g *guard.Grant) (err error) {
		asked, err = b.h.Retention.Asked(g)
		return err
	}); err != nil || len(asked) == 0 {
		return fmt.Errorf("find what was asked for: %w", err)
	}
	return b.h.Door.Do(b.ctx, b.who(by), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: asked[0].ID}, func(g *guard.Grant) error { return b.h.Approvals.Decide(g, approval.Yes, "同意") })
}

// destroy has the custodian and two witnesses carry a list out.
func (b *builder) destroy(list string) error {
	keeper := b.accountOf(access.Custodian)
	who, digest := b.who(keeper.Login), ""
	if err := b.h.Door.Do(b.ctx, who, access.ViewDestruction, guard.Thing{Kind: access.Destruction, ID: list}, func(g *guard.Grant) error {
		c, err := b.h.Retention.Certificate(g)
		digest = c.Digest()
		return err
	}); err != nil {
		return err
	}
	watch := func(post access.Post) retention.Standby {
		a := b.accountOf(post)
		return retention.Standby{Login: a.Login, Password: a.Password}
	}
	return b.inSession(keeper, func(session string) error {
		return b.h.Retention.Execute(b.ctx, who, list, retention.Execution{Digest: digest, Firm: b.firm.Name,
			Consent:   hand.Consent{Session: session, Confirmation: person.Confirmation{Password: keeper.Password}, From: person.From{Addr: who.Addr}},
			Witnesses: [2]retention.Standby{watch(access.Administration), watch(access.Logistics)}})
	})
}
