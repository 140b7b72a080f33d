package ledger

import (
	"archive/zip"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Formats of what is exported (docs/formats/ledger-export.md).
const (
	exportFormat    = "mijuan-ledger-export/1"
	statementFormat = "mijuan-ledger-statement/1"
)

// Contents says what an export holds beside the entries. The zero value: the sealed details, none opened.
type Contents struct {
	WithoutSealed bool             // leave the sealed details out
	Open          func(Entry) bool // which details to give in the clear, for those who may read them; nil: none
}

// manifest is manifest.json. It is not signed: it says what to expect, and what is expected must be there.
type manifest struct {
	Format  string `json:"format"`
	Origin  string `json:"origin"`
	Key     string `json:"key"` // the ledger's verifier key
	Size    uint64 `json:"size"`
	Root    string `json:"root"`
	Until   string `json:"until"`            // time of the last entry, RFC 3339
	Sealed  bool   `json:"sealed,omitempty"` // the sealed details are there
	Opened  uint64 `json:"opened,omitempty"` // lines of details.jsonl
	Matter  string `json:"matter,omitempty"` // of a statement
	Entries uint64 `json:"entries,omitempty"`
}

//go:embed export.txt
var exportReadme []byte

// Export writes the ledger to a new or empty directory: all that Verify needs and, in the layout of C2SP tlog-tiles, all that
// other tools need. It is one snapshot. Progress may be nil.
func (l *Ledger) Export(ctx context.Context, dir string, progress func(done, total uint64), contents ...Contents) error {
	out, err := createDir(dir)
	if err != nil {
		return err
	}
	err = l.db.Read(ctx, func(tx *store.Tx) (err error) {
		x := &export{l: l, put: out.write, read: func(f func(*store.Tx) error) error { return f(tx) }, Contents: one(contents), hashes: map[int][]tlog.Hash{}}
		if x.opened, err = l.openFile(out, x.Open); err != nil {
			return err
		}
		defer x.opened.close()
		return x.run(ctx, progress)
	})
	if err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}

// ExportTo writes the same as a zip archive that leaves as it is made: nothing lies on a disk meanwhile, and no transaction is held while
// a slow reader takes it. What stands below the checkpoint that it begins with does not change any more.
func (l *Ledger) ExportTo(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	put := func(name string, data []byte) error {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}
	x := &export{l: l, put: put, read: func(f func(*store.Tx) error) error { return l.db.Read(ctx, f) }, hashes: map[int][]tlog.Hash{}}
	if err := x.run(ctx, nil); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return z.Close()
}

// createDir makes the directory, which must hold nothing yet.
func createDir(dir string) (outDir, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", problem.New(problem.Invalid, "不能建立目录").Because(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", problem.New(problem.Invalid, "不能读取目录").Because(err)
	}
	if len(entries) > 0 {
		return "", problem.New(problem.Conflict, "目录不是空的，请另选一个")
	}
	return outDir(dir), nil
}

// outDir is where files are written.
type outDir string

func (d outDir) write(name string, data []byte) error {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	err := os.WriteFile(path, data, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.WriteFile(path, data, 0o600)
		}
	}
	return err
}

