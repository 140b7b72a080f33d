package person

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

var passkeySettings = Settings{SecondFactor: true, Hosts: []string{"127.0.0.1", "hengyan.example", "localhost"}, Port: "8443"}

const rightOrigin = "https://hengyan.example:8443"

// half is a session that waits for the second factor.
func (o *office) half(login string) string {
	o.t.Helper()
	e, err := o.enter(login, goodPassword)
	o.must(err)
	if e.Stage != NeedFactor {
		o.t.Fatalf("after the password: %v", e.Stage)
	}
	return e.Token
}

// register sets up a passkey for the session.
func (o *office) register(token string, s *stick) Entry {
	o.t.Helper()
	c, err := o.BeginPasskey(context.Background(), token, goodPassword, desk)
	o.must(err)
	e, err := o.FinishPasskey(context.Background(), token, c.ID, "办公室的安全密钥", s.create(c), desk)
	o.must(err)
	return e
}

func (o *office) byFactor(token string, s *stick) (Entry, error) {
	o.t.Helper()
	c, err := o.BeginPasskeyFactor(context.Background(), token)
	o.must(err)
	return o.FinishPasskeyFactor(context.Background(), token, c.ID, s.get(c), desk)
}

func (o *office) byPasskey(s *stick) (Entry, error) {
	o.t.Helper()
	c, err := o.BeginPasskeyLogin(context.Background(), desk)
	o.must(err)
	return o.FinishPasskeyLogin(context.Background(), c.ID, s.get(c), desk)
}

func TestAPasskeyAsSecondFactor(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		if o.PasskeyHost() != "hengyan.example" {
			t.Fatalf("relying party %q", o.PasskeyHost())
		}
		id, link := o.invite("mixun", "宓洵", "lawyer")
		e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		key := newStick(t, rightOrigin, false)
		e = o.register(e.Token, key)
		if e.Stage != Live || len(e.Codes) != 10 || e.Factors.Passkeys != 1 {
			t.Fatalf("set up by passkey: %+v", e)
		}
		c, err := o.BeginPasskey(ctx, e.Token, goodPassword, desk)
		o.must(err)
		if a := key.read(c); len(a.PublicKey.ExcludeCredentials) != 1 {
			t.Fatal("the browser may register the same key again")
		}

		if e, err = o.byFactor(o.half("mixun"), key); err != nil || e.Stage != Live {
			t.Fatalf("the second factor: %v", err)
		}
		if who, _, err := o.authenticate(e.Token); err != nil || !who.Strong {
			t.Fatalf("after it: %+v, %v", who, err)
		}
		if last := o.newest(); last.Actor != id || last.Outcome != ledger.Allowed || last.detail.Notes["factor"] != "passkey" {
			t.Fatalf("its record: %+v", last)
		}

		// A challenge is answered once, by the session that asked, in five minutes.
		token, other := o.half("mixun"), o.half("mixun")
		c, err = o.BeginPasskeyFactor(ctx, token)
		o.must(err)
		answer := key.get(c)
		_, err = o.FinishPasskeyFactor(ctx, other, c.ID, answer, desk)
		wants(t, err, problem.Unauthenticated, "another session's challenge")
		_, err = o.FinishPasskeyFactor(ctx, token, c.ID, answer, desk)
		o.must(err)
		_, err = o.FinishPasskeyFactor(ctx, other, c.ID, answer, desk)
		wants(t, err, problem.Unauthenticated, "an answer again")
		c, err = o.BeginPasskeyFactor(ctx, other)
		o.must(err)
		o.pass(ceremonyFor)
		_, err = o.FinishPasskeyFactor(ctx, other, c.ID, key.get(c), desk)
		wants(t, err, problem.Unauthenticated, "after five minutes")
	})
}

