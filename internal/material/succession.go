package material

import (
	"fmt"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Held is how many materials of one matter a person answers for, or is to review, or has brought in and not filed.
type Held struct {
	Matter string
	N      int
	Top    classification.Level // the highest of them
}

// Owned lists what a person answers for, by matter. Whether the reader of these three may know, the caller's act decides.
func (s *Shelf) Owned(tx *store.Tx, person string) ([]Held, error) {
	return held(tx, `SELECT matter, COUNT(*), MAX(level) FROM material WHERE owner = $1 AND state <> 'ended' GROUP BY matter ORDER BY matter`, person)
}

// ToReview lists what waits for a person's review, by matter.
func (s *Shelf) ToReview(tx *store.Tx, person string) ([]Held, error) {
	return held(tx, `SELECT matter, COUNT(*), MAX(level) FROM material WHERE reviewer = $1 AND state = 'proposed' GROUP BY matter ORDER BY matter`, person)
}

// Piece is one material of somebody's, by number.
type Piece struct {
	ID, Number string
	Level      classification.Level
}

// Pieces are the first of what a person answers for in a matter, or is to review there, by number: without what is top secret, whose numbers
// are for the need-to-know list alone (3.1).
func (s *Shelf) Pieces(tx *store.Tx, person, in string, review bool, most int) ([]Piece, error) {
	mine := `owner = $1 AND state <> 'ended'`
	if review {
		mine = `reviewer = $1 AND state = 'proposed'`
	}
	return store.List(tx, func(r store.Row) (p Piece, err error) {
		var level int64
		err = r.Scan(&p.ID, &p.Number, &level)
		p.Level = classification.Level(level)
		return p, err
	}, `SELECT id, number, level FROM material WHERE `+mine+` AND matter = $2 AND level < $3 ORDER BY number LIMIT $4`, person, in, int64(classification.TopSecret), most)
}

// Arriving lists what a person has brought in and not filed yet, by matter.
func (s *Shelf) Arriving(tx *store.Tx, person string) ([]Held, error) {
	return held(tx, `SELECT matter, COUNT(*), 0 FROM upload WHERE person = $1 AND state IN ('growing', 'ready') GROUP BY matter ORDER BY matter`, person)
}

func held(tx *store.Tx, query, person string) ([]Held, error) {
	return store.List(tx, func(r store.Row) (h Held, err error) {
		var level int64
		err = r.Scan(&h.Matter, &h.N, &level)
		h.Top = classification.Level(level)
		return h, err
	}, query, person)
}

// Portion is how many materials one act hands over: each gets an entry of its own, and others wait for the act's end.
const Portion = 500

// Succeed makes somebody answer for materials of a matter in the place of the person who leaves: the named ones, or all when none is
// named, a Portion at a time. It gives how many. The act is settleLeaving on who leaves.
func (s *Shelf) Succeed(g *guard.Grant, in string, ids []string, to string) (int, error) {
	return s.pass(g, in, ids, to, "owner", "")
}

// SucceedReviews makes somebody the reviewer of what waits for the person who leaves.
func (s *Shelf) SucceedReviews(g *guard.Grant, in string, ids []string, to string) (int, error) {
	return s.pass(g, in, ids, to, "reviewer", ` AND state = 'proposed'`)
}

// pass moves one duty of the person who leaves.
func (s *Shelf) pass(g *guard.Grant, in string, ids []string, to, duty, which string) (int, error) {
	tx, from := g.Tx(access.SettleLeaving), g.Only(access.Person)
	found, err := store.List(tx, func(r store.Row) (d passing, err error) {
		var level int64
		err = r.Scan(&d.id, &level, &d.proposer)
		d.level = classification.Level(level)
		return d, err
	}, `SELECT id, level, proposer FROM material WHERE `+duty+` = $1 AND matter = $2 AND state <> 'ended'`+which+` ORDER BY id`, from, in)
	if err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		found = slices.DeleteFunc(found, func(d passing) bool { return !slices.Contains(ids, d.id) })
	}
	if len(found) == 0 {
		return 0, problem.New(problem.Conflict, "没有可以移交的资料，请刷新后查看")
	}
	found = found[:min(len(found), Portion)]
	if err := s.fit(tx, in, to, duty, found); err != nil {
		return 0, err
	}
	for _, d := range found {
		n, err := tx.Exec(fmt.Sprintf(`UPDATE material SET %s = $2 WHERE id = $1 AND %s = $3`, duty, duty), d.id, to, from)
		if err != nil || n != 1 {
			return 0, fmt.Errorf("hand over %s (%d rows): %w", d.id, n, err)
		}
		if duty == "reviewer" {
			if err := s.mayReview(g, tx, d.id, to, d.level, "successor"); err != nil {
				return 0, err
			}
		}
		g.Step(access.SettleLeaving, guard.Thing{Kind: access.Material, ID: d.id}, in, map[string]any{duty: to, "instead": from})
	}
	return len(found), nil
}

// passing is a material whose duty is handed over.
type passing struct {
	id, proposer string
	level        classification.Level
}

// fit checks that the successor may have the duty for all of them.
func (s *Shelf) fit(tx *store.Tx, in, to, duty string, found []passing) error {
	top := slices.MaxFunc(found, func(a, b passing) int { return int(a.level) - int(b.level) }).level
	if duty == "owner" {
		return matter.MayHold(tx, in, to, top, "successor")
	}
	if slices.ContainsFunc(found, func(d passing) bool { return d.proposer == to }) {
		return problem.New(problem.Invalid, "其中有接收人自己提出的密级，请选择另一位审核人").In("successor")
	}
	is, err := matter.Relation(tx, in, to)
	if err == nil && is.Walled {
		err = problem.New(problem.Conflict, "接收人在这个案件的隔离墙上").In("successor")
	}
	return err
}

// Forsake destroys what the person who leaves brought into a matter and did not file; Sweep takes the sealed bytes away. The act is
// writeOffLeaving.
func (s *Shelf) Forsake(g *guard.Grant, in string) error {
	tx, from := g.Tx(access.WriteOffLeaving), g.Only(access.Person)
	ids, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM upload WHERE matter = $1 AND person = $2 AND state IN ('growing', 'ready') ORDER BY id`, in, from)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.end(tx, id, expired); err != nil {
			return err
		}
		g.Step(access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: in}, in, map[string]any{"upload": id, "withdrawn": true})
	}
	return nil
}

// Depart ends every leave to fetch originals that the person who leaves was given, and gives how many. The act is closeLeaving.
func (s *Shelf) Depart(g *guard.Grant) (int64, error) {
	tx := g.Tx(access.CloseLeaving)
	return tx.Exec(`UPDATE release SET until = $2 WHERE person = $1 AND until > $2`, g.Only(access.Person), tx.Now.UnixMilli())
}
