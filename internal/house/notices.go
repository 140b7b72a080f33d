package house

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"mijuan/internal/job"
)

// sweepEvery is how often it is looked for notices that no transaction causes.
const sweepEvery = 10 * time.Minute

// SendNotices makes and sends notices by mail until ctx ends.
func (h *House) SendNotices(ctx context.Context) {
	by := job.NewRunner(h.DB, job.Options{Poll: 2 * time.Second, Grace: 5 * time.Second})
	h.Notices.Handle(by)
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { by.Run(ctx) })
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if _, err := h.Notices.Sweep(ctx); err != nil && ctx.Err() == nil {
			slog.Error("look for notices", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
