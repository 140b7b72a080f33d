package demo

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/corpus"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/output"
)

// scans bring two papers in that clients signed late: the scanner leaves its file in its folder, and it lands on the request. The first is
// reviewed, the second waits for that.
func (b *builder) scans(add func(before time.Duration, what string, do func() error)) {
	forms := []string{"委托代理合同", "授权委托书"}
	for _, m := range b.firm.Matters {
		if len(forms) == 0 {
			return
		}
		has := func(d corpus.Document) bool { return d.Type == forms[0] }
		if m.Closed || m.Team[1].Duty != "handling" || !slices.ContainsFunc(corpus.Materials(m), has) {
			continue
		}
		before := 4 * 24 * hour
		if len(forms) == 1 {
			before = 30 * hour
		}
		b.scan(add, m, forms[0], before, len(forms) == 2)
		forms = forms[1:]
	}
}

func (b *builder) scan(add func(before time.Duration, what string, do func() error), m corpus.Matter, form string, before time.Duration, reviewed bool) {
	lead, by, paper := m.Lead(), m.Team[1].Login, corpus.Signed(m, form)
	var carrierID, id, pin string
	add(before, "register "+paper.Title, func() (err error) {
		carrierID, err = b.original(m, carrier.Registration{Title: paper.Title + "（签字原件）", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Confidential, Pages: paper.Pages, Copies: 1,
			From: "客户经办人，当面交付", Place: "三楼档案室 A03 柜 1 层"}, "周慎言")
		return err
	})
	add(before-hour, "ask to scan "+paper.Title, func() (err error) {
		id, _, err = b.h.Output.Ask(b.ctx, b.who(by), output.Application{Kind: output.Scan, Thing: carrierID, Copies: 1, Device: b.scanner, Purpose: "archive", Note: "签字原件入卷",
			Filing: output.Filing{Kinds: classification.SetOf(classification.Identity, classification.CasePaper), Personal: classification.HasPersonal, Basis: classification.Contract, Reviewer: b.ids[lead], NotStateSecret: true}})
		return err
	})
	add(before-2*hour, "approve the scan", func() error { return b.agree(by, lead, id) })
	add(before-3*hour, "release the scanner", func() (err error) {
		if pin, err = b.h.Output.Begin(b.ctx, b.who(by), id); err != nil {
			return err
		}
		return b.h.Output.Release(b.ctx, b.who(b.holder(access.Administration)), id, pin)
	})
	add(before-3*hour-5*time.Minute, "scan "+paper.Title, func() error { return b.feed(by, id, paper) })
	if reviewed {
		add(before-5*hour, "review the scan", func() error { return b.reviewScan(by, lead, id) })
	}
}

// feed has the scanner leave its file, which the program takes up, and the operator end the request.
func (b *builder) feed(requester, id string, paper corpus.Paper) error {
	folder, err := b.scanFolder(b.scanner)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("SCAN%04d.pdf", paper.Pages)), paper.PDF, 0o600); err != nil {
		return err
	}
	for range 4 { // a file is whole when it has stayed the same for a while
		if err := b.h.Output.Sweep(b.ctx); err != nil {
			return err
		}
	}
	if _, err := b.landed(requester, id); err != nil {
		return err
	}
	return b.operate(func(g *guard.Grant) error { return b.h.Output.Finish(g, id) })
}

// landed is the material that a request's scan became.
func (b *builder) landed(requester, id string) (material string, err error) {
	err = b.h.Door.Do(b.ctx, b.who(requester), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		o, err := b.h.Output.Get(g, id)
		if err != nil {
			return err
		}
		all, err := b.h.Output.Landings(g, o)
		if err != nil || len(all) != 1 {
			return errors.Join(err, fmt.Errorf("a scan landed %d times", len(all)))
		}
		material = slices.Collect(maps.Keys(all))[0]
		return nil
	})
	return material, err
}

func (b *builder) reviewScan(requester, reviewer, id string) error {
	material, err := b.landed(requester, id)
	if err != nil {
		return err
	}
	return b.h.Door.Do(b.ctx, b.who(reviewer), access.Review, guard.Thing{Kind: access.Material, ID: material, Level: classification.Confidential}, func(g *guard.Grant) error {
		return b.h.Shelf.Review(g, "与原件核对一致，密级相同")
	})
}

// scanFolder is the folder in which a device leaves its scans, made if it is not there.
func (b *builder) scanFolder(id string) (string, error) {
	var d device.Device
	if err := b.h.Door.Do(b.ctx, b.who(b.holder(access.SystemAdmin)), access.ReadDevices, guard.Firm, func(g *guard.Grant) (err error) { d, err = b.h.Devices.One(g, id); return err }); err != nil {
		return "", err
	}
	folder := b.h.Output.Folder(d.Label())
	return folder, os.MkdirAll(folder, 0o700)
}

// original is a paper that a lead takes in for a matter and has signed for; it gives the first carrier's id.
func (b *builder) original(m corpus.Matter, r carrier.Registration, signer string) (id string, err error) {
	in, batch := b.matters[m.Number], ""
	if err := b.h.Door.Do(b.ctx, b.who(m.Lead()), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) (err error) {
		if batch, err = b.h.Carriers.Register(g, r); err != nil {
			return err
		}
		id, err = b.h.Carriers.FirstOf(g, batch)
		return err
	}); err != nil {
		return "", err
	}
	return id, b.signFor(m.Lead(), in, batch, original{signer: signer})
}
