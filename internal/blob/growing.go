package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The state of a growing file is "file", and after the first Append the size that it will have: "file 1234".
const fileState = "file"

func parseFileState(state string) (whole int64, err error) {
	rest, ok := strings.CutPrefix(state, fileState)
	if rest = strings.TrimSpace(rest); ok && rest == "" {
		return -1, nil
	}
	if whole, err = strconv.ParseInt(rest, 10, 64); !ok || err != nil || whole < 0 {
		return 0, fmt.Errorf("blob: %q is no state of a growing file", state)
	}
	return whole, nil
}

// Begin implements Store.
func (d *Dir) Begin(_ context.Context, name string) (string, error) {
	if err := check(name); err != nil {
		return "", err
	}
	f, err := os.OpenFile(d.growingPath(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", written(err)
	}
	return fileState, written(f.Close())
}

// Append implements Store.
func (d *Dir) Append(ctx context.Context, name, state string, at, whole int64, r io.Reader) (string, int64, error) {
	if _, err := parseFileState(state); err != nil {
		return state, at, err
	}
	if err := check(name); err != nil {
		return state, at, err
	}
	f, err := os.OpenFile(d.growingPath(name), os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return state, at, d.absent(ctx)
	}
	if err != nil {
		return state, at, written(err)
	}
	end, err := appendFile(ctx, f, at, whole, r)
	if err = errors.Join(err, written(f.Close())); at == 0 && end < whole { // it will be looked for after a crash
		err = errors.Join(err, syncDir(d.growingPath("")))
	}
	return fmt.Sprintf("%s %d", fileState, whole), end, err
}

func appendFile(ctx context.Context, f *os.File, at, whole int64, r io.Reader) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return at, away(err)
	}
	if at < 0 || at > whole || info.Size() < at {
		return at, damaged(fmt.Errorf("append at %d of %d bytes, %d are there", at, whole, info.Size()))
	}
	if err := f.Truncate(at); err != nil {
		return at, written(err)
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return at, away(err)
	}
	n, reading, writing := copyTo(ctx, f, at, io.LimitReader(r, whole-at))
	if writing != nil {
		return at, errors.Join(written(writing), f.Truncate(at))
	}
	if err := f.Sync(); err != nil {
		return at, errors.Join(reading, written(err))
	}
	return at + n, reading
}

// Finish implements Store.
func (d *Dir) Finish(ctx context.Context, name, state string) error {
	if err := check(name); err != nil {
		return err
	}
	whole, err := parseFileState(state)
	if err != nil {
		return err
	}
	info, err := os.Stat(d.growingPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return d.finished(ctx, name, whole)
	}
	if err != nil {
		return away(err)
	}
	if info.Size() != whole {
		return damaged(fmt.Errorf("finish %s: %d of %d bytes are there", name, info.Size(), whole))
	}
	return d.place(ctx, d.growingPath(name), name)
}

// finished answers for an object that does not grow: perhaps it was finished before, and its name did not reach the disk.
func (d *Dir) finished(ctx context.Context, name string, whole int64) error {
	info, err := os.Stat(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return d.absent(ctx)
	}
	if err != nil {
		return away(err)
	}
	if info.Size() != whole {
		return damaged(fmt.Errorf("finish %s: %d of %d bytes are there", name, info.Size(), whole))
	}
	if err := d.ensure(filepath.Dir(d.path(name))); err != nil {
		return written(err)
	}
	return syncDir(filepath.Dir(d.path(name)))
}

// Abort implements Store.
func (d *Dir) Abort(ctx context.Context, name, _ string) error {
	if !valid(name) {
		return nil
	}
	err := os.Remove(d.growingPath(name))
	if errors.Is(err, fs.ErrNotExist) {
		return d.Ping(ctx)
	}
	return written(err)
}
