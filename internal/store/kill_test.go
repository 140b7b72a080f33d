package store_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// childEnv names the database that a test program run as a child writes to until it is killed.
const childEnv = "MIJUAN_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// writeUntilKilled prints each id once it is acknowledged.
func writeUntilKilled(path string) {
	db, err := store.Open(ctx, store.Options{Path: path, Key: storetest.Key})
	if err != nil {
		panic(err)
	}
	for range 8 {
		go func() {
			for {
				var id string
				if err := db.Update(ctx, func(tx *store.Tx) error {
					id = tx.NewID()
					_, err := tx.Exec(`INSERT INTO note (id, n, body) SELECT $1, COUNT(*), $2 FROM note`, id, make([]byte, 2000))
					return err
				}); err != nil {
					panic(err)
				}
				os.Stdout.WriteString(id + "\n")
			}
		}()
	}
	select {}
}

// Killed at any moment, the writer has kept everything that it acknowledged, and the file is whole.
func TestKilledWriterKeepsWhatItAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	o := store.Options{Path: path, Key: storetest.Key}
	func() {
		db := storetest.Reopen(t, o)
		defer db.Close()
		if err := db.Migrate(ctx, notes); err != nil {
			t.Fatal(err)
		}
	}()
	acknowledged := map[string]bool{}
	for round := range 5 {
		for _, id := range killAfter(t, path, 20+round*60) {
			acknowledged[id] = true
		}
		checkKept(t, o, acknowledged)
	}
	if len(acknowledged) < 5*20+60*(0+1+2+3+4) {
		t.Errorf("only %d writes were tried", len(acknowledged))
	}
}

// killAfter runs the child, kills it once it has acknowledged n writes and gives all that it did acknowledge.
func killAfter(t *testing.T, path string, n int) (ids []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var kill sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if len(lines.Text()) == 36 {
			ids = append(ids, lines.Text())
		}
		if len(ids) >= n {
			kill.Do(func() { child.Process.Kill() })
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return ids
}

func checkKept(t *testing.T, o store.Options, acknowledged map[string]bool) {
	t.Helper()
	db := storetest.Reopen(t, o)
	defer db.Close()
	kept := map[string]bool{}
	for _, id := range ids(t, db) {
		kept[id] = true
	}
	for id := range acknowledged {
		if !kept[id] {
			t.Errorf("%s was acknowledged and is lost", id)
		}
	}
	if err := db.Read(ctx, func(tx *store.Tx) error {
		verdict, err := store.Get(tx, text, `PRAGMA integrity_check`)
		if verdict != "ok" {
			err = fmt.Errorf("integrity: %s", verdict)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
