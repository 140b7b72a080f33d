package store

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
)

// below is the file under a tail. It counts the writes to it and fails when told.
type below struct {
	vfsutil.SliceFile
	writes int
	fail   error
}

func (b *below) WriteAt(p []byte, off int64) (int, error) {
	b.writes++
	if b.fail != nil {
		return 0, b.fail
	}
	return b.SliceFile.WriteAt(p, off)
}

// Whatever is written, read, cut and synced in whatever order, a tail shows what a plain file would; the file below has all of
// it after a Sync, and all of the first frame that follows.
func TestTailIsAPlainFile(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var plain vfsutil.SliceFile
		under := &below{}
		f := &tail{File: under}
		off, since := int64(0), 1<<30 // where the next write goes; bytes written since the last Sync
		for step := range 300 {
			var err error
			switch r.IntN(20) {
			case 0:
				off = r.Int64N(int64(len(plain)) + 1) // back to an earlier frame
			case 1:
				err, since = f.Sync(0), 0
			case 2:
				off = r.Int64N(int64(len(plain)) + 1)
				err = errors.Join(plain.Truncate(off), f.Truncate(off))
			case 3:
				if size, _ := f.Size(); size/blockSize != int64(len(plain))/blockSize || size%blockSize != 0 {
					err = fmt.Errorf("%d bytes of %d", size, len(plain))
				}
			case 4, 5:
				err = sameRead(f, &plain, r)
			default:
				p := make([]byte, [...]int{frameHead, pageSize, 1 + r.IntN(2*blockSize)}[r.IntN(3)])
				for i := range p {
					p[i] = byte(r.Uint32())
				}
				_, _ = plain.WriteAt(p, off)
				_, err = f.WriteAt(p, off)
				off, since = off+int64(len(p)), since+len(p)
			}
			if err == nil && since <= frameHead+pageSize && !bytes.Equal(under.SliceFile, plain) {
				err = fmt.Errorf("something of the %d bytes after a sync is held", since)
			}
			if err != nil {
				t.Fatalf("seed %d, step %d: %v", seed, step, err)
			}
		}
		if err := f.Sync(0); err != nil || !bytes.Equal(under.SliceFile, plain) {
			t.Fatalf("seed %d: the file below is another, %v", seed, err)
		}
	}
}

func sameRead(f *tail, plain *vfsutil.SliceFile, r *rand.Rand) error {
	off := r.Int64N(int64(len(*plain)) + 1)
	want, got := make([]byte, 1+r.IntN(3*blockSize)), make([]byte, 0)
	got = append(got, want...)
	n, _ := plain.ReadAt(want, off)
	if m, _ := f.ReadAt(got, off); m != n || !bytes.Equal(got, want) {
		return fmt.Errorf("%d bytes at %d read otherwise", n, off)
	}
	return nil
}

// A commit of n pages costs the file below about n writes, not three for each.
func TestTailWritesBlocksOnce(t *testing.T) {
	under := &below{}
	f := &tail{File: under}
	const n = 100
	for i := range int64(n) {
		at := 32 + i*(frameHead+pageSize)
		_, _ = f.WriteAt(make([]byte, frameHead), at)
		_, _ = f.WriteAt(make([]byte, pageSize), at+frameHead)
	}
	if err := f.Sync(0); err != nil || under.writes > n+2 {
		t.Errorf("%d writes for %d pages, %v", under.writes, n, err)
	}
}

// What could not be written is gone: nothing of it turns up in the file later, when another connection may have written there.
func TestTailForgetsWhatFailed(t *testing.T) {
	under := &below{}
	f := &tail{File: under}
	_, _ = f.WriteAt(make([]byte, 100), 0)
	under.fail = errors.New("no space")
	if err := f.Sync(0); err == nil {
		t.Fatal("a failed write was not told")
	}
	under.fail, under.writes = nil, 0
	if err := errors.Join(f.Sync(0), f.Close()); err != nil || under.writes != 0 {
		t.Errorf("%d writes after the failure, %v", under.writes, err)
	}
}

// Each commit can be read by other connections, wherever in a block of the log it ends.
func TestCommitsAreSeenByOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, other := openFile(t, path), openFile(t, path)
	rows := 0
	for i := range 700 {
		more := 1 + i*i%7
		if err := fill(db, rows, rows+more, strings.Repeat("x", 900)); err != nil {
			t.Fatal(err)
		}
		if rows += more; count(t, other) != rows {
			t.Fatalf("commit %d is not seen", i)
		}
	}
	if err := readAll(t, other, strings.Repeat("x", 900)); err != nil {
		t.Error(err)
	}
}

// A transaction larger than the cache that is rolled back has written nothing, so another process's log is not written over.
func TestNothingIsLoggedBeforeTheCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db, other := openFile(t, path), openFile(t, path)
	before := logSize(t, path)
	undone := errors.New("undone")
	if err := db.Update(ctx, func(tx *Tx) error {
		for id := range 400 {
			if _, err := tx.Exec(`INSERT INTO note (id, body) VALUES ($1, $2)`, id, make([]byte, 60_000)); err != nil {
				return err
			}
		}
		return undone
	}); err != undone {
		t.Fatal(err)
	}
	if after := logSize(t, path); after != before {
		t.Errorf("the log went from %d to %d bytes", before, after)
	}
	for i, by := range []*DB{other, db, other, db} {
		if err := fill(by, i, i+1, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, other); n != 4 {
		t.Errorf("%d rows", n)
	}
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
