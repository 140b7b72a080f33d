package output_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/output"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// TestPrint: asked for, approved, released with the number, printed by a real printer, counted, signed for: the paper is a carrier of its
// material, its bytes are the marked pages, and nothing goes a second time.
func TestPrint(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, _, err := o.ask("handling", output.Application{Kind: output.Print, Thing: o.material, Copies: 2, Pages: "1，3", Device: o.printer, Note: "庭审用"})
		o.must(err)
		if _, err := o.begin("handling", id); problem.KindOf(err) != problem.Refused {
			t.Errorf("begun without approval: %v", err)
		}
		o.wants(problem.Refused, o.decide("handling", id, approval.Yes))
		o.must(o.decide("lead", id, approval.Yes))
		if _, err := o.begin("lead", id); err == nil {
			t.Error("somebody else begins")
		}
		pin, err := o.begin("handling", id)
		o.must(err)
		if _, err := o.begin("handling", id); err == nil {
			t.Error("an approval was used twice")
		}
		o.wants(problem.Refused, o.release("handling", id, pin))
		for n := range 3 {
			o.wants(problem.Invalid, o.release("clerk", id, fmt.Sprintf("%06d", n)))
		}
		o.must(o.release("clerk", id, pin))
		got := o.until(id, "printed", in(output.Printed))
		if len(got.Each) != 2 || got.Sheets != 2 || got.Pages != "1,3" || !carrier.ValidNumber(got.Each[0].Number) || got.Each[1].Copy != 2 || got.Each[0].Serial != got.Each[1].Serial {
			t.Fatalf("%+v", got)
		}
		jobs := o.real.Jobs()
		if len(jobs) != 2 {
			t.Fatalf("%d jobs", len(jobs))
		}
		if list := run(t, "pdfimages", "-list", jobs[0]); strings.Count(list, "jpeg") != 2 || !strings.Contains(list, "1654") {
			t.Errorf("the pages are\n%s", list)
		}
		if text := run(t, "pdftotext", jobs[0], "-"); strings.TrimSpace(text) != "" {
			t.Errorf("text that is not in the pixels: %q", text)
		}
		o.marked(jobs)
		if n := len(o.copies("lead")); n != 0 {
			t.Errorf("%d carriers before anybody signed", n)
		}
		o.wants(problem.Refused, o.count("handling", got.Each[0].ID, 2, 0, ""))
		o.wants(problem.Invalid, o.count("clerk", got.Each[0].ID, 1, 0, "")) // the printer lied: a sheet is missing, and why
		o.must(o.count("clerk", got.Each[0].ID, 2, 0, ""))
		o.must(o.count("keeper", got.Each[1].ID, 1, 1, "第二页皱损"))
		o.wants(problem.Absent, o.collect("lead", id, got.Each[0].ID))
		o.wants(problem.Invalid, o.collect("handling", id, got.Each[1].ID)) // void
		o.must(o.collect("handling", id, got.Each[0].ID))
		held := o.copies("lead")
		if len(held) != 1 || held[0].Number != got.Each[0].Number || held[0].Holder != o.IDs["handling"] || held[0].Form != carrier.Printed || held[0].Origin != carrier.Made || held[0].Material != o.material || held[0].Pages != 2 || held[0].Approval == "" || held[0].Approval != got.Approval {
			t.Errorf("%+v", held)
		}
		if b := carrier.Count(held); !b.Even() || b.Held != 1 {
			t.Errorf("%+v", b)
		}
		o.must(o.House.Output.Go(t.Context(), o.Who("clerk"), id)) // one is void: the next number
		got = o.until(id, "printed again", func(x output.Order) bool { return len(x.Each) == 3 && x.Each[2].State == output.Printed })
		if got.Each[1].State != output.Void || got.Each[1].Spoiled != 2 || got.Each[1].Why == "" || got.Each[2].Copy != 3 {
			t.Errorf("%+v", got.Each)
		}
		o.must(o.count("clerk", got.Each[2].ID, 2, 0, ""))
		o.must(o.collect("handling", id, got.Each[2].ID))
		if got = o.order(id); got.State != output.Done {
			t.Errorf("%+v", got.State)
		}
		o.must(o.House.Door.Do(t.Context(), o.Who("keeper"), access.UseSystem, guard.Firm, func(g *guard.Grant) error { // a void number explains itself
			page, err := o.House.Carriers.Accounts(g, carrier.AccountFilter{Wrong: true})
			if len(page.Accounts) != 0 {
				t.Errorf("wrong: %+v", page.Accounts)
			}
			return err
		}))
		o.wants(problem.Conflict, o.House.Output.Go(t.Context(), o.Who("clerk"), id))
		if n := len(o.real.Jobs()); n != 3 {
			t.Errorf("%d jobs", n)
		}
		o.ledger(id)
	})
}

