package approval

import (
	"mijuan/internal/access"
	"mijuan/internal/store"
)

// Of are the requests for leave to do an act to a thing, the last first, for rooms that show how theirs stands. Whether the reader may know,
// the caller's act decides.
func (r *Room) Of(tx *store.Tx, act access.Act, thing string) ([]Request, error) {
	return r.list(tx, selectRequest+` WHERE a.thing = $1 AND a.act = $2 ORDER BY a.asked DESC, a.id DESC`, thing, string(act))
}

// DecidedBy are the requests at which a person has decided. Whether the reader may know, the caller's act decides.
func (r *Room) DecidedBy(tx *store.Tx, person string) (map[string]bool, error) {
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT DISTINCT approval FROM approval_seat WHERE decided_by = $1`, person)
	all := make(map[string]bool, len(ids))
	for _, id := range ids {
		all[id] = true
	}
	return all, err
}
