package house

import (
	"context"
	"log/slog"
	"time"
)

// witnessEvery is how long a witness is left alone after it was asked.
const witnessEvery = time.Minute

// AttendWitnesses has the ledger's checkpoints cosigned until ctx ends: when the tree has grown, at most once a minute and by one
// of the processes that share the firm. A witness that is away is logged when that begins and when it changes; it stops nobody.
// The ledger writes no entry about it: what a witness signed is served with the checkpoint and kept beside the tree.
func (h *House) AttendWitnesses(ctx context.Context) {
	if len(h.Settings.Witnesses) == 0 {
		return
	}
	tick := time.NewTicker(witnessEvery / 6)
	defer tick.Stop()
	broken := ""
	for {
		asked, err := h.Ledger.Attend(ctx, witnessEvery)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && err.Error() != broken:
			broken = err.Error()
			slog.Error("ask the ledger's witnesses", "error", err)
		case err == nil && asked > 0 && broken != "":
			broken = ""
			slog.Info("the ledger's witnesses sign again")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
