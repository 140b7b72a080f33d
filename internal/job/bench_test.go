package job_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"mijuan/internal/job"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// BenchmarkWork counts pieces of empty work done by one runner with eight workers.
func BenchmarkWork(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine.String(), func(b *testing.B) {
			db := storetest.Open(b, engine)
			if err := db.Update(ctx, func(tx *store.Tx) (err error) {
				for range b.N {
					if _, err = job.Queue(tx, "x", nil, time.Time{}); err != nil {
						break
					}
				}
				return err
			}); err != nil {
				b.Fatal(err)
			}
			var left, running sync.WaitGroup
			left.Add(b.N)
			r := job.NewRunner(db, job.Options{Workers: 8, Log: quiet})
			r.Handle("x", func(context.Context, *job.Work) error { left.Done(); return nil })
			until, stop := context.WithCancel(ctx)
			b.ResetTimer()
			running.Go(func() { r.Run(until) })
			left.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "/s")
			stop()
			running.Wait()
		})
	}
}
