// Package storetest opens fresh, migrated databases on both engines for tests. SQLite is a file in the test's directory.
// PostgreSQL is a real server: the one that MIJUAN_TEST_POSTGRES names (a postgres:// address with the right to create
// databases), or a private one that is started from the installed programs, shared by all test processes of the user and
// stopped when none is left. Without PostgreSQL tests fail, unless MIJUAN_TEST_NO_POSTGRES=1 says that this is meant.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"mijuan/internal/schema"
	"mijuan/internal/store"
)

// Key seals the SQLite databases of tests.
var Key = []byte("0123456789abcdef0123456789abcdef")

// Each runs f as the subtests "sqlite" and "postgres", each on a fresh database.
func Each(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, Open(t, engine)) })
	}
}

// Engines lists the engines that tests run on.
func Engines() []store.Engine {
	if os.Getenv("MIJUAN_TEST_NO_POSTGRES") == "1" {
		return []store.Engine{store.SQLite}
	}
	return []store.Engine{store.SQLite, store.PostgreSQL}
}

// Open gives a fresh, migrated database that closes with the test; change adjusts how it is opened.
func Open(t testing.TB, engine store.Engine, change ...func(*store.Options)) *store.DB {
	t.Helper()
	o := Options(t, engine)
	for _, c := range change {
		c(&o)
	}
	return Reopen(t, o)
}

// Reopen opens a database that Options made: again after Close, or beside another as a second process would.
func Reopen(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Options makes a fresh, migrated database and says how to open it.
func Options(t testing.TB, engine store.Engine) store.Options {
	t.Helper()
	if engine == store.PostgreSQL {
		return store.Options{URL: freshPostgres(t)}
	}
	image, err := migratedFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mijuan.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return store.Options{Path: path, Key: Key}
}

// Empty says how to open a database in which nothing is yet.
func Empty(t testing.TB, engine store.Engine) store.Options {
	t.Helper()
	if engine == store.PostgreSQL {
		freshPostgres(t) // has the server started
		return store.Options{URL: copied(t, "template0")}
	}
	return store.Options{Path: filepath.Join(t.TempDir(), "mijuan.db"), Key: Key}
}

// migratedFile is a migrated SQLite database, made once a process and copied for each test.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "mijuan-storetest-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "mijuan.db")
	if err := migrate(store.Options{Path: path, Key: Key}); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(o store.Options) error {
	ctx := context.Background()
	db, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, schema.FS); err != nil {
		db.Close()
		return err
	}
	return db.Close()
}
