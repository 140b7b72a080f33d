package person

import (
	"context"
	"encoding/base32"
	"encoding/binary"
	"net/url"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Authenticator is what an authenticator app needs to know.
type Authenticator struct {
	Secret string // base32, to type
	URL    string // otpauth://…, to draw as a QR code
}

// BeginTOTP makes the secret of an authenticator app. It counts for nothing until ConfirmTOTP. A session at NeedSetUp has just
// shown the password; a live one shows it again (see Confirm), and has ten minutes from then.
func (g *Gate) BeginTOTP(ctx context.Context, token, password string, from From) (Authenticator, error) {
	secret := randomBytes(totpSecret)
	a, err := g.beginFactor(ctx, token, password, from, func(tx *store.Tx, s *session, _ *account) error {
		until := s.expires
		if s.stage == Live {
			until = min(until, tx.Now.Add(factorFor).UnixMilli())
		}
		_, err := tx.Exec(`UPDATE session SET sealed_pending = $2 WHERE id = $1`, s.id, g.seal.pending.Seal(s.id, append(binary.BigEndian.AppendUint64(nil, uint64(until)), secret...)))
		return err
	})
	if err != nil {
		return Authenticator{}, err
	}
	return authenticator(a, secret), nil
}

// beginFactor passes a session on that may begin to set up a second factor: one at NeedSetUp, or a live one whose person shows the
// password again.
func (g *Gate) beginFactor(ctx context.Context, token, password string, from From, begin func(*store.Tx, *session, *account) error) (*account, error) {
	s, a, _, err := g.readSession(ctx, token, NeedSetUp, Live)
	if err != nil {
		return nil, err
	}
	if s.stage == Live {
		return a, g.again(ctx, token, password, from, func(grant *guard.Grant, s *session, a *account) error { return begin(grant.Tx(), s, a) })
	}
	return a, g.db.Update(ctx, func(tx *store.Tx) error {
		s, a, err := g.session(tx, token, NeedSetUp)
		if err != nil {
			return err
		}
		return begin(tx, s, a)
	})
}

func authenticator(a *account, secret []byte) Authenticator {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	address := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + totpIssuer + ":" + a.Login,
		RawQuery: url.Values{"secret": {text}, "issuer": {totpIssuer}}.Encode()}
	return Authenticator{Secret: text, URL: address.String()}
}

// pendingSecret is what BeginTOTP made for the session; errCode when there is nothing to confirm any more.
func (g *Gate) pendingSecret(s *session, now time.Time) ([]byte, error) {
	if len(s.pending) == 0 {
		return nil, errCode
	}
	raw, err := g.seal.pending.Open(s.id, s.pending)
	if err != nil {
		return nil, err
	}
	if len(raw) != 8+totpSecret || now.UnixMilli() >= int64(binary.BigEndian.Uint64(raw)) {
		return nil, errCode
	}
	return raw[8:], nil
}

// PendingTOTP shows again what BeginTOTP made, as long as it can be confirmed; after that problem.Unauthenticated.
func (g *Gate) PendingTOTP(ctx context.Context, token string) (Authenticator, error) {
	s, a, now, err := g.readSession(ctx, token, NeedSetUp, Live)
	if err != nil {
		return Authenticator{}, err
	}
	secret, err := g.pendingSecret(s, now)
	if err != nil {
		return Authenticator{}, err
	}
	return authenticator(a, secret), nil
}

// ConfirmTOTP sets up the authenticator app that shows the code; one that was set up before is replaced. A session at
// NeedSetUp goes on.
func (g *Gate) ConfirmTOTP(ctx context.Context, token, code string, from From) (Entry, error) {
	s, a, now, err := g.readSession(ctx, token, NeedSetUp, Live)
	if err != nil {
		return Entry{}, err
	}
	secret, err := g.pendingSecret(s, now)
	if err != nil {
		return Entry{}, err
	}
	step, ok := totpMatch(secret, plainCode(code), now)
	if !ok {
		return Entry{}, errCode
	}
	return g.enrol(ctx, token, s.stage, a, from, "totp", func(tx *store.Tx, s *session) error {
		n, err := tx.Exec(`UPDATE session SET sealed_pending = NULL WHERE id = $1 AND sealed_pending IS NOT NULL`, s.id)
		if err == nil && n == 0 {
			err = errCode // shown twice at once
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE person SET sealed_totp = $2, totp_step = $3 WHERE id = $1`, a.ID, g.seal.totp.Seal(a.ID, secret), step)
		return err
	})
}
