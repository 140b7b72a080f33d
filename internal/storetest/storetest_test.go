package storetest_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/job"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

var ctx = context.Background()

// Databases are migrated, empty and apart from each other; Reopen gives the same one.
func TestFreshDatabases(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			one, again, other := storetest.Reopen(t, o), storetest.Reopen(t, o), storetest.Open(t, engine)
			if one.Engine() != engine {
				t.Errorf("engine %v", one.Engine())
			}
			var id string
			if err := one.Update(ctx, func(tx *store.Tx) (err error) {
				id, err = job.Queue(tx, "x", nil, time.Time{})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			find := func(db *store.DB) error {
				return db.Read(ctx, func(tx *store.Tx) error { _, err := job.Find(tx, id); return err })
			}
			if err := find(again); err != nil {
				t.Errorf("the same database: %v", err)
			}
			if err := find(other); err == nil {
				t.Error("another database holds it too")
			}
		})
	}
}
