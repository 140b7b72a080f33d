package material

import (
	"path"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
)

// Filing is the form that turns a checked upload into a material with a proposed level (clause 5.2).
type Filing struct {
	Upload      string
	Title       string // empty: the number serves as the title
	Kinds       classification.Set
	ClientAsked bool
	Level       classification.Level
	Reason      string
	Reviewer    string // who decides on the level; never the one who proposes it
	Ground      Ground // the basis may come later, before the review; whether there is personal information is asked of kinds 4.1 and 4.2
}

// File receives the uploads as materials of the matter, all or none, and gives their ids in order.
func (s *Shelf) File(g *guard.Grant, filings []Filing) ([]string, error) {
	tx, matterID := g.Tx(access.ReceiveMaterial), g.Only(access.Matter)
	if len(filings) == 0 {
		return nil, problem.New(problem.Invalid, "没有可以登记的文件").In("file")
	}
	terms, err := s.book.Terms(tx, matterID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(filings))
	for i, f := range filings {
		if ids[i], err = s.file(g, tx, matterID, f, terms); err != nil {
			return nil, err
		}
	}
	g.Note("received", len(ids))
	return ids, nil
}

func (s *Shelf) file(g *guard.Grant, tx *store.Tx, matterID string, f Filing, terms []screening.Term) (string, error) {
	person := g.Who().Person
	why, err := f.check(person)
	if err != nil {
		return "", err
	}
	ground, err := s.Sound(f.Ground, matterID, f.Kinds)
	if err != nil {
		return "", err
	}
	if err := g.Staff(f.Reviewer, "reviewer"); err != nil {
		return "", err
	}
	u, err := s.upload(tx, matterID, f.Upload, person)
	if err != nil {
		return "", err
	}
	if u.State != Ready {
		return "", problem.New(problem.Conflict, "文件还没有传完").In("file")
	}
	year, matterSerial, serial, err := matter.NextMaterial(tx, matterID)
	if err != nil {
		return "", err
	}
	no := callnumber.Material(year, matterSerial, serial)
	title := neutralTitle(f.Title, no, terms)
	names := namesRule(u.Name, f.Title, title, no, terms)
	id := tx.NewID()
	now := tx.Now.UnixMilli()
	if _, err := tx.Exec(`INSERT INTO material (id, matter, number, serial, sealed_title, sealed_name, kinds, client_asked, level, state, proposer, reviewer, owner, received, personal, basis, sealed_ground)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11, $13, $14, $15, $16)`, id, matterID, no, serial, s.fields.title.SealText(id, title),
		s.fields.name.SealText(id, u.Name), int64(f.Kinds), flag(f.ClientAsked), int64(f.Level), string(Proposed), person, f.Reviewer, now,
		int64(ground.Personal), string(ground.Basis), s.sealGround(id, ground)); err != nil {
		return "", err
	}
	if _, err := tx.Exec(`INSERT INTO version (id, material, n, header, blob, size, type, pages, digest_token, created, created_by)
		SELECT $1, $2, 1, header, blob, size, type, pages, digest_token, $3, $4 FROM upload WHERE id = $5`, tx.NewID(), id, now, person, u.ID); err != nil {
		return "", err
	}
	if err := s.end(tx, u.ID, filed); err != nil {
		return "", err
	}
	if err := knew(tx, id, matterID, person, f.Level, knower.Received); err != nil {
		return "", err
	}
	if err := s.mayReview(g, tx, id, f.Reviewer, f.Level, "reviewer"); err != nil {
		return "", err
	}
	if err := s.leveling(tx, id, "propose", person, f.Reviewer, 0, f.Level, why); err != nil {
		return "", err
	}
	g.Step(access.ReceiveMaterial, guard.Thing{Kind: access.Material, ID: id}, matterID,
		map[string]any{"number": no, "level": f.Level.String(), "kinds": f.Kinds.String(), "reviewer": f.Reviewer, "names": names, "personal": ground.Personal.String(), "basis": string(ground.Basis)})
	return id, s.indexTitle(tx, id, title)
}

// check says the first thing wrong with the form and gives the cleaned reason.
func (f *Filing) check(person string) (string, error) {
	switch {
	case f.Kinds == 0:
		return "", problem.New(problem.Invalid, "请至少选择一类保密范围").In("categories")
	case !f.Level.Valid():
		return "", problem.New(problem.Invalid, "请选择密级：绝密级、机密级或秘密级").In("level")
	case f.Reviewer == "":
		return "", problem.New(problem.Invalid, "请选择审核人").In("reviewer")
	case f.Reviewer == person:
		return "", problem.New(problem.Invalid, "不能审核自己提出的密级，请选择另一位审核人").In("reviewer")
	}
	return reason(f.Reason)
}

// neutralTitle is the wanted title when it tells nothing (clause 7.2.2), else the number.
func neutralTitle(wanted, number string, terms []screening.Term) string {
	clean, err := screening.CleanName(strings.TrimSpace(wanted))
	if err != nil || !screening.CheckName(clean, terms).OK {
		return number
	}
	return clean
}

// namesRule is what the rule of clause 7.2.2 said of a file's name and of the title that was wanted, and what became of the suggestion. It
// tells kinds of findings and no name.
func namesRule(name, wanted, title, number string, terms []screening.Term) map[string]any {
	verdict := screening.CheckName(name, terms)
	taken := "own"
	switch title {
	case number:
		taken = "number"
	case name, strings.TrimSuffix(name, path.Ext(name)):
		taken = "name"
	case verdict.Suggestion, strings.TrimSuffix(verdict.Suggestion, path.Ext(verdict.Suggestion)):
		taken = "suggestion"
	}
	return map[string]any{"file": verdict.Codes(), "title": screening.CheckName(strings.TrimSpace(wanted), terms).Codes(), "taken": taken}
}

func (s *Shelf) leveling(tx *store.Tx, id, kind, person, reviewer string, before, level classification.Level, why string) error {
	row := tx.NewID()
	_, err := tx.Exec(`INSERT INTO leveling (id, material, kind, person, reviewer, before_level, level, sealed_reason, at, criteria)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT COALESCE(MAX(version), 0) FROM criteria))`,
		row, id, kind, person, reviewer, int64(before), int64(level), s.fields.reason.SealText(row, why), tx.Now.UnixMilli())
	return err
}

func (s *Shelf) indexTitle(tx *store.Tx, id, title string) error {
	if _, err := tx.Exec(`DELETE FROM material_token WHERE material = $1`, id); err != nil {
		return err
	}
	tokens := s.titles.Bigrams(title)
	for chunk := range slices.Chunk(tokens, 50) {
		if err := insertTokens(tx, id, chunk); err != nil {
			return err
		}
	}
	return nil
}
