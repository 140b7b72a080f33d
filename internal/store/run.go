package store

import (
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// runVFS is the file layer under the cipher: the log's blocks, which the cipher seals and writes one by one, go to the file in long
// runs. A system call costs more than a block's sealing.
type runVFS struct{ vfs.VFS }

// OpenFilename opens a file; the log's blocks are gathered.
func (r runVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := vfsutil.WrapOpenFilename(r.VFS, name, flags)
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		f = &run{File: f}
	}
	return f, out, err
}

// longestRun is how many bytes are gathered at most.
const longestRun = 1 << 20

// run holds back blocks that follow each other in the file. What tail promises holds here too: a Sync leaves nothing held, and the
// blocks of the first frame after it go straight through; when a write fails, what was held is gone, and so is the transaction.
type run struct {
	vfs.File
	held    []byte
	at      int64 // where held begins
	through int   // writes still to go straight through
}

// blocksOfFrame is into how many writes of blocks a frame can fall: its head lies in two at most, its page in two.
const blocksOfFrame = 4

// WriteAt takes in p.
func (r *run) WriteAt(p []byte, off int64) (int, error) {
	if r.through > 0 {
		r.through--
		return r.File.WriteAt(p, off)
	}
	if off != r.at+int64(len(r.held)) || len(r.held)+len(p) > longestRun {
		if err := r.flush(); err != nil {
			return 0, err
		}
		r.at = off
	}
	if cap(r.held) == 0 {
		r.held = make([]byte, 0, longestRun)
	}
	if len(p) > longestRun {
		return r.File.WriteAt(p, off)
	}
	r.held = append(r.held, p...)
	return len(p), nil
}

// flush writes what is held.
func (r *run) flush() error {
	held := r.held
	r.held = r.held[:0]
	if len(held) == 0 {
		return nil
	}
	if _, err := r.File.WriteAt(held, r.at); err != nil {
		return vfs.SystemError(err, sqlite3.IOERR_WRITE) // whatever call it shows in, it is a write that failed
	}
	return nil
}

// ReadAt reads what was written, held or not.
func (r *run) ReadAt(p []byte, off int64) (int, error) {
	if off < r.at+int64(len(r.held)) && r.at < off+int64(len(p)) {
		if err := r.flush(); err != nil {
			return 0, err
		}
	}
	return r.File.ReadAt(p, off)
}

// Sync makes all that was written durable.
func (r *run) Sync(flags vfs.SyncFlag) error {
	if err := r.flush(); err != nil {
		return err
	}
	r.through = blocksOfFrame
	return r.File.Sync(flags)
}

// Truncate cuts the file.
func (r *run) Truncate(size int64) error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.File.Truncate(size)
}

// Size is the file's length with what is held.
func (r *run) Size() (int64, error) {
	if err := r.flush(); err != nil {
		return 0, err
	}
	return r.File.Size()
}

// Unwrap is the file below.
func (r *run) Unwrap() vfs.File { return r.File }
