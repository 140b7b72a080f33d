package house

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Escalate makes the drafts of incidents of what was taken off the premises and is long overdue, and gives how many. Where there is nothing
// to do it leaves no entry.
func (h *House) Escalate(ctx context.Context) (n int, err error) {
	any := false
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { any, err = h.Carriers.AnyToDraft(tx); return err }); err != nil || !any {
		return 0, err
	}
	err = h.Door.Do(ctx, guard.Who{Via: guard.Job}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error { n, err = h.Carriers.DraftLate(g); return err })
	return n, err
}
