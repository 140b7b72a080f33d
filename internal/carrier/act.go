package carrier

import (
	"errors"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
)

// Registration is what is put on the register at once: so many copies of one title, held by who registers them until they pass
// them on.
type Registration struct {
	Title  string
	Form   Form
	Origin Origin
	Level  classification.Level
	Pages  int // of each copy
	Copies int
	From   string // who delivered it; needed unless the firm made it
	Place  string
	Use    string

	Reference string // the sender's own number of what was delivered; may be empty
}

// Register numbers and registers the copies of a title and gives their batch. The act is registerCarrier on the matter; the level
// is one that the caller may know.
func (c *Cabinet) Register(g *guard.Grant, r Registration) (batch string, err error) {
	tx, in := g.Tx(access.RegisterCarrier), g.Only(access.Matter)
	if r, err = r.clean(g.Facts().Where); err != nil {
		return "", err
	}
	terms, err := c.matters.Terms(tx, in)
	if err != nil {
		return "", err
	}
	if !screening.CheckName(r.Title, terms).OK { // 7.2.2
		return "", problem.New(problem.Invalid, "这个名称会透露当事人或证件信息，请换一个").In("title")
	}
	year, of, err := matter.Serial(tx, in)
	if err != nil {
		return "", err
	}
	serial, err := nextSerial(tx, in)
	if err != nil {
		return "", err
	}
	batch = tx.NewID()
	me := g.Who().Person
	for n := 1; n <= r.Copies; n++ {
		id, no := tx.NewID(), callnumber.Carrier(year, of, serial, n)
		if err := c.enter(tx, Carrier{ID: id, Matter: in, Number: no, Serial: int(serial), Copy: n, Batch: batch, Form: r.Form, Origin: r.Origin, Level: r.Level, Pages: r.Pages, Title: r.Title, From: r.From,
			Reference: r.Reference, Place: r.Place, Use: r.Use, Holder: me}); err != nil {
			return "", err
		}
		g.Step(access.RegisterCarrier, guard.Thing{Kind: access.Carrier, ID: id}, in, map[string]any{"number": no, "level": r.Level.String()})
	}
	g.Note("batch", batch)
	g.Note("copies", r.Copies)
	return batch, nil
}

// enter writes a new carrier, held by who registers it from now on.
func (c *Cabinet) enter(tx *store.Tx, it Carrier) error {
	due := int64(0)
	if !it.Due.IsZero() {
		due = it.Due.UnixMilli()
	}
	if _, err := tx.Exec(`INSERT INTO carrier (id, matter, number, serial, copy, batch, form, origin, level, pages, sealed_title, sealed_from, sealed_place, sealed_use,
		state, holder, since, lender, due, offered_to, offered_due, fate, ended, registered, registered_by, sealed_reference, material, source, approval)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'held', $15, $16, '', $17, '', 0, '', 0, $16, $15, $18, $19, $20, $21)`, it.ID, it.Matter, it.Number, int64(it.Serial), int64(it.Copy), it.Batch,
		string(it.Form), string(it.Origin), int64(it.Level), int64(it.Pages), c.title.SealText(it.ID, it.Title), c.from.SealText(it.ID, it.From), c.place.SealText(it.ID, it.Place), c.use.SealText(it.ID, it.Use), it.Holder,
		tx.Now.UnixMilli(), due, c.reference.SealText(it.ID, it.Reference), it.Material, it.Source, it.Approval); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: Registered, By: it.Holder, To: it.Holder})
}

func (r Registration) clean(is access.Circumstances) (Registration, error) {
	var errs [5]error
	r.Title, errs[0] = words(r.Title, "title", "题名", longTitle, true)
	r.From, errs[1] = words(r.From, "from", "交件人", longField, r.Origin != Made)
	r.Place, errs[2] = words(r.Place, "place", "存放位置", longField, true)
	r.Use, errs[3] = words(r.Use, "use", "用途和备注", longField, false)
	r.Reference, errs[4] = words(r.Reference, "reference", "来文字号", longTitle, false)
	if err := errors.Join(errs[:]...); err != nil {
		for _, e := range errs {
			if e != nil {
				return r, e
			}
		}
	}
	switch {
	case !slices.Contains(Forms, r.Form):
		return r, problem.New(problem.Invalid, "请选择类别").In("form")
	case !slices.Contains(Origins, r.Origin):
		return r, problem.New(problem.Invalid, "请选择来源").In("origin")
	case r.Level < classification.Confidential || r.Level > classification.TopSecret:
		return r, problem.New(problem.Invalid, "请选择密级").In("level")
	case r.Pages < 1 || r.Pages > mostPages:
		return r, problem.New(problem.Invalid, "每份的数量须在 1 到 %d 之间", mostPages).In("pages")
	case r.Copies < 1 || r.Copies > mostCopies:
		return r, problem.New(problem.Invalid, "份数须在 1 到 %d 之间", mostCopies).In("copies")
	case r.Level > is.Clearance || r.Level == classification.TopSecret && !is.Listed:
		return r, problem.New(problem.Invalid, "密级不能高于您在本案可以知悉的密级").In("level")
	}
	return r, nil
}

