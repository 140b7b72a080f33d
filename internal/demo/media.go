package demo

import (
	"io"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/media"
	"mijuan/internal/parcel"
)

// sticks are the firm's removable media; serial numbers are invented.
var sticks = []struct {
	form                           carrier.Form
	model, vendor, product, serial string
	level                          classification.Level
	fate                           string // lent, back, late, planned, issued, scrapped
}{
	{carrier.Stick, "硬件加密优盘 64 GB（一）", "0951", "16d2", "E0D55EA573F0G5A1", classification.Secret, "planned"},
	{carrier.Stick, "硬件加密优盘 64 GB（二）", "0951", "16d2", "E0D55EA573F0G5A2", classification.Secret, "back"},
	{carrier.Stick, "硬件加密优盘 32 GB（出庭）", "0781", "5597", "4C530001230815116", classification.Confidential, "late"},
	{carrier.Disk, "加密移动硬盘 2 TB（尽调）", "1058", "2626", "575833314539374C", classification.TopSecret, "issued"},
	{carrier.Stick, "普通优盘 16 GB", "0930", "6545", "60A44C3FAC05B2C1", 0, ""},
	{carrier.Stick, "旧优盘 8 GB", "0930", "6544", "07AE1F0C2B44", classification.Confidential, "scrapped"},
	{carrier.Optical, "一次写入光盘", "", "", "光盘-2026-014", classification.Confidential, ""},
}

// media are registered, rated, lent, checked when they come back, and struck off; an export waits to be scanned. Where the firm has a virus
// scanner another one was scanned, approved and written; without a scanner's verdict nothing is exported, in the demonstration either.
func (b *builder) media(add func(before time.Duration, what string, do func() error)) {
	const day = 24 * hour
	keeper, security, logistics := b.holder(access.Custodian), b.holder(access.SecurityAdmin), b.holder(access.SystemAdmin)
	m := b.firm.Matters[0]
	lead := m.Lead()
	act := func(by string, a access.Act, f func(*guard.Grant) error) error {
		return b.h.Door.Do(b.ctx, b.who(by), a, guard.Firm, f)
	}
	for i, s := range sticks {
		id, at := "", time.Duration(150-i)*day
		add(at, "register "+s.model, func() error {
			return act(keeper, access.ManageMedia, func(g *guard.Grant) (err error) {
				id, err = b.h.Media.Add(g, media.Entry{Form: s.form, Model: s.model, Serial: s.serial, Vendor: s.vendor, Product: s.product, Keeper: b.ids[keeper]})
				return err
			})
		})
		if s.level != 0 {
			add(at-day, "rate "+s.model, func() error {
				return act(security, access.RateMedium, func(g *guard.Grant) error { return b.h.Media.Rate(g, id, s.level, "硬件加密，已格式化") })
			})
		}
		lend := func(to string, days int, purpose string) func() error {
			return func() error {
				return act(keeper, access.ManageMedia, func(g *guard.Grant) error {
					return b.h.Media.Lend(g, id, media.Lending{Person: b.ids[to], Purpose: purpose, Device: "SB-0006 出庭用一", Due: g.Tx().Now.Add(time.Duration(days) * day)})
				})
			}
		}
		switch s.fate {
		case "back":
			add(40*day, "lend "+s.model, lend(lead, 5, "当庭播放证据视频"))
			add(36*day, "check "+s.model, func() error {
				return b.h.Door.Do(b.ctx, b.who(logistics), access.CheckMedium, guard.Thing{Kind: access.Medium, ID: id}, func(g *guard.Grant) error { return b.h.Media.Check(g, "overwrite", "已清空，读不出内容") })
			})
		case "late":
			add(9*day, "lend "+s.model, lend(lead, 5, "到法院提交电子证据"))
		case "planned":
			add(2*day, "lend "+s.model, lend(lead, 10, "向仲裁庭提交电子卷宗"))
			add(day, "prepare an export to "+s.model, func() error { _, err := b.exportTo(id, lead, m.Number, "向仲裁庭提交电子卷宗"); return err })
		case "issued":
			if b.h.Settings.Clamd != nil {
				by := m.Team[1].Login
				add(4*day, "lend "+s.model, lend(by, 20, "与鉴定机构核对电子数据"))
				add(3*day, "export to "+s.model, func() error { return b.exported(id, by, lead, m.Number) })
			}
		case "scrapped":
			add(30*day, "strike off "+s.model, func() error {
				return act(keeper, access.ManageMedia, func(g *guard.Grant) error {
					return b.h.Media.Scrap(g, id, b.ids[logistics], "容量过小，物理粉碎")
				})
			})
		}
	}
}

// exportTo prepares an export of some materials of a matter.
func (b *builder) exportTo(medium, by, number, purpose string) (id string, err error) {
	thing := guard.Thing{Kind: access.Matter, ID: b.matters[number]}
	var ids []string
	err = b.h.Door.Do(b.ctx, b.who(by), access.ListMaterials, thing, func(g *guard.Grant) error {
		page, err := b.h.Shelf.List(g, material.Filter{State: material.Filed, Sort: "number", Limit: 20})
		for _, row := range page.Rows {
			if row.Level <= classification.Secret && len(ids) < 4 {
				ids = append(ids, row.ID)
			}
		}
		return err
	})
	if err != nil || len(ids) == 0 {
		return "", err
	}
	err = b.h.Door.Do(b.ctx, b.who(by), access.PrepareExport, thing, func(g *guard.Grant) (err error) {
		id, err = b.h.Media.Prepare(g, media.Plan{Materials: ids, Medium: medium, Format: parcel.Zip, Purpose: purpose})
		return err
	})
	return id, err
}

// exported has an export scanned, approved by the lead, and fetched as its owner does who writes it onto the medium.
func (b *builder) exported(medium, by, lead, number string) error {
	id, err := b.exportTo(medium, by, number, "与鉴定机构核对电子数据")
	if err != nil || id == "" {
		return err
	}
	found, err := b.h.Media.ScanExport(b.ctx, b.who(by), id)
	if err != nil || found != media.Clean { // too large for the scanner, say: it waits, as it would for anybody
		return err
	}
	thing, leave := guard.Thing{Kind: access.Export, ID: id}, ""
	if err := b.h.Door.Ask(b.ctx, b.who(by), access.ExportToMedium, thing, func(g *guard.Grant) (err error) { leave, err = b.h.Media.Request(g); return err }); err != nil {
		return err
	}
	if err := b.h.Door.Do(b.ctx, b.who(lead), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: leave}, func(g *guard.Grant) error {
		return b.h.Approvals.Decide(g, approval.Yes, "同意，用毕清除")
	}); err != nil {
		return err
	}
	if err := b.h.Door.Do(b.ctx, b.who(by), access.ExportToMedium, thing, func(g *guard.Grant) error { _, err := b.h.Media.Issue(g); return err }); err != nil {
		return err
	}
	s, err := b.h.Media.Fetch(b.ctx, b.who(by), id)
	if err != nil {
		return err
	}
	return s.SendTo(b.ctx, io.Discard)
}
