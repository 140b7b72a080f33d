package leaving

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Beginning is how a leaving begins.
type Beginning struct {
	LastDay time.Time // in post; only its date counts
	Reason  string
	Witness string // person's id
}

var china = time.FixedZone("UTC+8", 8*60*60)

// Begin opens a leaving and asks the person for the leaving pledge. The act is beginLeaving on the person.
func (r *Room) Begin(g *guard.Grant, b Beginning) error {
	tx, id := g.Tx(access.BeginLeaving), g.Only(access.Person)
	why, err := reason(b.Reason)
	if err != nil {
		return err
	}
	p, err := r.People.One(tx, id)
	if err != nil {
		return err
	}
	today := tx.Now.In(china).Format(time.DateOnly)
	switch {
	case p.Status == person.Left:
		return problem.New(problem.Conflict, "此人已经离岗")
	case b.LastDay.IsZero() || b.LastDay.Year() > 2200:
		return problem.New(problem.Invalid, "请填写最后在岗日").In("last_day")
	case b.LastDay.Format(time.DateOnly) < today && p.Status == person.Active:
		return problem.New(problem.Invalid, "最后在岗日不能早于今天").In("last_day")
	case b.Witness == id || b.Witness == g.Who().Person:
		return problem.New(problem.Invalid, "监交人不能是离岗人，也不能是办理人").In("witness")
	}
	w, err := r.active(tx, b.Witness, "witness")
	if err != nil {
		return err
	}
	if _, err := openRow(tx, id); !errors.Is(err, store.ErrNone) {
		if err != nil {
			return err
		}
		return problem.New(problem.Conflict, "此人的离岗交接已经开始")
	}
	if p.Status == person.Active {
		if err := r.Pledges.AskLeaving(g); err != nil && !problem.Is(err, problem.Conflict) {
			return err
		}
	}
	row := tx.NewID()
	g.Note("leaving", row)
	g.Note("witness", w.ID)
	_, err = tx.Exec(`INSERT INTO departure (id, person, begun, begun_by, last_day, sealed_reason, witness, witnessed, sheet, closed, closed_by, cancelled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0, '', 0)`, row, id, tx.Now.UnixMilli(), g.Who().Person, b.LastDay.Format(time.DateOnly), r.reason.SealText(row, why), w.ID)
	return err
}

// Cancel ends an open leaving because the person stays. What was handed over stays handed over. The act is beginLeaving.
func (r *Room) Cancel(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.BeginLeaving), g.Only(access.Person)
	why, err := reason(why)
	if err != nil {
		return err
	}
	g.Note("cancelled", why)
	n, err := tx.Exec(`UPDATE departure SET closed = $2, closed_by = $3, cancelled = 1 WHERE person = $1 AND closed = 0`, id, tx.Now.UnixMilli(), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "此人没有在办理离岗交接")
	}
	return err
}

// Handover says what goes to whom. Of materials and reviews it may name some; none means all of the matter.
type Handover struct {
	Kind      Kind
	Matter    string
	Materials []string
	Successor string
}