// marked looks at the pixels: each page bears a mark, and the copies' marks are not the same.
func (o *office) marked(jobs []string) {
	o.t.Helper()
	dir := o.t.TempDir()
	var first, clean []byte
	for n, job := range jobs {
		run(o.t, "pdftoppm", "-r", "60", "-gray", job, filepath.Join(dir, fmt.Sprint(n)))
		pages, err := filepath.Glob(filepath.Join(dir, fmt.Sprint(n)+"-*.pgm"))
		o.must(err)
		if len(pages) != 2 {
			o.t.Fatalf("%d pages", len(pages))
		}
		raw := read(o.t, pages[0])
		if dark := bytes.Count(raw, []byte{255}); dark > len(raw)*97/100 {
			o.t.Error("a page without a mark")
		}
		if n == 0 {
			first = raw
		}
		clean = raw
	}
	if bytes.Equal(first, clean) {
		o.t.Error("two copies look the same")
	}
}

// ledger finds the steps of the order in the material's own history.
func (o *office) ledger(id string) {
	o.t.Helper()
	n := 0
	o.must(o.House.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		n, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, `SELECT COUNT(*) FROM ledger_entry WHERE act = 'printMaterial' AND thing = $1`, o.material)
		return err
	}))
	if n < 10 {
		o.t.Errorf("%d entries of the material's printing", n)
	}
}

// TestWhoAndWhere: the rules, the device and the window decide before anything is made.
func TestWhoAndWhere(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		low := o.device("printer", "L1", classification.Confidential, o.real.Address)
		print := output.Application{Kind: output.Print, Thing: o.material, Device: o.printer}
		for what, change := range map[string]func(*output.Application){"device": func(a *output.Application) { a.Device = low }, "no device": func(a *output.Application) { a.Device = "" }, "a scanner": func(a *output.Application) { a.Device = o.scanner }} {
			a := print
			change(&a)
			if _, _, err := o.ask("handling", a); problem.KindOf(err) != problem.Conflict && problem.KindOf(err) != problem.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		for field, bad := range map[string]output.Application{"pages": {Pages: "2-9"}, "copies": {Copies: 51}, "purpose": {Purpose: "fun"}, "note": {Purpose: "other"}} {
			bad.Kind, bad.Thing, bad.Device = output.Print, o.material, o.printer
			_, _, err := o.ask("handling", bad)
			o.wants(problem.Invalid, err)
			if p := problemOf(err); p == nil || p.Field != field {
				t.Errorf("bad %s: %v", field, err)
			}
		}
		for _, login := range []string{"trainee", "outsider", "walled", "director", "keeper"} {
			if _, _, err := o.ask(login, print); problem.KindOf(err) != problem.Absent && problem.KindOf(err) != problem.Refused {
				t.Errorf("%s asks: %v", login, err)
			}
		}
		id := o.asked(1)
		o.must(o.decide("lead", id, approval.No))
		if got := o.order(id); got.State != output.Refused {
			t.Errorf("%s", got.State)
		}
		if _, err := o.begin("handling", id); err == nil {
			t.Error("begun although refused")
		}
		id = o.asked(1)
		o.must(o.decide("lead", id, approval.Yes))
		o.clock.Forward(8 * 24 * time.Hour)
		if _, err := o.begin("handling", id); err == nil {
			t.Error("begun after the window")
		}
		if got := o.order(id); got.State != output.Lapsed {
			t.Errorf("%s", got.State)
		}
		id = o.asked(1)
		o.must(o.decide("lead", id, approval.Yes))
		pin, err := o.begin("handling", id)
		o.must(err)
		o.must(o.firm("security", access.ClearDevice, func(g *guard.Grant) error {
			return o.House.Devices.Clear(g, o.printer, classification.Confidential, "降级")
		}))
		o.wants(problem.Conflict, o.release("clerk", id, pin)) // the device was lowered meanwhile
		o.must(o.firm("security", access.ClearDevice, func(g *guard.Grant) error {
			return o.House.Devices.Clear(g, o.printer, classification.Secret, "恢复")
		}))
		for n := range output.MostTries - 1 {
			o.wants(problem.Invalid, o.release("clerk", id, fmt.Sprint(n)))
		}
		o.wants(problem.Conflict, o.release("clerk", id, "x"))
		o.wants(problem.Conflict, o.release("clerk", id, pin)) // locked, although it is the right one
		draw := func(by string) (fresh string, err error) {
			err = o.firm(by, access.UseSystem, func(g *guard.Grant) (err error) { fresh, err = o.House.Output.Draw(g, id); return err })
			return fresh, err
		}
		_, err = draw("lead")
		o.wants(problem.Absent, err)
		fresh, err := draw("handling")
		o.must(err)
		o.clock.Forward(output.ReadyTerm + time.Hour)
		o.wants(problem.Conflict, o.release("clerk", id, fresh))
		if n := len(o.real.Jobs()); n != 0 {
			t.Errorf("%d jobs", n)
		}
		alone, pin, err := o.ask("lead", output.Application{Kind: output.Print, Thing: o.confidential(), Device: low}) // 秘密级 and one's own matter
		o.must(err)
		if pin == "" {
			t.Fatal("the lead needs no approval for 秘密级")
		}
		o.must(o.release("clerk", alone, pin))
		o.until(alone, "printed", in(output.Printed))
	})
}

func (o *office) confidential() string {
	id := o.Receive(o.matter, "note.pdf", "会议纪要", threePages(o.t), classification.Confidential)
	o.Review(id, classification.Confidential)
	return id
}