// Handing is an offer: to whom, and until when if it is lent.
type Handing struct {
	To   string    // person's id
	Due  time.Time // zero: for good
	Note string    // purpose of a loan, or remarks; needed for a loan
}

// Offer hands a carrier to somebody who has still to confirm; until then the holder holds it. The act is handCarrier. Who takes it
// must be allowed to know it in the matter, or be a custodian of the firm.
func (c *Cabinet) Offer(g *guard.Grant, h Handing) error {
	tx, it, err := c.acted(g, access.HandCarrier)
	if err != nil {
		return err
	}
	if err := it.passable(); err != nil {
		return err
	}
	note, err := words(h.Note, "note", "用途和备注", longField, !h.Due.IsZero())
	switch {
	case err != nil:
		return err
	case it.State == access.Offered:
		return problem.New(problem.Conflict, "已经移交，正在等待对方确认；要改给别人，请先收回移交")
	case h.To == "" || h.To == it.Holder:
		return problem.New(problem.Invalid, "请选择接收人，不能是现在的保管人").In("to")
	case !h.Due.IsZero() && (!h.Due.After(tx.Now) || h.Due.After(tx.Now.Add(LoanMost))):
		return problem.New(problem.Invalid, "归还期限须在今天之后，最长 %d 天", int(LoanMost.Hours()/24)).In("due")
	case it.Lender != "" && (h.To != it.Lender || !h.Due.IsZero()) && !g.Facts().Where.Lead: // the lead can: a lender may have left the firm
		return problem.New(problem.Conflict, "这份载体是借来的，只能归还给出借人；出借人不在时请主办律师办理").In("to")
	}
	if err := c.fit(tx, it, h.To, "to"); err != nil {
		if problem.Is(err, problem.Conflict) && !h.Due.IsZero() && c.outsider(tx, it, h.To, "to") == nil {
			err = problem.New(problem.Conflict, "此人不能知悉这份载体，不能直接出借：请在“借给团队以外的人”里申请批准").In("to")
		}
		return err
	}
	due := int64(0)
	if !h.Due.IsZero() {
		due = h.Due.UnixMilli()
	}
	g.Note("to", h.To)
	if _, err := tx.Exec(`UPDATE carrier SET state = 'offered', offered_to = $2, offered_due = $3 WHERE id = $1`, it.ID, h.To, due); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: OfferedTo, By: g.Who().Person, From: it.Holder, To: h.To, Due: h.Due, Note: note})
}

// fit is a problem unless a person may hold the carrier.
func (c *Cabinet) fit(tx *store.Tx, it Carrier, to, field string) error {
	p, err := c.people.One(tx, to)
	if problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	if err != nil {
		return err
	}
	if !p.Has(access.Custodian) {
		return matter.MayHold(tx, it.Matter, to, it.Level, field)
	}
	is, err := matter.Relation(tx, it.Matter, to)
	if err == nil && is.Walled {
		err = problem.New(problem.Conflict, "接收人在这个案件的隔离墙上").In(field)
	}
	return err
}

// Withdraw takes an offer back that was not answered. The act is handCarrier.
func (c *Cabinet) Withdraw(g *guard.Grant) error {
	tx, it, err := c.acted(g, access.HandCarrier)
	if err != nil {
		return err
	}
	if it.State != access.Offered {
		return problem.New(problem.Conflict, "没有等待确认的移交，请刷新后查看")
	}
	return c.answer(tx, it, Move{Deed: Withdrawn, By: g.Who().Person, From: it.Holder, To: it.OfferedTo})
}

// Take confirms that the caller has received the carrier, which from then on is theirs to answer for. Of what comes back from a loan
// they say in what condition it is; of anything else that may be empty. The act is takeCarrier.
func (c *Cabinet) Take(g *guard.Grant, condition string) error {
	tx, it, err := c.acted(g, access.TakeCarrier)
	if err != nil {
		return err
	}
	if condition, err = words(condition, "condition", "归还时状况", longField, it.Lender != "" && it.Lender == it.OfferedTo); err != nil {
		return err
	}
	g.Note("from", it.Holder)
	if it.Lender != "" && it.Lender == it.OfferedTo {
		if err := c.worse(g, it, condition); err != nil {
			return err
		}
	}
	return c.take(tx, it, g.Who().Person, condition)
}

