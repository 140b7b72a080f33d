package person

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Identity is somebody at the firm's OpenID provider. Only its subject says who; no name and no address does.
type Identity struct {
	Issuer, Subject string
	Factor          string // by which the provider says that it asked for a second factor that the firm takes; empty: for none
}

// Linked is who of the provider somebody is.
type Linked struct {
	Subject string
	At      time.Time
	By      string    // person who said so
	Used    time.Time // zero: never
}

var (
	errIdentity = problem.New(problem.Unauthenticated, "这个统一登录的账号没有与本所的人员关联：请先用密码登录，在“我的”里关联，或者请安全管理员登记")
	errLinked   = problem.New(problem.Conflict, "已经关联了统一登录的账号；要换一个，请先解除关联")
	errElsewise = problem.New(problem.Conflict, "这个统一登录的账号已经与另一位人员关联")
)

func (r *records) identityToken(issuer, subject string) []byte {
	return r.index.identities.Token(issuer + "|" + subject)
}

// EnterAs logs in who was proved to be somebody at the provider. Whoever is nobody here is problem.Unauthenticated, with the same words
// for all. The provider's second factor counts where the identity says so; else the own one is to come, as after a password.
func (o *Outside) EnterAs(ctx context.Context, id Identity, from From) (Entry, error) {
	token, person, now, err := o.identified(ctx, id, from)
	if err != nil {
		return Entry{}, err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	if person == "" {
		return Entry{}, o.unknown(ctx, id, from, now)
	}
	var e Entry
	err = o.gate.useAct(ctx, from.who(person, "", false), func(grant *guard.Grant) error {
		tx := grant.Tx()
		n, err := tx.Exec(`UPDATE identity SET used = $3 WHERE token = $1 AND person = $2`, token, person, tx.Now.UnixMilli())
		if err == nil && n == 0 { // taken away a moment ago
			err = errIdentity
		}
		if err != nil {
			return err
		}
		a, err := o.accountByID(tx, person)
		if err == nil && administers(a.Person) {
			err = errIdentity
		}
		if err != nil {
			return err
		}
		e, err = o.open(grant, a, id.Factor, from)
		return err
	})
	if errors.Is(err, errIdentity) {
		return Entry{}, o.gate.wrong(ctx, err, errIdentity, person, from, attempt{at: now})
	}
	return e, err
}

// open begins the session of somebody whom the provider has proved.
func (o *Outside) open(grant *guard.Grant, a *account, factor string, from From) (Entry, error) {
	tx, shown := grant.Tx(), factor != ""
	grant.Note("login", string(byProvider))
	if shown {
		grant.Note("factor", "provider "+factor)
	}
	stage := o.next(a, byProvider, shown, tx.Now)
	if stage != Live {
		grant.Note("next", stage.String())
	}
	e, _, err := o.gate.open(tx, a, byProvider, stage, shown || !o.set.SecondFactor && !a.Any(), from)
	return e, err
}

// identified finds the person of an identity, unless the address is closed; empty: nobody.
func (o *Outside) identified(ctx context.Context, id Identity, from From) (token []byte, person string, now time.Time, err error) {
	token = o.identityToken(id.Issuer, id.Subject)
	err = o.db.Read(ctx, func(tx *store.Tx) error {
		now = tx.Now
		if err := o.gate.throttle.admit(from.Addr, now); err != nil {
			return err
		}
		person, err = store.Get(tx, func(row store.Row) (p string, err error) { err = row.Scan(&p); return p, err }, `SELECT person FROM identity WHERE token = $1`, token)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		return err
	})
	return token, person, now, err
}

// unknown records an identity that is nobody here.
func (o *Outside) unknown(ctx context.Context, id Identity, from From, now time.Time) error {
	closes := o.gate.throttle.failed(from.Addr, now)
	err := o.gate.useAct(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, func(grant *guard.Grant) error {
		typed := []rune(id.Subject)
		grant.Note("unknown", "provider")
		grant.Note("subject", string(typed[:min(len(typed), 64)]))
		if closes {
			grant.Note("closed", "address")
		}
		return nil
	})
	return errors.Join(errIdentity, err)
}

// LinkBack links the person of a live session, who began the errand in it, with whom the provider proved.
func (o *Outside) LinkBack(ctx context.Context, token string, e Errand, id Identity, from From) error {
	return o.gate.ownAct(ctx, token, from, func(grant *guard.Grant) error {
		s, a, err := o.gate.session(grant.Tx(), token, Live)
		if err != nil {
			return err
		}
		if e.session == "" || e.session != s.id {
			return errErrand
		}
		return o.link(grant, a, id)
	})
}

// link writes who of the provider somebody is.
func (r *records) link(grant *guard.Grant, a *account, id Identity) error {
	tx := grant.Tx()
	if administers(a.Person) {
		return errAdministrator
	}
	before, err := r.linked(tx, a.ID)
	if err != nil {
		return err
	}
	if before != nil {
		return errLinked
	}
	grant.Note("linked", id.Subject)
	row := tx.NewID()
	err = tx.Savepoint(func() error {
		_, err := tx.Exec(`INSERT INTO identity (id, person, token, sealed_subject, linked, linked_by, used) VALUES ($1, $2, $3, $4, $5, $6, 0)`, row, a.ID,
			r.identityToken(id.Issuer, id.Subject), r.seal.subject.SealText(row, id.Subject), tx.Now.UnixMilli(), grant.Who().Person)
		return err
	})
	if store.Taken(err) {
		return errElsewise
	}
	return err
}

// Unlink takes the link of a live session's person away, who shows the password again (see Confirm).
func (o *Outside) Unlink(ctx context.Context, token, password string, from From) error {
	return o.gate.again(ctx, token, password, from, func(g *guard.Grant, _ *session, a *account) error { return unlink(g, a.ID) })
}

func unlink(g *guard.Grant, person string) error {
	g.Note("linked", "no more")
	n, err := g.Tx().Exec(`DELETE FROM identity WHERE person = $1`, person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "没有关联统一登录的账号")
	}
	return err
}

