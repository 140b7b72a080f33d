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
