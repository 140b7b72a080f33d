package ledger

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestVerifyWantsAnExport(t *testing.T) {
	dir := t.TempDir()
	for name, manifest := range map[string]string{"none": "", "garbage": "{", "other": `{"format":"other/1"}`,
		"no key": `{"format":"mijuan-ledger-export/1"}`} {
		path := filepath.Join(dir, "manifest.json")
		if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(dir, nil); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Verify(filepath.Join(dir, "nowhere"), nil); !problem.Is(err, problem.Invalid) {
		t.Error(err)
	}
}

// One flipped bit in any file, anywhere, is found; in an entry or its detail, the entry is named.
func TestVerifyFindsEveryFlippedBit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 520)
		dir := exported(t, l, Contents{Open: func(e Entry) bool { return e.Seq%3 == 0 }})
		verified(t, dir)
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || d.Name() == "README.txt" || d.Name() == "manifest.json" {
				return err
			}
			good, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(dir, path)
			for at := 0; at < len(good); at += 1 + len(good)/23 {
				flipAndVerify(t, dir, name, good, at)
			}
			return os.WriteFile(path, good, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		verified(t, dir)
	})
}

func flipAndVerify(t *testing.T, dir, name string, good []byte, at int) {
	t.Helper()
	flipped := slices.Clone(good)
	flipped[at] ^= 4
	if err := os.WriteFile(filepath.Join(dir, name), flipped, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(dir, nil)
	if err != nil {
		t.Fatalf("%s, byte %d: %v", name, at, err)
	}
	if report.Wrong == nil {
		t.Fatalf("%s, byte %d: not found", name, at)
	}
	want, ok := flippedEntry(name, good, at)
	if ok && report.Wrong.Seq != want {
		t.Errorf("%s, byte %d: found entry %d (%v), want %d", name, at, report.Wrong.Seq, report.Wrong.Problem, want)
	}
	intact := strings.Contains(report.Wrong.Problem.Public(), "记录本身与检查点相符")
	if tiles := strings.HasPrefix(name, "tile/0") || strings.HasPrefix(name, "tile/1"); tiles != intact {
		t.Errorf("%s, byte %d: %v", name, at, report.Wrong.Problem)
	}
}

// flippedEntry is the entry in whose bytes of the file an offset is, where that can be told.
func flippedEntry(name string, file []byte, at int) (uint64, bool) {
	base := map[string]uint64{"000": 0, "001": 256, "2": 0}
	cut := cutBundled
	switch {
	case strings.HasPrefix(name, "tile/entries/"):
	case strings.HasPrefix(name, "sealed/"):
		cut = cutSealed
	case strings.HasPrefix(name, "tile/0/"):
		seq, full := base[filepath.Base(name)]
		return seq + uint64(at)/32 + 1, full && filepath.Base(name) != "2"
	default:
		return 0, false
	}
	seq, full := base[filepath.Base(name)]
	if !full || strings.HasSuffix(name, ".p/8") {
		seq = 512
	}
	for start := 0; ; seq++ {
		part, rest, ok := cut(file[start:])
		if !ok {
			return 0, false
		}
		end := len(file) - len(rest)
		if at < end {
			return seq + 1, end-len(part) <= at // a flipped length spoils what comes after instead
		}
		start = end
	}
}

func TestVerifyFindsWhatIsMissing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 520)
		for name, c := range map[string]struct {
			path string
			seq  uint64
		}{
			"entries":      {"tile/entries/001", 257},
			"last entries": {"tile/entries/002.p/8", 513},
			"hashes":       {"tile/0/001", 257},
			"upper hashes": {"tile/1/000.p/2", 1},
			"sealed":       {"sealed/001", 257},
			"checkpoint":   {"checkpoint", 0},
			"opened":       {openedName, 0},
		} {
			t.Run(name, func(t *testing.T) {
				dir := exported(t, l, Contents{Open: everything})
				if err := os.Remove(filepath.Join(dir, c.path)); err != nil {
					t.Fatal(err)
				}
				wantWrong(t, dir, c.seq)
			})
			if name == "checkpoint" {
				continue
			}
			t.Run(name+", cut", func(t *testing.T) {
				dir := exported(t, l, Contents{Open: everything})
				path := filepath.Join(dir, c.path)
				info, err := os.Stat(path)
				if err == nil {
					err = os.Truncate(path, info.Size()-1)
				}
				if err != nil {
					t.Fatal(err)
				}
				report, err := Verify(dir, nil)
				if name == "opened" { // the last line feed says nothing
					return
				}
				if err != nil || report.Wrong == nil || report.Wrong.Seq == 0 {
					t.Errorf("%+v %v", report.Wrong, err)
				}
			})
		}
	})
}