// create opens a file for writing piece by piece.
func (d outDir) create(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(string(d), filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// export is an export under way.
type export struct {
	Contents
	l      *Ledger
	read   func(func(*store.Tx) error) error
	put    func(name string, data []byte) error
	head   head
	seen   []cosignedHead      // by witnesses, when the export began
	hashes map[int][]tlog.Hash // by level: hashes of the tile being filled
	opened *openedFile
}

func (x *export) run(ctx context.Context, progress func(done, total uint64)) (err error) {
	if err := x.read(func(tx *store.Tx) error {
		if x.head, err = readHead(tx); err == nil {
			x.seen, err = listCosigned(tx)
		}
		return err
	}); err != nil {
		return err
	}
	signed, err := x.l.signedHead(x.head)
	if err != nil {
		return err
	}
	for next := uint64(0); next < x.head.size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		last := min(next+liveChunk, x.head.size)
		if err := x.chunk(next+1, last); err != nil {
			return err
		}
		if next = last; progress != nil {
			progress(next, x.head.size)
		}
	}
	if err := x.partialTiles(); err != nil {
		return err
	}
	return x.finish(signed)
}

// chunk exports the entries from first to last; first begins a tile.
func (x *export) chunk(first, last uint64) error {
	var records []record
	var hashes []tlog.Hash
	if err := x.read(func(tx *store.Tx) (err error) {
		if records, err = listRecords(tx, first, last, true); err != nil {
			return err
		}
		hashes, err = readNodes(tx, tlog.StoredHashIndex(0, int64(first-1)), tlog.StoredHashIndex(0, int64(last)))
		return err
	}); err != nil {
		return err
	}
	for i := range records {
		if records[i].Seq != first+uint64(i) {
			return problem.New(problem.Damaged, "第 %d 条记录缺失", first+uint64(i))
		}
	}
	if uint64(len(records)) != last-first+1 {
		return problem.New(problem.Damaged, "第 %d 条记录缺失", first+uint64(len(records)))
	}
	for len(records) > 0 {
		n := min(tileWidth, len(records))
		if err := x.bundle(records[:n]); err != nil {
			return err
		}
		records = records[n:]
	}
	return x.tiles(int64(first-1), hashes)
}

// bundle writes the entries of one tile.
func (x *export) bundle(records []record) error {
	var leaves, sealed []byte
	for i := range records {
		r := &records[i]
		leaf, err := r.leaf()
		if err != nil {
			return problem.New(problem.Damaged, "第 %d 条记录已被改动，无法解读", r.Seq).Because(err)
		}
		leaves = appendBundled(leaves, leaf)
		sealed = appendSealed(sealed, r.sealed)
		if err := x.opened.add(r); err != nil {
			return err
		}
	}
	t := tile{entryLevel, int64(records[0].Seq-1) / tileWidth, len(records)}
	if err := x.put(t.path(), leaves); err != nil || x.WithoutSealed {
		return err
	}
	t.level = sealedLevel
	return x.put(t.path(), sealed)
}

// tiles sorts stored hashes, which begin with that of leaf n, into tiles and writes those that are full.
func (x *export) tiles(n int64, hashes []tlog.Hash) error {
	level := 0
	for _, h := range hashes {
		if level%tileHeight == 0 {
			if err := x.tileHash(level/tileHeight, n>>level, h); err != nil {
				return err
			}
		}
		if n>>level&1 == 1 {
			level++
			continue
		}
		n, level = n+1, 0
	}
	return nil
}

func (x *export) tileHash(level int, n int64, h tlog.Hash) error {
	x.hashes[level] = append(x.hashes[level], h)
	if len(x.hashes[level]) < tileWidth {
		return nil
	}
	t := tile{level, n / tileWidth, tileWidth}
	err := x.put(t.path(), joinHashes(x.hashes[level]))
	x.hashes[level] = x.hashes[level][:0]
	return err
}

func (x *export) partialTiles() error {
	for level, hashes := range x.hashes {
		if len(hashes) == 0 {
			continue
		}
		t := tile{level, int64(x.head.size) >> (level * tileHeight) / tileWidth, len(hashes)}
		if err := x.put(t.path(), joinHashes(hashes)); err != nil {
			return err
		}
	}
	return nil
}

// finish writes what stands beside the tiles, the manifest last: a directory without it is no export.
func (x *export) finish(signed []byte) error {
	opened, err := x.opened.finish()
	if err != nil {
		return err
	}
	files := map[string][]byte{"checkpoint": signed, "README.txt": exportReadme}
	if best := x.l.mostCosigned(x.seen); best != nil {
		if files["checkpoint.cosigned"], err = mergeSignatures(best); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := x.put(name, data); err != nil {
			return err
		}
	}
	m := x.l.manifest(exportFormat, x.head, signed)
	m.Sealed, m.Opened = !x.WithoutSealed, opened
	return putManifest(x.put, m)
}

func (l *Ledger) manifest(format string, h head, signed []byte) manifest {
	m := manifest{Format: format, Origin: l.o.Origin, Key: l.key, Size: h.size, Root: emptyRoot.String(),
		Until: time.UnixMilli(h.time).UTC().Format("2006-01-02T15:04:05.000Z")}
	if c, _, err := openCheckpoint(signed, l.check); err == nil { // one that is damaged is for the verifier to find
		m.Root = c.root.String()
	}
	return m
}

func putManifest(put func(string, []byte) error, m manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return put("manifest.json", append(raw, '\n'))
}
