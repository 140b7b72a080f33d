package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// FinishPasskeyFactor shows a passkey as the second factor of a session at NeedFactor.
func (g *Gate) FinishPasskeyFactor(ctx context.Context, token, ceremony string, answer []byte, from From) (Entry, error) {
	s, a, _, err := g.readSession(ctx, token, NeedFactor)
	if err != nil {
		return Entry{}, err
	}
	key, err := g.shownKey(ctx, s, a, ceremony, answer)
	if err != nil {
		return Entry{}, err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	var e Entry
	err = g.useAct(ctx, from.who(a.ID, s.id, false), func(grant *guard.Grant) error {
		s, a, err := g.session(grant.Tx(), token, NeedFactor)
		if err != nil {
			return err
		}
		if err := g.accept(grant, key.holder, key.shown, key.cause); err != nil {
			return err
		}
		if _, err := settle(grant.Tx(), a.login); err != nil {
			return err
		}
		e, err = g.promote(grant.Tx(), s, a, g.next(a, s.way, true, grant.Tx().Now), true)
		return err
	})
	if err == nil {
		return e, nil
	}
	return Entry{}, g.wrongKey(ctx, err, a.ID, from, key.at)
}

// shownKey is a browser's answer to the challenge of a second factor; cause is why it is not taken.
type shownKey struct {
	holder *holder
	shown  *webauthn.Credential
	cause  error
	at     time.Time
}

// shownKey takes a challenge back and verifies its answer.
func (g *Gate) shownKey(ctx context.Context, s *session, a *account, ceremony string, answer []byte) (*shownKey, error) {
	party, err := g.party()
	if err != nil {
		return nil, err
	}
	state, now, err := g.take(ctx, ceremony, s.id, "factor")
	if err != nil {
		return nil, err
	}
	h, err := g.readHolder(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	key := &shownKey{holder: h, at: now}
	var parsed *protocol.ParsedCredentialAssertionData
	if parsed, key.cause = protocol.ParseCredentialRequestResponseBytes(answer); key.cause == nil {
		key.shown, key.cause = party.ValidateLogin(h, state, parsed)
	}
	return key, nil
}

// FinishPasskeyLogin logs in whoever holds the passkey, without a password. The authenticator must have checked its holder.
func (g *Gate) FinishPasskeyLogin(ctx context.Context, ceremony string, answer []byte, from From) (Entry, error) {
	party, err := g.party()
	if err != nil {
		return Entry{}, err
	}
	state, now, err := g.take(ctx, ceremony, "", "login")
	if err != nil {
		return Entry{}, err
	}
	var h *holder
	var shown *webauthn.Credential
	parsed, cause := protocol.ParseCredentialRequestResponseBytes(answer)
	if cause == nil {
		_, shown, cause = party.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			h, err = g.readHolder(ctx, string(handle))
			return h, err
		}, state, parsed)
	}
	if problem.Is(err, problem.Damaged) || problem.Is(err, problem.Unavailable) { // no fault of the key that was shown
		return Entry{}, err
	}
	ctx, cancel := lasting(ctx)
	defer cancel()
	if h == nil {
		return Entry{}, g.strangeKey(ctx, from, now)
	}
	var e Entry
	err = g.useAct(ctx, from.who(h.ID, "", false), func(grant *guard.Grant) error {
		if err := g.accept(grant, h, shown, cause); err != nil {
			return err
		}
		a, err := g.accountByID(grant.Tx(), h.ID)
		if err != nil {
			return err
		}
		e, _, err = g.open(grant.Tx(), a, byPasskey, Live, true, from)
		return err
	})
	if err == nil {
		return e, nil
	}
	return Entry{}, g.wrongKey(ctx, err, h.ID, from, now)
}

// accept takes a passkey that was verified, if the person still has it, and keeps its new counter. A counter that ran
// backwards means that there are two copies of the key: neither is taken.
func (g *Gate) accept(grant *guard.Grant, h *holder, c *webauthn.Credential, cause error) error {
	if cause != nil || c.Authenticator.CloneWarning {
		return errKey
	}
	for _, k := range h.keys {
		if string(k.credential.ID) != string(c.ID) {
			continue
		}
		raw, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("encode a passkey: %w", err)
		}
		n, err := grant.Tx().Exec(`UPDATE passkey SET sealed_credential = $3, used = $4 WHERE id = $1 AND person = $2`, k.id, h.ID,
			g.seal.credential.Seal(k.id, raw), grant.Tx().Now.UnixMilli())
		if err == nil && n == 0 {
			err = errKey
		}
		grant.Note("factor", "passkey")
		grant.Note("passkey", k.id)
		return err
	}
	return errKey
}

func (g *Gate) readHolder(ctx context.Context, person string) (h *holder, err error) {
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		a, err := g.accountByID(tx, person)
		if err != nil {
			return err
		}
		h, err = g.holder(tx, a)
		return err
	})
	return h, err
}

// wrongKey ends a log-in by a passkey that was not taken. Its person's being suspended is told: the passkey was right.
func (g *Gate) wrongKey(ctx context.Context, err error, person string, from From, now time.Time) error {
	if !errors.Is(err, errKey) {
		return err
	}
	return g.wrong(ctx, err, errKey, person, from, attempt{at: now})
}

// strangeKey records a passkey that is nobody's.
func (g *Gate) strangeKey(ctx context.Context, from From, now time.Time) error {
	closes := g.throttle.failed(from.Addr, now)
	err := g.useAct(ctx, guard.Who{Via: guard.Job, Addr: from.Addr}, func(grant *guard.Grant) error {
		grant.Note("unknown", "passkey")
		if closes {
			grant.Note("closed", "address")
		}
		return nil
	})
	if err != nil {
		return errors.Join(errKey, err)
	}
	return problem.New(problem.Unauthenticated, "本所没有登记这个通行密钥")
}