// writeExport writes records as an export, whatever they are.
func writeExport(t testing.TB, l *Ledger, out outDir, records []record) {
	t.Helper()
	x := &export{l: l, put: out.write, hashes: newTiles(), head: head{size: uint64(len(records))}}
	var e edge
	for first := 0; first < len(records); first += tileWidth {
		batch := records[first:min(first+tileWidth, len(records))]
		var leaves, sealed []byte
		before := e.size
		hashes := hashesOf(t, batch, &e, func(r *record, leaf []byte) {
			leaves = appendBundled(leaves, leaf)
			sealed = appendSealed(sealed, r.sealed)
		})
		index := tile{entryLevel, int64(first / tileWidth), len(batch)}
		if err := out.write(index.path(), leaves); err != nil {
			t.Fatal(err)
		}
		index.level = sealedLevel
		if err := out.write(index.path(), sealed); err != nil {
			t.Fatal(err)
		}
		if err := x.tiles(before, hashes); err != nil {
			t.Fatal(err)
		}
	}
	signed, err := l.sign(e.size, e.root())
	if err == nil {
		err = x.partialTiles()
	}
	if err == nil {
		err = out.write("checkpoint", signed)
	}
	if err != nil {
		t.Fatal(err)
	}
	m := l.manifest(exportFormat, x.head, signed)
	m.Sealed = true
	if err := putManifest(out.write, m); err != nil {
		t.Fatal(err)
	}
}

// What the firm itself might try, with its own key: the numbers tell.
func TestVerifyFindsWhatWasSignedWrongly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 300)
		var records []record
		read(t, db, func(tx *store.Tx) (err error) { records, err = listRecords(tx, 1, 300, true); return err })
		for name, c := range map[string]struct {
			rewrite func([]record) []record
			seq     uint64
		}{
			"nothing":              {func(r []record) []record { return r }, 0},
			"entry left out":       {func(r []record) []record { return slices.Delete(r, 100, 101) }, 101},
			"entry put in":         {func(r []record) []record { return slices.Insert(r, 100, r[7]) }, 101},
			"entries swapped":      {func(r []record) []record { r[99], r[100] = r[100], r[99]; return r }, 100},
			"left out, renumbered": {func(r []record) []record { return renumber(slices.Delete(r, 101, 102)) }, 107},
			"time goes back":       {func(r []record) []record { r[200].Time = r[199].Time - 1; return r }, 201},
			"other's detail":       {func(r []record) []record { r[200].sealed = r[201].sealed; return r }, 201},
			"detail gone":          {func(r []record) []record { r[200].sealed = nil; return r }, 201},
			"detail from nowhere":  {func(r []record) []record { r[200].digest, r[200].opening = nil, nil; return r }, 201},
		} {
			t.Run(name, func(t *testing.T) {
				out, err := createDir(filepath.Join(t.TempDir(), "forged"))
				if err != nil {
					t.Fatal(err)
				}
				writeExport(t, l, out, c.rewrite(slices.Clone(records)))
				if c.seq == 0 {
					verified(t, string(out))
					return
				}
				wantWrong(t, string(out), c.seq)
			})
		}
	})
}

// renumber closes the gap in the firm's numbers, as one would who leaves an entry out. The matters' numbers stay.
func renumber(records []record) []record {
	for i := range records {
		records[i].Seq = uint64(i) + 1
	}
	return records
}