func TestPasskeysThatAreNotTaken(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		o.join("fuxiaoman", "傅小满", "assistant")
		o.pass(time.Minute)
		key, hers := newStick(t, rightOrigin, true), newStick(t, rightOrigin, true)
		o.register(o.login("mixun").Token, key)
		o.register(o.login("fuxiaoman").Token, hers)

		// An authenticator app is no passkey, and the other way round.
		if _, err := o.byFactor(o.half("mixun"), key); err != nil {
			t.Fatal(err)
		}
		_, err := o.byFactor(o.half("mixun"), hers)
		wants(t, err, problem.Unauthenticated, "somebody else's passkey")
		if last := o.newest(); last.Actor != id || last.Outcome != ledger.Failed {
			t.Fatalf("its record: %+v", last)
		}
		forged := *key
		forged.key = newStick(t, "", true).key
		_, err = o.byFactor(o.half("mixun"), &forged)
		wants(t, err, problem.Unauthenticated, "a forged signature")
		elsewhere := *key
		elsewhere.origin = "https://hengyan.example.evil"
		_, err = o.byFactor(o.half("mixun"), &elsewhere)
		wants(t, err, problem.Unauthenticated, "a look-alike site")
		copied := *key
		copied.count = 0
		_, err = o.byFactor(o.half("mixun"), &copied)
		wants(t, err, problem.Unauthenticated, "a copy of the key")
		key.count += 10
		if _, err := o.byFactor(o.half("mixun"), key); err != nil {
			t.Fatalf("the key itself afterwards: %v", err)
		}
		token := o.half("mixun")
		c, err := o.BeginPasskeyFactor(ctx, token)
		o.must(err)
		_, err = o.FinishPasskeyFactor(ctx, token, c.ID, []byte(`{"id":`), desk)
		wants(t, err, problem.Unauthenticated, "an answer that is none")

		var own Own
		o.must(o.own(id, func(g *guard.Grant) (err error) { own, err = o.Own(g); return err }))
		if len(own.Passkeys) != 1 || own.Passkeys[0].Label != "办公室的安全密钥" || own.Passkeys[0].Used.IsZero() {
			t.Fatalf("own passkeys: %+v", own.Passkeys)
		}
		c, err = o.BeginPasskeyFactor(ctx, token)
		o.must(err)
		in, err := o.byPasskey(key)
		o.must(err)
		o.must(o.RemovePasskey(ctx, in.Token, goodPassword, own.Passkeys[0].ID, desk))
		_, err = o.FinishPasskeyFactor(ctx, token, c.ID, key.get(c), desk)
		wants(t, err, problem.Unauthenticated, "a passkey that was removed")
	})
}

func TestAPasskeyAlone(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(time.Minute)
		key := newStick(t, rightOrigin, true)
		o.register(o.login("mixun").Token, key)
		e, err := o.byPasskey(key)
		if err != nil || e.Stage != Live || e.Person.ID != id {
			t.Fatalf("without a password: %+v, %v", e, err)
		}
		if who, _, err := o.authenticate(e.Token); err != nil || !who.Strong || who.Person != id {
			t.Fatalf("after it: %+v, %v", who, err)
		}
		// Passkeys that travel between devices do not count: what stops an answer from being sent again is its challenge.
		silent := *key
		silent.id, silent.key, silent.frozen = randomBytes(32), newStick(t, "", true).key, true
		o.register(e.Token, &silent)
		c, err := o.BeginPasskeyLogin(context.Background(), desk)
		o.must(err)
		answer := silent.get(c)
		_, err = o.FinishPasskeyLogin(context.Background(), c.ID, answer, desk)
		o.must(err)
		_, err = o.FinishPasskeyLogin(context.Background(), c.ID, answer, desk)
		wants(t, err, problem.Unauthenticated, "an answer sent again")
		anybody := *key
		anybody.verified = false
		_, err = o.byPasskey(&anybody)
		wants(t, err, problem.Unauthenticated, "a key that did not check its holder")
		unknown := newStick(t, rightOrigin, true)
		unknown.user = []byte("nobody")
		_, err = o.byPasskey(unknown)
		wants(t, err, problem.Unauthenticated, "an unknown key")
		if last := o.newest(); last.detail.Notes["unknown"] != "passkey" {
			t.Fatalf("its record: %+v", last)
		}
		unknown.user = key.user
		_, err = o.byPasskey(unknown)
		wants(t, err, problem.Unauthenticated, "an unknown key in somebody's name")
		key.count += 10
		// A lock stops guesses; a passkey is none.
		for range 5 {
			_, err := o.enter("mixun", "not the password")
			wants(t, err, problem.Unauthenticated, "a guess")
		}
		if _, err = o.byPasskey(key); err != nil {
			t.Fatalf("beside a lock: %v", err)
		}
		_, err = o.enter("mixun", goodPassword)
		wants(t, err, problem.Refused, "the lock still stands for the password")

		o.must(o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, "调查期间") }))
		_, err = o.byPasskey(key)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("a suspended person's passkey: %v", err)
		}
	})
}

func TestPasskeysNeedAName(t *testing.T) {
	each(t, Settings{Hosts: []string{"127.0.0.1", "::1"}}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		if o.PasskeyHost() != "" {
			t.Fatalf("passkeys for %q", o.PasskeyHost())
		}
		_, err := o.BeginPasskey(context.Background(), o.login("mixun").Token, goodPassword, desk)
		wants(t, err, problem.Unavailable, "without a name")
		_, err = o.BeginPasskeyLogin(context.Background(), desk)
		wants(t, err, problem.Unavailable, "without a name")
	})
}

func TestRegisteringAnotherPersonsPasskey(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", access.Lawyer)
		o.join("fuxiaoman", "傅小满", access.Assistant)
		o.pass(time.Minute)
		key := newStick(t, rightOrigin, true)
		o.register(o.login("mixun").Token, key)
		token := o.login("fuxiaoman").Token
		c, err := o.BeginPasskey(ctx, token, goodPassword, desk)
		o.must(err)
		_, err = o.FinishPasskey(ctx, token, c.ID, "同一把", key.create(c), desk)
		wants(t, err, problem.Conflict, "a key that is somebody's")
	})
}
