package carrier

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/letter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Intake is what was delivered to the firm at once (收文签收): the copies of one title that were registered together, received by who
// registered them.
type Intake struct {
	First  Carrier // Registered, Number, Title, Level, Form, Pages, From and RegisteredBy tell the rest
	Copies int
	Signed time.Time // zero: not signed for yet
	Signer string    // who delivered it; this and Absent are empty also for who keeps the carriers without knowing the matter
	Absent string    // why who delivered it did not sign at the desk

	receiver string
}

// For reports whether somebody has the delivery signed for: who registered it, or who holds it by now, as the first may have left the firm.
func (in Intake) For(person string) bool {
	return person != "" && (in.First.RegisteredBy == person || in.First.Holder == person && in.First.State != access.Ended)
}

// Receiver is who received it: who had it signed for, or who registered it.
func (in Intake) Receiver() string { return cmp.Or(in.receiver, in.First.RegisteredBy) }

// Unsigned counts the deliveries that the caller registered or holds and that nobody has signed for. The act is useSystem.
func (c *Cabinet) Unsigned(g *guard.Grant) (int, error) {
	return store.Get(g.Tx(access.UseSystem), func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM carrier c WHERE c.copy = 1 AND c.origin <> 'made' AND (c.registered_by = $1 OR c.holder = $1 AND c.state <> 'ended')
			AND NOT EXISTS (SELECT 1 FROM intake i WHERE i.batch = c.batch) AND c.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0)`, g.Who().Person)
}

// Signing is how a delivery is signed for: who delivered it drew their name on the receiver's screen after both checked the things, or
// could not, as a courier does not wait.
type Signing struct {
	Signer  string // name
	Ink     []byte // PNG, see letter.Ink
	Absent  string // why there is no drawing
	Checked bool   // the receiver confirms: number, title and quantity are as registered
}

// SignIntake has a batch signed for, once, before who is to have it signed (Intake.For). The act is registerCarrier on the matter.
func (c *Cabinet) SignIntake(g *guard.Grant, batch string, s Signing) error {
	tx, in, me := g.Tx(access.RegisterCarrier), g.Only(access.Matter), g.Who().Person
	it, err := c.Intake(g, batch)
	if err != nil {
		return err
	}
	signer, err := words(s.Signer, "signer", "交件人", longField, true)
	absent, aerr := words(s.Absent, "absent", "没有当面签名的原因", longField, false)
	switch {
	case !it.For(me):
		return problem.New(problem.Refused, "由登记这一批的人当面办理签收；登记人不在时由现在的保管人办理")
	case !it.Signed.IsZero():
		return problem.New(problem.Conflict, "这一批已经签收，不能再签")
	case err != nil:
		return err
	case aerr != nil:
		return aerr
	case len(s.Ink) == 0 && absent == "":
		return problem.New(problem.Invalid, "请交件人在框内签名；快递、专递送达的写明原因").In("drawing")
	case len(s.Ink) > 0 && absent != "":
		return problem.New(problem.Invalid, "已经当面签名的，不用写原因").In("absent")
	case !s.Checked:
		return problem.New(problem.Invalid, "请先与交件人当面逐份核对，再勾选").In("checked")
	}
	if err := letter.Ink(s.Ink); err != nil {
		return err
	}
	g.Note("batch", batch)
	g.Note("drawn", len(s.Ink) > 0)
	g.Note("signed for", it.First.Number)
	digest, err := c.intakeDigest(tx, batch, signer, absent, s.Ink)
	if err != nil {
		return err
	}
	g.Note("digest", digest)
	_, err = tx.Exec(`INSERT INTO intake (batch, matter, signed, received_by, sealed_signer, sealed_ink, sealed_absent) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		batch, in, tx.Now.UnixMilli(), me, c.signer.SealText(batch, signer), c.ink.Seal(batch, s.Ink), c.absent.SealText(batch, absent))
	return err
}

// intakeDigest is the SHA-256, in hexadecimal, over what was signed and by what: who signed, the drawing or why there is none, and each copy's number,
// level, quantity, title and, where there is one, the sender's number, each behind its length. It stands in the ledger, so that neither can be exchanged unnoticed.
func (c *Cabinet) intakeDigest(tx *store.Tx, batch, signer, absent string, ink []byte) (string, error) {
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE batch = $1 ORDER BY copy`, batch)
	h := sha256.New()
	add := func(s string) { fmt.Fprintf(h, "%d:%s,", len(s), s) }
	add(signer)
	add(absent)
	add(string(ink))
	for _, it := range all {
		add(it.Number)
		add(it.Level.String())
		add(strconv.Itoa(it.Pages))
		add(it.Title)
		if it.Reference != "" {
			add(it.Reference)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), err
}

// Intake is one delivery, of the matter that the act is done to, as who knows it; to others it is absent. What the firm made itself is none.
func (c *Cabinet) Intake(g *guard.Grant, batch string) (Intake, error) {
	tx := g.Tx(access.RegisterCarrier, access.ViewMatter, access.ExportRegister)
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE batch = $1 AND copy = 1 AND matter = $2`, batch, g.Only(access.Matter))
	if errors.Is(err, store.ErrNone) || err == nil && (it.Origin == Made || !it.knows(g.Facts().Where, "")) {
		return Intake{}, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if err != nil {
		return Intake{}, err
	}
	return c.signed(tx, it)
}

// Ink is what who delivered a batch drew; nil is nothing yet. Who may have it is for the act to say whose Grant it is.
func (c *Cabinet) Ink(g *guard.Grant, batch string) ([]byte, error) {
	sealed, err := store.Get(g.Tx(), func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }, `SELECT sealed_ink FROM intake WHERE batch = $1`, batch)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return c.ink.Open(batch, sealed)
}

// IntakePage is one page of the register of deliveries and whether more follow.
type IntakePage struct {
	Intakes []Intake
	More    bool
}

// Intakes is the register of deliveries 收文签收 as the caller may know it, the newest first: as List, one row for each batch. A number in
// the filter is that of any of its copies. The act is useSystem, or exportRegister to take it along.
func (c *Cabinet) Intakes(g *guard.Grant, f Filter) (IntakePage, error) {
	f.Delivered = true
	page, err := c.List(g, f)
	out := IntakePage{More: page.More}
	for _, it := range page.Carriers {
		in, serr := c.signed(g.Tx(), it)
		if serr != nil {
			return out, serr
		}
		out.Intakes = append(out.Intakes, in)
	}
	return out, err
}

// signed reads what is told of a batch beside its first copy.
func (c *Cabinet) signed(tx *store.Tx, it Carrier) (Intake, error) {
	in := Intake{First: it}
	var signer, absent []byte
	_, err := store.Get(tx, func(row store.Row) (struct{}, error) {
		var signed int64
		err := row.Scan(&in.Copies, &signed, &in.receiver, &signer, &absent)
		in.Signed = instant(signed)
		return struct{}{}, err
	}, `SELECT (SELECT COUNT(*) FROM carrier c WHERE c.batch = $1), COALESCE(i.signed, 0), COALESCE(i.received_by, ''), i.sealed_signer, i.sealed_absent FROM (SELECT 1 AS one) AS o LEFT JOIN intake i ON i.batch = $1`, it.Batch)
	if err != nil || !it.Known || signer == nil {
		return in, err
	}
	if in.Signer, err = c.signer.OpenText(it.Batch, signer); err == nil {
		in.Absent, err = c.absent.OpenText(it.Batch, absent)
	}
	return in, err
}
