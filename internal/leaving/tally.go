package leaving

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// tallied says of whom the records tell that they answer for something.
var tallied = map[Kind]string{
	Lead:      `SELECT lead, COUNT(*) FROM matter GROUP BY lead`,
	Materials: `SELECT owner, COUNT(*) FROM material GROUP BY owner`,
	Carriers:  `SELECT holder, COUNT(*) FROM carrier WHERE state <> 'ended' GROUP BY holder`,
	Devices:   `SELECT keeper, COUNT(*) FROM device WHERE state <> 'scrapped' GROUP BY keeper`,
}

// Tally is how much everybody answers for (3.3), for the roster as a file: in numbers, and of those whose holdings the caller may read. The
// act is exportRoster on the firm.
func (r *Room) Tally(g *guard.Grant) (map[string]map[Kind]int, error) {
	tx, me := g.Tx(access.ExportRoster), g.Who().Person
	all := map[string]map[Kind]int{}
	may := map[string]bool{}
	for kind, query := range tallied {
		if _, err := store.List(tx, func(s store.Row) (struct{}, error) {
			var id string
			var n int
			err := s.Scan(&id, &n)
			if all[id] == nil {
				all[id], may[id] = map[Kind]int{}, g.May(access.ReadHoldings, access.Resource{Kind: access.Person, ID: id, Exists: true}, access.Circumstances{Self: id == me})
			}
			if may[id] {
				all[id][kind] = n
			}
			return struct{}{}, err
		}, query); err != nil {
			return nil, err
		}
	}
	return all, nil
}
