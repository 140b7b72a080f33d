package carrier

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// InMatter lists the carriers of a matter, ended or not, or those of them with the ids. Whether the reader may know them, the caller's act
// decides.
func (c *Cabinet) InMatter(tx *store.Tx, in string, ids ...string) ([]Carrier, error) {
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE matter = $1 ORDER BY number`, in)
	if len(ids) > 0 {
		all = slices.DeleteFunc(all, func(it Carrier) bool { return !slices.Contains(ids, it.ID) })
	}
	return all, err
}

// Destroyable is a problem unless the carrier is on its shelf: what is out, lent, on its way to somebody or has ended cannot be destroyed, and a fetched copy is deleted
// by who has it.
func (it Carrier) Destroyable() error {
	switch {
	case it.State == access.Ended:
		return problem.New(problem.Conflict, "载体 %s 已经注销", it.Number)
	case it.Form == Fetched:
		return problem.New(problem.Conflict, "%s 是取用的电子副本，由取用人删除并确认", it.Number)
	case it.State == access.Out:
		return problem.New(problem.Conflict, "载体 %s 正在外带，带回核对之后才能销毁", it.Number)
	case it.State == access.Offered:
		return problem.New(problem.Conflict, "载体 %s 正在移交，对方确认或者收回移交之后才能销毁", it.Number)
	case it.Lender != "":
		return problem.New(problem.Conflict, "载体 %s 正在借阅，归还之后才能销毁", it.Number)
	}
	return nil
}

// Destroy ends carriers of a matter as destroyed; their record and numbers stay. The act is destroy; each carrier has an entry of its own.
func (c *Cabinet) Destroy(g *guard.Grant, in, list, note string, ids []string) error {
	tx := g.Tx(access.Destroy)
	if len(ids) == 0 {
		return nil
	}
	all, err := c.InMatter(tx, in, ids...)
	if err != nil {
		return err
	}
	if len(all) != len(ids) {
		return problem.New(problem.Conflict, "清册里有载体找不到，请撤回后重新提请")
	}
	for _, it := range all {
		if err := it.Destroyable(); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE carrier SET state = 'ended', fate = $2, ended = $3, offered_to = '', offered_due = 0, lender = '', due = 0 WHERE id = $1`, it.ID, string(Destroyed), tx.Now.UnixMilli()); err != nil {
			return err
		}
		if err := c.moved(tx, it.ID, Move{Deed: Shredded, By: g.Who().Person, From: it.Holder, Note: note}); err != nil {
			return err
		}
		g.Step(access.Destroy, guard.Thing{Kind: access.Carrier, ID: it.ID}, in, map[string]any{"list": list})
	}
	return nil
}
