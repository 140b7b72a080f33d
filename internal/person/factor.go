package person

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// One-time codes by time (RFC 6238): six figures, SHA-1, steps of 30 seconds. The step before and the one after are taken
// too, each step once.
const (
	totpStep   = 30 * time.Second
	totpSecret = 20 // bytes
	totpDigits = 6
	totpIssuer = "密卷"
)

// VerifyCode shows the second factor: six figures of an authenticator, or a recovery code, which is used up by it. A wrong
// one is problem.Unauthenticated and counts towards the lock like a wrong password.
func (g *Gate) VerifyCode(ctx context.Context, token, code string, from From) (Entry, error) {
	s, a, now, err := g.readSession(ctx, token, NeedFactor)
	if err != nil {
		return Entry{}, err
	}
	if err := g.throttle.admit(from.Addr, now); err != nil {
		return Entry{}, err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return Entry{}, err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	var e Entry
	err = g.door.Do(ctx, from.who(a.ID, s.id, false), access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		tx := grant.Tx()
		s, a, err := g.session(tx, token, NeedFactor)
		if err != nil {
			return err
		}
		how, err := g.spend(tx, a, plainCode(code))
		if err != nil {
			return err
		}
		grant.Note("factor", how)
		if _, err := settle(tx, a.login); err != nil {
			return err
		}
		e, err = g.promote(tx, s, a, g.next(a, s.way, true, tx.Now), true)
		return err
	})
	if err == nil {
		return e, nil
	}
	return Entry{}, g.wrong(ctx, err, errCode, a.ID, from, try)
}

// spend takes a code, or answers errCode.
func (g *Gate) spend(tx *store.Tx, a *account, code string) (how string, err error) {
	if len(code) != totpDigits {
		n, err := tx.Exec(`UPDATE recovery_code SET used = $3 WHERE token = $1 AND person = $2 AND used = 0`,
			g.codeToken(a.ID, code), a.ID, tx.Now.UnixMilli())
		if err == nil && n == 0 {
			err = errCode
		}
		return "recovery", err
	}
	if !a.TOTP {
		return "", errCode
	}
	secret, err := g.seal.totp.Open(a.ID, a.totp)
	if err != nil {
		return "", err
	}
	step, ok := totpMatch(secret, code, tx.Now)
	if !ok || step <= a.totpStep {
		return "", errCode
	}
	_, err = tx.Exec(`UPDATE person SET totp_step = $2 WHERE id = $1`, a.ID, step)
	return "totp", err
}

func (r *records) codeToken(person, code string) []byte {
	return r.index.codes.Token(person + "|" + plainCode(code))
}

// totpMatch finds the step whose code it is.
func totpMatch(secret []byte, code string, now time.Time) (step int64, ok bool) {
	text := base32.StdEncoding.EncodeToString(secret)
	at := now.Unix() / int64(totpStep/time.Second)
	for _, s := range [...]int64{at, at - 1, at + 1} {
		want, err := hotp.GenerateCodeCustom(text, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return s, true
		}
	}
	return 0, false
}

// enrol adds a second factor by write, and brings a session at NeedSetUp in. Opening an account for the first time is an act of
// the program on the invitation's strength; everything later is one of the person.
func (g *Gate) enrol(ctx context.Context, token string, begun Stage, a *account, from From, factor string, write func(*store.Tx, *session) error) (Entry, error) {
	ctx, cancel := lasting(ctx)
	defer cancel()
	var e Entry
	var s *session
	add := func(grant *guard.Grant) (err error) {
		e, s, err = g.addFactor(grant, token, begun, factor, write)
		return err
	}
	var err error
	if a.Status == Invited {
		err = g.door.Do(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, access.UseSystem, guard.Firm, add)
	} else {
		err = g.ownAct(ctx, token, from, add)
	}
	if err != nil || s.stage == Live {
		return e, err
	}
	in, err := g.comeIn(ctx, token, from, true)
	in.Codes = e.Codes
	return in, err
}

// addFactor writes a second factor for a session that is still at the stage where it was begun. A session that got in by the
// password alone may add the first one and no other.
func (g *Gate) addFactor(grant *guard.Grant, token string, begun Stage, factor string, write func(*store.Tx, *session) error) (e Entry, s *session, err error) {
	tx := grant.Tx()
	s, a, err := g.session(tx, token, begun)
	if err != nil {
		return e, nil, err
	}
	if s.stage == NeedSetUp && a.Any() {
		return e, nil, errNobody
	}
	if err := write(tx, s); err != nil {
		return e, nil, err
	}
	grant.Note("added", factor)
	if a.Recovery == 0 {
		if e.Codes, err = g.newCodes(tx, a.ID); err != nil {
			return e, nil, err
		}
	}
	if _, err := tx.Exec(`UPDATE session SET revoked = $3 WHERE person = $1 AND id <> $2 AND stage <> $4 AND revoked = 0`, a.ID, s.id,
		tx.Now.UnixMilli(), int64(Live)); err != nil {
		return e, nil, err
	}
	if a.Status == Invited {
		if err := activate(grant, a.ID); err != nil {
			return e, nil, err
		}
	}
	if a, err = g.accountByID(tx, a.ID); err != nil {
		return e, nil, err
	}
	e.Token, e.Stage, e.Expires, e.Person, e.Factors = token, s.stage, instant(s.expires), a.Person, a.Factors
	return e, s, nil
}

// comeIn makes a session live whose last open question is answered.
func (g *Gate) comeIn(ctx context.Context, token string, from From, shown bool) (e Entry, err error) {
	s, a, _, err := g.readSession(ctx, token, NeedSetUp, NeedPassword)
	if err != nil {
		return e, err
	}
	err = g.door.Do(ctx, from.who(a.ID, s.id, false), access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		tx := grant.Tx()
		s, a, err := g.session(tx, token, NeedSetUp, NeedPassword)
		if err != nil {
			return err
		}
		if _, err := settle(tx, a.login); err != nil {
			return err
		}
		e, err = g.promote(tx, s, a, g.next(a, s.way, true, tx.Now), shown || s.strong)
		return err
	})
	return e, err
}

// ownAct passes the door for something that the session's person does to the own account.
func (g *Gate) ownAct(ctx context.Context, token string, from From, f func(*guard.Grant) error) error {
	s, a, _, err := g.readSession(ctx, token, NeedSetUp, NeedPassword, Live)
	if err != nil {
		return err
	}
	return g.door.Do(ctx, from.who(a.ID, s.id, s.strong), access.ManageOwnAccount, guard.Thing{Kind: access.Person, ID: a.ID}, f)
}

// newCodes replaces a person's recovery codes.
func (r *records) newCodes(tx *store.Tx, person string) ([]string, error) {
	if _, err := tx.Exec(`DELETE FROM recovery_code WHERE person = $1`, person); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	var errs []error
	for i := range codes {
		codes[i] = newRecoveryCode()
		_, err := tx.Exec(`INSERT INTO recovery_code (token, person, used) VALUES ($1, $2, 0)`, r.codeToken(person, codes[i]), person)
		errs = append(errs, err)
	}
	return codes, errors.Join(errs...)
}
