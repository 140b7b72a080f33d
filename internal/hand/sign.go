package hand

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/letter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
	"mijuan/internal/store"
)

// Consent is how somebody agrees to sign: in a live session, by what they know and what they hold.
type Consent struct {
	Session string // the session's secret
	person.Confirmation
	From person.From
}

// Signer is who is about to sign, as the document is to name them.
type Signer struct {
	Person      person.Person
	Fingerprint string // of the certificate
	At          time.Time
}

// Paper is what is to be signed.
type Paper struct {
	Letter letter.Letter
	Reason string // as readers of PDFs show it
}

// Sheet is a document that was signed and is not kept yet.
type Sheet struct {
	PDF         []byte
	SHA256      string // of PDF, hexadecimal
	Fingerprint string
	At          time.Time
	Stamped     time.Time // zero: without a time stamp

	person string
	was    key    // as it was opened, or before it was made
	fresh  []byte // the new key, sealed; nil when the one that was there signed
	cert   []byte // of a fresh key
}

// china is the zone in which documents tell the time.
var china = time.FixedZone("UTC+8", 8*60*60)

// Sign has the caller confirm, opens their key (or makes a new one when there is none that this password opens, or when it bears
// another name), and sets, signs and stamps what compose gives. It writes nothing but the confirmation: see Keep. A wrong password
// or code is problem.Unauthenticated and counts towards the lock; a stamping authority that is away is problem.Unavailable.
func (d *Desk) Sign(ctx context.Context, who guard.Who, c Consent, compose func(Signer) (Paper, error)) (*Sheet, error) {
	p, at, err := d.people.Confirm(ctx, c.Session, c.Confirmation, c.From)
	if err != nil {
		return nil, err
	}
	if p.ID != who.Person {
		return nil, problem.New(problem.Unauthenticated, "请先登录")
	}
	a, err := d.found(ctx)
	if err != nil {
		return nil, err
	}
	s := &Sheet{person: p.ID, At: at.In(china).Truncate(time.Second)}
	if err := d.db.Read(ctx, func(tx *store.Tx) (err error) { s.was, err = readKey(tx, p.ID); return err }); err != nil {
		return nil, err
	}
	var signer *signature.Signer
	if err := d.turn(ctx, func() (err error) { signer, err = s.open(a, p, secret(c.Password)); return err }); err != nil {
		return nil, err
	}
	defer signer.Destroy()
	s.Fingerprint = signature.Fingerprint(signer.Certificate())
	paper, err := compose(Signer{Person: p, Fingerprint: s.Fingerprint, At: s.At})
	if err != nil {
		return nil, err
	}
	return s, d.set(ctx, s, signer, paper)
}

// open unlocks the key, or makes a new one.
func (s *Sheet) open(a *signature.Authority, p person.Person, password []byte) (*signature.Signer, error) {
	if s.was.sealed != nil {
		signer, err := a.Unlock(p.ID, s.was.sealed, password)
		switch {
		case err == nil && fits(signer.Certificate(), p.Name, s.At):
			return signer, nil
		case err == nil:
			signer.Destroy()
		case !errors.Is(err, signature.ErrWrongPassword):
			return nil, err
		}
	}
	var err error
	if s.fresh, s.cert, err = a.Issue(signature.Person{ID: p.ID, Name: p.Name}, password, s.At); err != nil {
		return nil, err
	}
	return a.Unlock(p.ID, s.fresh, password)
}

// fits reports whether a certificate names the person as they are called now, and is valid.
func fits(cert *x509.Certificate, name string, at time.Time) bool {
	return cert.Subject.CommonName == name && at.Before(cert.NotAfter) && !at.Before(cert.NotBefore)
}