// A rewritten ledger that is sound in itself is told by a checkpoint remembered from before, or one that a witness signed.
func TestRememberedCheckpoints(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	w, forW := newWitness(t, "witness.example", 1)
	l := testLedger(t, db, func(o *Options) { o.Witnesses = []Witness{forW} })
	var remembered [][]byte
	for _, more := range []int{40, 60, 200} {
		fill(t, db, l, more)
		read(t, db, func(tx *store.Tx) error {
			msg, err := l.Checkpoint(tx)
			remembered = append(remembered, msg)
			return err
		})
	}
	if err := l.Cosign(t.Context()); err != nil {
		t.Fatal(err)
	}
	fill(t, db, l, 5)
	trust := Trust{Key: l.Key(), Checkpoints: remembered, Witnesses: []string{forW.Key}}
	dir := exported(t, l)
	if report := verified(t, dir, trust); report.Cosigned[w.name] != 300 || !report.Trusted {
		t.Errorf("%+v", report)
	}
	var records []record
	read(t, db, func(tx *store.Tx) (err error) { records, err = listRecords(tx, 1, 305, true); return err })
	cosigned, err := os.ReadFile(filepath.Join(dir, "checkpoint.cosigned"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		rewrite func([]record) []record
		trust   Trust
		seq     uint64
	}{
		"changed, remembered": {func(r []record) []record { r[70].Act = "nothing"; return r }, Trust{Checkpoints: remembered}, 41},
		"changed, unknown":    {func(r []record) []record { r[302].Act = "nothing"; return r }, Trust{Checkpoints: remembered}, 0},
		"changed, cosigned":   {func(r []record) []record { r[299].Act = "nothing"; return r }, Trust{}, 1},
		"cut, remembered":     {func(r []record) []record { return r[:200] }, Trust{Checkpoints: remembered[:2]}, 0},
		"cut":                 {func(r []record) []record { return r[:200] }, Trust{Checkpoints: remembered}, 201},
		"cut, cosigned":       {func(r []record) []record { return r[:299] }, Trust{}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := createDir(filepath.Join(t.TempDir(), "forged"))
			if err != nil {
				t.Fatal(err)
			}
			writeExport(t, l, out, c.rewrite(slices.Clone(records)))
			if strings.Contains(name, "cosigned") {
				if err := out.write("checkpoint.cosigned", cosigned); err != nil {
					t.Fatal(err)
				}
			}
			if c.seq == 0 {
				verified(t, string(out), c.trust)
				return
			}
			wantWrong(t, string(out), c.seq, c.trust)
		})
	}
	t.Run("no witness", func(t *testing.T) {
		if err := os.Remove(filepath.Join(dir, "checkpoint.cosigned")); err != nil {
			t.Fatal(err)
		}
		verified(t, dir)
		wantWrong(t, dir, 0, Trust{Witnesses: []string{forW.Key}})
	})
	t.Run("others' key", func(t *testing.T) {
		other := testLedger(t, storetest.Open(t, store.SQLite), func(o *Options) { o.Seed = bytes.Repeat([]byte{9}, 32) })
		wantWrong(t, dir, 0, Trust{Key: other.Key()})
	})
	t.Run("no use", func(t *testing.T) {
		for name, trust := range map[string]Trust{"key": {Key: "x"}, "witness": {Witnesses: []string{"x"}}, "checkpoint": {Checkpoints: [][]byte{[]byte("x")}}} {
			if _, err := Verify(dir, nil, trust); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A leaf and its hash changed together still show, one level up, to 256 entries.
func TestChangedTileAndEntry(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 600)
		dir := exported(t, l)
		var records []record
		read(t, db, func(tx *store.Tx) (err error) { records, err = listRecords(tx, 257, 512, false); return err })
		records[10].Actor = "nobody"
		var leaves []byte
		hashes := hashesOf(t, records, &edge{}, func(_ *record, leaf []byte) { leaves = appendBundled(leaves, leaf) })
		x := &export{put: outDir(dir).write, hashes: newTiles()}
		if err := x.tiles(256, hashes[:len(hashes)-1]); err != nil {
			t.Fatal(err)
		}
		if err := outDir(dir).write("tile/entries/001", leaves); err != nil {
			t.Fatal(err)
		}
		wantWrong(t, dir, 257)
	})
}

// dirTiles reads the tiles of an export as any tlog client would.
type dirTiles string

func (d dirTiles) Height() int                     { return tileHeight }
func (d dirTiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (d dirTiles) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, t := range tiles {
		file, err := inDir(d).read(strings.Replace(t.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		data = append(data, file)
	}
	return data, nil
}

// A tree large enough for a tile of level 2.
func TestLevelTwoTiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const n = 68000
		l := testLedger(t, db)
		records := make([]record, n)
		for i := range records {
			records[i].Entry = Entry{Seq: uint64(i) + 1, Act: "view", Outcome: Allowed}
		}
		out, err := createDir(filepath.Join(t.TempDir(), "export"))
		if err != nil {
			t.Fatal(err)
		}
		writeExport(t, l, out, records)
		report := verified(t, string(out))
		root, err := tlog.ParseHash(report.Root)
		if err != nil {
			t.Fatal(err)
		}
		tiles := tlog.TileHashReader(tlog.Tree{N: n, Hash: root}, dirTiles(out))
		if _, err := tiles.ReadHashes([]int64{0, tlog.StoredHashIndex(0, n-1)}); err != nil {
			t.Error(err)
		}
		if err := os.Remove(filepath.Join(string(out), "tile/2/000.p/1")); err != nil {
			t.Fatal(err)
		}
		wantWrong(t, string(out), 1)
	})
}
