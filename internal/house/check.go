package house

import (
	"context"
	"log/slog"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// checkEvery is how often the program verifies the whole ledger by itself.
const checkEvery = 24 * time.Hour

// WatchLedger verifies the ledger once a day until ctx ends, by one of the processes that share the firm. What it finds stands in the
// ledger and on the desks of those who verify it.
func (h *House) WatchLedger(ctx context.Context) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		wrong, err := h.CheckLedger(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			slog.Error("verify the ledger", "error", err)
		case wrong:
			slog.Error("the verification of the ledger found entries that were changed")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// CheckLedger verifies the ledger if nobody has for a day, and reports whether it found something. A firm younger than a day, or whose
// last verification is, is left alone.
func (h *House) CheckLedger(ctx context.Context) (wrong bool, err error) {
	due, seen, err := h.Audit.Due(ctx, checkEvery)
	if err != nil || !due {
		return false, err
	}
	c, err := h.Audit.Begin(ctx, guard.Who{Via: guard.Job}, seen)
	if problem.Is(err, problem.Conflict) {
		return false, nil // another process was faster
	}
	if err != nil {
		return false, err
	}
	report, err := c.Run(ctx)
	return report.Wrong != nil, err
}