// take makes the person whom it is offered to the holder, if they may still hold it.
func (c *Cabinet) take(tx *store.Tx, it Carrier, by, note string) error {
	fit := c.fit
	if it.OfferedOutside {
		fit = c.outsider
	}
	if err := fit(tx, it, it.OfferedTo, ""); err != nil {
		return err
	}
	lender, due := it.Holder, int64(0)
	if it.OfferedDue.IsZero() {
		lender = ""
	} else {
		due = it.OfferedDue.UnixMilli()
	}
	if _, err := tx.Exec(`UPDATE carrier SET holder = $2, since = $3, lender = $4, due = $5 WHERE id = $1`, it.ID, it.OfferedTo, tx.Now.UnixMilli(), lender, due); err != nil {
		return err
	}
	return c.answer(tx, it, Move{Deed: Taken, By: by, From: it.Holder, To: it.OfferedTo, Due: it.OfferedDue, Note: note})
}

// Decline refuses what was offered; it stays with its holder. The act is takeCarrier.
func (c *Cabinet) Decline(g *guard.Grant, why string) error {
	tx, it, err := c.acted(g, access.TakeCarrier)
	if err != nil {
		return err
	}
	if why, err = words(why, "note", "原因", longField, true); err != nil {
		return err
	}
	return c.answer(tx, it, Move{Deed: Declined, By: g.Who().Person, From: it.Holder, To: it.OfferedTo, Note: why})
}

// answer ends an offer.
func (c *Cabinet) answer(tx *store.Tx, it Carrier, m Move) error {
	if err := c.moved(tx, it.ID, m); err != nil { // which looks at what was offered
		return err
	}
	_, err := tx.Exec(`UPDATE carrier SET state = 'held', offered_to = '', offered_due = 0, offered_outside = 0, offered_leave = '' WHERE id = $1`, it.ID)
	return err
}

// Move puts the carrier elsewhere. The act is handCarrier.
func (c *Cabinet) Move(g *guard.Grant, place string) error {
	tx, it, err := c.acted(g, access.HandCarrier)
	if err != nil {
		return err
	}
	if place, err = words(place, "place", "存放位置", longField, true); err != nil {
		return err
	}
	if place == it.Place {
		return problem.New(problem.Conflict, "存放位置没有变化").In("place")
	}
	if _, err := tx.Exec(`UPDATE carrier SET sealed_place = $2 WHERE id = $1`, it.ID, c.place.SealText(it.ID, place)); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: Placed, By: g.Who().Person, From: it.Holder, To: it.Holder, Note: it.Place + " → " + place})
}

// Return gives the carrier back to the client, with who received it. The act is returnCarrier.
func (c *Cabinet) Return(g *guard.Grant, to string) error {
	return c.end(g, access.ReturnCarrier, Returned, GivenBack, to, "签收人")
}

// WriteOff ends a carrier that cannot be found, with how it was lost. The act is writeOffCarrier.
func (c *Cabinet) WriteOff(g *guard.Grant, why string) error {
	return c.end(g, access.WriteOffCarrier, Lost, WrittenOff, why, "原因")
}

func (c *Cabinet) end(g *guard.Grant, act access.Act, fate Fate, deed Deed, note, label string) error {
	tx, it, err := c.acted(g, act)
	if err != nil {
		return err
	}
	if note, err = words(note, "note", label, longField, true); err != nil {
		return err
	}
	if err := it.passable(); fate == Returned && err != nil {
		return err
	}
	if fate == Returned && it.Lender != "" {
		where, err := matter.Relation(tx, it.Matter, g.Who().Person)
		if err != nil {
			return err
		}
		if !where.Lead { // else who has borrowed it ends it by a word
			return problem.New(problem.Conflict, "这份载体是借来的，请先归还出借人；归还客户由主办律师办理")
		}
	}
	if _, err := tx.Exec(`UPDATE carrier SET state = 'ended', fate = $2, ended = $3, offered_to = '', offered_due = 0, lender = '', due = 0 WHERE id = $1`, it.ID, string(fate), tx.Now.UnixMilli()); err != nil {
		return err
	}
	g.Note("fate", string(fate))
	if fate == Lost {
		if err := c.gone(g, it); err != nil {
			return err
		}
	}
	return c.moved(tx, it.ID, Move{Deed: deed, By: g.Who().Person, From: it.Holder, Note: note})
}

// acted is the carrier of an act.
func (c *Cabinet) acted(g *guard.Grant, act access.Act) (*store.Tx, Carrier, error) {
	tx := g.Tx(act)
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, g.Only(access.Carrier))
	return tx, it, err
}

func (c *Cabinet) moved(tx *store.Tx, carrier string, m Move) error {
	id, due := tx.NewID(), int64(0)
	if !m.Due.IsZero() {
		due = m.Due.UnixMilli()
	}
	_, err := tx.Exec(`INSERT INTO carrier_move (id, carrier, deed, by_person, from_person, to_person, due, sealed_note, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, carrier, string(m.Deed), m.By, m.From, m.To, due, c.note.SealText(id, m.Note), tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	return errors.Join(lent(tx, id, carrier, m), knew(tx, carrier, m))
}
