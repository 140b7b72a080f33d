package demo

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
)

// original is something that clients brought to the firm.
type original struct {
	title  string
	form   carrier.Form
	origin carrier.Origin
	pages  int
	copies int
	from   string
	place  string
	fate   string // what came of it: shown to somebody outside the team, lent, late, waiting, sent out, back, lost

	signer  string // who signs for it at the desk; empty: nobody yet
	courier string // why nobody signs at the desk
}

var originals = []original{
	{"合同及补充协议原件", carrier.Paper, carrier.Client, 46, 1, "客户经办人，当面交付", "三楼档案室 A01 柜 2 层", "out", "周慎言", ""},
	{"付款凭证与银行回单", carrier.Paper, carrier.Client, 88, 1, "客户财务人员，当面交付", "三楼档案室 A01 柜 3 层", "lent", "许知衡", ""},
	{"提交法院的证据原件", carrier.Paper, carrier.Client, 31, 1, "客户经办人，当面交付", "三楼档案室 A01 柜 4 层", "sent", "周慎言", ""},
	{"往来邮件打印件", carrier.Copy, carrier.Client, 120, 2, "客户经办人，快递送达", "三楼档案室 A02 柜 1 层", "late", "客户经办人", "快递送达，面单随件保存"},
	{"会议录音光盘", carrier.Optical, carrier.Client, 1, 1, "客户经办人，当面交付", "三楼档案室 C01 柜 1 层（防磁）", "shown", "周慎言", ""},
	{"传票与举证通知书", carrier.Paper, carrier.Court, 6, 1, "法院专递", "三楼档案室 A02 柜 2 层", "waiting", "", ""},
	{"公章备案样本", carrier.Paper, carrier.Client, 2, 1, "客户行政人员，当面交付", "三楼档案室 A01 柜 1 层", "back", "孟北辰", ""},
	{"现场照片冲印件", carrier.Paper, carrier.Made, 24, 1, "", "三楼档案室 B01 柜 2 层", "lost", "", ""},
}

// carriers are brought to the first matters, kept by the custodian, lent, given back, and one is not found any more.
func (b *builder) carriers(add func(before time.Duration, what string, do func() error)) {
	for i, m := range b.firm.Matters {
		if i%5 != 0 {
			continue
		}
		for n, o := range originals[:min(len(originals), 3+i/5*2)] {
			first := max(m.OpenedAt-time.Duration(n+1)*20*time.Hour, time.Duration(len(originals)-n)*30*time.Hour)
			b.bring(add, m, o, first)
		}
	}
}

const hour = time.Hour

func (b *builder) bring(add func(before time.Duration, what string, do func() error), m corpus.Matter, o original, before time.Duration) {
	lead, keeper, id := m.Lead(), b.holder(access.Custodian), ""
	act := func(by string, a access.Act, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), a, guard.Thing{Kind: access.Carrier, ID: id}, f)
	}
	h := hands{add, act, func() string { return id }, keeper, lead}
	offer := func(by, to string) func() error {
		return func() error {
			return act(by, access.HandCarrier, func(g *guard.Grant) error { return b.h.Carriers.Offer(g, carrier.Handing{To: b.ids[to]}) })
		}
	}
	take := func(by string) func() error {
		return func() error {
			return act(by, access.TakeCarrier, func(g *guard.Grant) error { return b.h.Carriers.Take(g, "") })
		}
	}
	batch := ""
	add(before, "register "+o.title, func() error {
		return b.h.Door.Do(b.ctx, b.who(lead), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}, func(g *guard.Grant) error {
			var err error
			batch, err = b.h.Carriers.Register(g, carrier.Registration{Title: o.title, Form: o.form, Origin: o.origin, Level: classification.Confidential, Pages: o.pages, Copies: o.copies, From: o.from, Place: o.place})
			if err != nil {
				return err
			}
			id, err = b.h.Carriers.FirstOf(g, batch)
			return err
		})
	})
	if o.signer != "" {
		add(before, "sign for "+o.title, func() error { return b.signFor(lead, b.matters[m.Number], batch, o) })
	}
	add(before-1*hour, "hand over "+o.title, offer(lead, keeper))
	if o.fate == "waiting" {
		return
	}
	add(before-2*hour, "keep "+o.title, take(keeper))
	if o.fate == "lent" || o.fate == "late" {
		b.copyOriginal(add, before, lead, o.pages, func() string { return id })
	}
	if o.fate == "out" {
		b.takeOut(add, before, lead, o.pages, act, func() string { return id })
	}
	switch o.fate {
	case "lent", "late":
		b.borrow(h, before, o.fate == "late")
	case "shown":
		b.lendOutside(h, m, before)
	case "sent":
		b.sendOut(h, m, before)
	case "back":
		add(before-5*hour, "give back "+o.title, func() error {
			return act(keeper, access.ReturnCarrier, func(g *guard.Grant) error { return b.h.Carriers.Return(g, "客户行政人员签收") })
		})
	case "lost":
		add(before-6*hour, "write off "+o.title, func() error {
			return act(b.holder(access.Director), access.WriteOffCarrier, func(g *guard.Grant) error {
				return b.h.Carriers.WriteOff(g, "盘点时未找到，已查监控并报告；电子版在案卷内，没有外流迹象")
			})
		})
	}
}
