package media

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Holds counts the media that a person answers for or has been lent. Whether the reader may know, the caller's act decides.
func Holds(tx *store.Tx, person string) (int, error) {
	return store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM medium m WHERE m.state = 'held' AND (m.keeper = $1 OR EXISTS (SELECT 1 FROM medium_loan l WHERE l.medium = m.id AND l.person = $1 AND l.returned = 0))`, person)
}

// Kept are the media that a person answers for.
func (r *Room) Kept(tx *store.Tx, person string) (all []Medium, err error) {
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT id FROM medium WHERE keeper = $1 AND state = 'held' ORDER BY number LIMIT 200`, person)
	for _, id := range ids {
		m, err := r.one(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, err
}

// Succeed makes somebody answer for every medium of the person who leaves, and gives how many. What was lent to that person comes back and
// is checked first: a medium's use is nothing to hand on. ids names some; none means all. The act is settleLeaving.
func (r *Room) Succeed(g *guard.Grant, to string, ids []string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	lent, err := store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, `SELECT COUNT(*) FROM medium_loan WHERE person = $1 AND returned = 0`, from)
	if err != nil {
		return 0, err
	}
	if lent > 0 && len(ids) == 0 {
		return 0, problem.New(problem.Conflict, "还有借出的移动介质没有归还，请先清除并由别人核对收回")
	}
	all, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT id FROM medium WHERE keeper = $1 AND state = 'held' ORDER BY number`, from)
	if err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		all = slices.DeleteFunc(all, func(id string) bool { return !slices.Contains(ids, id) })
	}
	if len(all) == 0 {
		return 0, problem.New(problem.Conflict, "没有可以移交的移动介质，请刷新后查看")
	}
	for _, id := range all {
		if _, err := tx.Exec(`UPDATE medium SET keeper = $2 WHERE id = $1`, id, to); err != nil {
			return 0, err
		}
		if err := r.event(g, id, Kept, Detail{Keeper: to, Reason: "离岗交接"}); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
