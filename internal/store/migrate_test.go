package store_test

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"mijuan/internal/problem"
	"mijuan/internal/schema"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMigrateTwiceIsOnce(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		insert(t, db, "a", 1)
		if err := db.Migrate(ctx, notes); err != nil {
			t.Fatal(err)
		}
		wantIDs(t, db, "a")
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		err := db.Migrate(ctx, schema.FS)
		if !problem.Is(err, problem.Unavailable) || !strings.Contains(err.Error(), "9000") {
			t.Errorf("got %v", err)
		}
	})
}

func TestBrokenMigrationLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		broken := fstest.MapFS{"9001_broken.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (id TEXT);\nCREATE TABLE half (id TEXT);\n")}}
		if err := db.Migrate(ctx, broken); err == nil {
			t.Fatal("no error")
		}
		if err := db.Migrate(ctx, notes); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(ctx, func(tx *store.Tx) error {
			_, err := store.List(tx, text, `SELECT id FROM half`)
			return err
		}); err == nil {
			t.Error("half a migration was kept")
		}
	})
}

func TestProcessesMigrateInTurn(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			var wg sync.WaitGroup
			for range 3 {
				db := storetest.Reopen(t, o)
				wg.Go(func() {
					if err := db.Migrate(ctx, notes); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			insert(t, storetest.Reopen(t, o), "a", 1)
		})
	}
}
