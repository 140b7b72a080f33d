package meeting

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Pile is how many meetings of a matter somebody has convened and nobody has closed, with the highest level of their papers.
type Pile struct {
	Matter string
	N      int
	Top    classification.Level
}

// Convened lists them.
func Convened(tx *store.Tx, person string) ([]Pile, error) {
	return store.List(tx, func(row store.Row) (p Pile, err error) {
		var top int64
		err = row.Scan(&p.Matter, &p.N, &top)
		p.Top = classification.Level(top)
		return p, err
	}, `SELECT m.matter, COUNT(DISTINCT m.id), COALESCE(MAX(c.level), 0) FROM meeting m LEFT JOIN meeting_set s ON s.meeting = m.id LEFT JOIN carrier c ON c.id = s.carrier
		WHERE m.convener = $1 AND m.closed = 0 GROUP BY m.matter ORDER BY m.matter`, person)
}

// Succeed makes somebody of the matter's team, who may know every paper, the convener of a leaver's meetings in it, and gives how many. The
// act is settleLeaving on who leaves.
func (r *Room) Succeed(g *guard.Grant, in, to string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	all, err := Convened(tx, from)
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		if p.Matter != in {
			continue
		}
		where, err := matter.Relation(tx, in, to)
		switch {
		case err != nil:
			return 0, err
		case !where.Member || where.Walled || where.Clearance < p.Top || p.Top == classification.TopSecret && !where.Listed:
			return 0, problem.New(problem.Invalid, "接收人须在本案团队里，并且可以知悉全部会议材料").In("successor")
		}
		_, err = tx.Exec(`UPDATE meeting SET convener = $3 WHERE matter = $1 AND convener = $2 AND closed = 0`, in, from, to)
		return p.N, err
	}
	return 0, problem.New(problem.Conflict, "没有可以移交的会议，请刷新后查看")
}
