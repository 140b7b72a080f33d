package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Confirmation is what somebody who is in shows once more before an act that binds them: the password and, where they have one set
// up, a second factor: a code of the authenticator, a recovery code, or a passkey by its answer to BeginPasskeyFactor.
type Confirmation struct {
	Password, Code string
	Ceremony       string // empty: no passkey
	Answer         []byte
}

var (
	errConfirm = problem.New(problem.Unauthenticated, "密码不对").In("password")
	errSigning = problem.New(problem.Unauthenticated, "签名口令不对：这里要的是您的签名口令，不是域账号的密码").In("password")
)

// Relock seals again what a password locks besides the account. It is called with the old password and the new one before the
// change is written, outside every transaction, and gives what is to be written with the change; nil for nothing.
type Relock func(ctx context.Context, person, old, changed string) (func(*store.Tx) error, error)

// OnNewPassword sets what is called when somebody changes a password. Call it while wiring.
func (r *Roster) OnNewPassword(f Relock) { r.relock = f }

// relocked prepares what a change of password seals again.
func (r *records) relocked(ctx context.Context, person, old, changed string) (func(*store.Tx) error, error) {
	if r.relock != nil {
		if write, err := r.relock(ctx, person, old, changed); write != nil || err != nil {
			return write, err
		}
	}
	return func(*store.Tx) error { return nil }, nil
}

// Confirm has the person of a live session show password and second factor once more, and gives the person with the time. A wrong
// one is problem.Unauthenticated, on record, and counts towards the lock. A code is used up.
func (g *Gate) Confirm(ctx context.Context, token string, c Confirmation, from From) (p Person, at time.Time, err error) {
	key, err := g.confirmingKey(ctx, token, c)
	if err != nil {
		return Person{}, time.Time{}, err
	}
	err = g.again(ctx, token, c.Password, from, func(grant *guard.Grant, _ *session, a *account) error {
		p, at = a.Person, grant.Tx().Now
		if !a.Any() {
			return nil
		}
		if key != nil {
			return g.accept(grant, key.holder, key.shown, key.cause)
		}
		how, err := g.spend(grant.Tx(), a, plainCode(c.Code))
		if err == nil {
			grant.Note("factor", how)
		}
		return err
	})
	if err != nil {
		return Person{}, time.Time{}, err
	}
	return p, at, nil
}

// confirmingKey verifies the passkey of a confirmation; nil when it has none.
func (g *Gate) confirmingKey(ctx context.Context, token string, c Confirmation) (*shownKey, error) {
	if c.Ceremony == "" {
		return nil, nil
	}
	s, a, _, err := g.readSession(ctx, token, Live)
	if err != nil {
		return nil, err
	}
	return g.shownKey(ctx, s, a, c.Ceremony, c.Answer)
}

// again has the person of a live session show the password once more, and does f for them on the own account. Without it a
// browser left open would be enough to change who gets in from then on. A wrong password is problem.Unauthenticated, on record,
// and counts towards the lock; so does f's errCode.
func (g *Gate) again(ctx context.Context, token, password string, from From, f func(*guard.Grant, *session, *account) error) error {
	_, a, _, err := g.readSession(ctx, token, Live)
	if err != nil {
		return err
	}
	told := errConfirm
	if a.Directory {
		told = errSigning
	}
	phc, err := g.phc(a)
	if err != nil {
		return err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return err
	}
	right, _, err := g.hash.check(ctx, phc, password)
	if err != nil {
		return errors.Join(err, g.giveBack(ctx, try))
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	err = g.ownAct(ctx, token, from, func(grant *guard.Grant) error {
		if !right {
			return told
		}
		return g.confirmed(grant, token, a, told, f)
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCode):
		return g.wrong(ctx, err, errCode, a.ID, from, try)
	case right && !errors.Is(err, told):
		return errors.Join(err, g.giveBack(ctx, try))
	}
	return g.wrong(ctx, err, told, a.ID, from, try)
}

// confirmed does f after a right password. The account may have changed while the password was hashed.
func (g *Gate) confirmed(grant *guard.Grant, token string, a *account, told error, f func(*guard.Grant, *session, *account) error) error {
	s, now, err := g.session(grant.Tx(), token, Live)
	if err != nil {
		return err
	}
	if string(now.password) != string(a.password) {
		return told
	}
	grant.Note("confirmed", "password")
	if err := f(grant, s, now); err != nil {
		return err
	}
	return giveBack(grant.Tx(), now.login)
}
