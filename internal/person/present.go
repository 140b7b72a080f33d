package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

var errPresent = problem.New(problem.Unauthenticated, "登录名、密码或验证码不对")

// Present has somebody who stands at another's device show who they are, by login, password and, where they have one set up, a code of
// the authenticator or a recovery code. It opens no session: what the person then does is done at once. A wrong one is
// problem.Unauthenticated, on record, and counts towards the lock; a code is used up.
func (g *Gate) Present(ctx context.Context, login, password, code string, from From) (p Person, who guard.Who, at time.Time, err error) {
	a, phc, err := g.look(ctx, normal(login), from)
	if err != nil {
		return p, who, at, err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return p, who, at, err
	}
	right, _, err := g.hash.check(ctx, phc, password)
	if err != nil {
		return p, who, at, errors.Join(err, g.giveBack(ctx, try))
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	if a.ID == "" {
		if err := g.stranger(ctx, login, from, try); !problem.Is(err, problem.Unauthenticated) {
			return p, who, at, err
		}
		return p, who, at, errPresent
	}
	err = g.door.Do(ctx, from.who(a.ID, "", false), access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		tx := grant.Tx()
		now, err := g.accountByID(tx, a.ID)
		if err != nil {
			return err
		}
		if !right || string(now.password) != string(a.password) {
			return errPresent
		}
		grant.Note("present", "password")
		strong := !g.set.SecondFactor && !now.Any()
		if now.Any() {
			how, err := g.spend(tx, now, plainCode(code))
			if errors.Is(err, errCode) {
				return errPresent
			}
			if err != nil {
				return err
			}
			grant.Note("factor", how)
			strong = true
		}
		p, who, at = now.Person, from.who(a.ID, "", strong), tx.Now
		return giveBack(tx, a.login)
	})
	if err != nil {
		return Person{}, guard.Who{}, time.Time{}, g.wrong(ctx, err, errPresent, a.ID, from, try)
	}
	return p, who, at, nil
}
