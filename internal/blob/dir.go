package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Dir keeps objects as files below a directory: two levels of folders by the end of the name (the beginning of our ids is a
// time), growing ones in a folder of their own. Files are 0600, folders 0700.
type Dir struct{ root string }

const growing = "growing"

// stale is how long a growing file may lie untouched before OpenDir removes it; uploads are given up sooner.
const stale = 14 * 24 * time.Hour

// OpenDir opens the directory, making it if need be, and removes what was left growing long ago.
func OpenDir(path string) (*Dir, error) {
	d := &Dir{root: path}
	if err := os.MkdirAll(filepath.Join(path, growing), 0o700); err != nil {
		return nil, away(err)
	}
	entries, err := os.ReadDir(filepath.Join(path, growing))
	if err != nil {
		return nil, away(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > stale {
			err = os.Remove(filepath.Join(path, growing, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, away(err)
		}
	}
	return d, nil
}

func (d *Dir) path(name string) string {
	n := strings.ReplaceAll(name, "-", "")
	n = "0000" + n
	return filepath.Join(d.root, n[len(n)-2:], n[len(n)-4:len(n)-2], name)
}

func (d *Dir) growingPath(name string) string { return filepath.Join(d.root, growing, name) }

// Put implements Store.
func (d *Dir) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	state, err := d.Begin(ctx, name)
	if err != nil {
		return err
	}
	_, end, err := d.Append(ctx, name, state, 0, size, r)
	if err == nil && end != size {
		err = fmt.Errorf("put %s: %d of %d bytes: %w", name, end, size, io.ErrUnexpectedEOF)
	}
	if err == nil {
		err = d.Finish(ctx, name, state)
	}
	if err != nil {
		return errors.Join(err, d.Abort(context.WithoutCancel(ctx), name, state))
	}
	return nil
}

type file struct {
	*os.File
	size int64
}

func (f file) Size() int64 { return f.size }

// Open implements Store.
func (d *Dir) Open(_ context.Context, name string) (Object, error) {
	if !valid(name) {
		return nil, ErrAbsent
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, away(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(away(err), f.Close())
	}
	return file{f, info.Size()}, nil
}

// Delete implements Store.
func (d *Dir) Delete(_ context.Context, name string) error {
	if !valid(name) {
		return nil
	}
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return away(err)
	}
	return nil
}

// Begin implements Store. The state of a growing file is its name alone.
func (d *Dir) Begin(_ context.Context, name string) (string, error) {
	if !valid(name) {
		return "", fmt.Errorf("blob: %q is no name", name)
	}
	f, err := os.OpenFile(d.growingPath(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", written(err)
	}
	return "file", f.Close()
}

// Append implements Store.
func (d *Dir) Append(ctx context.Context, name, state string, at, _ int64, r io.Reader) (string, int64, error) {
	f, err := os.OpenFile(d.growingPath(name), os.O_WRONLY, 0o600)
	if err != nil {
		return state, at, written(err)
	}
	end, err := appendFile(ctx, f, at, r)
	return state, end, errors.Join(err, f.Close())
}

func appendFile(ctx context.Context, f *os.File, at int64, r io.Reader) (int64, error) {
	if err := f.Truncate(at); err != nil {
		return at, written(err)
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return at, written(err)
	}
	n, err := copyTo(ctx, f, r)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return at, errors.Join(full(err), f.Truncate(at))
	}
	if syncing := f.Sync(); syncing != nil {
		return at, errors.Join(err, written(syncing))
	}
	return at + n, err
}

// copyTo copies with a large buffer and stops between two pieces when ctx ends.
func copyTo(ctx context.Context, w io.Writer, r io.Reader) (n int64, err error) {
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		m, rerr := r.Read(buf)
		if m > 0 {
			k, werr := w.Write(buf[:m])
			n += int64(k)
			if werr != nil {
				return n, written(werr)
			}
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}

// Finish implements Store.
func (d *Dir) Finish(_ context.Context, name, _ string) error {
	target := d.path(name)
	folder := filepath.Dir(target)
	err := os.Rename(d.growingPath(name), target)
	made := false
	if errors.Is(err, fs.ErrNotExist) {
		if _, serr := os.Stat(target); serr == nil {
			return nil // finished before
		}
		if err = os.MkdirAll(folder, 0o700); err == nil {
			made = true
			err = os.Rename(d.growingPath(name), target)
		}
	}
	if err != nil {
		return written(err)
	}
	if err := syncDir(folder); err != nil || !made {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(folder)), syncDir(d.root))
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return away(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return away(err)
	}
	return nil
}

// Abort implements Store.
func (d *Dir) Abort(_ context.Context, name, _ string) error {
	if !valid(name) {
		return nil
	}
	if err := os.Remove(d.growingPath(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return away(err)
	}
	return nil
}

// List implements Store.
func (d *Dir) List(ctx context.Context, f func(name string, size int64) error) error {
	return filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted while we walk
		}
		if err != nil {
			return away(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.IsDir() {
			if e.Name() == growing && filepath.Dir(path) == filepath.Clean(d.root) {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return nil
		}
		return f(e.Name(), info.Size())
	})
}

// Ping implements Store.
func (d *Dir) Ping(context.Context) error {
	if _, err := os.Stat(filepath.Join(d.root, growing)); err != nil {
		return away(err)
	}
	return nil
}

// written turns a failure to write into what it means.
func written(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return full(err)
	}
	return away(err)
}
