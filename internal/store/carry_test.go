package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// However long it is written without a pause, the log does not outgrow what is carried over beside the writing, and nothing is lost.
func TestLogIsCarriedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := openFile(t, path)
	db.carrying.full = 100
	body, rows := strings.Repeat("x", 900), 0
	var largest int64
	for range 600 {
		if err := fill(db, rows, rows+4, body); err != nil {
			t.Fatal(err)
		}
		rows += 4
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if pages := largest / pageSize; pages > 1500 {
		t.Errorf("the log had %d pages", pages)
	}
	if want := int64(rows * len(body) / 2); info.Size() < want {
		t.Errorf("of %d rows only %d bytes are in the file", rows, info.Size())
	}
	if n := count(t, db); n != rows {
		t.Errorf("%d rows of %d", n, rows)
	}
}
