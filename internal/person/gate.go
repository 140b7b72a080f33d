package person

import (
	"context"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Gate is the way in: one-time links, passwords, second factors, sessions and tokens. Each log-in, whole or failed, is an act
// that the ledger records: with the person where the account exists, else with the sealed text of what was typed.
type Gate struct {
	*records
	hash     *hasher
	throttle *throttle
	passkeys *webauthn.WebAuthn // nil: the firm has no name that passkeys could be bound to
}

// Entry is how far a log-in has come. Its cookie replaces the one before.
type Entry struct {
	Token   string // for the cookie, 43 characters
	Stage   Stage
	Expires time.Time
	Person  Person
	Factors Factors
	Codes   []string // recovery codes, to be shown this once; set when the first second factor was set up
}

// The same answer for a login that nobody has and for a wrong password.
var (
	errLogin = problem.New(problem.Unauthenticated, "登录名或密码不对")
	errCode  = problem.New(problem.Unauthenticated, "验证码不对，或已经用过").In("code")
	errKey   = problem.New(problem.Unauthenticated, "通行密钥没有通过验证")
)

// lasting is ctx without its end: once a guess was checked it is recorded, even if the caller hangs up.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}

// Enter begins a log-in with login and password. The entry's stage says what is to come: a second factor (VerifyCode,
// FinishPasskeyFactor), setting one up (ConfirmTOTP, FinishPasskey), a new password (Renew), or nothing more (Live).
// A wrong login or password is problem.Unauthenticated, a locked log-in problem.Refused, a closed address or a directory that is
// away problem.Unavailable.
func (g *Gate) Enter(ctx context.Context, login, password string, from From) (Entry, error) {
	login = normal(login)
	a, phc, err := g.look(ctx, login, from)
	if err != nil {
		return Entry{}, err
	}
	try, err := g.reserve(ctx, a.login)
	if err != nil {
		return Entry{}, err
	}
	p, err := g.prove(ctx, a, phc, password)
	if err != nil {
		return Entry{}, errors.Join(err, g.giveBack(ctx, try))
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	switch {
	case p.away != nil && (a.ID == "" || a.Directory):
		return Entry{}, g.unanswered(ctx, a, p.away, from, try)
	case a.ID == "":
		return Entry{}, g.stranger(ctx, login, from, try)
	}
	var e Entry
	err = g.door.Do(ctx, from.who(a.ID, "", false), access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		if !p.right {
			return errLogin
		}
		e, err = g.begin(grant, a, p.renewed, from)
		return err
	})
	switch {
	case err == nil:
		return e, nil
	case p.right && !errors.Is(err, errLogin):
		return Entry{}, err
	}
	return Entry{}, p.told(g.wrong(ctx, err, errLogin, a.ID, from, try))
}

// look finds the account of a login and the hash of its password, unless the address is closed.
func (g *Gate) look(ctx context.Context, login string, from From) (a *account, phc string, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		if err := g.throttle.admit(from.Addr, tx.Now); err != nil {
			return err
		}
		if a, err = g.accountByLogin(tx, login); err != nil {
			return err
		}
		phc, err = g.phc(a)
		return err
	})
	return a, phc, err
}

// begin opens the session of a right password. The account may have changed while the password was hashed.
func (g *Gate) begin(grant *guard.Grant, a *account, renewed string, from From) (e Entry, err error) {
	tx := grant.Tx(access.UseSystem)
	now, err := g.accountByID(tx, a.ID)
	if err != nil {
		return e, err
	}
	if string(now.password) != string(a.password) || now.Directory != a.Directory {
		return e, errLogin
	}
	if renewed != "" {
		// The password is the same: its age stays.
		if _, err := tx.Exec(`UPDATE person SET sealed_password = $2 WHERE id = $1`, a.ID, g.seal.password.SealText(a.ID, renewed)); err != nil {
			return e, err
		}
	}
	by := byPassword
	if now.Directory {
		by = byDirectory
	}
	stage := g.next(now, by, false, tx.Now)
	grant.Note("login", string(by))
	if stage == Live {
		_, err = settle(tx, a.login)
	} else {
		grant.Note("next", stage.String())
		err = giveBack(tx, a.login)
	}
	if err != nil {
		return e, err
	}
	e, _, err = g.open(tx, now, by, stage, !g.set.SecondFactor && !now.Any(), from)
	return e, err
}

var stageNames = map[Stage]string{NeedFactor: "second factor", NeedSetUp: "set up a second factor", NeedPassword: "new password", Live: "live"}

// String is the word that stands in the ledger.
func (s Stage) String() string { return stageNames[s] }

// wrong ends a failed guess: err is what the door said of it, told is what the caller is told. Whether the account was
// suspended is told to nobody who does not know the password.
func (g *Gate) wrong(ctx context.Context, err, told error, person string, from From, try attempt) error {
	if _, refused := guard.AsRefusal(err); !refused && !errors.Is(err, told) {
		return err
	}
	closes := g.throttle.failed(from.Addr, try.at)
	if !closes && try.until.IsZero() {
		return told
	}
	err = g.door.Do(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		if closes {
			grant.Note("closed", "address")
		}
		if !try.until.IsZero() {
			grant.Note("locked", try.until)
			grant.Step(access.UseSystem, guard.Thing{Kind: access.Person, ID: person}, "", map[string]any{"locked": try.until})
		}
		return nil
	})
	return errors.Join(told, err)
}

// stranger records a log-in under a name that nobody has.
func (g *Gate) stranger(ctx context.Context, login string, from From, try attempt) error {
	closes := g.throttle.failed(from.Addr, try.at)
	err := g.door.Do(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, access.UseSystem, guard.Firm, func(grant *guard.Grant) error {
		typed := []rune(login)
		grant.Note("unknown", string(typed[:min(len(typed), 64)]))
		if closes {
			grant.Note("closed", "address")
		}
		if !try.until.IsZero() {
			grant.Note("locked", try.until)
		}
		return nil
	})
	return errors.Join(errLogin, err)
}

// Entering shows how far a session that is not live has come, for the page that asks for the next thing.
func (g *Gate) Entering(ctx context.Context, token string) (Entry, error) {
	s, a, _, err := g.readSession(ctx, token, NeedFactor, NeedSetUp, NeedPassword)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Token: token, Stage: s.stage, Expires: instant(s.expires), Person: a.Person, Factors: a.Factors}, nil
}

// Leave ends a session. One that has ended already is no error.
func (g *Gate) Leave(ctx context.Context, token string, from From) error {
	s, a, _, err := g.readSession(ctx, token, Live)
	if errors.Is(err, errNobody) || errors.Is(err, errIdle) {
		return g.db.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE session SET revoked = $2 WHERE hash = $1 AND revoked = 0`, hashOf("session", token), tx.Now.UnixMilli())
			return err
		})
	}
	if err != nil {
		return err
	}
	return g.door.Do(ctx, from.who(a.ID, s.id, s.strong), access.ManageOwnAccount, guard.Thing{Kind: access.Person, ID: a.ID}, func(grant *guard.Grant) error {
		grant.Note("logout", s.id)
		_, err := grant.Tx().Exec(`UPDATE session SET revoked = $2 WHERE id = $1 AND revoked = 0`, s.id, grant.Tx().Now.UnixMilli())
		return err
	})
}
