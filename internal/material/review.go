package material

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
)

// Review files the material at the level that the grant was asked for (guard.Thing.Level): the proposed one, a higher or a
// lower one, with a reason (clause 5.2). The first of two reviewers wins.
func (s *Shelf) Review(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.Review), g.Only(access.Material)
	level := g.Thing().Level
	if !level.Valid() {
		return problem.New(problem.Invalid, "请选择密级：绝密级、机密级或秘密级").In("level")
	}
	why, err := reason(why)
	if err != nil {
		return err
	}
	facts := g.Facts().Thing
	n, err := tx.Exec(`UPDATE material SET state = $2, level = $3 WHERE id = $1 AND state = $4 AND reviewer = $5`,
		id, string(Filed), int64(level), string(Proposed), g.Who().Person)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(problem.Conflict, "已由别人审核，请刷新后查看")
	}
	g.Note("proposed", facts.Level.String())
	g.Note("final", level.String())
	return s.leveling(tx, id, "review", g.Who().Person, g.Who().Person, facts.Level, level, why)
}

// Propose asks for another level of a filed material. While the review is open the material is held as a new one is: at the
// higher of the two levels, within reach of the proposer and the reviewer only.
func (s *Shelf) Propose(g *guard.Grant, why, reviewer string) error {
	tx, id := g.Tx(access.Propose), g.Only(access.Material)
	facts, level, person := g.Facts().Thing, g.Thing().Level, g.Who().Person
	why, err := reason(why)
	switch {
	case err != nil:
		return err
	case !level.Valid():
		return problem.New(problem.Invalid, "请选择密级：绝密级、机密级或秘密级").In("level")
	case reviewer == "":
		return problem.New(problem.Invalid, "请选择审核人").In("reviewer")
	case reviewer == person:
		return problem.New(problem.Invalid, "不能审核自己提出的密级，请选择另一位审核人").In("reviewer")
	case facts.State != Filed:
		return problem.New(problem.Conflict, "有一项密级审核尚未完成")
	case level == facts.Level:
		return problem.New(problem.Invalid, "新的密级与现在相同").In("level")
	}
	if err := g.Staff(reviewer, "reviewer"); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE material SET state = $2, level = $3, proposer = $4, reviewer = $5 WHERE id = $1 AND state = $6`,
		id, string(Proposed), int64(max(level, facts.Level)), person, reviewer, string(Filed))
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(problem.Conflict, "有一项密级审核尚未完成")
	}
	g.Note("from", facts.Level.String())
	g.Note("to", level.String())
	return s.leveling(tx, id, "propose", person, reviewer, facts.Level, level, why)
}

// Rename gives the material another title. One that tells something is refused (clause 7.2.2).
func (s *Shelf) Rename(g *guard.Grant, title string) error {
	tx, id := g.Tx(access.RenameMaterial), g.Only(access.Material)
	clean, err := screening.CleanName(title)
	if err != nil {
		return err
	}
	terms, err := s.book.Terms(tx, g.Facts().Thing.Matter)
	if err != nil {
		return err
	}
	if !screening.CheckName(clean, terms).OK {
		return problem.New(problem.Invalid, "这个名称会透露当事人或证件信息，请换一个").In("title")
	}
	if _, err := tx.Exec(`UPDATE material SET sealed_title = $2 WHERE id = $1`, id, s.fields.title.SealText(id, clean)); err != nil {
		return err
	}
	return s.indexTitle(tx, id, clean)
}

// Leveling is one row of the register 定密/变更.
type Leveling struct {
	Kind     string // "propose" or "review"
	Person   string
	Reviewer string
	Before   classification.Level // zero: none before
	Level    classification.Level
	Reason   string
	At       time.Time
}

// Levels is the history of a material's level, oldest first.
func (s *Shelf) Levels(g *guard.Grant) ([]Leveling, error) {
	tx, id := g.Tx(access.View, access.Review, access.ReadHistory), g.Only(access.Material)
	return store.List(tx, func(r store.Row) (l Leveling, err error) {
		var row string
		var before, level, at int64
		var sealed []byte
		if err := r.Scan(&row, &l.Kind, &l.Person, &l.Reviewer, &before, &level, &sealed, &at); err != nil {
			return l, err
		}
		l.Before, l.Level, l.At = classification.Level(before), classification.Level(level), instant(at)
		l.Reason, err = s.fields.reason.OpenText(row, sealed)
		return l, err
	}, `SELECT id, kind, person, reviewer, before_level, level, sealed_reason, at FROM leveling WHERE material = $1 ORDER BY at, id`, id)
}
