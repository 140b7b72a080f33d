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

// ReviewTeams opens the half-yearly review of all teams when it is due, and gives how many places it asks about. Where none is due it leaves
// no entry.
func (h *House) ReviewTeams(ctx context.Context) (places int64, err error) {
	due := false
	if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) { due, err = h.TeamReviews.AnyDue(tx); return err }); err != nil || !due {
		return 0, err
	}
	err = h.Door.Do(ctx, guard.Who{Via: guard.Job}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error { places, err = h.TeamReviews.OpenDue(g); return err })
	return places, err
}