// set sets the paper, signs it and reads what was signed.
func (d *Desk) set(ctx context.Context, s *Sheet, signer *signature.Signer, paper Paper) error {
	plain, err := paper.Letter.PDF()
	if err != nil {
		return err
	}
	if s.PDF, err = signature.Sign(ctx, plain, signer, signature.Options{Reason: paper.Reason, Time: s.At, TSA: d.tsa}); err != nil {
		return err
	}
	report, err := signature.Verify(s.PDF)
	if err != nil {
		return err
	}
	if stamp := report.Signatures[0].Stamp; stamp != nil {
		s.Stamped = stamp.Time
	}
	sum := sha256.Sum256(s.PDF)
	s.SHA256 = hex.EncodeToString(sum[:])
	return nil
}

// latest is how long after its time a signed document may still be kept.
const latest = 5 * time.Minute

// Keep writes a signed document and what it needs to be verified, for an act of the person who signed. The act's steps name the
// document by its SHA-256, and a new certificate by its fingerprint. When the key changed meanwhile it is problem.Conflict.
func (d *Desk) Keep(g *guard.Grant, s *Sheet) error {
	tx := g.Tx()
	if g.Who().Person != s.person {
		panic("hand: a document is kept for whom it was not signed by")
	}
	now, err := readKey(tx, s.person)
	if err != nil {
		return err
	}
	if !bytes.Equal(now.sealed, s.was.sealed) {
		return errChanged
	}
	if tx.Now.Sub(s.At) > latest {
		return problem.New(problem.Conflict, "签署用的时间太长，请再签一次")
	}
	if s.fresh != nil {
		if err := keepKey(g, s); err != nil {
			return err
		}
	}
	n, err := tx.Exec(`INSERT INTO signed_document (sha256, sealed_pdf, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, s.SHA256, d.pdf.Seal(s.SHA256, s.PDF), tx.Now.UnixMilli())
	if err == nil && n == 0 { // the same words signed by the same hand in the same second: a form that was sent twice
		err = problem.New(problem.Conflict, "这份文件刚刚已经签署，请刷新后查看")
	}
	if err != nil {
		return err
	}
	notes := map[string]any{"certificate": s.Fingerprint, "signed": s.At}
	if !s.Stamped.IsZero() {
		notes["stamped"] = s.Stamped
	}
	g.Step(g.Act(), guard.Thing{Kind: Document, ID: s.SHA256}, "", notes)
	return nil
}

// keepKey puts a new key in the place of the one before, whose certificate stays.
func keepKey(g *guard.Grant, s *Sheet) error {
	tx := g.Tx()
	at := tx.Now.UnixMilli()
	if _, err := tx.Exec(`INSERT INTO certificate (fingerprint, person, der, issued) VALUES ($1, $2, $3, $4)`, s.Fingerprint, s.person, s.cert, at); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO signing_key (person, sealed_key, fingerprint, made) VALUES ($1, $2, $3, $4)
		ON CONFLICT (person) DO UPDATE SET sealed_key = excluded.sealed_key, fingerprint = excluded.fingerprint, made = excluded.made`, s.person, s.fresh, s.Fingerprint, at)
	g.Step(g.Act(), guard.Thing{Kind: Certificate, ID: s.Fingerprint}, "", map[string]any{"of": s.person, "replaces": s.was.sealed != nil})
	return err
}

// Read gives a kept document. Who may have it is for the act to say whose Grant it is.
func (d *Desk) Read(g *guard.Grant, sha256 string) ([]byte, error) {
	return d.Unseal(g.Tx(), sha256)
}

// Kept names every signed document, the oldest first. It asks no rules: it is for whoever holds the root key (see house.Recover).
func (d *Desk) Kept(tx *store.Tx) ([]string, error) {
	return store.List(tx, func(row store.Row) (sha256 string, err error) { err = row.Scan(&sha256); return sha256, err }, `SELECT sha256 FROM signed_document ORDER BY at, sha256`)
}

// Unseal gives a kept document as Kept names it, and to the same.
func (d *Desk) Unseal(tx *store.Tx, sha256 string) ([]byte, error) {
	sealed, err := store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err },
		`SELECT sealed_pdf FROM signed_document WHERE sha256 = $1`, sha256)
	if err != nil {
		return nil, err
	}
	return d.pdf.Open(sha256, sealed)
}
