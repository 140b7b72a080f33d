package ledger

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// BenchmarkAppend is a durable append by each of 32 callers.
func BenchmarkAppend(b *testing.B) {
	for _, engine := range both() {
		b.Run(engine.String(), func(b *testing.B) {
			db := storetest.Open(b, engine)
			l := testLedger(b, db)
			entry := Entry{Matter: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a1", Actor: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a2", Act: "view",
				Kind: "Material", Thing: "018f2f6e-7f43-7c33-a6f1-7f0c6d7bb1a3", Outcome: Allowed, Clauses: []string{"3.1"},
				Rules:  "5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a",
				Detail: make([]byte, 600)}
			b.ResetTimer()
			callers(b, 32, func() error {
				return db.Update(context.Background(), func(tx *store.Tx) error {
					_, err := l.Append(tx, entry)
					return err
				})
			})
		})
	}
}

// callers runs f b.N times in all, n at once.
func callers(b *testing.B, n int, f func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}
