package retention_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/store"
)

// TestNothingOpens is clause 12 for what is electronic: from a copy of the data directory taken afterwards, with the root key, nothing of a
// destroyed material comes back, what was not destroyed does, and no header of the destroyed lies in any file any more.
func TestNothingOpens(t *testing.T) {
	s, clock := housetest.Settings(t), &housetest.Clock{}
	s.Now = clock.Now
	o := furnished(t, housetest.Found(t, s), clock)
	header, object := o.sealed(o.materials[0])
	kept, keptObject := o.materials[1], ""
	_, keptObject = o.sealed(kept)
	secret := filepath.Join(s.Data, "objects")
	bytesOf := func(name string) (found []byte) {
		_ = filepath.Walk(secret, func(path string, i os.FileInfo, err error) error {
			if err == nil && filepath.Base(path) == name {
				found, err = os.ReadFile(path)
			}
			return err
		})
		return found
	}
	payload := bytesOf(object)
	if len(payload) == 0 || len(header) == 0 {
		t.Fatal("nothing is sealed to begin with")
	}
	o.materials = o.materials[:1]
	id := o.approved(false)
	o.must(o.execute("keeper", id, "clerk", "porter"))
	if len(bytesOf(object)) > 0 {
		t.Error("the sealed bytes are still in the store")
	}
	if len(bytesOf(keptObject)) == 0 {
		t.Error("what was not destroyed is gone")
	}
	o.must(o.House.Close())

	copied := s
	copied.Data = filepath.Join(t.TempDir(), "copy")
	o.must(os.CopyFS(copied.Data, os.DirFS(s.Data)))
	wal, err := os.Stat(filepath.Join(copied.Data, "mijuan.db-wal"))
	if err == nil && wal.Size() > 0 {
		t.Errorf("the log of pages has %d bytes, which may hold the key", wal.Size())
	}
	h, err := house.Open(t.Context(), copied)
	o.must(err)
	defer h.Close()
	out := t.TempDir()
	report, err := h.Recover(t.Context(), out, func(uint64, uint64) {})
	o.must(err)
	if report.Recovered != 1 || len(report.Failed) != 0 {
		t.Fatalf("got back: %+v", report)
	}
	o.must(filepath.Walk(out, func(path string, i os.FileInfo, err error) error {
		if err != nil || i.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte("内容证据一")) || bytes.Contains(raw, header) {
			t.Errorf("%s holds what was destroyed", path)
		}
		return err
	}))
	o.must(h.DB.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := store.List(tx, func(r store.Row) (b []byte, err error) { return b, r.Scan(&b) }, `SELECT header FROM version`)
		for _, b := range rows {
			if bytes.Equal(b, header) {
				t.Error("the header is still there")
			}
		}
		return err
	}))
}

// sealed is the header and the object's name of a material.
func (o *office) sealed(id string) (header []byte, object string) {
	o.t.Helper()
	o.must(o.House.DB.Read(o.t.Context(), func(tx *store.Tx) error {
		_, err := store.Get(tx, func(r store.Row) (x int, err error) { return x, r.Scan(&header, &object) }, `SELECT header, blob FROM version WHERE material = $1`, id)
		return err
	}))
	return header, object
}

// TestWholeMatter: with all that a matter had its key goes, so that payloads that lie elsewhere open with no header either.
func TestWholeMatter(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.approved(true)
		o.must(o.execute("keeper", id, "clerk", "porter"))
		o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			if _, err := o.House.Matters.Key(tx, o.in); !problem.Is(err, problem.Absent) {
				t.Errorf("the matter's key: %v", err)
			}
			identities, _, err := o.House.Matters.Identities(tx)
			if _, there := identities[o.in]; there {
				t.Error("the recovery tool still gives the identity")
			}
			return err
		}))
		o.wants(problem.Conflict, o.do("lead", access.CloseMatter, access.Matter, o.in, func(g *guard.Grant) error { return o.House.Matters.Reopen(g, "再审") }))
		if k := o.keeping("lead"); len(k.Items) != 5 || k.Items[0].Open() || k.Items[0].Title != "" {
			t.Errorf("the records: %+v", k.Items)
		}
	})
}

// TestCrash ends the process around each durable write of a destruction: before the record nothing is gone; after it the keys are, and
// the sealed bytes follow with the sweep.
func TestCrash(t *testing.T) {
	fault := errors.New("the power failed")
	for _, at := range []string{"before-commit", "after-commit", "before delete", "after delete"} {
		t.Run(at, func(t *testing.T) {
			s, clock := housetest.Settings(t), &housetest.Clock{}
			armed, left := false, 0
			s.Now, s.Fault = clock.Now, func(point string) error {
				if armed && point == at {
					if left--; left < 0 {
						return fault
					}
				}
				return nil
			}
			o := furnished(t, housetest.Found(t, s), clock)
			_, object := o.sealed(o.materials[0])
			id := o.approved(false)
			e := retention.Execution{Digest: o.list("keeper", id).Digest(), Consent: o.Consent("keeper"), Firm: "所", Witnesses: [2]retention.Standby{standby("clerk"), standby("porter")}}
			for n := range 40 {
				armed, left = true, n
				err := o.House.Retention.Execute(t.Context(), o.Who("keeper"), id, e)
				armed = false
				done := o.stage(id) == retention.Done
				header, _ := o.sealed(o.materials[0])
				if b := o.balance(); !b.Even() || done != (len(header) == 0) || done != (b.Destroyed == 3) {
					t.Fatalf("after %d: done %t, header of %d bytes, %+v, %v", n, done, len(header), b, err)
				}
				if done {
					break
				}
				if err == nil {
					t.Fatal("nothing failed, and nothing was done")
				}
				e.Consent = o.Consent("keeper")
			}
			if o.stage(id) != retention.Done {
				t.Fatal("never carried out")
			}
			_, err := o.House.Shelf.Sweep(t.Context(), o.House.DB)
			o.must(err)
			o.must(o.House.Blobs.List(t.Context(), func(name string, _ int64) error {
				if name == object {
					t.Error("the sealed bytes are left after the sweep")
				}
				return nil
			}))
		})
	}
}

func (o *office) stage(id string) (s retention.Stage) {
	o.t.Helper()
	o.must(o.House.DB.Read(o.t.Context(), func(tx *store.Tx) (err error) {
		s, err = store.Get(tx, func(r store.Row) (s retention.Stage, err error) { return s, r.Scan(&s) }, `SELECT stage FROM destruction WHERE id = $1`, id)
		return err
	}))
	return s
}