// Settle hands something over, of materials at most material.Portion at a time, and gives how many went. The act is settleLeaving.
func (r *Room) Settle(g *guard.Grant, h Handover) (n int, err error) {
	tx, id := g.Tx(access.SettleLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return 0, err
	}
	switch h.Successor {
	case id:
		return 0, problem.New(problem.Invalid, "接收人不能是离岗人").In("successor")
	case d.witness:
		return 0, problem.New(problem.Invalid, "监交人不能接收移交的事项，请选择另一位").In("successor")
	}
	if err := r.notWalled(g, h.Matter); err != nil {
		return 0, err
	}
	to, err := r.active(tx, h.Successor, "successor")
	if err != nil {
		return 0, err
	}
	leaves, err := openRow(tx, to.ID)
	if err == nil && leaves.id != "" {
		return 0, problem.New(problem.Conflict, "接收人自己正在办理离岗").In("successor")
	}
	if !errors.Is(err, store.ErrNone) {
		return 0, err
	}
	switch h.Kind {
	case Lead:
		if !to.Has(access.Lawyer) {
			return 0, problem.New(problem.Invalid, "主办律师只能由律师担任").In("successor")
		}
		n, err = 1, r.Matters.Succeed(g, h.Matter, to.ID)
	case Materials:
		n, err = r.Shelf.Succeed(g, h.Matter, h.Materials, to.ID)
	case Reviews:
		n, err = r.Shelf.SucceedReviews(g, h.Matter, h.Materials, to.ID)
	case Uploads, Pledge, Administrator:
		err = problem.New(problem.Invalid, "这一项不能移交给别人")
	default:
		err = problem.New(problem.Invalid, "没有这一项")
	}
	if err != nil {
		return 0, err
	}
	g.Note("kind", string(h.Kind))
	g.Note("matter", h.Matter)
	g.Note("successor", to.ID)
	g.Note("n", n)
	_, err = tx.Exec(`INSERT INTO departure_item (id, departure, kind, matter, n, successor, by_person, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tx.NewID(), d.id, string(h.Kind), h.Matter, n, to.ID, g.Who().Person, tx.Now.UnixMilli())
	return n, errors.Join(err, unwitness(tx, d.id))
}

// WriteOff lets something go that cannot be handed over. The act is writeOffLeaving.
func (r *Room) WriteOff(g *guard.Grant, kind Kind, matter, why string) error {
	tx, id := g.Tx(access.WriteOffLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return err
	}
	if why, err = reason(why); err != nil {
		return err
	}
	if err := r.notWalled(g, matter); err != nil {
		return err
	}
	if !kind.Forgiven() {
		return problem.New(problem.Invalid, "这一项必须移交，不能核销")
	}
	rest, err := r.outstanding(tx, id, &d)
	if err != nil {
		return err
	}
	for _, i := range rest {
		if i.Kind != kind || i.Matter != matter {
			continue
		}
		g.Note("kind", string(kind))
		g.Note("matter", matter)
		g.Note("n", i.N)
		row := tx.NewID()
		_, err := tx.Exec(`INSERT INTO departure_item (id, departure, kind, matter, n, successor, sealed_reason, by_person, at) VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8)`,
			row, d.id, string(kind), matter, i.N, r.itemReason.SealText(row, why), g.Who().Person, tx.Now.UnixMilli())
		return errors.Join(err, unwitness(tx, d.id))
	}
	return problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
}

// Close ends the person's time in the firm: the account, its sessions and tokens, places in teams and leaves to fetch originals, all
// in this act. The act is closeLeaving, which the rules give only when nothing is outstanding.
func (r *Room) Close(g *guard.Grant) (Ended, error) {
	tx, id := g.Tx(access.CloseLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return Ended{}, err
	}
	var e Ended
	if e.Places, err = r.Matters.Depart(g); err != nil {
		return e, err
	}
	if e.Releases, err = r.Shelf.Depart(g); err != nil {
		return e, err
	}
	if e.Ended, err = r.People.Depart(g); err != nil {
		return e, err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return e, fmt.Errorf("encode what ended: %w", err)
	}
	g.Note("ended", e)
	_, err = tx.Exec(`UPDATE departure SET closed = $2, closed_by = $3, sealed_ended = $4 WHERE id = $1`, d.id, tx.Now.UnixMilli(), g.Who().Person, r.ended.Seal(d.id, raw))
	return e, err
}

// notWalled keeps the caller from acting on a matter behind whose wall they stand, with the answer for one that is not on the list.
func (r *Room) notWalled(g *guard.Grant, matter string) error {
	behind, err := r.Matters.WalledFrom(g.Tx(), g.Who().Person)
	if err == nil && behind[matter] {
		err = problem.New(problem.Conflict, "清单里没有这一项，请刷新后查看")
	}
	return err
}

// unwitness takes the witness's signature back: the list that was signed is not the list any more.
func unwitness(tx *store.Tx, id string) error {
	_, err := tx.Exec(`UPDATE departure SET witnessed = 0, sheet = '' WHERE id = $1`, id)
	return err
}

func (r *Room) begun(tx *store.Tx, person string) (row, error) {
	d, err := openRow(tx, person)
	if errors.Is(err, store.ErrNone) {
		err = problem.New(problem.Conflict, "此人没有在办理离岗交接")
	}
	return d, err
}

// active is somebody at work, to be named in a form's field.
func (r *Room) active(tx *store.Tx, id, field string) (person.Person, error) {
	if id == "" {
		return person.Person{}, problem.New(problem.Invalid, "请从名单里选择").In(field)
	}
	p, err := r.People.One(tx, id)
	if problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return p, problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	return p, err
}

// reason cleans a reason.
func reason(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.New(problem.Invalid, "请填写%s", "事由").In("reason")
	case n > 500 || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", "事由", 500).In("reason")
	}
	return s, nil
}
