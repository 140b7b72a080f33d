package person

import (
	"context"
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

var errLink = problem.New(problem.Absent, "这个链接已经失效，请安全管理员另发一个")

// Welcome is what the page behind a one-time link shows.
type Welcome struct {
	Person       Person
	Unnamed      bool // the holder gives name and login too: the account of the first security administrator
	SecondFactor bool // one is to be set up after the password
	Password     PasswordRule
}

// Welcome looks at a one-time link without using it. One that was used, replaced or is too old is problem.Absent.
func (g *Gate) Welcome(ctx context.Context, link string) (w Welcome, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		a, err := g.invited(tx, link)
		if err != nil {
			return err
		}
		w = Welcome{Person: a.Person, Unnamed: a.unnamed, SecondFactor: g.set.SecondFactor, Password: g.set.Password}
		return nil
	})
	return w, err
}

// invited finds the account that a link opens.
func (r *records) invited(tx *store.Tx, link string) (*account, error) {
	by := ""
	id, err := store.Get(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id, &by); return id, err },
		`SELECT person, CASE WHEN seconded > 0 THEN '' ELSE by_person END FROM invitation WHERE hash = $1 AND used = 0 AND expires > $2`, hashOf("link", link), tx.Now.UnixMilli())
	if errors.Is(err, store.ErrNone) {
		return nil, errLink
	}
	if err != nil {
		return nil, err
	}
	a, err := r.accountByID(tx, id)
	if err == nil && a.Status != Invited {
		err = errLink
	}
	if err != nil {
		return nil, err
	}
	waits, err := seconded(tx, a, by) // by the posts of now: power may have come after the reset
	if err == nil && waits {
		err = errUnseconded
	}
	return a, err
}

// Acceptance is what the holder of a one-time link gives.
type Acceptance struct {
	Password string
	Name     string // only for an account without a name
	Login    string // likewise
}

// Accept sets the password of the account that a one-time link opens. Where a second factor is needed, the link stays good
// until one is set up (the entry is at NeedSetUp); otherwise the account is open and the entry live.
func (g *Gate) Accept(ctx context.Context, link string, x Acceptance, from From) (Entry, error) {
	if err := g.admissible(ctx, link, &x, from); err != nil {
		return Entry{}, err
	}
	phc, err := g.hash.make(ctx, x.Password)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = g.useAct(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, func(grant *guard.Grant) error {
		tx := grant.Tx(access.UseSystem)
		a, err := g.invited(tx, link)
		if err != nil {
			return err
		}
		if a, err = g.christen(tx, a, x); err != nil {
			return err
		}
		if err := g.setPassword(tx, a.ID, phc); err != nil {
			return err
		}
		if _, err := endSessions(tx, a.ID, ""); err != nil {
			return err
		}
		if _, err := settle(tx, a.login); err != nil {
			return err
		}
		grant.Step(access.UseSystem, guard.Thing{Kind: access.Person, ID: a.ID}, "", map[string]any{"password": "set"})
		if !g.set.SecondFactor {
			if err := activate(grant, a.ID); err != nil {
				return err
			}
		}
		e, _, err = g.open(tx, a, byPassword, NeedSetUp, !g.set.SecondFactor, from)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	if g.set.SecondFactor {
		return e, nil
	}
	return g.comeIn(ctx, e.Token, from, false)
}

// admissible checks an acceptance before its password is hashed. Wrong links count against the address.
func (g *Gate) admissible(ctx context.Context, link string, x *Acceptance, from From) error {
	return g.db.Read(ctx, func(tx *store.Tx) error {
		if err := g.throttle.admit(from.Addr, tx.Now); err != nil {
			return err
		}
		a, err := g.invited(tx, link)
		if err != nil {
			if errors.Is(err, errLink) {
				g.throttle.failed(from.Addr, tx.Now)
			}
			return err
		}
		login := a.Login
		if a.unnamed {
			if x.Name, err = line("name", "姓名", x.Name, 40, true); err != nil {
				return err
			}
			if x.Login, err = checkLogin(x.Login); err != nil {
				return err
			}
			login = x.Login
		}
		return g.set.Password.check(x.Password, login)
	})
}

// christen gives an account without a name its holder's.
func (g *Gate) christen(tx *store.Tx, a *account, x Acceptance) (*account, error) {
	if !a.unnamed {
		return a, nil
	}
	err := taken(tx, func() error {
		_, err := tx.Exec(`UPDATE person SET unnamed = 0, login_token = $2, sealed_login = $3, sealed_name = $4 WHERE id = $1`, a.ID,
			g.index.logins.Token(x.Login), g.seal.login.SealText(a.ID, x.Login), g.seal.name.SealText(a.ID, x.Name))
		return err
	})
	if err != nil {
		return nil, err
	}
	if a, err = g.accountByID(tx, a.ID); err != nil {
		return nil, err
	}
	return a, g.indexPerson(tx, a.Person)
}

// activate uses up the one-time link and opens the account.
func activate(grant *guard.Grant, person string) error {
	tx := grant.Tx()
	n, err := tx.Exec(`UPDATE invitation SET used = $2 WHERE person = $1 AND used = 0`, person, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = errLink
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE person SET status = 'active', joined = CASE WHEN joined = 0 THEN $2 ELSE joined END WHERE id = $1 AND status = 'invited'`,
		person, tx.Now.UnixMilli())
	grant.Step(access.UseSystem, guard.Thing{Kind: access.Person, ID: person}, "", map[string]any{"account": "opened"})
	return err
}

// Renew chooses a new password for a session at NeedPassword, which goes on. The old one is wanted again for what it locks.
func (g *Gate) Renew(ctx context.Context, token, old, password string, from From) (Entry, error) {
	_, a, _, err := g.readSession(ctx, token, NeedPassword)
	if err != nil {
		return Entry{}, err
	}
	before, err := g.phc(a)
	if err != nil {
		return Entry{}, err
	}
	right, _, err := g.hash.check(ctx, before, old)
	if err == nil && !right {
		err = errOldPassword // who is here has shown it a moment ago: this tells nobody anything
	}
	if err != nil {
		return Entry{}, err
	}
	phc, err := g.newPassword(ctx, a, password)
	if err != nil {
		return Entry{}, err
	}
	relock, err := g.relocked(ctx, a.ID, old, password)
	if err != nil {
		return Entry{}, err
	}
	err = g.ownAct(ctx, token, from, func(grant *guard.Grant) error {
		if _, _, err := g.session(grant.Tx(), token, NeedPassword); err != nil {
			return err
		}
		grant.Note("password", "renewed")
		if err := relock(grant.Tx()); err != nil {
			return err
		}
		return g.setPassword(grant.Tx(), a.ID, phc)
	})
	if err != nil {
		return Entry{}, err
	}
	return g.comeIn(ctx, token, from, false)
}

// newPassword hashes a password that may take the place of the present one.
func (g *Gate) newPassword(ctx context.Context, a *account, password string) (phc string, err error) {
	if err := g.set.Password.check(password, a.Login); err != nil {
		return "", err
	}
	old, err := g.phc(a)
	if err != nil {
		return "", err
	}
	same, _, err := g.hash.check(ctx, old, password)
	if err != nil {
		return "", err
	}
	if same {
		return "", problem.New(problem.Invalid, "新密码不能与原来的相同").In("password")
	}
	return g.hash.make(ctx, password)
}
