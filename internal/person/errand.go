package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Errand is what stays here of a browser that was sent to the firm's OpenID provider (see package signon): what it must bring back,
// and what only we know. It is kept sealed, for ten minutes, and taken once, by the cookie of the browser that was sent.
type Errand struct {
	State, Nonce, Verifier string
	Back                   string // page to go to afterwards

	session string // live, whose person is to be linked; empty: a log-in
}

// Links reports whether the errand is to link the person of a live session, and no log-in.
func (e Errand) Links() bool { return e.session != "" }

const errandFor = 10 * time.Minute

var errErrand = problem.New(problem.Unauthenticated, "这次登录等得太久，或者已经用过了，请重新开始")

// Send keeps an errand that is to log somebody in, and gives its cookie. An address that is closed (see Enter) is
// problem.Unavailable.
func (o *Outside) Send(ctx context.Context, e Errand, from From) (cookie string, err error) {
	err = o.db.Update(ctx, func(tx *store.Tx) error {
		if err := o.gate.throttle.admit(from.Addr, tx.Now); err != nil {
			return err
		}
		cookie, err = o.keep(tx, e)
		return err
	})
	return cookie, err
}

// SendToLink keeps an errand that is to link the person of a live session, who shows the password again (see Confirm).
func (o *Outside) SendToLink(ctx context.Context, token, password string, e Errand, from From) (cookie string, err error) {
	err = o.gate.again(ctx, token, password, from, func(g *guard.Grant, s *session, a *account) error {
		if administers(a.Person) {
			return errAdministrator
		}
		g.Note("link", "begun")
		e.session = s.id
		cookie, err = o.keep(g.Tx(), e)
		return err
	})
	return cookie, err
}

func (o *Outside) keep(tx *store.Tx, e Errand) (cookie string, err error) {
	raw, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("encode an errand: %w", err)
	}
	if _, err := tx.Exec(`DELETE FROM errand WHERE expires <= $1`, tx.Now.UnixMilli()); err != nil {
		return "", err
	}
	id, cookie := tx.NewID(), randomText()
	_, err = tx.Exec(`INSERT INTO errand (id, hash, session, sealed_state, expires) VALUES ($1, $2, $3, $4, $5)`, id, hashOf("errand", cookie), e.session,
		o.seal.errand.Seal(id, raw), tx.Now.Add(errandFor).UnixMilli())
	return cookie, err
}

// Return takes an errand back. One that was taken before, is too old or was none is problem.Unauthenticated.
func (o *Outside) Return(ctx context.Context, cookie string) (e Errand, err error) {
	err = o.db.Update(ctx, func(tx *store.Tx) error {
		raw, err := store.Get(tx, func(row store.Row) (raw []byte, err error) {
			var id string
			var sealed []byte
			if err := row.Scan(&id, &e.session, &sealed); err != nil {
				return nil, err
			}
			return o.seal.errand.Open(id, sealed)
		}, `DELETE FROM errand WHERE hash = $1 AND expires > $2 RETURNING id, session, sealed_state`, hashOf("errand", cookie), tx.Now.UnixMilli())
		if err != nil {
			return err
		}
		return json.Unmarshal(raw, &e)
	})
	if errors.Is(err, store.ErrNone) {
		err = errErrand
	}
	if err != nil {
		return Errand{}, err
	}
	return e, nil
}
