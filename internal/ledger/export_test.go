package ledger

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func exported(t *testing.T, l *Ledger, contents ...Contents) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "export")
	if err := l.Export(t.Context(), dir, nil, contents...); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verified(t *testing.T, dir string, trust ...Trust) Report {
	t.Helper()
	report, err := Verify(dir, nil, trust...)
	if err != nil {
		t.Fatal(err)
	}
	if report.Wrong != nil {
		t.Fatalf("entry %d: %v", report.Wrong.Seq, report.Wrong.Problem)
	}
	return report
}

// wantWrong verifies and wants the fault in the entry.
func wantWrong(t *testing.T, dir string, seq uint64, trust ...Trust) {
	t.Helper()
	report, err := Verify(dir, nil, trust...)
	if err != nil {
		t.Fatal(err)
	}
	if report.Wrong == nil {
		t.Fatal("nothing was found")
	}
	if report.Wrong.Seq != seq || !problem.Is(report.Wrong.Problem, problem.Damaged) {
		t.Errorf("found entry %d: %v; want entry %d", report.Wrong.Seq, report.Wrong.Problem, seq)
	}
}

func everything(Entry) bool { return true }

func TestExportVerifies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		for _, more := range []int{0, 1, 255, 1, 300} {
			fill(t, db, l, more)
			live := wantSound(t, l, size(t, db, l))
			for name, contents := range map[string]Contents{"sealed": {}, "bare": {WithoutSealed: true}, "opened": {Open: everything}} {
				report := verified(t, exported(t, l, contents), Trust{Key: l.Key()})
				if report.Size != live.Size || report.Root != live.Root || report.Matters != live.Matters || report.Time != live.Time {
					t.Errorf("%s: the files say %+v, the database %+v", name, report, live)
				}
				if want := map[string]uint64{"sealed": live.Details, "opened": live.Details}[name]; report.Details != want {
					t.Errorf("%s: %d sealed details, want %d", name, report.Details, want)
				}
				if want := map[string]uint64{"opened": live.Details}[name]; report.Opened != want {
					t.Errorf("%s: %d opened details, want %d", name, report.Opened, want)
				}
			}
		}
	})
}

func size(t *testing.T, db *store.DB, l *Ledger) (n uint64) {
	t.Helper()
	read(t, db, func(tx *store.Tx) (err error) { n, err = l.Size(tx); return err })
	return n
}

// The files are a C2SP tiled log: what the handler serves, byte for byte.
func TestExportIsTheServedLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 1000)
		dir := exported(t, l)
		r := newReader(t, db, l)
		seen := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			name, _ := filepath.Rel(dir, path)
			if err != nil || d.IsDir() || !strings.HasPrefix(name, "tile/") && name != "checkpoint" {
				return err
			}
			seen++
			file, err := os.ReadFile(path)
			if !bytes.Equal(file, r.get(name)) {
				t.Errorf("%s is not what is served", name)
			}
			return err
		})
		if err != nil || seen != 1+4+4+1 {
			t.Errorf("%d files, %v", seen, err)
		}
	})
}

func TestExportOpensOnlyWhatItMay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		update(t, db, func(tx *store.Tx) error {
			for i, detail := range []string{`{"a": [1,  2], "b":"<&>\u2028"}`, "two\nlines", `{"spoilt"`, "", ` {"leading":"space"}`, "null", "\xff\x00", `{"for":"others"}`} {
				e := testEntry(1)
				if e.Detail = []byte(detail); i == 7 {
					e.Matter = "other"
				}
				if _, err := l.Append(tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		dir := exported(t, l, Contents{Open: func(e Entry) bool { return e.Matter != "other" }})
		if report := verified(t, dir); report.Opened != 7 || report.Details != 8 {
			t.Errorf("opened %d of %d", report.Opened, report.Details)
		}
		text, err := os.ReadFile(filepath.Join(dir, openedName))
		if err != nil || bytes.Contains(text, []byte("others")) || !bytes.Contains(text, []byte(`"detail":{"a": [1,  2], "b":"<&>\u2028"}`)) {
			t.Errorf("%s %v", text, err)
		}
		bare := exported(t, l)
		err = filepath.WalkDir(bare, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			file, err := os.ReadFile(path)
			if bytes.Contains(file, []byte("others")) || bytes.Contains(file, []byte("spoilt")) {
				t.Errorf("%s has a detail in the clear", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestExportWantsAnEmptyDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.Export(t.Context(), dir, nil); !problem.Is(err, problem.Conflict) {
			t.Error(err)
		}
		if err := l.Export(t.Context(), filepath.Join(dir, "mine"), nil); !problem.Is(err, problem.Invalid) {
			t.Error(err)
		}
	})
}

func TestErasedDetailInExport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 12)
		update(t, db, func(tx *store.Tx) error { return l.Erase(tx, 5) })
		wantWrong(t, exported(t, l, Contents{Open: everything}), 5)
		update(t, db, func(tx *store.Tx) error {
			_, err := l.Append(tx, Entry{Actor: "person-1", Act: EraseDetail, Kind: "Ledger", Thing: "5", Outcome: Allowed})
			return err
		})
		if report := verified(t, exported(t, l, Contents{Open: everything})); report.Erased != 1 {
			t.Errorf("%+v", report)
		}
	})
}

func TestProgress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 600)
		seen := map[string]uint64{}
		watch := func(name string) func(done, total uint64) {
			return func(done, total uint64) {
				if done < seen[name] || total != 600 {
					t.Errorf("%s: %d of %d after %d", name, done, total, seen[name])
				}
				seen[name] = done
			}
		}
		dir := filepath.Join(t.TempDir(), "export")
		if err := l.Export(t.Context(), dir, watch("export")); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, watch("verify")); err != nil {
			t.Fatal(err)
		}
		if _, err := l.VerifyLive(t.Context(), watch("live")); err != nil {
			t.Fatal(err)
		}
		if want := map[string]uint64{"export": 600, "verify": 600, "live": 600}; !maps.Equal(seen, want) {
			t.Errorf("%v", seen)
		}
	})
}

// TestExportTo: the archive holds just the files that a directory would.
func TestExportTo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 700)
		var archive bytes.Buffer
		if err := l.ExportTo(t.Context(), &archive); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
		if err != nil {
			t.Fatal(err)
		}
		dir := exported(t, l)
		files := 0
		if err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			files++
			want, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return err
			}
			if got, err := fs.ReadFile(z, path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes instead of %d, %v", path, len(got), len(want), err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(z.File) != files {
			t.Errorf("%d files instead of %d", len(z.File), files)
		}
		verified(t, dir)
	})
}
