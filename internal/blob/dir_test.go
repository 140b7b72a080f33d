package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"mijuan/internal/blob"
	"mijuan/internal/blob/blobtest"
	"mijuan/internal/problem"
)

var ctx = context.Background()

func openDir(t testing.TB, path string) *blob.Dir {
	t.Helper()
	d, err := blob.OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// find is the path of a finished object.
func find(root, name string) (path string, err error) {
	err = filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && e.Name() == name {
			path = p
		}
		return err
	})
	return path, err
}

func TestDir(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blobtest.Place {
		root := filepath.Join(t.TempDir(), "objects")
		return blobtest.Place{
			Store: openDir(t, root),
			Again: func() blob.Store { return openDir(t, root) },
			Cut: func(name string, size int64) error {
				path, err := find(root, name)
				if err != nil {
					return err
				}
				return os.Truncate(path, size)
			},
			Vanish: func() error { return os.Rename(root, root+" unmounted") },
		}
	})
}

// tree tells every file and folder below a directory with its mode.
func tree(t *testing.T, root string) map[string]fs.FileMode {
	t.Helper()
	all := map[string]fs.FileMode{}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		rel, _ := filepath.Rel(root, p)
		all[filepath.ToSlash(rel)] = info.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDirIsPrivateAndTidy(t *testing.T) {
	root := filepath.Join(t.TempDir(), "a", "objects")
	d := openDir(t, root)
	if err := d.Put(ctx, "018f-a1b2", bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Begin(ctx, "018f-a1b3"); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(ctx, "018f-a1b4", bytes.NewReader([]byte("x")), 2); err == nil {
		t.Fatal("put one byte of two")
	}
	want := map[string]fs.FileMode{".": 0o700 | fs.ModeDir, "growing": 0o700 | fs.ModeDir, "growing/018f-a1b3": 0o600, "arriving": 0o700 | fs.ModeDir,
		"2": 0o700 | fs.ModeDir, "2/b": 0o700 | fs.ModeDir, "2/b/018f-a1b2": 0o600}
	got := tree(t, root)
	for path, mode := range want {
		if got[path] != mode {
			t.Errorf("%s: mode %v, want %v", path, got[path], mode)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the directory holds %v", got)
	}
}

func TestDirListsOnlyObjects(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	if err := d.Put(ctx, "018f-a1b2", bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	for _, stray := range []string{"readme", "2/b/.hidden", "2/b/018f-a1b3", "2/readme"} {
		if err := os.WriteFile(filepath.Join(root, stray), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "lost+found"), 0o700); err != nil {
		t.Fatal(err)
	}
	var listed []string
	if err := d.List(ctx, func(name string, _ int64) error { listed = append(listed, name); return nil }); err != nil || !slices.Equal(listed, []string{"018f-a1b2"}) {
		t.Errorf("%q, %v", listed, err)
	}
}

func TestOpenDirRemovesWhatWasLeftLongAgo(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	const day = 24 * time.Hour
	for path, age := range map[string]time.Duration{"growing/new": 0, "growing/slow": 13 * day, "growing/old": 15 * day, "arriving/new.1": 0,
		"arriving/slow.1": day / 2, "arriving/old.1": 2 * day} {
		path = filepath.Join(root, path)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Put(ctx, "old", bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	path, err := find(root, "old")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(-1000*day)); err != nil {
		t.Fatal(err)
	}
	openDir(t, root)
	got := tree(t, root)
	for path, stays := range map[string]bool{"growing/new": true, "growing/slow": true, "growing/old": false, "arriving/new.1": true, "arriving/slow.1": true,
		"arriving/old.1": false, "d/l/old": true} {
		if _, there := got[path]; there != stays {
			t.Errorf("%s is there: %t", path, there)
		}
	}
}

func TestOpenDirWhereNoneCanBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := blob.OpenDir(filepath.Join(file, "objects")); !problem.Is(err, problem.Unavailable) {
		t.Errorf("below a file: %v", err)
	}
}

// TestDirGrownFileLostBytes cuts a growing file behind the store's back: going on must not leave a hole.
func TestDirGrownFileLostBytes(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	state, err := d.Begin(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	state, end, err := d.Append(ctx, "a", state, 0, 200, bytes.NewReader(make([]byte, 100)))
	if err != nil || end != 100 {
		t.Fatal(end, err)
	}
	if err := os.Truncate(filepath.Join(root, "growing", "a"), 99); err != nil {
		t.Fatal(err)
	}
	if _, end, err = d.Append(ctx, "a", state, 100, 200, bytes.NewReader(make([]byte, 100))); !problem.Is(err, problem.Damaged) || end != 100 {
		t.Errorf("end %d, %v", end, err)
	}
	if err := os.Remove(filepath.Join(root, "growing", "a")); err != nil {
		t.Fatal(err)
	}
	if _, _, err = d.Append(ctx, "a", state, 100, 200, bytes.NewReader(make([]byte, 100))); !errors.Is(err, blob.ErrAbsent) {
		t.Errorf("removed: %v", err)
	}
}

// TestDirFolderTakenAway removes a folder of objects from under an open store, as somebody does who restores a directory.
func TestDirFolderTakenAway(t *testing.T) {
	root := t.TempDir()
	d := openDir(t, root)
	grow := func(name string) error {
		state, err := d.Begin(ctx, name)
		if err == nil {
			state, _, err = d.Append(ctx, name, state, 0, 1, bytes.NewReader([]byte("x")))
		}
		return errors.Join(err, d.Finish(ctx, name, state))
	}
	for what, act := range map[string]func() error{
		"put":  func() error { return d.Put(ctx, "018f-a1b2", bytes.NewReader([]byte("x")), 1) },
		"grow": func() error { return grow("018f-c1b2") },
	} {
		for range 2 {
			if err := act(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
			if err := os.RemoveAll(filepath.Join(root, "2")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Remove(filepath.Join(root, "arriving")); err != nil {
		t.Fatal(err)
	}
	if err := d.Put(ctx, "018f-a1b2", bytes.NewReader([]byte("x")), 1); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a directory that is none: %v", err)
	}
}

// TestDirDropsWhatStoodBehind goes back to an earlier position, or begins again, and looks for the bytes of before.
func TestDirDropsWhatStoodBehind(t *testing.T) {
	d := openDir(t, t.TempDir())
	grown := func() string {
		state, err := d.Begin(ctx, "a")
		if err == nil {
			state, _, err = d.Append(ctx, "a", state, 0, 200, bytes.NewReader(make([]byte, 200)))
		}
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	state, end, err := d.Append(ctx, "a", grown(), 100, 200, bytes.NewReader(make([]byte, 10)))
	if err != nil || end != 110 {
		t.Fatal(end, err)
	}
	if err := d.Finish(ctx, "a", state); !problem.Is(err, problem.Damaged) {
		t.Errorf("finished 110 of 200 bytes: %v", err)
	}
	state = grown()
	if _, err := d.Begin(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if err := d.Finish(ctx, "a", state); !problem.Is(err, problem.Damaged) {
		t.Errorf("finished what was begun again: %v", err)
	}
}
