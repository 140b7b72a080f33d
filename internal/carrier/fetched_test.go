package carrier_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	shelf "mijuan/internal/material"
	"mijuan/internal/problem"
)

// fetch has somebody fetch an original and gives the copy that they hold from then on, as its holder sees it.
func (o *office) fetch(by, material string) (it carrier.Carrier, err error) {
	o.t.Helper()
	original, err := o.House.Shelf.Fetch(context.Background(), o.Who(by), material)
	if err != nil {
		return it, err
	}
	o.must(original.SendTo(context.Background(), &bytes.Buffer{}))
	all := o.list(by, carrier.Filter{Number: original.Copy})
	if len(all) != 1 || all[0].Number != original.Copy {
		o.t.Fatalf("the copy %q is not in the register: %+v", original.Copy, all)
	}
	return all[0], nil
}

func (o *office) erase(by, id string) error {
	return o.do(by, access.EraseCopy, access.Carrier, id, o.House.Carriers.Erase)
}

func (o *office) mayFetch(by, to, material string) {
	o.t.Helper()
	o.must(o.House.Door.Do(context.Background(), o.Who(by), access.Release, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) error {
		return o.House.Shelf.Release(g, shelf.Leave{Person: o.IDs[to], Until: g.Tx().Now.Add(5 * 24 * time.Hour), Reason: "整理证据"})
	}))
}

// TestFetched: an original that leaves is a numbered copy with a holder, in the balance until its holder says that it is deleted; it goes no other
// way of a carrier but out of the firm or off the books.
func TestFetched(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		material := o.Receive(o.matter, "a.txt", "证据目录", "证据三份", classification.Secret)
		o.Review(material, classification.Secret)
		if _, err := o.fetch("handling", material); problem.KindOf(err) != problem.Refused {
			t.Fatalf("without leave: %v", err)
		}
		if b := o.balance(); b.Registered != 0 {
			t.Fatalf("a refusal counted a copy: %+v", b)
		}
		it, err := o.fetch("lead", material)
		o.must(err)
		if it.Form != carrier.Fetched || it.Holder != o.IDs["lead"] || it.Material != material || it.Title != "证据目录" || it.Level != classification.Secret || it.Copy != 1 ||
			it.Due.Sub(it.Registered) != carrier.FetchedMost || !strings.HasPrefix(it.Place, "取用人的电脑") {
			t.Errorf("the copy: %+v", it)
		}
		o.clock.Forward(time.Hour)
		again, err := o.fetch("lead", material)
		o.must(err)
		if again.ID != it.ID || !again.Due.Equal(it.Due) {
			t.Errorf("fetched once more: %+v, before %+v", again, it)
		}
		if _, moves, err := o.get("lead", it.ID); err != nil || len(moves) != 2 || moves[1].Deed != carrier.FetchedAgain {
			t.Errorf("its history: %+v, %v", moves, err)
		}
		o.mayFetch("lead", "handling", material)
		other, err := o.fetch("handling", material)
		o.must(err)
		if other.Serial != it.Serial || other.Copy != 2 {
			t.Errorf("the second copy has serial %d and copy %d", other.Serial, other.Copy)
		}
		if b := o.balance(); !b.Even() || b.Registered != 2 || b.Held != 2 {
			t.Errorf("the balance: %+v", b)
		}

		o.wants(problem.Conflict, o.offer("handling", other.ID, "lead", time.Time{}))
		o.wants(problem.Conflict, o.giveBack("handling", other.ID, "客户"))
		o.wants(problem.Conflict, o.askOut("handling", other.ID, nil))
		_, err = o.askSend("handling", other.ID, toCourt)
		o.wants(problem.Conflict, err)
		o.wants(problem.Refused, o.erase("lead", other.ID))
		o.wants(problem.Refused, o.erase("keeper", other.ID))
		paper, err := o.register("handling", deed)
		o.must(err)
		o.wants(problem.Conflict, o.erase("handling", paper[0]))
		made := deed
		made.Form = carrier.Fetched
		_, err = o.register("handling", made)
		o.wants(problem.Invalid, err)

		o.must(o.erase("handling", other.ID))
		o.wants(problem.Refused, o.erase("handling", other.ID))
		if b := o.balance(); !b.Even() || b.Registered != 3 || b.Held != 2 || b.Destroyed != 1 {
			t.Errorf("the balance after: %+v", b)
		}
		_, moves, err := o.get("lead", other.ID)
		o.must(err)
		if last := moves[len(moves)-1]; last.Deed != carrier.Erased || last.By != o.IDs["handling"] || last.Note == "" {
			t.Errorf("its history ends with %+v", last)
		}
		next, err := o.fetch("handling", material)
		o.must(err)
		if next.ID == other.ID || next.Copy != 3 {
			t.Errorf("fetched anew: %+v", next)
		}
	})
}

