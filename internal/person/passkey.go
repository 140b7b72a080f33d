package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Passkeys (WebAuthn level 2): as a second factor after the password, or alone, where the authenticator itself has to check
// who holds it. Nothing about them can be guessed, so that a locked log-in does not keep them out.
const (
	ceremonyFor = 5 * time.Minute
	maxPasskeys = 10
)

// relyingParty binds passkeys to the firm's name. Browsers take no addresses for names.
func relyingParty(s Settings) (*webauthn.WebAuthn, error) {
	var id string
	var origins []string
	for _, h := range s.Hosts {
		if _, err := netip.ParseAddr(h); err == nil {
			continue
		}
		if id == "" {
			id = h
		}
		if h == id {
			origins = append(origins, origin(h, s.Port))
		}
	}
	if id == "" {
		return nil, nil
	}
	party, err := webauthn.New(&webauthn.Config{RPID: id, RPDisplayName: totpIssuer, RPOrigins: origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred,
			UserVerification: protocol.VerificationPreferred}})
	if err != nil {
		return nil, fmt.Errorf("bind passkeys to %s: %w", id, err)
	}
	return party, nil
}

func origin(host, port string) string {
	if port == "" || port == "443" {
		return "https://" + host
	}
	return "https://" + host + ":" + port
}

// PasskeyHost is the name under which passkeys work; empty where they do not.
func (g *Gate) PasskeyHost() string {
	if g.passkeys == nil {
		return ""
	}
	return g.passkeys.Config.RPID
}

func (g *Gate) party() (*webauthn.WebAuthn, error) {
	if g.passkeys == nil {
		return nil, problem.New(problem.Unavailable, "本所还没有设置域名，不能使用通行密钥")
	}
	return g.passkeys, nil
}

// Ceremony is a challenge for the browser: Options go to navigator.credentials as JSON, and what comes back goes with ID to
// the method that finishes. It can be answered once, within five minutes.
type Ceremony struct {
	ID      string
	Options []byte
}

// holder is an account as the library wants it.
type holder struct {
	*account
	keys []passkey
}

type passkey struct {
	id         string
	credential webauthn.Credential
}

func (h *holder) WebAuthnID() []byte          { return []byte(h.ID) }
func (h *holder) WebAuthnName() string        { return h.Login }
func (h *holder) WebAuthnDisplayName() string { return h.Name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		all[i] = k.credential
	}
	return all
}

func (r *records) holder(tx *store.Tx, a *account) (*holder, error) {
	keys, err := store.List(tx, func(row store.Row) (k passkey, err error) {
		var sealed []byte
		if err := row.Scan(&k.id, &sealed); err != nil {
			return k, err
		}
		raw, err := r.seal.credential.Open(k.id, sealed)
		if err != nil {
			return k, err
		}
		return k, json.Unmarshal(raw, &k.credential)
	}, `SELECT id, sealed_credential FROM passkey WHERE person = $1 ORDER BY created, id`, a.ID)
	return &holder{a, keys}, err
}

// challenge keeps a challenge until it is answered.
func (r *records) beginCeremony(tx *store.Tx, session, purpose string, options any, state *webauthn.SessionData) (c Ceremony, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return c, fmt.Errorf("encode a passkey's challenge: %w", err)
	}
	raw, err := json.Marshal(state)
	if err != nil {
		return c, fmt.Errorf("encode a passkey's ceremony: %w", err)
	}
	if _, err := tx.Exec(`DELETE FROM ceremony WHERE expires <= $1`, tx.Now.UnixMilli()); err != nil {
		return c, err
	}
	c.ID = tx.NewID()
	_, err = tx.Exec(`INSERT INTO ceremony (id, session, purpose, sealed_state, expires) VALUES ($1, $2, $3, $4, $5)`, c.ID, session, purpose,
		r.seal.ceremony.Seal(c.ID, raw), tx.Now.Add(ceremonyFor).UnixMilli())
	return c, err
}

