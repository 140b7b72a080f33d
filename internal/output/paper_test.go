package output_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/output"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// armed is an order on a paper of 机密级 that the clerk has released.
func (o *office) armed(kind output.Kind, paper, device string, copies int) (id string) {
	o.t.Helper()
	id, _, err := o.ask("handling", output.Application{Kind: kind, Thing: paper, Copies: copies, Device: device,
		Filing: output.Filing{Kinds: classification.SetOf(classification.CasePaper), Reviewer: o.IDs["lead"], NotStateSecret: true}})
	o.must(err)
	o.must(o.decide("lead", id, approval.Yes))
	pin, err := o.begin("handling", id)
	o.must(err)
	o.must(o.release("clerk", id, pin))
	return id
}

// TestCopy: a copy of a paper has the next number of its title, its source is on record, and each number is explained.
func TestCopy(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		paper := o.RegisterCarriers(o.matter, 1)[0]
		if _, _, err := o.ask("handling", output.Application{Kind: output.Copy, Thing: paper, Device: o.scanner}); problem.KindOf(err) != problem.Conflict {
			t.Errorf("copied on a scanner: %v", err)
		}
		id := o.armed(output.Copy, paper, o.copier, 2)
		got := o.order(id)
		if len(got.Each) != 2 || got.Each[0].Copy != 2 || got.Each[1].Copy != 3 || got.Each[0].State != output.Printed || got.Sheets != 12 {
			t.Fatalf("%+v", got)
		}
		o.must(o.count("clerk", got.Each[0].ID, 12, 0, ""))
		o.must(o.count("clerk", got.Each[1].ID, 0, 3, "复印机缺粉，三张报废"))
		o.must(o.collect("handling", id, got.Each[0].ID))
		second := o.armed(output.Copy, paper, o.copier, 1)
		if again := o.order(second); again.Each[0].Copy != 4 {
			t.Errorf("a number was given twice: %+v", again.Each)
		}
		var made carrier.Carrier
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.ViewCarrier, guard.Thing{Kind: access.Carrier, ID: o.order(id).Each[0].Carrier}, func(g *guard.Grant) (err error) {
			made, _, err = o.House.Carriers.Get(g)
			return err
		}))
		if made.Source != paper || made.Form != carrier.Copy || made.Copy != 2 || made.Serial != got.Each[0].Serial || made.Holder != o.IDs["handling"] {
			t.Errorf("%+v", made)
		}
		var b carrier.Balance
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.ViewMatter, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) (err error) { b, err = o.House.Carriers.Balance(g); return err }))
		if !b.Even() || b.Registered != 2 {
			t.Errorf("%+v", b)
		}
	})
}

// folder is the scanner's, made.
func (o *office) folder() string {
	o.t.Helper()
	var d device.Device
	o.must(o.firm("auditor", access.ReadDevices, func(g *guard.Grant) (err error) { d, err = o.House.Devices.One(g, o.scanner); return err }))
	dir := o.House.Output.Folder(d.Label())
	o.must(os.MkdirAll(dir, 0o700))
	return dir
}

func (o *office) leave(name, content string) (path string) {
	o.t.Helper()
	path = filepath.Join(o.folder(), name)
	o.must(os.WriteFile(path, []byte(content), 0o600))
	return path
}

// sweep looks often enough that files are complete.
func (o *office) sweep() {
	o.t.Helper()
	for range 4 {
		o.must(o.House.Output.Sweep(o.t.Context()))
	}
}

func (o *office) papers() (all []output.Paper) {
	o.t.Helper()
	o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) (err error) { all, err = o.House.Output.Papers(g); return err }))
	return all
}

func (o *office) landed(id string) int {
	o.t.Helper()
	n := 0
	o.must(o.firm("handling", access.UseSystem, func(g *guard.Grant) error {
		got, err := o.House.Output.Get(g, id)
		if err != nil {
			return err
		}
		numbers, err := o.House.Output.Landings(g, got)
		n = len(numbers)
		return err
	}))
	return n
}

func there(path string) bool { _, err := os.Stat(path); return err == nil }

// TestScan: what a scanner leaves is sealed into the matter of the request that waits there, and its file is gone; what belongs nowhere is held
// and told.
func TestScan(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		paper := o.RegisterCarriers(o.matter, 1)[0]
		early := o.leave("early.pdf", threePages(t))
		o.sweep()
		if all := o.papers(); len(all) != 1 || all[0].State != output.Held || !there(early) {
			t.Fatalf("nobody waits: %+v", all)
		}
		id := o.armed(output.Scan, paper, o.scanner, 1)
		growing := o.leave("growing.pdf", threePages(t)[:500])
		o.must(o.House.Output.Sweep(t.Context()))
		o.leave("growing.pdf", threePages(t))
		o.must(o.House.Output.Sweep(t.Context()))
		if n := o.landed(id); n != 0 || !there(growing) {
			t.Errorf("taken while it grew: %d", n)
		}
		foreign, half, link := o.leave("notes.txt", "just text"), o.leave(".half.pdf", "%PDF-"), filepath.Join(o.folder(), "link.pdf")
		o.must(os.Symlink("/etc/hostname", link))
		o.sweep()
		if n := o.landed(id); n != 1 || there(growing) {
			t.Errorf("%d landed, the file is there: %v", n, there(growing))
		}
		if !there(foreign) || !there(half) || !there(link) {
			t.Error("a foreign file is gone")
		}
		held := map[string]output.Paper{}
		for _, p := range o.papers() {
			if p.State == output.Held {
				held[p.Name] = p
			}
		}
		if len(held) != 2 || !held["early.pdf"].Assignable || held["notes.txt"].Assignable || held["notes.txt"].Problem == "" {
			t.Errorf("%+v", held)
		}
		o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.Assign(g, held["early.pdf"].ID, id) }))
		o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.DiscardScan(g, held["notes.txt"].ID) }))
		o.sweep()
		if n := o.landed(id); n != 2 || there(early) || there(foreign) {
			t.Errorf("%d landed, %v, %v", n, there(early), there(foreign))
		}
		second := o.armed(output.Scan, paper, o.scanner, 1)
		both := o.leave("which.pdf", threePages(t)+"%%")
		o.sweep()
		o.sweep()
		if n := o.landed(id) + o.landed(second); n != 2 || !there(both) {
			t.Errorf("landed although two wait: %d", n)
		}
		finish := func(id string) error {
			return o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.Finish(g, id) })
		}
		o.must(finish(id))
		for _, p := range o.papers() {
			if p.Name == "which.pdf" {
				o.must(o.firm("clerk", access.OperateOutput, func(g *guard.Grant) error { return o.House.Output.Assign(g, p.ID, second) }))
			}
		}
		o.sweep()
		if n := o.landed(second); n != 1 || there(both) {
			t.Errorf("%d landed", n)
		}
		o.must(finish(second))
	})
}

