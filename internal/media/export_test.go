package media_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/antivirus/clamtest"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/media"
	"mijuan/internal/parcel"
	"mijuan/internal/parcel/agetest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestExport takes materials out on a medium: without the scan, without the approval, without a fit medium there is no way, each said by
// clause 7.2.4; with all three the medium is a carrier until its wiping was checked by somebody else.
func TestExport(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := found(t, engine)
			a, b := o.material("协议", "股权转让协议正文", classification.Confidential), o.material("清单", "付款清单", classification.Secret)
			_, err := o.prepare("handling", o.medium, parcel.Zip, a, b)
			o.wants(problem.Invalid, err, "a medium that is not in one's hands")
			o.must(o.lend(o.medium, "handling"))
			_, err = o.prepare("outsider", o.medium, parcel.Zip, a)
			o.wants(problem.Absent, err, "an outsider")
			_, err = o.prepare("lead", o.medium, parcel.Zip, a)
			o.wants(problem.Invalid, err, "a medium in somebody else's hands")
			_, err = o.prepare("trainee", o.medium, parcel.Zip, b)
			o.wants(problem.Absent, err, "a material above one's clearance")

			id, err := o.prepare("handling", o.medium, parcel.Zip, a, b, a)
			o.must(err)
			if e := o.export("handling", id); len(e.Items) != 2 || e.Level != classification.Secret || e.Items[1].Title == "" || !strings.HasPrefix(e.Number(), "DC-20") {
				t.Errorf("prepared %+v", e)
			}
			_, err = o.ask("handling", id)
			o.refused(err, "scan", "asking before the scan")
			_, err = o.issue("handling", id)
			o.refused(err, "scan", "exporting before the scan")
			if f, err := o.scan("handling", id); f != media.Clean || err != nil {
				t.Fatalf("the scan: %s, %v", f, err)
			}
			_, err = o.issue("handling", id)
			o.refused(err, "ask-lead", "exporting without approval")
			request, err := o.ask("handling", id)
			o.must(err)
			o.wants(problem.Absent, o.approve("director", request), "another than the lead approves")
			o.must(o.approve("lead", request))
			_, err = o.issue("lead", id)
			o.wants(problem.Refused, err, "another exports")

			o.clock.Forward(media.ScanTerm + time.Hour)
			_, err = o.issue("handling", id)
			o.refused(err, "scan", "a scan of yesterday")
			_, err = o.scan("handling", id)
			o.must(err)
			o.must(o.firm("security", access.RateMedium, func(g *guard.Grant) error {
				return o.House.Media.Rate(g, o.medium, classification.Confidential, "降低")
			}))
			_, err = o.issue("handling", id)
			o.refused(err, "medium", "a medium that is not fit any more")
			o.must(o.firm("security", access.RateMedium, func(g *guard.Grant) error { return o.House.Media.Rate(g, o.medium, classification.Secret, "恢复") }))
			_, _, err = o.fetch("handling", id)
			o.wants(problem.Refused, err, "fetching before the export")
			passphrase, err := o.issue("handling", id)
			o.must(err)
			_, err = o.issue("handling", id)
			o.wants(problem.Refused, err, "exporting twice")

			m := o.one(o.medium)
			if m.State != media.Loaded || m.Holder != o.IDs["handling"] || m.Loans[0].Exports != 1 || m.Loans[0].Clean != 1 {
				t.Errorf("loaded: %+v", m)
			}
			held := o.carrier("handling", m.Carrier)
			if held.Form != carrier.Stick || held.Level != classification.Secret || held.Pages != 2 || held.Holder != o.IDs["handling"] {
				t.Errorf("the carrier: %+v", held)
			}
			if b := o.balance(); b.Held != 1 || b.Registered != 1 {
				t.Errorf("the balance: %+v", b)
			}
			content, name, err := o.fetch("handling", id)
			o.must(err)
			opened(t, name, passphrase, content, map[string]string{"协议": "股权转让协议正文", "清单": "付款清单"})
			if e := o.export("lead", id); e.State != access.Written || e.Bytes != int64(len(content)) || e.Approval != request {
				t.Errorf("written: %+v", e)
			}
			if _, _, err = o.fetch("handling", id); problem.KindOf(err) != problem.Refused {
				t.Errorf("fetching a second time: %v", err)
			}
			if n := o.count(`SELECT COUNT(*) FROM media_export WHERE length(sealed_passphrase) > 0`); n != 0 {
				t.Errorf("%d passphrases are kept", n)
			}

			second, secret := o.granted(o.medium, parcel.Age, a) // more onto the same medium
			content, name, err = o.fetch("handling", second)
			o.must(err)
			openedAge(t, name, secret, content, "股权转让协议正文")
			if held := o.carrier("handling", m.Carrier); held.Pages != 3 || held.Level != classification.Secret {
				t.Errorf("the carrier after more: %+v", held)
			}
			o.refused(o.check("handling", o.medium, "overwrite"), "find-system", "the user checks the wiping")
			o.wants(problem.Invalid, o.check("custodian", o.medium, media.Unused), "calling it unused")
			o.must(o.check("custodian", o.medium, "overwrite"))
			if m := o.one(o.medium); m.State != media.OnShelf || m.Carrier != "" {
				t.Errorf("back: %+v", m)
			}
			if b := o.balance(); b.Held != 0 || b.Destroyed != 1 || b.Registered != 1 {
				t.Errorf("the balance after wiping: %+v", b)
			}
			o.must(o.House.Door.Do(t.Context(), o.Who("security"), access.ReadOpened, guard.Thing{Kind: access.Person, ID: o.IDs["handling"]}, func(g *guard.Grant) error {
				all, err := o.House.Audit.Opened(g, time.UnixMilli(0), func(string, bool) bool { return true })
				exports := 0
				for _, x := range all {
					exports += x.Exports
				}
				if len(all) != 2 || exports != 6 { // two and one, each exported and fetched
					t.Errorf("what was taken along: %+v", all)
				}
				return err
			}))
			if n := o.entries(access.FetchExport, ledger.Completed); n != 2 {
				t.Errorf("the ledger tells of %d whole containers", n)
			}
		})
	}
}