// take gives a challenge back to whom it was given, once.
func (r *records) take(ctx context.Context, id, session, purpose string) (state webauthn.SessionData, now time.Time, err error) {
	var raw []byte
	err = r.db.Update(ctx, func(tx *store.Tx) error {
		now = tx.Now
		sealed, err := store.Get(tx, scanBytes, `DELETE FROM ceremony WHERE id = $1 AND session = $2 AND purpose = $3 AND expires > $4
			RETURNING sealed_state`, id, session, purpose, now.UnixMilli())
		if err != nil {
			return err
		}
		raw, err = r.seal.ceremony.Open(id, sealed)
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return state, now, problem.New(problem.Unauthenticated, "等待的时间太长了，请再试一次")
	}
	if err != nil {
		return state, now, err
	}
	return state, now, json.Unmarshal(raw, &state)
}

// BeginPasskey asks the browser for a new passkey. A session at NeedSetUp has just shown the password; a live one shows it again
// (see Confirm).
func (g *Gate) BeginPasskey(ctx context.Context, token, password string, from From) (c Ceremony, err error) {
	party, err := g.party()
	if err != nil {
		return c, err
	}
	_, err = g.beginFactor(ctx, token, password, from, func(tx *store.Tx, s *session, a *account) error {
		if a.Passkeys >= maxPasskeys {
			return problem.New(problem.Conflict, "最多可以登记 %d 个通行密钥，请先移除不用的", maxPasskeys)
		}
		h, err := g.holder(tx, a)
		if err != nil {
			return err
		}
		var known []protocol.CredentialDescriptor
		for _, k := range h.keys {
			known = append(known, k.credential.Descriptor())
		}
		options, state, err := party.BeginRegistration(h, webauthn.WithExclusions(known))
		if err != nil {
			return fmt.Errorf("challenge for a new passkey: %w", err)
		}
		c, err = g.beginCeremony(tx, s.id, "register", options, state)
		return err
	})
	return c, err
}

// FinishPasskey sets up the passkey in the browser's answer under a label. A session at NeedSetUp goes on.
func (g *Gate) FinishPasskey(ctx context.Context, token, ceremony, label string, answer []byte, from From) (Entry, error) {
	party, err := g.party()
	if err != nil {
		return Entry{}, err
	}
	if label, err = line("label", "名称", label, 40, true); err != nil {
		return Entry{}, err
	}
	s, a, _, err := g.readSession(ctx, token, NeedSetUp, Live)
	if err != nil {
		return Entry{}, err
	}
	state, _, err := g.take(ctx, ceremony, s.id, "register")
	if err != nil {
		return Entry{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Entry{}, problem.New(problem.Invalid, "浏览器的答复无法识别，请再试一次").Because(err)
	}
	credential, err := party.CreateCredential(&holder{account: a}, state, parsed)
	if err != nil {
		return Entry{}, problem.New(problem.Invalid, "这个通行密钥没有通过验证，请再试一次").Because(err)
	}
	return g.enrol(ctx, token, s.stage, a, from, "passkey", func(tx *store.Tx, _ *session) error { return g.addPasskey(tx, a.ID, label, credential) })
}

func (r *records) addPasskey(tx *store.Tx, person, label string, c *webauthn.Credential) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a passkey: %w", err)
	}
	id := tx.NewID()
	err = tx.Savepoint(func() error {
		_, err := tx.Exec(`INSERT INTO passkey (id, person, credential_token, sealed_credential, sealed_label, created, used)
			VALUES ($1, $2, $3, $4, $5, $6, 0)`, id, person, r.index.credentials.Token(fmt.Sprintf("%x", c.ID)),
			r.seal.credential.Seal(id, raw), r.seal.label.SealText(id, label), tx.Now.UnixMilli())
		return err
	})
	if store.Taken(err) {
		return problem.New(problem.Conflict, "这个通行密钥已经登记过了")
	}
	return err
}

// BeginPasskeyFactor asks the browser for one of the person's passkeys, for a session at NeedFactor, or a live one that is to
// Confirm.
func (g *Gate) BeginPasskeyFactor(ctx context.Context, token string) (c Ceremony, err error) {
	party, err := g.party()
	if err != nil {
		return c, err
	}
	err = g.db.Update(ctx, func(tx *store.Tx) error {
		s, a, err := g.session(tx, token, NeedFactor, Live)
		if err != nil {
			return err
		}
		h, err := g.holder(tx, a)
		if err != nil {
			return err
		}
		if len(h.keys) == 0 {
			return problem.New(problem.Conflict, "您还没有登记通行密钥")
		}
		options, state, err := party.BeginLogin(h)
		if err != nil {
			return fmt.Errorf("challenge for a passkey: %w", err)
		}
		c, err = g.beginCeremony(tx, s.id, "factor", options, state)
		return err
	})
	return c, err
}

// BeginPasskeyLogin asks the browser for any passkey it has for the firm; the answer says whose it is.
func (g *Gate) BeginPasskeyLogin(ctx context.Context, from From) (c Ceremony, err error) {
	party, err := g.party()
	if err != nil {
		return c, err
	}
	options, state, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return c, fmt.Errorf("challenge for any passkey: %w", err)
	}
	err = g.db.Update(ctx, func(tx *store.Tx) error {
		if err := g.throttle.admit(from.Addr, tx.Now); err != nil {
			return err
		}
		c, err = g.beginCeremony(tx, "", "login", options, state)
		return err
	})
	return c, err
}

// useAct is the act of coming in.
func (g *Gate) useAct(ctx context.Context, who guard.Who, f func(*guard.Grant) error) error {
	return g.door.Do(ctx, who, access.UseSystem, guard.Firm, f)
}
