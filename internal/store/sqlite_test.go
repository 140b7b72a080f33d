package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"mijuan/internal/problem"
)

var (
	ctx     = context.Background()
	testKey = bytes.Repeat([]byte{7}, keySize)
	notes   = fstest.MapFS{"0001_note.sql": {Data: []byte("-- +goose Up\nCREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, body BYTEA NOT NULL);\n")}}
)

func openFile(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(ctx, Options{Path: path, Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := db.Migrate(ctx, notes); err != nil {
		t.Fatal(err)
	}
	return db
}

func fill(db *DB, from, to int, body string) error {
	return db.Update(ctx, func(tx *Tx) error {
		for id := from; id < to; id++ {
			if _, err := tx.Exec(`INSERT INTO note (id, body) VALUES ($1, $2)`, id, []byte(body)); err != nil {
				return err
			}
		}
		return nil
	})
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.Read(ctx, func(tx *Tx) (err error) {
		n, err = Get(tx, func(r Row) (n int, err error) { return n, r.Scan(&n) }, `SELECT COUNT(*) FROM note`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// readAll reads every body and gives the first error; wrong bytes without one fail the test.
func readAll(t *testing.T, db *DB, want string) error {
	return db.Read(ctx, func(tx *Tx) error {
		_, err := List(tx, func(r Row) (int, error) {
			var got string
			err := r.Scan(&got)
			if err == nil && got != want {
				t.Error("wrong bytes and no error")
			}
			return 0, err
		}, `SELECT body FROM note`)
		return err
	})
}

func TestEveryConnectionIsSetUp(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "a.db"))
	want := map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "temp_store": "2", "secure_delete": "1",
		"trusted_schema": "0", "busy_timeout": "10000", "checksum_verification": "1", "cache_size": "-8192",
		"cache_spill": "0", "page_size": "4096"}
	for i := range 12 { // all held at once, so that none is the same
		c, err := db.pool.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for name, value := range want {
			var got string
			if err := c.QueryRowContext(ctx, `PRAGMA `+name).Scan(&got); err != nil || got != value {
				t.Errorf("connection %d: %s is %s, want %s (%v)", i, name, got, value, err)
			}
		}
	}
}

func TestForeignKeysHold(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "a.db"))
	err := db.Update(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(`CREATE TABLE leaf (note BIGINT NOT NULL REFERENCES note (id))`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO leaf (note) VALUES (404)`)
		return err
	})
	if err == nil {
		t.Error("a reference to nothing was taken")
	}
}

func TestNothingLiesOpen(t *testing.T) {
	dir := t.TempDir()
	db := openFile(t, filepath.Join(dir, "a.db"))
	marker := "机密标记-8f2c"
	if err := fill(db, 0, 500, strings.Repeat(marker, 50)); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, open := range []bool{true, false} {
		if !open {
			db.Close()
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		for _, path := range files {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			seen += len(raw)
			for _, word := range []string{marker, "SQLite format", "CREATE TABLE", "goose"} {
				if bytes.Contains(raw, []byte(word)) {
					t.Errorf("%s holds %q in the clear", filepath.Base(path), word)
				}
			}
			if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 && !strings.HasSuffix(path, "-shm") { // page numbers only
				t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
			}
		}
	}
	if seen < 500*50*len(marker) {
		t.Errorf("looked at %d bytes only", seen)
	}
}

func TestWrongKeyIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, path)
	if err := fill(db, 0, 1, "x"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	_, err := Open(ctx, Options{Path: path, Key: bytes.Repeat([]byte{8}, keySize)})
	if !problem.Is(err, problem.Damaged) || strings.Contains(fmt.Sprintf("%+v", err), "0808") {
		t.Errorf("wrong key: %v", err)
	}
	if _, err := Open(ctx, Options{Path: path, Key: testKey[:31]}); err == nil {
		t.Error("a short key was taken")
	}
	if n := count(t, openFile(t, path)); n != 1 {
		t.Errorf("%d rows after the wrong key", n)
	}
}

// A changed bit anywhere in the file is found, also in pages that hold nothing but content.
func TestFlippedBitIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	body := strings.Repeat("content ", 4000) // seven overflow pages a row
	db := openFile(t, path)
	if err := fill(db, 0, 4, body); err != nil {
		t.Fatal(err)
	}
	db.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for page := range len(whole) / 4096 {
		raw := bytes.Clone(whole)
		raw[page*4096+page*97%4096] ^= 0x10
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(ctx, Options{Path: path, Key: testKey})
		if err == nil {
			err = readAll(t, db, body)
			db.Close()
		}
		if err != nil {
			found++
			if !problem.Is(err, problem.Damaged) {
				t.Errorf("page %d: %v", page, err)
			}
		}
	}
	if pages := len(whole) / 4096; pages < 30 || found < pages-8 { // the few pages of other tables are not read here
		t.Errorf("found %d of %d changed pages", found, pages)
	}
}

func TestTruncatedFileIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, path)
	body := strings.Repeat("content ", 4000)
	if err := fill(db, 0, 8, body); err != nil {
		t.Fatal(err)
	}
	db.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{info.Size() / 2, info.Size()/2 + 1000, 8192, 4096, 5000, 1000} {
		raw, _ := os.ReadFile(path)
		cut := filepath.Join(t.TempDir(), "b.db")
		if err := os.WriteFile(cut, raw[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(ctx, Options{Path: cut, Key: testKey})
		if err == nil {
			err = readAll(t, db, body)
			db.Close()
		}
		if !problem.Is(err, problem.Damaged) {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
}

func TestFullDiskIsSaidAndPasses(t *testing.T) {
	places := map[string]func(t *testing.T) (db *DB, more func()){"quota": withQuota}
	if os.Getuid() == 0 {
		places["file system"] = withSmallDisk
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			db, more := place(t)
			stored := 0
			var err error
			for ; err == nil && stored < 5000; stored += 10 {
				err = fill(db, stored, stored+10, strings.Repeat("x", 3000))
			}
			stored -= 10
			if !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "存储空间已满") {
				t.Fatalf("full: %v", err)
			}
			if n := count(t, db); n != stored {
				t.Errorf("%d rows, acknowledged %d", n, stored)
			}
			more()
			if err := fill(db, stored, stored+10, strings.Repeat("x", 3000)); err != nil {
				t.Errorf("after space returned: %v", err)
			}
			if n := count(t, db); n != stored+10 {
				t.Errorf("%d rows, acknowledged %d", n, stored+10)
			}
		})
	}
}

// withQuota limits the pages of the file.
func withQuota(t *testing.T) (*DB, func()) {
	db := openFile(t, filepath.Join(t.TempDir(), "a.db"))
	limit := func(pages int) {
		if err := db.Update(ctx, func(tx *Tx) error {
			_, err := Get(tx, func(r Row) (n int, err error) { return n, r.Scan(&n) }, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(100)
	return db, func() { limit(1000) }
}

// withSmallDisk puts the file on a disk of 2 MiB with ballast on it.
func withSmallDisk(t *testing.T) (*DB, func()) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=2m"); errors.Is(err, syscall.EPERM) {
		return withQuota(t) // root of a container that may not mount
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return openFile(t, filepath.Join(dir, "a.db")), func() { os.Remove(ballast) }
}
