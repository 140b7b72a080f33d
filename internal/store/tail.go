package store

import (
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
)

// sealedVFS is the file layer under the engine: Adiantum, with the log written a block at a time.
const sealedVFS = "mijuan"

func init() { vfs.Register(sealedVFS, sealing(vfs.Find(""))) }

// sealing puts the layers over a plain file system.
func sealing(base vfs.VFS) vfs.VFS { return logVFS{adiantum.Wrap(runVFS{base}, nil)} }

type logVFS struct{ vfs.VFS }

// OpenFilename opens a file; the log gets a tail.
func (l logVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(l.VFS, name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = &tail{File: f}
	}
	return f, out, err
}

// The engine appends a page to the log as two writes, frameHead and the page, which lie across the blocks of the cipher.
const (
	blockSize = 4096
	pageSize  = 4096
	frameHead = 24
)

// tail is the engine's log of one connection. Sealed as they come, the writes of a page would open and seal three blocks; tail
// holds back the last block that is not full, so that nearly all are sealed once.
//
// What is held must be in the file before another connection looks for it. The engine makes frames known to others after it
// has synced the log (synchronous = FULL), and Sync leaves nothing held. There is one exception: it fills up the sector with a
// repeated last frame, syncs in the middle of that, and writes its rest afterwards. So the first frame's worth of bytes after
// a Sync is never held. Frames of a transaction that rolls back must not be held either, for the place in the log is then
// another's: they are none, because pages are written at the commit only (cache_spill = OFF) and a failed write drops what
// is held.
type tail struct {
	vfs.File
	block     [blockSize]byte
	from, end int64 // block holds the file's bytes from…end, all of one block
	through   int   // bytes still to go straight through
}

// WriteAt takes in p; all of it but the part in the last block is in the file.
func (t *tail) WriteAt(p []byte, off int64) (n int, err error) {
	if t.through > 0 {
		t.through -= len(p)
		return t.File.WriteAt(p, off)
	}
	if off != t.end {
		if err := t.flush(); err != nil {
			return 0, err
		}
		t.from, t.end = off, off
	}
	for n < len(p) {
		k := copy(t.block[t.end%blockSize:], p[n:])
		n, t.end = n+k, t.end+int64(k)
		if t.end%blockSize == 0 {
			if err := t.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// flush writes what is held. If that fails it is gone, and so is the transaction.
func (t *tail) flush() error {
	from := t.from
	t.from = t.end
	if from == t.end {
		return nil
	}
	at := from % blockSize
	_, err := t.File.WriteAt(t.block[at:at+t.end-from], from)
	return err
}

// ReadAt reads what was written, held or not.
func (t *tail) ReadAt(p []byte, off int64) (int, error) {
	if off < t.end && t.from < off+int64(len(p)) {
		if err := t.flush(); err != nil {
			return 0, err
		}
	}
	return t.File.ReadAt(p, off)
}

// Sync makes all that was written durable.
func (t *tail) Sync(flags vfs.SyncFlag) error {
	if err := t.flush(); err != nil {
		return err
	}
	t.through = frameHead + pageSize
	return t.File.Sync(flags)
}

// Truncate cuts the file.
func (t *tail) Truncate(size int64) error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.File.Truncate(size)
}

// Size is the file's length with what is held. A block that a loss of power left incomplete cannot be opened and does not
// count: asked to recover a log that ends in one, the engine would take the file for broken.
func (t *tail) Size() (int64, error) {
	if err := t.flush(); err != nil {
		return 0, err
	}
	size, err := t.File.Size()
	return size - size%blockSize, err
}

// Unwrap is the file below.
func (t *tail) Unwrap() vfs.File { return t.File }
