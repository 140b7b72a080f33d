// Package hand is the hand that people sign documents of record with (签署; law: Electronic Signature Law, art. 13). It keeps the
// firm's authority, everybody's signing key (made at the first signing, opened by the person's own password and sealed again when
// that changes) and the signed PDFs. Confirming who signs, making keys, setting, signing and stamping happen outside every
// transaction; what came of it is written by the act that needs it, under that act's Grant, when nothing has changed meanwhile.
package hand

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/text/unicode/norm"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/signature"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// The kinds under which the ledger tells of what is no thing of the rules: a document by the SHA-256 of its PDF, a certificate by
// its fingerprint, both in lower-case hexadecimal digits. `mijuan verify` looks for them.
const (
	Document    access.Kind = "Document"
	Certificate access.Kind = "Certificate"
)

// Desk is where people sign. It is safe for concurrent use.
type Desk struct {
	db        *store.DB
	door      *guard.Door
	keys      *vault.Keyring
	people    *person.Roster
	firm      func(context.Context) (string, error)
	tsa       *signature.TSA
	pdf       *vault.Field
	slots     chan struct{} // stretching a password takes 64 MiB
	authority atomic.Pointer[signature.Authority]
}

// New makes the desk. firm gives the firm's name; tsa is the address of a time-stamping authority (RFC 3161), "" for none. Passwords
// that change have their keys sealed again.
func New(db *store.DB, door *guard.Door, keys *vault.Keyring, people *person.Roster, firm func(context.Context) (string, error), tsa string) *Desk {
	d := &Desk{db: db, door: door, keys: keys, people: people, firm: firm, pdf: keys.Field("signed_document.pdf"),
		slots: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
	if tsa != "" {
		d.tsa = &signature.TSA{URL: tsa}
	}
	people.OnNewPassword(d.relock)
	return d
}

// Authority is the certificate of the firm's own authority, which outsiders import to trust what was signed here. It is made when
// it is first needed.
func (d *Desk) Authority(ctx context.Context) (*x509.Certificate, error) {
	a, err := d.found(ctx)
	if err != nil {
		return nil, err
	}
	return a.Certificate(), nil
}

// found opens the firm's authority, making it if there is none. Of two processes that make it at once, one is kept.
func (d *Desk) found(ctx context.Context) (*signature.Authority, error) {
	if a := d.authority.Load(); a != nil {
		return a, nil
	}
	sealed, der, now, err := d.readAuthority(ctx)
	if err != nil {
		return nil, err
	}
	if sealed == nil {
		if err := d.makeAuthority(ctx, now); err != nil {
			return nil, err
		}
		if sealed, der, _, err = d.readAuthority(ctx); err != nil {
			return nil, err
		}
	}
	a, err := signature.OpenAuthority(d.keys, sealed, der, signature.Cost(d.people.Cost()))
	if err != nil {
		return nil, err
	}
	d.authority.Store(a)
	return a, nil
}

func (d *Desk) readAuthority(ctx context.Context) (sealed, der []byte, now time.Time, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		now = tx.Now
		_, err := store.Get(tx, func(row store.Row) (struct{}, error) { return struct{}{}, row.Scan(&sealed, &der) },
			`SELECT sealed_key, certificate FROM signing_authority WHERE id = 1`)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		return err
	})
	return sealed, der, now, err
}

func (d *Desk) makeAuthority(ctx context.Context, now time.Time) error {
	name, err := d.firm(ctx)
	if err != nil {
		return err
	}
	if name == "" {
		return problem.New(problem.Unavailable, "本所名称还没有设置，不能签发签名证书；请系统管理员在启动时用 --firm 写明名称")
	}
	sealed, der, err := signature.Found(d.keys, name, now)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("read the authority's certificate: %w", err)
	}
	return d.door.Do(ctx, guard.Who{Via: guard.Job}, access.ManageSystem, guard.Firm, func(g *guard.Grant) error {
		n, err := g.Tx().Exec(`INSERT INTO signing_authority (id, sealed_key, certificate, made) VALUES (1, $1, $2, $3) ON CONFLICT DO NOTHING`, sealed, der, g.Tx().Now.UnixMilli())
		if err == nil && n == 1 {
			g.Note("made", "signing authority")
			g.Step(access.ManageSystem, guard.Thing{Kind: Certificate, ID: signature.Fingerprint(cert)}, "", map[string]any{"of": "authority"})
		}
		return err
	})
}

// turn does what takes much memory when there is room for it.
func (d *Desk) turn(ctx context.Context, f func() error) error {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
		return f()
	case <-ctx.Done():
		return problem.New(problem.Unavailable, "签署的人太多，请稍后再试").Because(ctx.Err())
	}
}

// secret is a password as keys are sealed under it: in the form in which log-ins compare it, however it was typed.
func secret(password string) []byte { return norm.NFKC.Bytes([]byte(password)) }

// key is a person's signing key as it is kept; the zero value is none.
type key struct{ sealed []byte }

func readKey(tx *store.Tx, person string) (k key, err error) {
	k.sealed, err = store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err },
		`SELECT sealed_key FROM signing_key WHERE person = $1`, person)
	if errors.Is(err, store.ErrNone) {
		return key{}, nil
	}
	return k, err
}

// relock seals a person's key under the new password and gives what writes it. A key that the old password does not open is left:
// the next signing makes a new one.
func (d *Desk) relock(ctx context.Context, person, old, changed string) (func(*store.Tx) error, error) {
	var k key
	err := d.db.Read(ctx, func(tx *store.Tx) (err error) { k, err = readKey(tx, person); return err })
	if err != nil || k.sealed == nil {
		return nil, err
	}
	a, err := d.found(ctx)
	if err != nil {
		return nil, err
	}
	var sealed []byte
	err = d.turn(ctx, func() error {
		sealed, err = a.Reseal(person, k.sealed, secret(old), secret(changed))
		return err
	})
	if errors.Is(err, signature.ErrWrongPassword) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return func(tx *store.Tx) error {
		now, err := readKey(tx, person)
		if err == nil && !bytes.Equal(now.sealed, k.sealed) {
			err = errChanged
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE signing_key SET sealed_key = $2 WHERE person = $1`, person, sealed)
		return err
	}, nil
}

var errChanged = problem.New(problem.Conflict, "签名密钥刚刚变动，请再试一次")