// TestTopSecretExport needs the lead and the director, and the office network.
func TestTopSecretExport(t *testing.T) {
	o := found(t, store.SQLite)
	id := o.material("绝密", "绝密级资料", classification.TopSecret)
	medium := o.add("0951", "1667", "TS-1", classification.TopSecret)
	o.must(o.lend(medium, "lead"))
	export, err := o.prepare("lead", medium, parcel.Age, id)
	o.must(err)
	_, err = o.scan("lead", export)
	o.must(err)
	request, err := o.ask("lead", export)
	o.must(err)
	o.wants(problem.Absent, o.approve("handling", request), "who is not on the list")
	o.wants(problem.Refused, o.approve("lead", request), "one's own")
	o.must(o.approve("director", request)) // instead of the lead, who asks
	if _, err = o.issue("lead", export); problem.KindOf(err) != 0 {
		o.must(o.approve("director", request)) // as director
		_, err = o.issue("lead", export)
	}
	o.must(err)
	home := o.Who("lead")
	home.Addr = "203.0.113.7"
	_, err = o.House.Media.Fetch(context.Background(), home, export)
	o.wants(problem.Refused, err, "from home")
	_, _, err = o.fetch("lead", export)
	o.must(err)
}

// TestInfectedIsNotExported: a virus that came in unscanned does not get out, nor what cannot be scanned.
func TestInfectedIsNotExported(t *testing.T) {
	o := found(t, store.SQLite)
	o.House.Shelf.ScanWith(nil)
	bad, good := o.material("带毒", clamtest.Virus, classification.Confidential), o.material("无毒", "协议", classification.Confidential)
	o.must(o.lend(o.medium, "handling"))
	export, err := o.prepare("handling", o.medium, parcel.Zip, good, bad)
	o.must(err)
	if f, err := o.scan("handling", export); f != media.Infected || err != nil {
		t.Errorf("the scan: %s, %v", f, err)
	}
	if e := o.export("handling", export); e.Items[1].Virus != clamtest.Name || e.Items[0].Finding != media.Clean {
		t.Errorf("found %+v", e.Items)
	}
	_, err = o.ask("handling", export)
	o.refused(err, "scan", "an infected export")

	large := o.material("大", strings.Repeat("卷", clamtest.StreamMost/3+1000), classification.Confidential)
	export, err = o.prepare("handling", o.medium, parcel.Zip, good, large)
	o.must(err)
	if f, err := o.scan("handling", export); f != media.Unknown || err != nil {
		t.Errorf("the scan of what is too large: %s, %v", f, err)
	}
	_, err = o.issue("handling", export)
	o.refused(err, "scan", "an export that could not be scanned")
	o.must(o.do("handling", access.PrepareExport, guard.Thing{Kind: access.Matter, ID: o.matter}, func(g *guard.Grant) error { return o.House.Media.Drop(g, export) }))
	_, err = o.scan("handling", export)
	o.wants(problem.Refused, err, "an export that was given up")
}

