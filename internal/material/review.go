package material

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
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
	if err := knew(tx, id, facts.Matter, g.Who().Person, max(level, facts.Level), knower.Reviewed); err != nil {
		return err
	}
	if level == classification.TopSecret {
		if err := readBefore(tx, id); err != nil {
			return err
		}
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
	if err := s.mayReview(g, tx, id, reviewer, level, "reviewer"); err != nil {
		return err
	}
	if err := knew(tx, id, facts.Matter, person, max(level, facts.Level), knower.Received); err != nil {
		return err
	}
	g.Note("from", facts.Level.String())
	g.Note("to", level.String())
	return s.leveling(tx, id, "propose", person, reviewer, facts.Level, level, why)
}

// mayReview is problem.Invalid, in the named field, unless the rules let the person review what now waits for that person: a proposal
// must not wait for ever for somebody who has left, is suspended or may not know of it. A basis that is still to come (3.5) is nothing against
// the person.
func (s *Shelf) mayReview(g *guard.Grant, tx *store.Tx, id, reviewer string, level classification.Level, field string) error {
	who := guard.Who{Person: reviewer, Via: guard.Web, Addr: g.Who().Addr, Strong: true}
	d, err := s.door.Forecast(tx, who, access.Review, guard.Thing{Kind: access.Material, ID: id, Level: level})
	if err == nil && slices.ContainsFunc(d.Reasons, func(r access.Reason) bool { return r.Step != lacksBasis }) {
		return problem.New(problem.Invalid, "这位人员目前不能审核这份资料的密级，请选择另一位审核人").In(field)
	}
	return err
}

// ChooseReviewer gives what waits for a review to another reviewer, for a reason: the one chosen is away, or has left.
func (s *Shelf) ChooseReviewer(g *guard.Grant, why, reviewer string) error {
	tx, id := g.Tx(access.Propose), g.Only(access.Material)
	facts := g.Facts().Thing
	why, err := reason(why)
	switch {
	case err != nil:
		return err
	case facts.State != Proposed:
		return problem.New(problem.Conflict, "已由别人审核，请刷新后查看")
	case reviewer == "" || reviewer == facts.Reviewer:
		return problem.New(problem.Invalid, "请选择另一位审核人").In("reviewer")
	case reviewer == facts.Proposer:
		return problem.New(problem.Invalid, "不能审核自己提出的密级，请选择另一位审核人").In("reviewer")
	}
	if err := g.Staff(reviewer, "reviewer"); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE material SET reviewer = $2 WHERE id = $1 AND state = $3 AND reviewer = $4`, id, reviewer, string(Proposed), facts.Reviewer)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(problem.Conflict, "已由别人审核，请刷新后查看")
	}
	if err := s.mayReview(g, tx, id, reviewer, facts.Level, "reviewer"); err != nil {
		return err
	}
	g.Note("reviewer", reviewer)
	g.Note("instead", facts.Reviewer)
	proposed, err := store.Get(tx, func(r store.Row) (l int64, err error) { err = r.Scan(&l); return l, err },
		`SELECT level FROM leveling WHERE material = $1 ORDER BY at DESC, id DESC LIMIT 1`, id)
	if err != nil {
		return err
	}
	return s.leveling(tx, id, "reviewer", g.Who().Person, reviewer, facts.Level, classification.Level(proposed), why)
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
	verdict := screening.CheckName(clean, terms)
	if g.Verdict("names", map[string]any{"title": verdict.Codes()}); !verdict.OK {
		return problem.New(problem.Invalid, "这个名称会透露当事人或证件信息，请换一个").In("title")
	}
	if _, err := tx.Exec(`UPDATE material SET sealed_title = $2 WHERE id = $1`, id, s.fields.title.SealText(id, clean)); err != nil {
		return err
	}
	return s.indexTitle(tx, id, clean)
}

// Leveling is one row of the register 定密/变更.
type Leveling struct {
	Kind     string // "propose", "reviewer" (another one was chosen) or "review"
	Person   string
	Reviewer string
	Before   classification.Level // zero: none before
	Level    classification.Level
	Reason   string
	At       time.Time
	Criteria int // the edition of the criteria in force then; 0: before there were any
}

// Levels is the history of a material's level, oldest first.
func (s *Shelf) Levels(g *guard.Grant) ([]Leveling, error) {
	tx, id := g.Tx(access.View, access.Review, access.ReadHistory), g.Only(access.Material)
	return store.List(tx, func(r store.Row) (l Leveling, err error) {
		var row string
		var before, level, at, criteria int64
		var sealed []byte
		if err := r.Scan(&row, &l.Kind, &l.Person, &l.Reviewer, &before, &level, &sealed, &at, &criteria); err != nil {
			return l, err
		}
		l.Before, l.Level, l.At = classification.Level(before), classification.Level(level), instant(at)
		l.Criteria = int(criteria)
		l.Reason, err = s.fields.reason.OpenText(row, sealed)
		return l, err
	}, `SELECT id, kind, person, reviewer, before_level, level, sealed_reason, at, criteria FROM leveling WHERE material = $1 ORDER BY at, id`, id)
}