// TestScanSaysItsGround: with the order it is said whether there is personal information and on what basis; what the order is for is its note. What
// could not be filed when it comes is not ordered.
func TestScanSaysItsGround(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		a := output.Application{Kind: output.Scan, Thing: o.RegisterCarriers(o.matter, 1)[0], Copies: 1, Device: o.scanner, Note: "核对证件",
			Filing: output.Filing{Kinds: classification.SetOf(classification.Identity), Reviewer: o.IDs["lead"], NotStateSecret: true}}
		for name, f := range map[string]output.Filing{"nothing": {}, "general consent": {Personal: classification.Sensitive, Basis: classification.Consent}, "no basis of ours": {Personal: classification.HasPersonal, Basis: "custom"}} {
			wrong := a
			wrong.Filing.Personal, wrong.Filing.Basis = f.Personal, f.Basis
			if _, _, err := o.ask("handling", wrong); problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		law := a
		law.Note, law.Filing.Personal, law.Filing.Basis = "", classification.HasPersonal, classification.OtherLaw
		if _, _, err := o.ask("handling", law); problem.KindOf(err) != problem.Invalid {
			t.Errorf("no law is named: %v", err)
		}
		a.Filing.Personal, a.Filing.Basis = classification.Sensitive, classification.Separate
		id, _, err := o.ask("handling", a)
		o.must(err)
		o.must(o.decide("lead", id, approval.Yes))
		pin, err := o.begin("handling", id)
		o.must(err)
		o.must(o.release("clerk", id, pin))
		o.leave("id.pdf", threePages(t))
		o.sweep()
		var page material.Page
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
			page, err = o.House.Shelf.List(g, material.Filter{Ground: "sensitive"})
			return err
		}))
		if len(page.Rows) != 1 || page.Rows[0].Basis != classification.Separate {
			t.Fatalf("%+v", page)
		}
		var m material.Material
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.View, guard.Thing{Kind: access.Material, ID: page.Rows[0].ID}, func(g *guard.Grant) (err error) { m, err = o.House.Shelf.Get(g); return err }))
		if !strings.Contains(m.Ground.Note, "核对证件") {
			t.Errorf("the note is %q", m.Ground.Note)
		}
		// An order from before the question lands all the same.
		o.must(o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE output SET filing = $2 WHERE id = $1`, id, fmt.Sprintf(`{"kinds":1,"reviewer":%q,"not_state_secret":true}`, o.IDs["lead"]))
			return err
		}))
		o.leave("old.pdf", threePages(t)+"%")
		o.sweep()
		o.must(o.House.Door.Do(t.Context(), o.Who("lead"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
			page, err = o.House.Shelf.List(g, material.Filter{Ground: "baseless"})
			return err
		}))
		if len(page.Rows) != 1 || page.Rows[0].Personal != classification.HasPersonal {
			t.Errorf("of an order from before: %+v", page)
		}
	})
}

// TestScanKilled: dead before the file is filed, or before it is erased: it lands once.
func TestScanKilled(t *testing.T) {
	for name, rewind := range map[string]string{"before it was erased": `state = 'filed'`, "before it was filed": ""} {
		t.Run(name, func(t *testing.T) {
			o := open(t, store.SQLite)
			paper := o.RegisterCarriers(o.matter, 1)[0]
			id := o.armed(output.Scan, paper, o.scanner, 1)
			content := threePages(t)
			path := o.leave("scan.pdf", content)
			info, err := os.Stat(path)
			o.must(err)
			if rewind == "" { // the upload is there, its form is not
				ctx, cancel := context.WithCancel(t.Context())
				o.stumble = func(point string) error {
					if cut := strings.HasPrefix(point, "after put"); cut {
						cancel()
					}
					return nil
				}
				for range 4 {
					_ = o.House.Output.Sweep(ctx)
				}
				o.stumble = nil
				o.clock.Forward(time.Hour) // the lease of the dead is over
			} else {
				o.sweep()
				o.must(os.WriteFile(path, []byte(content), 0o600)) // the erasing was lost
				o.must(os.Chtimes(path, info.ModTime(), info.ModTime()))
				o.must(o.House.DB.Update(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`UPDATE scan SET ` + rewind); return err }))
			}
			o.sweep()
			if n := o.landed(id); n != 1 || there(path) {
				t.Errorf("landed %d times, the file is there: %v", n, there(path))
			}
			uploads := 0
			o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
				uploads, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, `SELECT COUNT(*) FROM material WHERE matter = $1`, o.matter)
				return err
			}))
			if uploads != 2 { // the first is the office's own
				t.Errorf("%d materials", uploads)
			}
		})
	}
}
