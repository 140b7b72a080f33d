package pledge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/letter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Signing is what somebody who signs a pledge gives.
type Signing struct {
	Kind    Kind
	Version int
	Digest  string // of the text that was shown: see Digest
	Drawing []byte // a drawn signature as PNG; may be empty
	hand.Consent
}

// Particulars are of the person who signs, as the pledge has them.
type Particulars struct {
	Name       string        `json:"name"`
	Posts      []access.Post `json:"posts"`
	Department string        `json:"department,omitempty"`
	Licence    string        `json:"licence,omitempty"`
}

// ParticularsOf are a person's.
func ParticularsOf(p person.Person) Particulars {
	return Particulars{Name: p.Name, Posts: p.Posts, Department: p.Department, Licence: p.Licence}
}

func (p Particulars) equal(o Particulars) bool {
	return p.Name == o.Name && p.Department == o.Department && p.Licence == o.Licence && slices.Equal(p.Posts, o.Posts)
}

var errMoved = problem.New(problem.Conflict, "承诺书或您的登记信息刚刚变动，请重新阅读后再签署")

// Sign signs a pledge that the caller is asked for. Who signs is confirmed, the text set with the person's particulars, signed and
// stamped outside every transaction; then one act writes it and what it makes true, if nothing has changed meanwhile. A pledge that
// is not asked for, or no more in this text, is problem.Conflict.
func (r *Room) Sign(ctx context.Context, who guard.Who, s Signing) (Pledge, error) {
	if err := letter.Ink(s.Drawing); err != nil {
		return Pledge{}, err
	}
	due, _, err := r.due(ctx, who, s)
	if err != nil {
		return Pledge{}, err
	}
	text, err := ParseText(due.Text)
	if err != nil {
		return Pledge{}, err
	}
	firm, err := r.firm(ctx)
	if err != nil {
		return Pledge{}, err
	}
	var particulars Particulars
	sheet, err := r.hand.Sign(ctx, who, s.Consent, func(h hand.Signer) (hand.Paper, error) {
		particulars = ParticularsOf(h.Person)
		return hand.Paper{Letter: set(text, due, firm, particulars, h, s.Drawing), Reason: "签署" + text.Title}, nil
	})
	if err != nil {
		return Pledge{}, err
	}
	p := Pledge{Person: who.Person, Kind: due.Kind, Version: due.Version, Particulars: particulars, Document: sheet.SHA256, Certificate: sheet.Fingerprint, Stamped: sheet.Stamped}
	err = r.door.Do(ctx, who, access.SignPledge, guard.Thing{Kind: access.Person, ID: who.Person}, func(g *guard.Grant) error {
		return r.keep(g, s, sheet, &p)
	})
	return p, err
}

// due finds what the caller is asked to sign, if it is what they saw.
func (r *Room) due(ctx context.Context, who guard.Who, s Signing) (d Due, p person.Person, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		d, p, err = r.dueIn(tx, who.Person, s)
		return err
	})
	return d, p, err
}

func (r *Room) dueIn(tx *store.Tx, id string, s Signing) (Due, person.Person, error) {
	p, err := r.people.One(tx, id)
	if err != nil {
		return Due{}, p, err
	}
	all, err := asked(tx, p)
	if err != nil {
		return Due{}, p, err
	}
	for _, d := range all {
		if d.Kind == s.Kind && d.Version == s.Version && Digest(d.Text) == s.Digest {
			return d, p, nil
		}
	}
	return Due{}, p, errMoved
}

// set is the pledge as a document.
func set(text Text, due Due, firm string, p Particulars, h hand.Signer, drawing []byte) letter.Letter {
	posts := make([]string, len(p.Posts))
	for i, post := range p.Posts {
		posts[i] = post.Name()
	}
	rows := []letter.Particular{{Label: "姓名", Value: p.Name}, {Label: "岗位", Value: strings.Join(posts, "、")}}
	for _, more := range []letter.Particular{{Label: "部门", Value: p.Department}, {Label: "执业证号", Value: p.Licence}} {
		if more.Value != "" {
			rows = append(rows, more)
		}
	}
	rows = append(rows, letter.Particular{Label: "版本", Value: fmt.Sprintf("第 %d 版", due.Version)}, letter.Particular{Label: "签署日期", Value: h.At.Format("2006年1月2日")})
	return letter.Letter{Title: text.Title, Subtitle: firm, Author: firm, Reference: fmt.Sprintf("%s · 第 %d 版 · %s", due.Kind.Name(), due.Version, p.Name),
		Particulars: rows, Body: text.body(), Made: h.At,
		Signatures: []letter.Signature{{Role: "承诺人", Name: p.Name, Time: h.At, Fingerprint: h.Fingerprint, Drawing: drawing}}}
}

// keep writes a signed pledge under its act.
func (r *Room) keep(g *guard.Grant, s Signing, sheet *hand.Sheet, p *Pledge) error {
	tx, id := g.Tx(access.SignPledge), g.Only(access.Person)
	_, now, err := r.dueIn(tx, id, s)
	if err != nil {
		return err
	}
	if !ParticularsOf(now).equal(p.Particulars) {
		return errMoved
	}
	if err := r.hand.Keep(g, sheet); err != nil {
		return err
	}
	p.ID, p.At = tx.NewID(), sheet.At.UTC()
	raw, err := json.Marshal(p.Particulars)
	if err != nil {
		return fmt.Errorf("encode a pledge's particulars: %w", err)
	}
	g.Note("pledge", p.ID)
	g.Note("kind", string(p.Kind))
	g.Note("version", p.Version)
	if _, err := tx.Exec(`INSERT INTO pledge (id, person, kind, version, at, sealed_particulars, document, certificate, stamped) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, id, string(p.Kind), p.Version, p.At.UnixMilli(), r.particulars.Seal(p.ID, raw), p.Document, p.Certificate, milli(p.Stamped)); err != nil {
		return err
	}
	if p.Kind == Leaving {
		_, err := tx.Exec(`UPDATE pledge_leaving SET signed = $2 WHERE person = $1`, id, p.ID)
		return err
	}
	return r.people.Signed(g, string(p.Kind), p.Version)
}

// SignedLeaving reports when somebody who was asked for the leaving pledge signed it; the zero time means that it is still to come,
// or was never asked for. Whether the reader may know, the caller's act decides.
func (r *Room) SignedLeaving(tx *store.Tx, person string) (time.Time, error) {
	at, err := store.Get(tx, scanCount, `SELECT COALESCE(MAX(p.at), 0) FROM pledge p JOIN pledge_leaving l ON l.signed = p.id WHERE l.person = $1`, person)
	return instant(at), err
}