// TestBrokenOff: a container that broke off on its way is on record with how far it came, and may be fetched again, until its time is over.
func TestBrokenOff(t *testing.T) {
	o := found(t, store.SQLite)
	id := o.material("协议", strings.Repeat("股权转让协议", 100_000), classification.Confidential)
	o.must(o.lend(o.medium, "handling"))
	export, passphrase := o.granted(o.medium, parcel.Zip, id)
	s, err := o.House.Media.Fetch(context.Background(), o.Who("handling"), export)
	o.must(err)
	if err := s.SendTo(context.Background(), &narrow{left: 300_000}); !errors.Is(err, errNarrow) {
		t.Errorf("a reader that goes away: %v", err)
	}
	if e := o.export("handling", export); e.State != access.Issued || e.Bytes != 300_000 {
		t.Errorf("broken off: %s at %d", e.State, e.Bytes)
	}
	if n := o.entries(access.FetchExport, ledger.BrokenOff); n != 1 {
		t.Errorf("the ledger tells of %d containers that broke off", n)
	}
	again := ""
	o.must(o.do("handling", access.FetchExport, exportThing(export), func(g *guard.Grant) (err error) { again, err = o.House.Media.Again(g); return err }))
	if again == passphrase {
		t.Error("another passphrase is the same")
	}
	content, name, err := o.fetch("handling", export)
	o.must(err)
	opened(t, name, again, content, map[string]string{"协议": strings.Repeat("股权转让协议", 100_000)})

	late, _ := o.granted(o.medium, parcel.Zip, id)
	o.clock.Forward(media.FetchTerm + time.Minute)
	_, _, err = o.fetch("handling", late)
	o.wants(problem.Refused, err, "after its time")
}

