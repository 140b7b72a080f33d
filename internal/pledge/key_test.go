package pledge_test

import (
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
)

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	must(t, err)
	return c
}

// enterWith logs somebody in who has an authenticator.
func (o *office) enterWith(login, secret string) {
	o.t.Helper()
	o.clock.Forward(time.Minute)
	o.enter(login, password)
	e, err := o.h.People.VerifyCode(o.t.Context(), o.in[login], code(o.t, secret, o.clock.Now()), desk)
	o.must(err)
	o.in[login] = e.Token
}

// TestKeysFollowPasswords: a changed password opens the same key; one that was reset makes a new one, and what the old one signed
// still holds.
func TestKeysFollowPasswords(t *testing.T) {
	one(t, func(t *testing.T, o *office) {
		o.join("new", access.Lawyer)
		first := o.sign("new")
		const changed, reset = "Another-7-harbour", "Third-7-lighthouse"
		o.must(o.h.People.ChangePassword(t.Context(), o.in["new"], password, changed, desk))
		again := func(with string) pledge.Pledge {
			_, err := o.publish(300 * 24 * time.Hour)
			o.must(err)
			s := o.signing("new")
			s.Password = with
			p, err := o.room.Sign(t.Context(), o.who("new"), s)
			o.must(err)
			return p
		}
		if p := again(changed); p.Certificate != first.Certificate {
			t.Error("a changed password makes a new key")
		}
		const renewed = "Kestrel-over-fen 9"
		o.clock.Forward(181 * 24 * time.Hour)
		e, err := o.h.People.Enter(t.Context(), "new", changed, desk)
		o.must(err)
		e, err = o.h.People.Renew(t.Context(), e.Token, changed, renewed, desk)
		o.must(err)
		o.in["new"] = e.Token
		if p := again(renewed); p.Certificate != first.Certificate {
			t.Error("a password renewed at its term makes a new key")
		}
		var link string
		o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids["new"]), func(g *guard.Grant) (err error) {
			link, _, err = o.h.People.ResetLogin(g, "忘记密码")
			return err
		}))
		if n := o.count(`SELECT COUNT(*) FROM signing_key WHERE person = $1`, o.ids["new"]); n != 0 {
			t.Error("a key that nobody can open is still there")
		}
		e, err = o.h.People.Accept(t.Context(), link, person.Acceptance{Password: reset}, desk)
		o.must(err)
		o.in["new"] = e.Token
		p := again(reset)
		if p.Certificate == first.Certificate {
			t.Error("a reset password opens the old key")
		}
		for _, p := range []pledge.Pledge{first, p} {
			pdf, err := o.fetch("auditor", p.ID)
			o.must(err)
			o.holds(pdf, p)
		}
		if n := o.count(`SELECT COUNT(*) FROM certificate WHERE person = $1`, o.ids["new"]); n != 2 {
			t.Errorf("%d certificates", n)
		}
	})
}

// TestSignedAtOnce: of two who sign at once in one person's name, one has signed.
func TestSignedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.join("new", access.Lawyer)
		s := o.signing("new")
		var done sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			done.Go(func() { _, errs[i] = o.room.Sign(t.Context(), o.who("new"), s) })
		}
		done.Wait()
		for i := range errs {
			if errs[i] == nil {
				o.wants(errs[1-i], problem.Conflict, "the other")
				if n := o.count(`SELECT COUNT(*) FROM pledge`); n != 1 {
					t.Errorf("%d pledges", n)
				}
				return
			}
		}
		t.Fatal(errs)
	})
}
