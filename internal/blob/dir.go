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
	"sync"
	"syscall"
	"time"
)

// Dir keeps objects as files below a directory, in two levels of folders named by the end of the object's name (the beginning
// of our ids is a time). Objects that grow, and those that Put is writing, lie in folders of their own. Files are 0600, folders
// 0700.
type Dir struct {
	root    string
	durable sync.Map // folders whose own names are known to be on the disk
}

// Folders for what is not finished, and how long it may lie there untouched before OpenDir removes it. Whoever grows objects
// gives up sooner.
const (
	growing  = "growing"
	arriving = "arriving"

	growingFor  = 14 * 24 * time.Hour
	arrivingFor = 24 * time.Hour
)

// OpenDir opens the directory, making it if need be, and removes what was left unfinished long ago.
func OpenDir(path string) (*Dir, error) {
	d := &Dir{root: filepath.Clean(path)}
	for folder, age := range map[string]time.Duration{growing: growingFor, arriving: arrivingFor} {
		if err := d.sweep(filepath.Join(path, folder), age); err != nil {
			return nil, written(err)
		}
	}
	return d, errors.Join(syncDir(path), syncDir(filepath.Dir(d.root)))
}

// sweep makes a folder, or removes what is old in it.
func (d *Dir) sweep(folder string, age time.Duration) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		info, gone := e.Info()
		if gone == nil && time.Since(info.ModTime()) > age {
			gone = os.Remove(filepath.Join(folder, e.Name()))
		}
		if gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			return gone
		}
	}
	return err
}

// path is where a finished object lies.
func (d *Dir) path(name string) string {
	n := "00" + strings.ReplaceAll(name, "-", "")
	return filepath.Join(d.root, n[len(n)-1:], n[len(n)-2:len(n)-1], name)
}

func (d *Dir) growingPath(name string) string { return filepath.Join(d.root, growing, name) }

// Put implements Store.
func (d *Dir) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if err := check(name); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Join(d.root, arriving), name+".*")
	if err != nil {
		return written(err)
	}
	err = fill(ctx, f, name, r, size)
	if err = errors.Join(err, written(f.Close())); err == nil {
		err = d.place(ctx, f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // what stays, OpenDir removes
	}
	return err
}

// fill writes just size bytes of r to a file, durably.
func fill(ctx context.Context, f *os.File, name string, r io.Reader, size int64) error {
	n, reading, writing := copyTo(ctx, f, 0, io.LimitReader(r, size+1))
	switch {
	case writing != nil:
		return written(writing)
	case reading != nil:
		return reading
	case n != size:
		return wrongSize(name, n, size)
	}
	return written(f.Sync())
}

// place gives a file that is on the disk its name, durably.
func (d *Dir) place(ctx context.Context, from, name string) error {
	to := d.path(name)
	err := d.rename(from, to)
	if errors.Is(err, fs.ErrNotExist) && d.Ping(ctx) == nil { // the folder was taken away behind our back, and only the folder
		d.durable.Delete(filepath.Dir(to))
		err = d.rename(from, to)
	}
	if err != nil {
		return written(err)
	}
	return syncDir(filepath.Dir(to))
}

func (d *Dir) rename(from, to string) error {
	if err := d.ensure(filepath.Dir(to)); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// ensure makes a folder and the one above it, and puts their names on the disk. That another call has made them is not enough:
// it may not have come so far.
func (d *Dir) ensure(folder string) error {
	if _, ok := d.durable.Load(folder); ok {
		return nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := errors.Join(syncDir(filepath.Dir(folder)), syncDir(d.root)); err != nil {
		return err
	}
	d.durable.Store(folder, true)
	return nil
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return away(err)
	}
	return written(errors.Join(f.Sync(), f.Close()))
}

// Delete implements Store.
func (d *Dir) Delete(ctx context.Context, name string) error {
	if !valid(name) {
		return nil
	}
	path := d.path(name)
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return d.Ping(ctx)
	}
	if err != nil {
		return written(err)
	}
	return syncDir(filepath.Dir(path))
}

// Open implements Store.
func (d *Dir) Open(ctx context.Context, name string) (Object, error) {
	if !valid(name) {
		return nil, ErrAbsent
	}
	f, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, d.absent(ctx)
	}
	if err != nil {
		return nil, away(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(away(err), f.Close())
	}
	return &file{f, info.Size()}, nil
}

// absent tells an object that is not there from a directory that is not there.
func (d *Dir) absent(ctx context.Context) error {
	if err := d.Ping(ctx); err != nil {
		return err
	}
	return ErrAbsent
}

// file is an open object.
type file struct {
	f    *os.File
	size int64
}

func (o *file) Size() int64  { return o.size }
func (o *file) Close() error { return o.f.Close() }

// ReadAt implements io.ReaderAt.
func (o *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := o.f.ReadAt(p, off)
	switch {
	case err == nil || errors.Is(err, os.ErrClosed):
		return n, err
	case err != io.EOF:
		return n, away(err)
	case off+int64(n) < o.size:
		return n, damaged(fmt.Errorf("%s ends at %d of %d bytes", filepath.Base(o.f.Name()), off+int64(n), o.size))
	}
	return n, io.EOF
}

// List implements Store.
func (d *Dir) List(ctx context.Context, f func(name string, size int64) error) error {
	return filepath.WalkDir(d.root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path != d.root:
			return nil // gone while we walk
		case err != nil:
			return away(err)
		case ctx.Err() != nil:
			return ctx.Err()
		case path == filepath.Join(d.root, growing) || path == filepath.Join(d.root, arriving):
			return filepath.SkipDir
		case !e.Type().IsRegular() || !valid(e.Name()) || path != d.path(e.Name()):
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return away(err)
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
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return full(err)
	}
	return away(err)
}