// LinkPerson says who of the provider a person is. The act is appoint on the person.
func (r *Roster) LinkPerson(g *guard.Grant, id Identity, reason string) error {
	a, err := r.subject(g, "log-in", reason)
	if err != nil {
		return err
	}
	if id.Subject, err = line("subject", "账号标识", id.Subject, 255, true); err != nil {
		return err
	}
	second, err := seconded(g.Tx(), a, g.Who().Person)
	if err == nil && second && !administers(a.Person) { // else whoever names the account at the provider is the director
		err = errLinkOwn
	}
	if err != nil {
		return err
	}
	return r.link(g, a, id)
}

// UnlinkPerson takes a person's link away. The act is appoint on the person.
func (r *Roster) UnlinkPerson(g *guard.Grant, reason string) error {
	a, err := r.subject(g, "log-in", reason)
	if err != nil {
		return err
	}
	return unlink(g, a.ID)
}

// linked reads who of the provider somebody is; nil: nobody.
func (r *records) linked(tx *store.Tx, person string) (*Linked, error) {
	l, err := store.Get(tx, func(row store.Row) (l Linked, err error) {
		var id string
		var subject []byte
		var at, used int64
		if err := row.Scan(&id, &subject, &at, &l.By, &used); err != nil {
			return l, err
		}
		l.At, l.Used = instant(at), instant(used)
		l.Subject, err = r.seal.subject.OpenText(id, subject)
		return l, err
	}, `SELECT id, sealed_subject, linked, linked_by, used FROM identity WHERE person = $1`, person)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &l, err
}

// CameByProvider reports whether a session began at the provider, where its person is perhaps still logged in.
func (o *Outside) CameByProvider(ctx context.Context, token string) bool {
	s, _, _, err := o.gate.readSession(ctx, token, NeedFactor, NeedSetUp, NeedPassword, Live)
	return err == nil && s.way == byProvider
}
