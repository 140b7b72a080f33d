package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Accounts are what people do with their own: sessions, factors, tokens. The acts take a Grant for manageOwnAccount on the
// person; a few, where said, also one for appoint, so that the security administrator can end what somebody else holds.
type Accounts struct {
	*records
	gate *Gate
}

// Passkey is a passkey as its owner sees it.
type Passkey struct {
	ID      string
	Label   string
	Created time.Time
	Used    time.Time // zero: never
}

// Own is a person's account as its owner sees it.
type Own struct {
	Person   Person
	Factors  Factors
	Required bool // a second factor is: the last cannot be removed
	Passkeys []Passkey
	Sessions []Session // live, newest first
	Tokens   []Token   // not revoked, newest first
	Changed  time.Time // when the password was set
	Due      time.Time // when the next is
	Linked   *Linked   // with the firm's OpenID provider; nil: not
}

// Own shows the account that the grant is for.
func (c *Accounts) Own(g *guard.Grant) (own Own, err error) {
	tx, id := g.Tx(access.ManageOwnAccount), g.Only(access.Person)
	a, err := c.accountByID(tx, id)
	if err != nil {
		return own, err
	}
	own = Own{Person: a.Person, Factors: a.Factors, Required: c.set.SecondFactor, Changed: instant(a.passwordSet)}
	own.Due = own.Changed.Add(c.set.Password.MaxAge)
	if own.Passkeys, err = c.listPasskeys(tx, id); err != nil {
		return own, err
	}
	if own.Sessions, err = c.sessions(tx, id); err != nil {
		return own, err
	}
	if own.Linked, err = c.linked(tx, id); err != nil {
		return own, err
	}
	own.Tokens, err = c.tokens(tx, id)
	return own, err
}

func (r *records) listPasskeys(tx *store.Tx, person string) ([]Passkey, error) {
	return store.List(tx, func(row store.Row) (k Passkey, err error) {
		var label []byte
		var created, used int64
		if err := row.Scan(&k.ID, &label, &created, &used); err != nil {
			return k, err
		}
		k.Created, k.Used = instant(created), instant(used)
		k.Label, err = r.seal.label.OpenText(k.ID, label)
		return k, err
	}, `SELECT id, sealed_label, created, used FROM passkey WHERE person = $1 ORDER BY created, id`, person)
}

// liveSessions is the condition of a session's being live, with the person, now and the idle limit as its arguments.
const liveSessions = `person = $1 AND revoked = 0 AND stage = 4 AND expires > $2 AND seen > $3`

func (r *records) sessions(tx *store.Tx, person string) ([]Session, error) {
	return store.List(tx, func(row store.Row) (s Session, err error) {
		var addr, agent []byte
		var created, seen, expires int64
		if err := row.Scan(&s.ID, &s.Strong, &created, &seen, &expires, &addr, &agent); err != nil {
			return s, err
		}
		s.Created, s.Seen, s.Expires = instant(created), instant(seen), instant(expires)
		var errs [2]error
		s.Addr, errs[0] = r.seal.addr.OpenText(s.ID, addr)
		s.Agent, errs[1] = r.seal.agent.OpenText(s.ID, agent)
		return s, errors.Join(errs[:]...)
	}, `SELECT id, strong, created, seen, expires, sealed_addr, sealed_agent FROM session WHERE `+liveSessions+` ORDER BY created DESC, id DESC`,
		person, tx.Now.UnixMilli(), tx.Now.Add(-r.set.Idle).UnixMilli())
}

// RevokeSession ends one session of the person that the grant is for (manageOwnAccount or appoint).
func (c *Accounts) RevokeSession(g *guard.Grant, id string) error {
	tx, person := g.Tx(access.ManageOwnAccount, access.Appoint), g.Only(access.Person)
	g.Note("session", id)
	n, err := tx.Exec(`UPDATE session SET revoked = $3 WHERE id = $1 AND person = $2 AND revoked = 0`, id, person, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这次登录已经结束，或者不存在")
	}
	return err
}

// RevokeSessions ends all sessions of the person that the grant is for, but the one it was given in (manageOwnAccount or
// appoint), and gives how many.
func (c *Accounts) RevokeSessions(g *guard.Grant) (int64, error) {
	tx, person := g.Tx(access.ManageOwnAccount, access.Appoint), g.Only(access.Person)
	n, err := endSessions(tx, person, g.Who().Session)
	g.Note("sessions", n)
	return n, err
}

