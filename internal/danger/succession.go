package danger

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Kept is how many dangers somebody is to mend that are not confirmed. Whether the reader may know, the caller's act decides.
func Kept(tx *store.Tx, person string) (int, error) {
	ids, err := kept(tx, person)
	return len(ids), err
}

func kept(tx *store.Tx, person string) ([]string, error) {
	return store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) },
		`SELECT id FROM danger WHERE responsible = $1 AND state <> 'confirmed' ORDER BY registered, id`, person)
}

// Succeed makes somebody responsible for the dangers of the person who leaves, and gives how many. Who said that one is mended stays on
// record and does not check it. The act is settleLeaving on who leaves.
func (r *Room) Succeed(g *guard.Grant, to string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	ids, err := kept(tx, from)
	if err == nil && len(ids) == 0 {
		err = problem.New(problem.Conflict, "没有可以移交的隐患，请刷新后查看")
	}
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.Exec(`UPDATE danger SET responsible = $2 WHERE id = $1`, id, to); err != nil {
			return 0, err
		}
		if err := name(g, id, to, from); err != nil {
			return 0, err
		}
		g.Step(access.SettleLeaving, guard.Thing{Kind: access.Danger, ID: id}, "", map[string]any{"responsible": to, "instead": from})
	}
	return len(ids), nil
}
