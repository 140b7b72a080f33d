package store

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// When the power goes, everything acknowledged is kept, whichever sectors of what was not synced reach the disk.
func TestPowerLossKeepsWhatWasAcknowledged(t *testing.T) {
	t.Run("log carried by the engine", func(t *testing.T) {
		losePower(t, func(db *DB) error {
			return db.Update(ctx, func(tx *Tx) error {
				_, err := Get(tx, func(Row) (int, error) { return 0, nil }, `PRAGMA wal_autocheckpoint = 100`)
				return err
			})
		})
	})
	t.Run("log carried beside", func(t *testing.T) {
		losePower(t, func(db *DB) error { db.carrying.full = 100; return nil })
	})
}

func losePower(t *testing.T, set func(*DB) error) {
	t.Helper()
	disk := &unsure{VFS: vfs.Find(""), files: map[string]*image{}}
	vfs.Register(sealedVFS, sealing(disk))
	defer vfs.Register(sealedVFS, sealing(vfs.Find("")))
	db := openFile(t, filepath.Join(t.TempDir(), "a.db"))
	if err := set(db); err != nil {
		t.Fatal(err)
	}
	body, r, rows := strings.Repeat("x", 900), rand.New(rand.NewPCG(1, 2)), 0
	var images []string
	var acknowledged []int
	for i := range 500 {
		more := 1 + r.IntN(12)
		if err := fill(db, rows, rows+more, body); err != nil {
			t.Fatal(err)
		}
		if rows += more; i%5 == 0 {
			images, acknowledged = append(images, disk.lose(t, r)), append(acknowledged, rows)
		}
	}
	vfs.Register(sealedVFS, sealing(vfs.Find("")))
	for i, path := range images {
		func() {
			after := openFile(t, path)
			defer after.Close()
			if n := count(t, after); n < acknowledged[i] {
				t.Errorf("image %d: %d rows of %d acknowledged", i, n, acknowledged[i])
			}
			if err := readAll(t, after, body); err != nil {
				t.Errorf("image %d: %v", i, err)
			}
		}()
	}
}

// unsure is a file system that knows what of the database's files is durable.
type unsure struct {
	vfs.VFS
	mu    sync.Mutex
	files map[string]*image
}

// image is what is durable of a file, and what was done to it since.
type image struct {
	synced vfsutil.SliceFile
	later  []change
}

// change is a write, or a cut to the length at when p is nil.
type change struct {
	p  []byte
	at int64
}

func (u *unsure) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(u.VFS, name, flags)
	if err != nil || flags&(vfs.OPEN_MAIN_DB|vfs.OPEN_WAL) == 0 {
		return f, out, err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	base := filepath.Base(name.String())
	if u.files[base] == nil {
		u.files[base] = &image{}
	}
	return &unsureFile{f, u, u.files[base]}, out, nil
}

// lose writes what the loss of power would leave now, and gives the database's path.
func (u *unsure) lose(t *testing.T, r *rand.Rand) string {
	t.Helper()
	u.mu.Lock()
	defer u.mu.Unlock()
	dir := t.TempDir()
	for name, f := range u.files {
		left := vfsutil.SliceFile(strings.Clone(string(f.synced)))
		for _, c := range f.later {
			c.reach(&left, r)
		}
		if err := os.WriteFile(filepath.Join(dir, name), left, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "a.db")
}

// reach puts those sectors on the disk that chance lets through: all, none, or some.
func (c change) reach(left *vfsutil.SliceFile, r *rand.Rand) {
	const sector = 512
	whole, some := r.IntN(3) == 0, r.IntN(2) == 0
	if c.p == nil {
		if whole {
			_ = left.Truncate(c.at)
		}
		return
	}
	for at := 0; at < len(c.p); at += sector {
		if whole || some && r.IntN(2) == 0 {
			_, _ = left.WriteAt(c.p[at:min(len(c.p), at+sector)], c.at+int64(at))
		}
	}
}

type unsureFile struct {
	vfs.File
	disk  *unsure
	image *image
}

func (f *unsureFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.image.later = append(f.image.later, change{[]byte(string(p)), off})
	return f.File.WriteAt(p, off)
}

func (f *unsureFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.image.later = append(f.image.later, change{nil, size})
	return f.File.Truncate(size)
}

func (f *unsureFile) Sync(vfs.SyncFlag) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	for _, c := range f.image.later {
		if c.p == nil {
			_ = f.image.synced.Truncate(c.at)
		} else {
			_, _ = f.image.synced.WriteAt(c.p, c.at)
		}
	}
	f.image.later = nil
	return nil
}

func (f *unsureFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
