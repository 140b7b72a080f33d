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

func TestASessionEndsUnused(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		e := o.login("mixun")
		for range 4 {
			o.pass(15*time.Minute - time.Millisecond)
			if _, _, err := o.authenticate(e.Token); err != nil {
				t.Fatalf("a moment before the idle time: %v", err)
			}
		}
		o.pass(15 * time.Minute)
		_, _, err := o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "at the idle time")
		o.clock.Add(-time.Minute.Milliseconds()) // the clock of the machine jumps back: the firm's does not
		if _, _, err := o.authenticate(e.Token); err == nil {
			t.Fatal("an ended session lives again")
		}
	})
}

func TestASessionEndsAfterTwelveHours(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		e := o.login("mixun")
		for o.now().Add(10 * time.Minute).Before(e.Expires) {
			o.pass(10 * time.Minute)
			if _, _, err := o.authenticate(e.Token); err != nil {
				t.Fatalf("%s before the end: %v", e.Expires.Sub(o.now()), err)
			}
		}
		o.clock.Store(e.Expires.UnixMilli() - 1)
		if _, _, err := o.authenticate(e.Token); err != nil {
			t.Fatalf("just before the end: %v", err)
		}
		o.pass(time.Millisecond)
		_, _, err := o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "after twelve hours")
	})
}

func TestSeenIsWrittenEveryHalfMinute(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		e := o.login("mixun")
		seen := func() int64 {
			return o.count(`SELECT seen FROM session WHERE hash = $1`, hashOf("session", e.Token))
		}
		began := seen()
		o.pass(touchAfter - time.Millisecond)
		_, _, err := o.authenticate(e.Token)
		o.must(err)
		if seen() != began {
			t.Fatal("written within half a minute")
		}
		o.pass(time.Millisecond)
		_, _, err = o.authenticate(e.Token)
		o.must(err)
		if seen() != began+touchAfter.Milliseconds() {
			t.Fatalf("seen %d ms after it began, want 30000", seen()-began)
		}
	})
}

func TestRevokingEndsASessionOnEveryProcess(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		one, two, three := o.login("mixun"), o.login("mixun"), o.login("mixun")
		other := o.beside()
		var own Own
		read := func(g *guard.Grant) (err error) { own, err = o.Own(g); return err }
		o.must(o.own(id, read))
		if len(own.Sessions) != 4 || own.Sessions[0].Agent != desk.Agent || own.Sessions[0].Addr != desk.Addr { // and the one it joined in
			t.Fatalf("sessions: %+v", own.Sessions)
		}
		who, _, err := other.authenticate(two.Token)
		o.must(err)
		wants(t, o.own(o.admin, func(g *guard.Grant) error { return o.RevokeSession(g, who.Session) }), problem.Conflict, "somebody else's session")
		o.must(o.own(id, func(g *guard.Grant) error { return o.RevokeSession(g, who.Session) }))
		_, _, err = other.authenticate(two.Token)
		wants(t, err, problem.Unauthenticated, "a revoked session in the other process")
		wants(t, o.own(id, func(g *guard.Grant) error { return o.RevokeSession(g, who.Session) }), problem.Conflict, "revoking twice")

		here, _, err := o.authenticate(one.Token)
		o.must(err)
		o.must(o.door.Do(context.Background(), here, access.ManageOwnAccount, thingOf(id), func(g *guard.Grant) error {
			n, err := o.RevokeSessions(g)
			if n != 2 {
				t.Errorf("%d others ended, want 2", n)
			}
			return err
		}))
		_, _, err = o.authenticate(three.Token)
		wants(t, err, problem.Unauthenticated, "another of one's own")
		if _, _, err := o.authenticate(one.Token); err != nil {
			t.Fatalf("the session that ended the others: %v", err)
		}
		o.must(o.appoint(id, func(g *guard.Grant) error { _, err := o.RevokeSessions(g); return err }))
		_, _, err = o.authenticate(one.Token)
		wants(t, err, problem.Unauthenticated, "after the security administrator ended all")
	})
}

func TestLeaving(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		e := o.login("mixun")
		o.must(o.Leave(ctx, e.Token, desk))
		_, _, err := o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "after leaving")
		if last := o.newest(); last.Actor != id || last.detail.Notes["logout"] == nil {
			t.Fatalf("leaving is not recorded: %+v", last)
		}
		n := len(o.entries(ledger.Query{}))
		o.must(o.Leave(ctx, e.Token, desk))
		o.must(o.Leave(ctx, "no such session", desk))
		if m := len(o.entries(ledger.Query{})); m != n {
			t.Fatal("leaving again is recorded")
		}
	})
}

func TestAnOldPasswordIsRenewed(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", "lawyer")
		o.pass(180 * 24 * time.Hour)
		e, err := o.enter("mixun", goodPassword)
		o.must(err)
		e, err = o.VerifyCode(ctx, e.Token, o.code(id), desk)
		if err != nil || e.Stage != NeedPassword {
			t.Fatalf("after 180 days: %v, %v", e.Stage, err)
		}
		if _, _, err := o.authenticate(e.Token); err == nil {
			t.Fatal("an old password opens pages")
		}
		_, err = o.Renew(ctx, e.Token, goodPassword, goodPassword, desk)
		wants(t, err, problem.Invalid, "the same again")
		_, err = o.Renew(ctx, e.Token, goodPassword, "short", desk)
		wants(t, err, problem.Invalid, "one against the rule")
		_, err = o.Renew(ctx, e.Token, "Wrong-7-harbour", "Kestrel-over-fen 9", desk)
		wants(t, err, problem.Unauthenticated, "a wrong old password")
		e, err = o.Renew(ctx, e.Token, goodPassword, "Kestrel-over-fen 9", desk)
		if err != nil || e.Stage != Live {
			t.Fatalf("a new one: %v, %v", e.Stage, err)
		}
		if who, _, err := o.authenticate(e.Token); err != nil || !who.Strong {
			t.Fatalf("the second factor was shown and forgotten: %+v, %v", who, err)
		}
		_, err = o.enter("mixun", goodPassword)
		wants(t, err, problem.Unauthenticated, "the old password")
	})
}

func TestChangingThePassword(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", "lawyer")
		here, there := o.login("mixun"), o.login("mixun")
		change := func(old, new string) error { return o.ChangePassword(ctx, here.Token, old, new, desk) }
		wants(t, change("not it", "Kestrel-over-fen 9"), problem.Unauthenticated, "a wrong old password")
		if last := o.newest(); last.Outcome != ledger.Failed || last.Act != string(access.ManageOwnAccount) {
			t.Fatalf("a wrong old password is not recorded: %+v", last)
		}
		wants(t, change(goodPassword, "mixun-1234-A"), problem.Invalid, "a password with the login in it")
		if err := change(goodPassword, "Kestrel-over-fen 9"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := o.authenticate(here.Token); err != nil {
			t.Fatalf("the session in which it was changed: %v", err)
		}
		_, _, err := o.authenticate(there.Token)
		wants(t, err, problem.Unauthenticated, "another session")
		for range 4 {
			wants(t, change("not it", "Kestrel-over-fen 10"), problem.Unauthenticated, "a wrong old password")
		}
		wants(t, change("Kestrel-over-fen 9", "Kestrel-over-fen 10"), problem.Refused, "after five")
	})
}