// NewRecoveryCodes replaces the recovery codes, which are shown this once, for the person of a live session who shows the
// password again (see Confirm).
func (c *Accounts) NewRecoveryCodes(ctx context.Context, token, password string, from From) (codes []string, err error) {
	err = c.gate.again(ctx, token, password, from, func(g *guard.Grant, _ *session, a *account) error {
		if !a.Any() {
			return problem.New(problem.Conflict, "还没有设置第二因素，不需要恢复码")
		}
		g.Note("replaced", "recovery codes")
		codes, err = c.newCodes(g.Tx(), a.ID)
		return err
	})
	return codes, err
}

// RemoveTOTP removes the authenticator app of a live session's person, who shows the password again (see Confirm).
func (c *Accounts) RemoveTOTP(ctx context.Context, token, password string, from From) error {
	return c.gate.again(ctx, token, password, from, func(g *guard.Grant, _ *session, a *account) error {
		g.Note("removed", "totp")
		if _, err := g.Tx().Exec(`UPDATE person SET sealed_totp = NULL WHERE id = $1`, a.ID); err != nil {
			return err
		}
		return c.stillSafe(g, a.ID)
	})
}

// RemovePasskey removes a passkey of a live session's person, who shows the password again (see Confirm).
func (c *Accounts) RemovePasskey(ctx context.Context, token, password, id string, from From) error {
	return c.gate.again(ctx, token, password, from, func(g *guard.Grant, _ *session, a *account) error {
		g.Note("removed", "passkey")
		g.Note("passkey", id)
		n, err := g.Tx().Exec(`DELETE FROM passkey WHERE id = $1 AND person = $2`, id, a.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.New(problem.Conflict, "这个通行密钥已经移除，或者不存在")
		}
		return c.stillSafe(g, a.ID)
	})
}

// stillSafe refuses to leave an account without a second factor where one is needed; without one, recovery codes go too.
func (c *Accounts) stillSafe(g *guard.Grant, person string) error {
	a, err := c.accountByID(g.Tx(), person)
	if err != nil || a.Any() {
		return err
	}
	if c.set.SecondFactor {
		return problem.New(problem.Conflict, "这是最后一种第二因素，请先设置另一种再移除")
	}
	_, err = g.Tx().Exec(`DELETE FROM recovery_code WHERE person = $1`, person)
	return err
}

var errOldPassword = problem.New(problem.Unauthenticated, "原密码不对").In("old")

// ChangePassword changes the password of a live session's person and ends all other sessions. A wrong old password counts
// towards the lock.
func (c *Accounts) ChangePassword(ctx context.Context, token, old, password string, from From) error {
	g := c.gate
	_, a, _, err := g.readSession(ctx, token, Live)
	if err != nil {
		return err
	}
	phc, err := c.phc(a)
	if err != nil {
		return err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return err
	}
	right, _, err := g.hash.check(ctx, phc, old)
	if err != nil {
		return errors.Join(err, g.giveBack(ctx, try))
	}
	renewed := ""
	relock := func(*store.Tx) error { return nil }
	if right {
		if renewed, err = g.newPassword(ctx, a, password); err == nil {
			relock, err = c.relocked(ctx, a.ID, old, password)
		}
		if err != nil {
			return errors.Join(err, g.giveBack(ctx, try))
		}
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	err = g.ownAct(ctx, token, from, func(grant *guard.Grant) error {
		if !right {
			return errOldPassword
		}
		if err := c.replacePassword(grant, a, renewed); err != nil {
			return err
		}
		return relock(grant.Tx())
	})
	if right || err == nil {
		return err
	}
	return g.wrong(ctx, err, errOldPassword, a.ID, from, try)
}

func (c *Accounts) replacePassword(grant *guard.Grant, a *account, phc string) error {
	tx := grant.Tx()
	now, err := c.accountByID(tx, a.ID)
	if err != nil {
		return err
	}
	if string(now.password) != string(a.password) {
		return problem.New(problem.Conflict, "密码刚刚已经改过了")
	}
	if err := giveBack(tx, a.login); err != nil {
		return err
	}
	n, err := endSessions(tx, a.ID, grant.Who().Session)
	if err != nil {
		return err
	}
	grant.Note("password", "changed")
	grant.Note("sessions", n)
	return c.setPassword(tx, a.ID, phc)
}
