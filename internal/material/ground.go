package material

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Ground is whether a material holds personal information, and on what basis the firm handles it (clause 3.5; 个人信息保护法, articles 13,
// 28 and 29). The zero value is that nobody was asked: so is everything that came before the question did.
type Ground struct {
	Personal classification.Personal
	Basis    classification.Basis // empty: none yet
	Note     string               // what for, or by which law; sealed
}

// longNote is the longest note, in characters.
const longNote = 500

// check is Sound without the rules.
func (d Ground) check(kinds classification.Set) (Ground, error) {
	d.Note = strings.TrimSpace(d.Note)
	switch {
	case d.Personal > classification.Sensitive:
		return d, problem.New(problem.Invalid, "请从列出的几项里选择是否含个人信息").In("personal")
	case d.Personal == 0 && (kinds.Has(classification.Identity) || kinds.Has(classification.Property)):
		return d, problem.New(problem.Invalid, "身份信息、财产信息要说明是否含个人信息").In("personal")
	case !d.Personal.NeedsBasis(): // what the form remembers of an earlier one says nothing here
		return Ground{Personal: d.Personal}, nil
	case d.Basis != "" && !slices.Contains(classification.Bases, d.Basis):
		return d, problem.New(problem.Invalid, "请从列出的处理依据里选择").In("basis")
	case utf8.RuneCountInString(d.Note) > longNote || !utf8.ValidString(d.Note):
		return d, problem.New(problem.Invalid, "说明过长：最多 %d 个字", longNote).In("basis_note")
	case d.Note == "" && d.Basis == classification.OtherLaw:
		return d, problem.New(problem.Invalid, "请写明依据哪部法律、行政法规的哪一条").In("basis_note")
	case d.Note == "" && d.Basis != "" && d.Personal == classification.Sensitive:
		return d, problem.New(problem.Invalid, "敏感个人信息只能为特定的目的处理，请写明目的").In("basis_note")
	}
	return d, nil
}

// lacksBasis is the step that the rules offer where a basis is missing or not enough.
const lacksBasis = "state-basis"

// Sound gives the cleaned ground of a material of the kinds in a matter, or the first thing wrong with it. Whether a basis that is given is
// enough, the rules of the review say; none yet is no fault: what lacks it is not filed.
func (s *Shelf) Sound(d Ground, in string, kinds classification.Set) (Ground, error) {
	d, err := d.check(kinds)
	if err != nil || d.Basis == "" {
		return d, err
	}
	thing := access.Resource{Kind: access.Material, Matter: in, State: Proposed, Personal: d.Personal, Basis: d.Basis, Exists: true}
	for _, r := range s.door.Rules().Decide(access.Request{Act: access.Review, Thing: thing}).Reasons { // nobody's: every rule speaks, and one is listened to
		if r.Step == lacksBasis {
			return d, problem.New(problem.Invalid, r.Sentence).In("basis")
		}
	}
	return d, nil
}

func (s *Shelf) sealGround(id string, d Ground) []byte {
	if d.Note == "" {
		return nil
	}
	return s.fields.ground.SealText(id, d.Note)
}

// RecordBasis says whether the material holds personal information and on what basis it is handled: for the first time, or otherwise than
// before, for a reason. What stood before is kept.
func (s *Shelf) RecordBasis(g *guard.Grant, d Ground, why string) error {
	tx, id := g.Tx(access.RecordBasis), g.Only(access.Material)
	before, err := s.get(tx, id)
	if err != nil {
		return err
	}
	if d.Personal == 0 {
		return problem.New(problem.Invalid, "请选择是否含个人信息").In("personal")
	}
	if d, err = s.Sound(d, before.Matter, before.Kinds); err != nil {
		return err
	}
	if d == before.Ground {
		return problem.New(problem.Invalid, "与现在记明的相同").In("personal")
	}
	if why, err = reason(why); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE material SET personal = $2, basis = $3, sealed_ground = $4 WHERE id = $1`, id, int64(d.Personal), string(d.Basis), s.sealGround(id, d)); err != nil {
		return err
	}
	g.Note("from", before.Ground.codes())
	g.Note("to", d.codes())
	return s.noteChange(tx, id, g.Who().Person, before.Ground, d, why)
}

// codes are what the ledger has of a ground: no text.
func (d Ground) codes() map[string]any {
	return map[string]any{"personal": d.Personal.String(), "basis": string(d.Basis)}
}

func (s *Shelf) noteChange(tx *store.Tx, id, person string, before, after Ground, why string) error {
	row := tx.NewID()
	var note []byte
	if before.Note != "" {
		note = s.fields.changeBefore.SealText(row, before.Note)
	}
	_, err := tx.Exec(`INSERT INTO ground_change (id, material, person, at, before_personal, before_basis, personal, basis, sealed_before, sealed_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, row, id, person, tx.Now.UnixMilli(), int64(before.Personal), string(before.Basis),
		int64(after.Personal), string(after.Basis), note, s.fields.changeReason.SealText(row, why))
	return err
}

// GroundChange is one change of a ground.
type GroundChange struct {
	Person  string
	At      time.Time
	Before  Ground
	Changed Ground // without the note, which stands in the next change or on the material
	Reason  string
}

// GroundChanges are the changes of a material's ground, oldest first.
func (s *Shelf) GroundChanges(g *guard.Grant) ([]GroundChange, error) {
	tx, id := g.Tx(access.View), g.Only(access.Material)
	return store.List(tx, func(r store.Row) (c GroundChange, err error) {
		var row string
		var at, before, changed int64
		var note, why []byte
		if err := r.Scan(&row, &c.Person, &at, &before, &c.Before.Basis, &changed, &c.Changed.Basis, &note, &why); err != nil {
			return c, err
		}
		c.At, c.Before.Personal, c.Changed.Personal = instant(at), classification.Personal(before), classification.Personal(changed)
		if note != nil {
			if c.Before.Note, err = s.fields.changeBefore.OpenText(row, note); err != nil {
				return c, err
			}
		}
		c.Reason, err = s.fields.changeReason.OpenText(row, why)
		return c, err
	}, `SELECT id, person, at, before_personal, before_basis, personal, basis, sealed_before, sealed_reason FROM ground_change WHERE material = $1 ORDER BY at, id`, id)
}

// Baseless is how many of the caller's own proposals wait for a basis before they can be reviewed.
func (s *Shelf) Baseless(g *guard.Grant) (int, error) {
	tx := g.Tx(access.UseSystem)
	return store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM material m WHERE m.personal > 1 AND m.basis = '' AND m.state = 'proposed' AND m.proposer = $1
			AND EXISTS (SELECT 1 FROM member b WHERE b.matter = m.matter AND b.person = $1 AND b.since <= $2 AND (b.until = 0 OR b.until > $2))
			AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = m.matter AND w.person = $1 AND w.lifted = 0)`, g.Who().Person, tx.Now.UnixMilli())
}

// narrowGround adds the condition that a list's filter asks for.
func narrowGround(filter string, narrow func(string, any)) error {
	switch filter {
	case "":
	case "baseless":
		narrow("m.personal > 1 AND m.basis = $%d", "")
	case classification.Personal(0).String():
		narrow("m.personal = $%d", int64(0))
	default:
		p, err := classification.ParsePersonal(filter)
		if err != nil {
			return err
		}
		narrow("m.personal = $%d", int64(p))
	}
	return nil
}
