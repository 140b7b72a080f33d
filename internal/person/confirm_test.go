package person

import (
	"context"
	"errors"
	"testing"
	"time"

	"mijuan/internal/problem"
)

// TestConfirm: what binds is confirmed by the password and, where there is one, a second factor, each used once; what is wrong counts.
func TestConfirm(t *testing.T) {
	each(t, Settings{Hosts: []string{"firm.example"}}, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", "lawyer")
		in := o.login("mixun")
		p, at, err := o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword}, desk)
		if err != nil || p.Login != "mixun" || !at.Equal(o.now()) {
			t.Fatalf("by the password alone: %v at %v, %v", p.Login, at, err)
		}
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: "Wrong-7-harbour"}, desk)
		wants(t, err, problem.Unauthenticated, "a wrong password")
		if e := o.newest(); e.Act != "manageOwnAccount" || o.count(`SELECT failures FROM login_attempt`) != 1 {
			t.Errorf("a wrong password: %+v", e.Entry)
		}

		key := newStick(t, "https://firm.example", true)
		c, err := o.BeginPasskey(ctx, in.Token, goodPassword, desk)
		o.must(err)
		e, err := o.FinishPasskey(ctx, in.Token, c.ID, "手机", key.create(c), desk)
		o.must(err)
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword}, desk)
		wants(t, err, problem.Unauthenticated, "without the passkey")
		show := func(in string) (Ceremony, error) { return o.BeginPasskeyFactor(ctx, in) }
		c, err = show(in.Token)
		o.must(err)
		answer := key.get(c)
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Ceremony: c.ID, Answer: answer}, desk)
		o.must(err)
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Ceremony: c.ID, Answer: answer}, desk)
		wants(t, err, problem.Unauthenticated, "the same answer again")
		other := newStick(t, "https://firm.example", true)
		other.id, other.user = key.id, key.user
		c, err = show(in.Token)
		o.must(err)
		if _, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Ceremony: c.ID, Answer: other.get(c)}, desk); !errors.Is(err, errKey) {
			t.Errorf("another key: %v", err)
		}
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Code: e.Codes[0]}, desk)
		o.must(err)
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Code: e.Codes[0]}, desk)
		wants(t, err, problem.Unauthenticated, "a recovery code twice")
		o.pass(13 * time.Hour)
		_, _, err = o.Confirm(ctx, in.Token, Confirmation{Password: goodPassword, Code: e.Codes[1]}, desk)
		wants(t, err, problem.Unauthenticated, "a session that is over")
	})
}
