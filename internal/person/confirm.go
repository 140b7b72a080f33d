package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Confirmation is what somebody who is in shows once more before an act that binds them: the password, and a code of the
// authenticator (or a recovery code) where they have one set up.
type Confirmation struct{ Password, Code string }

var errConfirm = problem.New(problem.Unauthenticated, "密码不对").In("password")

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
func (g *Gate) Confirm(ctx context.Context, token string, c Confirmation, from From) (Person, time.Time, error) {
	_, a, _, err := g.readSession(ctx, token, Live)
	if err != nil {
		return Person{}, time.Time{}, err
	}
	phc, err := g.phc(a)
	if err != nil {
		return Person{}, time.Time{}, err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return Person{}, time.Time{}, err
	}
	right, _, err := g.hash.check(ctx, phc, c.Password)
	if err != nil {
		return Person{}, time.Time{}, errors.Join(err, g.giveBack(ctx, try))
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	var p Person
	var at time.Time
	err = g.ownAct(ctx, token, from, func(grant *guard.Grant) error {
		if !right {
			return errConfirm
		}
		at = grant.Tx().Now
		p, err = g.confirmed(grant, token, a, c.Code)
		return err
	})
	switch {
	case err == nil:
		return p, at, nil
	case errors.Is(err, errCode):
		return Person{}, at, g.wrong(ctx, err, errCode, a.ID, from, try)
	case right:
		return Person{}, at, err
	}
	return Person{}, at, g.wrong(ctx, err, errConfirm, a.ID, from, try)
}

// confirmed ends a confirmation whose password was right. The account may have changed while the password was hashed.
func (g *Gate) confirmed(grant *guard.Grant, token string, a *account, code string) (Person, error) {
	tx := grant.Tx()
	_, now, err := g.session(tx, token, Live)
	if err != nil {
		return Person{}, err
	}
	if string(now.password) != string(a.password) {
		return Person{}, errConfirm
	}
	grant.Note("confirmed", "password")
	if now.TOTP {
		how, err := g.spend(tx, now, plainCode(code))
		if err != nil {
			return Person{}, err
		}
		grant.Note("factor", how)
	}
	return now.Person, giveBack(tx, now.login)
}