// TestFetchedLate: a copy that is kept too long waits for its holder and for who leads the matter; several are ended at once, of one's own only.
func TestFetchedLate(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var copies []string
		late := ""
		for _, title := range []string{"证据一", "证据二"} {
			material := o.Receive(o.matter, title+".txt", title, title, classification.Confidential)
			o.Review(material, classification.Confidential)
			o.mayFetch("lead", "handling", material)
			it, err := o.fetch("handling", material)
			o.must(err)
			late = material
			copies = append(copies, it.ID)
		}
		wait := func(by string) (mine, late int) {
			o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
				all, err := o.House.Carriers.ToErase(g)
				if err != nil {
					return err
				}
				mine = len(all)
				late, err = o.House.Carriers.KeptTooLong(g)
				return err
			}))
			return mine, late
		}
		if mine, late := wait("handling"); mine != 2 || late != 0 {
			t.Errorf("the holder: %d, %d late", mine, late)
		}
		if mine, late := wait("lead"); mine != 0 || late != 0 {
			t.Errorf("the lead, at once: %d, %d late", mine, late)
		}
		o.clock.Forward(carrier.FetchedMost + time.Minute)
		o.mayFetch("lead", "handling", late)
		if _, late := wait("lead"); late != 2 {
			t.Errorf("the lead, after a week: %d late", late)
		}
		if _, late := wait("trainee"); late != 0 {
			t.Errorf("who does not lead: %d late", late)
		}
		if all := o.list("lead", carrier.Filter{Form: carrier.Fetched, Overdue: true}); len(all) != 2 {
			t.Errorf("the register has %d of them overdue", len(all))
		}
		_, err := o.fetch("handling", late)
		o.wants(problem.Conflict, err)
		eraseAll := func(by string, ids ...string) (n int, err error) {
			err = o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { n, err = o.House.Carriers.EraseAll(g, ids); return err })
			return n, err
		}
		_, err = eraseAll("lead", copies...)
		o.wants(problem.Conflict, err)
		if n, err := eraseAll("handling", append(copies, "none")...); err != nil || n != 2 {
			t.Errorf("ended %d: %v", n, err)
		}
		if mine, _ := wait("handling"); mine != 0 {
			t.Errorf("%d still wait", mine)
		}
		if _, late := wait("lead"); late != 0 {
			t.Errorf("the lead is still told of %d", late)
		}
	})
}

// TestFetchedNothing: a copy of which not a byte has left is none that somebody has to delete.
func TestFetchedNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		material := o.Receive(o.matter, "a.txt", "证据目录", "证据三份", classification.Secret)
		o.Review(material, classification.Secret)
		o.must(os.RemoveAll(filepath.Join(o.House.Settings.Data, "objects")))
		if _, err := o.House.Shelf.Fetch(context.Background(), o.Who("lead"), material); err == nil {
			t.Fatal("what is gone was fetched")
		}
		if b := o.balance(); !b.Even() || b.Held != 0 || b.Registered != 1 {
			t.Errorf("the balance: %+v", b)
		}
		_, moves, err := o.get("lead", o.list("lead", carrier.Filter{Form: carrier.Fetched})[0].ID)
		if o.must(err); len(moves) != 2 || moves[1].Deed != carrier.NotSent || moves[1].By != "" {
			t.Errorf("its history: %+v", moves)
		}
	})
}
