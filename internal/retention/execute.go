package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// witnessed is how long after a witness signed the destruction may follow.
const witnessed = 10 * time.Minute

// Standby is a witness who is there, as they show it at the destroyer's device.
type Standby struct{ Login, Password, Code string }

// Execution is how a list is carried out: by whom, as they confirm in their own session, and before whom.
type Execution struct {
	Digest    string // of the certificate as it was shown
	Consent   hand.Consent
	Witnesses [2]Standby
	Firm      string
}

// Digest is what those who are there sign: the list and all that the certificate says. A signature for another is refused.
func (c Certificate) Digest() string {
	raw, err := json.Marshal([]any{c.List.ID, c.List.Number, c.List.ToDestroy(), c.List.Method, c.List.Digital, c.List.Place, c.List.Witnesses, c.List.Whole, c.Left})
	if err != nil {
		panic(err) // plain values
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Execute carries a list out. Destroyer and witnesses confirm with their own password and second factor at this device, at this moment;
// the certificate is composed and signed by the three outside every transaction; each witness's presence is an act of theirs; and one
// act of the destroyer then does everything at once: the keys, the carriers, the record, the certificate, the approval that is used up.
// What changed meanwhile, a hold among it, stops it. The sealed bytes go right afterwards, or with the next sweep.
func (r *Room) Execute(ctx context.Context, who guard.Who, id string, e Execution) error {
	thing := guard.Thing{Kind: access.Destruction, ID: id}
	c, permit, err := r.prepare(ctx, who, thing, e.Digest)
	if err != nil {
		return err
	}
	parties := []hand.Party{{Consent: e.Consent}}
	for _, w := range e.Witnesses {
		parties = append(parties, hand.Party{Login: w.Login, Consent: hand.Consent{Confirmation: person.Confirmation{Password: w.Password, Code: w.Code}, From: e.Consent.From}})
	}
	sheet, err := r.Hand.SignTogether(ctx, who, parties, c.List.attended, func(s []hand.Signer) (hand.Paper, error) {
		return hand.Paper{Letter: c.letter(e.Firm, s), Reason: "销毁"}, nil
	})
	if err != nil {
		return err
	}
	for _, w := range sheet.Present {
		if err := r.Door.Do(ctx, w, access.WitnessDestruction, thing, func(g *guard.Grant) error { return r.attend(g, sheet.SHA256) }); err != nil {
			return err
		}
	}
	thing.Permit = permit
	var objects []string
	if err := r.Door.Do(ctx, who, access.Destroy, thing, func(g *guard.Grant) (err error) {
		objects, err = r.destroy(g, e.Digest, sheet)
		return err
	}); err != nil {
		return err
	}
	// The keys are gone for good; that the bytes stay until the next sweep if this breaks off takes nothing back.
	if _, err := r.Shelf.Clear(ctx, objects); err != nil {
		return errors.Join(problem.New(problem.Unavailable, "密钥已经销毁，清册已经办结；密文没有全部清除，系统稍后自动清除"), err)
	}
	return r.DB.Scrub(ctx)
}

// prepare reads what is about to be signed, for the destroyer, with the approval that is to be used.
func (r *Room) prepare(ctx context.Context, who guard.Who, thing guard.Thing, digest string) (c Certificate, permit string, err error) {
	err = r.Door.Do(ctx, who, access.ViewDestruction, thing, func(g *guard.Grant) error {
		if c, err = r.Certificate(g); err != nil {
			return err
		}
		if c.List.Destroyer != who.Person {
			return problem.New(problem.Conflict, "销毁由指定的销毁人执行")
		}
		if permit, c.Approvers, err = r.permit(g.Tx(), who, thing); err != nil {
			return err
		}
		if c.names, err = r.People.Names(g.Tx(), append(c.List.People(), c.Approvers...)); err != nil {
			return err
		}
		return r.ready(g.Tx(), c, digest)
	})
	return c, permit, err
}

// ready reports why a list cannot be carried out as it stands.
func (r *Room) ready(tx *store.Tx, c Certificate, digest string) error {
	l := c.List
	switch {
	case l.Stage != Appraised:
		return problem.New(problem.Conflict, "这份清册还没有鉴定，或者已经办结")
	case len(l.Frozen) > 0:
		return problem.New(problem.Conflict, "清册里有保全冻结的资料，解除之前不能继续")
	case l.Arranged.IsZero():
		return problem.New(problem.Conflict, "还没有安排销毁方法、地点和监销人")
	case c.Digest() != digest:
		return problem.New(problem.Conflict, "清册刚刚有了变动，请重新核对后再签署")
	}
	lead, err := r.leads(tx, l.Matter, l.Destroyer)
	if err == nil && lead {
		err = problem.New(problem.Conflict, "销毁人已经是主办律师，不能自己执行，请撤回后重新提请")
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(c.Approvers, func(id string) bool { return id != l.AskedBy }) {
		return problem.New(problem.Conflict, "批准人不能都是提请人，请由别人批准")
	}
	t, err := r.terms(tx, l.Matter)
	if err != nil {
		return err
	}
	for _, i := range l.ToDestroy() {
		if term := t.of(i.Ref); term.Bound(tx.Now) || !i.Early && !term.Over(tx.Now) {
			return problem.New(problem.Conflict, "%s 的保管期限有了变化，现在不能销毁", i.Number)
		}
	}
	return nil
}

// attended sees that those who came are those whom the list names.
func (l List) attended(people []person.Person) error {
	if len(people) != 3 {
		return problem.New(problem.Conflict, "须由销毁人和两位监销人同时在场")
	}
	for i, p := range people[1:] {
		switch {
		case p.ID == people[0].ID:
			return problem.New(problem.Invalid, "监销人不能是销毁人").In([]string{"login1", "login2"}[i])
		case !slices.Contains(l.Witnesses[:], p.ID):
			return problem.New(problem.Invalid, "这不是指定的监销人").In([]string{"login1", "login2"}[i])
		case i == 1 && p.ID == people[1].ID:
			return problem.New(problem.Invalid, "两位监销人不能是同一个人").In("login2")
		}
	}
	return nil
}

// attend writes down that a witness is there and signed.
func (r *Room) attend(g *guard.Grant, sheet string) error {
	tx, id := g.Tx(access.WitnessDestruction), g.Only(access.Destruction)
	g.Note("document", sheet)
	_, err := tx.Exec(`INSERT INTO destruction_witness (destruction, person, sheet, at) VALUES ($1, $2, $3, $4) ON CONFLICT (destruction, person, sheet) DO UPDATE SET at = excluded.at`,
		id, g.Who().Person, sheet, tx.Now.UnixMilli())
	return err
}

// destroy does all of it in the act's transaction, and gives the names of the sealed objects, which nothing opens any more.
func (r *Room) destroy(g *guard.Grant, digest string, sheet *hand.Joint) (objects []string, err error) {
	tx, id := g.Tx(access.Destroy), g.Only(access.Destruction)
	c, err := r.certificate(tx, id)
	if err != nil {
		return nil, err
	}
	if c.Approvers, err = r.deciders(tx, id, g.Permit()); err != nil {
		return nil, err
	}
	if err := r.ready(tx, c, digest); err != nil {
		return nil, err
	}
	l := c.List
	present, err := store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
		`SELECT COUNT(*) FROM destruction_witness WHERE destruction = $1 AND sheet = $2 AND at >= $3 AND person IN ($4, $5) AND person <> $6`, id, sheet.SHA256, tx.Now.Add(-witnessed).UnixMilli(), l.Witnesses[0], l.Witnesses[1], l.Destroyer)
	if err == nil && present != 2 {
		err = problem.New(problem.Conflict, "须由销毁人和两位监销人同时在场")
	}
	if err != nil {
		return nil, err
	}
	if err := moved(tx.Exec(`UPDATE destruction SET stage = 'done', ended = $2, sheet = $3, approvers = $4 WHERE id = $1 AND stage = 'appraised'`, id, tx.Now.UnixMilli(), sheet.SHA256, joined(c.Approvers))); err != nil {
		return nil, err
	}
	var materials, carriers []string
	for _, i := range l.ToDestroy() {
		if i.Kind == access.Material {
			materials = append(materials, i.ID)
		} else {
			carriers = append(carriers, i.ID)
		}
	}
	if objects, err = r.Shelf.Destroy(g, l.Matter, l.Number, materials); err != nil {
		return nil, err
	}
	if err := r.Carriers.Destroy(g, l.Matter, l.Number, "销毁清册 "+l.Number, carriers); err != nil {
		return nil, err
	}
	if l.Whole {
		if err := r.forget(g, l.Matter); err != nil {
			return nil, err
		}
	}
	g.Note("number", l.Number)
	g.Note("materials", len(materials))
	g.Note("carriers", len(carriers))
	g.Note("whole", l.Whole)
	g.Note("witnesses", l.Witnesses)
	return objects, r.Hand.KeepJoint(g, sheet)
}

// forget destroys the key of a matter of which nothing is left.
func (r *Room) forget(g *guard.Grant, in string) error {
	left, err := r.present(g.Tx(), in)
	if err == nil && len(left) > 0 {
		err = problem.New(problem.Conflict, "本案还有 %d 项不在清册里，不能全案销毁，请撤回后重新提请", len(left))
	}
	if err != nil {
		return err
	}
	return r.Matters.Forget(g, in)
}
