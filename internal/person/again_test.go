package person

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

// TestFactorsChangeByPassword: an open session is not enough to change a second factor, and guesses at it lock the log-in.
func TestFactorsChangeByPassword(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(time.Minute)
		token := o.login("mixun").Token
		o.register(token, newStick(t, rightOrigin, true))
		var own Own
		o.must(o.own(id, func(g *guard.Grant) (err error) { own, err = o.Own(g); return err }))

		changes := map[string]func(password string) error{
			"a passkey":         func(p string) error { _, err := o.BeginPasskey(ctx, token, p, desk); return err },
			"an authenticator":  func(p string) error { _, err := o.BeginTOTP(ctx, token, p, desk); return err },
			"removal of one":    func(p string) error { return o.RemoveTOTP(ctx, token, p, desk) },
			"removal of a key":  func(p string) error { return o.RemovePasskey(ctx, token, p, own.Passkeys[0].ID, desk) },
			"recovery codes":    func(p string) error { _, err := o.NewRecoveryCodes(ctx, token, p, desk); return err },
			"an emptied answer": func(string) error { _, err := o.BeginTOTP(ctx, token, "", desk); return err },
		}
		for what, change := range changes {
			wants(t, change("not the password"), problem.Unauthenticated, what)
			if last := o.newest(); last.Actor != id || last.Outcome != ledger.Failed || last.Act != "manageOwnAccount" {
				t.Fatalf("the record of %s: %+v", what, last)
			}
			o.unlock()
		}
		if n := o.count(`SELECT COUNT(*) FROM person p JOIN passkey k ON k.person = p.id WHERE p.id = $1 AND p.sealed_totp IS NOT NULL`, id); n != 1 {
			t.Fatal("a factor changed all the same")
		}
		if n := o.count(`SELECT COUNT(*) FROM ceremony`) + o.count(`SELECT COUNT(*) FROM session WHERE sealed_pending IS NOT NULL`); n != 0 {
			t.Fatalf("%d changes were begun all the same", n)
		}

		for range maxFailures {
			wants(t, changes["removal of a key"]("not the password"), problem.Unauthenticated, "a guess")
		}
		wants(t, changes["removal of a key"](goodPassword), problem.Refused, "the right password after five guesses")
		_, err := o.enter("mixun", goodPassword)
		wants(t, err, problem.Refused, "a log-in beside it")
		o.unlock()
		o.must(changes["removal of a key"](goodPassword))
		if last := o.newest(); last.Outcome != ledger.Allowed || last.detail.Notes["confirmed"] != "password" || last.detail.Notes["removed"] != "passkey" {
			t.Fatalf("the record of a removal: %+v", last)
		}
	})
}

// unlock forgets every guess.
func (o *office) unlock() {
	o.t.Helper()
	_, err := o.exec(`DELETE FROM login_attempt`)
	o.must(err)
}

// TestAnAuthenticatorIsConfirmedSoon: in a live session the secret counts for ten minutes after the password, and is the same one
// after a wrong code.
func TestAnAuthenticatorIsConfirmedSoon(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", "lawyer")
		token := o.login("mixun").Token
		_, err := o.PendingTOTP(ctx, token)
		wants(t, err, problem.Unauthenticated, "nothing begun")
		a, err := o.BeginTOTP(ctx, token, goodPassword, desk)
		o.must(err)
		_, err = o.ConfirmTOTP(ctx, token, "000000", desk)
		wants(t, err, problem.Unauthenticated, "a wrong code")
		if again, err := o.PendingTOTP(ctx, token); err != nil || again != a {
			t.Fatalf("after a wrong code: %v, %v", again, err)
		}
		o.pass(factorFor)
		_, err = o.PendingTOTP(ctx, token)
		wants(t, err, problem.Unauthenticated, "ten minutes later")
		_, err = o.ConfirmTOTP(ctx, token, codeOf(a.Secret, o.now()), desk)
		wants(t, err, problem.Unauthenticated, "its code ten minutes later")
	})
}

// TestWhatWasBegunBeforeIsNotFinished: a session at its set-up begins without a password; what it did not finish there is void once
// it is live.
func TestWhatWasBegunBeforeIsNotFinished(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		_, link := o.invite("mixun", "宓洵", "lawyer")
		e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		left, err := o.BeginPasskey(ctx, e.Token, "", desk)
		o.must(err)
		e = o.register(e.Token, newStick(t, rightOrigin, true))
		_, err = o.FinishPasskey(ctx, e.Token, left.ID, "另一把", newStick(t, rightOrigin, true).create(left), desk)
		wants(t, err, problem.Unauthenticated, "a passkey begun before")
		if n := o.count(`SELECT COUNT(*) FROM passkey`); n != 1 {
			t.Fatalf("%d passkeys", n)
		}
	})
}
