package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// BenchmarkUpdate counts small durable writes, by callers at once.
func BenchmarkUpdate(b *testing.B) {
	for _, engine := range storetest.Engines() {
		for _, callers := range []int{1, 32, 256} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				db := open(b, engine)
				var next atomic.Int64
				inParallel(b, callers, func() error {
					return db.Update(context.Background(), func(tx *store.Tx) error {
						_, err := tx.Exec(`INSERT INTO note (id, n, body) VALUES ($1, $2, $3)`, tx.NewID(), next.Add(1), body)
						return err
					})
				})
			})
		}
	}
}

// BenchmarkRead counts point reads, one a transaction.
func BenchmarkRead(b *testing.B) {
	for _, engine := range storetest.Engines() {
		for _, callers := range []int{1, 32} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				db := open(b, engine)
				insert(b, db, "a", 1)
				inParallel(b, callers, func() error {
					return db.Read(context.Background(), func(tx *store.Tx) error {
						_, err := store.Get(tx, number, `SELECT n FROM note WHERE id = $1`, "a")
						return err
					})
				})
			})
		}
	}
}

// BenchmarkStatement is a point read within one transaction.
func BenchmarkStatement(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			db := open(b, engine)
			insert(b, db, "a", 1)
			if err := db.Read(context.Background(), func(tx *store.Tx) error {
				for b.Loop() {
					if _, err := store.Get(tx, number, `SELECT n FROM note WHERE id = $1`, "a"); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		})
	}
}

var body = make([]byte, 200)

func inParallel(b *testing.B, callers int, f func() error) {
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
}
