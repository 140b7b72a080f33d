package person

import (
	"context"
	"errors"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/storetest"
)

// damaged wants that do is refused as damaged while the column's values have a bit turned.
func (o *office) damaged(table, column string, do func() error) {
	o.t.Helper()
	mend := storetest.Damage(o.t, o.db, table, column)
	defer mend()
	if err := do(); problem.KindOf(err) != problem.Damaged {
		o.t.Errorf("%s.%s: %v", table, column, err)
	}
}

// TestDamagedSecrets: nobody comes in by a secret that has lost a bit, and everybody does once it is whole again.
func TestDamagedSecrets(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		id, link := o.invite("mixun", "宓洵", "lawyer")
		o.must(o.door.Do(ctx, console, access.Appoint, thingOf(id), func(g *guard.Grant) error {
			return errors.Join(o.RecordTraining(g, "joining", time.Time{}, "纸质记录存档"), o.RecordPledge(g, "joining", time.Time{}, "纸质记录存档"))
		}))
		e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		a, err := o.BeginTOTP(ctx, e.Token, goodPassword, desk)
		o.must(err)
		confirm := func() error {
			_, err := o.ConfirmTOTP(ctx, e.Token, codeOf(a.Secret, o.now()), desk)
			return err
		}
		o.damaged("session", "sealed_pending", confirm)
		o.must(confirm())
		password := func() error { _, err := o.enter("mixun", goodPassword); return err }
		o.damaged("person", "sealed_password", password)
		o.must(password())
		o.pass(totpStep)
		half := o.half("mixun")
		code := func() error {
			_, err := o.VerifyCode(ctx, half, codeOf(a.Secret, o.now()), desk)
			return err
		}
		o.damaged("person", "sealed_totp", code)
		o.must(code())
	})
}

// TestDamagedPasskeys: a passkey or a ceremony that has lost a bit opens nothing.
func TestDamagedPasskeys(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(time.Minute)
		s := newStick(t, rightOrigin, true)
		o.register(o.login("mixun").Token, s)
		o.damaged("passkey", "sealed_label", func() error { return o.own(id, func(g *guard.Grant) error { _, err := o.Own(g); return err }) })
		o.damaged("passkey", "sealed_credential", func() error { _, err := o.byPasskey(s); return err })
		c, err := o.BeginPasskeyLogin(ctx, desk)
		o.must(err)
		o.damaged("ceremony", "sealed_state", func() error { _, err := o.FinishPasskeyLogin(ctx, c.ID, s.get(c), desk); return err })
		_, err = o.FinishPasskeyLogin(ctx, c.ID, s.get(c), desk)
		o.must(err)
	})
}

// TestDamagedErrands: an errand to the provider, and who somebody is there.
func TestDamagedErrands(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		cookie, err := o.Send(ctx, Errand{State: "state", Nonce: "nonce", Verifier: "verifier", Back: "/"}, desk)
		o.must(err)
		back := func() error { _, err := o.Return(ctx, cookie); return err }
		o.damaged("errand", "sealed_state", back)
		o.must(back())
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.linkTo(id, "42"))
		own := func() error { return o.own(id, func(g *guard.Grant) error { _, err := o.Own(g); return err }) }
		o.damaged("identity", "sealed_subject", own)
		o.must(own())
	})
}
