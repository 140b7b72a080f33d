package carrier

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Copies is how many copies the firm has had of each carrier's title, of the carrier's level or below, by the carrier's id. It is told to who may
// know them all: the team, and who keeps every carrier by its number. The act is exportRegister.
func (c *Cabinet) Copies(g *guard.Grant, all []Carrier) (map[string]int, error) {
	type title struct {
		matter string
		serial int
		level  int64
	}
	tx, keeper := g.Tx(access.ExportRegister), slices.ContainsFunc(g.Facts().Who.Posts, keeps)
	relations, counts, out := map[string]access.Circumstances{}, map[title]int{}, map[string]int{}
	for _, it := range all {
		where, read := relations[it.Matter]
		if !read {
			var err error
			if where, err = matter.Relation(tx, it.Matter, g.Who().Person); err != nil {
				return nil, err
			}
			relations[it.Matter] = where
		}
		if where.Walled || !keeper && !it.knows(where, "") {
			continue
		}
		of := title{it.Matter, it.Serial, int64(it.Level)}
		n, read := counts[of]
		if !read {
			var err error
			if n, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
				`SELECT COUNT(*) FROM carrier WHERE matter = $1 AND serial = $2 AND level <= $3`, of.matter, int64(of.serial), of.level); err != nil {
				return nil, err
			}
			counts[of] = n
		}
		out[it.ID] = n
	}
	return out, nil
}
