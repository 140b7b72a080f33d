package device

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Kept counts the devices that a person answers for. Whether the reader may know, the caller's act decides.
func Kept(tx *store.Tx, person string) (int, error) {
	return store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM device WHERE keeper = $1 AND state <> 'scrapped'`, person)
}

// Succeed makes somebody answer for every device of the person who leaves, and gives how many. The act is settleLeaving.
func (r *Register) Succeed(g *guard.Grant, to string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := store.List(tx, r.scan, selectDevice+` WHERE keeper = $1 AND state <> 'scrapped' ORDER BY number`, from)
	if err != nil {
		return 0, err
	}
	if len(all) == 0 {
		return 0, problem.New(problem.Conflict, "没有可以移交的设备，请刷新后查看")
	}
	for _, d := range all {
		if _, err := tx.Exec(`UPDATE device SET keeper = $2 WHERE id = $1`, d.ID, to); err != nil {
			return 0, err
		}
		if err := r.event(g, d.ID, Moved, Detail{Place: d.Place, Keeper: to, Reason: "离岗交接"}); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
