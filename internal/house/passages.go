package house

import (
	"context"
	"log/slog"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// WatchOutput sees until ctx ends to what printers and scanners do by themselves.
func (h *House) WatchOutput(ctx context.Context) {
	h.Output.Watch(ctx, h.DB.Engine() == store.SQLite, func(err error) { slog.Error("output", "error", err) })
}

// WatchPassages sees until ctx ends that every effect the ledger knows the intent of gets an outcome there: those of processes that
// are gone are told as broken off, at once where nobody else can be at work on the database, else when their lease has run out.
func (h *House) WatchPassages(ctx context.Context) {
	tick := time.NewTicker(guard.RenewEvery)
	defer tick.Stop()
	alone := h.DB.Engine() == store.SQLite
	for {
		err := h.Door.Renew(ctx)
		var n int
		if err == nil {
			n, err = h.Door.BreakOff(ctx, alone)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			slog.Error("tell how effects ended whose process is gone", "error", err)
		case n > 0:
			slog.Info("effects broke off with their process", "count", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