// TestOneMatterAMedium: a medium holds material of one matter at a time, and whoever handed it on writes to it no more.
func TestOneMatterAMedium(t *testing.T) {
	o := found(t, store.SQLite)
	id := o.material("协议", "正文", classification.Confidential)
	o.must(o.lend(o.medium, "handling"))
	o.granted(o.medium, parcel.Zip, id)
	first := o.matter
	o.matter = o.OpenMatter("另一个案件", "另一家客户")
	other := o.material("别的", "别的正文", classification.Confidential)
	_, err := o.prepare("handling", o.medium, parcel.Zip, other)
	o.wants(problem.Invalid, err, "a second matter on one medium")
	o.matter = first
	more, err := o.prepare("handling", o.medium, parcel.Zip, id)
	o.must(err)
	_, err = o.scan("handling", more)
	o.must(err)
	thing := guard.Thing{Kind: access.Carrier, ID: o.one(o.medium).Carrier}
	o.must(o.do("handling", access.HandCarrier, thing, func(g *guard.Grant) error { return o.House.Carriers.Offer(g, carrier.Handing{To: o.IDs["lead"]}) }))
	_, err = o.ask("handling", more)
	o.refused(err, "medium", "a medium on its way to somebody")
	o.wants(problem.Conflict, o.check("custodian", o.medium, "overwrite"), "checking what is on its way")
	o.must(o.do("lead", access.TakeCarrier, thing, func(g *guard.Grant) error { return o.House.Carriers.Take(g, "") }))
	if m := o.one(o.medium); m.Holder != o.IDs["lead"] {
		t.Errorf("held by %s", m.Holder)
	}
	_, err = o.prepare("lead", o.medium, parcel.Zip, id)
	o.wants(problem.Invalid, err, "a medium that was lent to another")
	o.must(o.do("director", access.WriteOffCarrier, thing, func(g *guard.Grant) error { return o.House.Carriers.WriteOff(g, "途中遗失") }))
	if m := o.one(o.medium); m.State != media.Gone {
		t.Errorf("lost: %s", m.State)
	}
	o.must(o.firm("custodian", access.ManageMedia, func(g *guard.Grant) error { return o.House.Media.Scrap(g, o.medium, o.IDs["lead"], "随载体核销") }))
	if b := o.balance(); b.Lost != 1 {
		t.Errorf("the balance: %+v", b)
	}
}

var errNarrow = errors.New("the reader went away")

// narrow takes some bytes and then none.
type narrow struct{ left int }

func (n *narrow) Write(p []byte) (int, error) {
	took := min(len(p), n.left)
	if n.left -= took; took < len(p) {
		return took, errNarrow
	}
	return took, nil
}

func (o *office) carrier(by, id string) (it carrier.Carrier) {
	o.t.Helper()
	o.must(o.do(by, access.ViewCarrier, guard.Thing{Kind: access.Carrier, ID: id}, func(g *guard.Grant) (err error) { it, _, err = o.House.Carriers.Get(g); return err }))
	return it
}

func (o *office) count(query string) (n int) {
	o.t.Helper()
	o.must(o.House.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		n, err = store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err }, query)
		return err
	}))
	return n
}

func (o *office) entries(act access.Act, outcome ledger.Outcome) (n int) {
	o.t.Helper()
	o.must(o.House.DB.Read(context.Background(), func(tx *store.Tx) error {
		all, err := o.House.Ledger.Query(tx, ledger.Query{})
		for _, e := range all {
			if e.Act == string(act) && e.Outcome == outcome {
				n++
			}
		}
		return err
	}))
	return n
}

// opened opens a zip with 7-Zip and compares its files by their titles in the manifest.
func opened(t *testing.T, name, passphrase string, content []byte, want map[string]string) {
	t.Helper()
	seven, err := exec.LookPath("7zz")
	if err != nil {
		t.Fatal("7zz is not installed; scripts/tools installs it")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(seven, "x", "-y", "-p"+passphrase, "-o"+dir, path).CombinedOutput(); err != nil {
		t.Fatalf("7-Zip: %v\n%s", err, out)
	}
	same(t, dir, want)
}

func openedAge(t *testing.T, name, passphrase string, content []byte, want string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	err := os.WriteFile(path, content, 0o600)
	if err == nil {
		err = agetest.Decrypt(t, passphrase, path, filepath.Join(dir, "a.tar"))
	}
	if err == nil {
		err = exec.Command("tar", "-xf", filepath.Join(dir, "a.tar"), "-C", dir).Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	same(t, dir, map[string]string{"协议": want})
}

func same(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(dir, parcel.ManifestText))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "20*.txt"))
	if err != nil || len(files) != len(want) {
		t.Errorf("unpacked %v, %v", files, err)
	}
	for title, text := range want {
		if !strings.Contains(string(manifest), title) {
			t.Errorf("the manifest does not name %s", title)
		}
		found := false
		for _, f := range files {
			got, _ := os.ReadFile(f)
			found = found || string(got) == text
		}
		if !found {
			t.Errorf("%s is not in the container", title)
		}
	}
}
