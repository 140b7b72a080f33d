package person

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

// fails enters with a wrong password n times and wants each to be just wrong.
func (o *office) fails(login string, n int) {
	o.t.Helper()
	for i := range n {
		_, err := o.enter(login, "not the password")
		if problem.KindOf(err) != problem.Unauthenticated {
			o.t.Fatalf("guess %d at %s: %v", i+1, login, err)
		}
	}
}

func TestFiveFailuresLockFor15Minutes(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		for _, login := range []string{"mixun", "nobody"} {
			o.fails(login, 5)
			_, err := o.enter(login, goodPassword)
			wants(t, err, problem.Refused, login+" after five")
			o.pass(15*time.Minute - time.Millisecond)
			_, err = o.enter(login, goodPassword)
			wants(t, err, problem.Refused, login+" just before the end")
			o.pass(time.Millisecond)
		}
		// The first lock was over a quarter of an hour before the second.
		e, err := o.enter("mixun", goodPassword)
		if err != nil || e.Stage != Live {
			t.Fatalf("after the lock: %v, %v", e.Stage, err)
		}
		o.fails("nobody", 5)
		o.pass(15 * time.Minute)
		_, err = o.enter("nobody", goodPassword)
		wants(t, err, problem.Refused, "a second lock after 15 minutes")
		o.pass(15 * time.Minute)
		o.fails("nobody", 1)
		locked := o.entries(ledger.Query{Thing: id})
		if n := len(locked); n == 0 || !hasNote(locked, "locked") {
			t.Fatalf("the lock of a known account is not recorded with it: %+v", locked)
		}
	})
}

func hasNote(all []record, key string) bool {
	for _, r := range all {
		if r.detail.Notes[key] != nil {
			return true
		}
	}
	return false
}

func TestALogInForgetsFailures(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		for range 3 {
			o.fails("mixun", 4)
			if _, err := o.enter("mixun", goodPassword); err != nil {
				t.Fatal(err)
			}
		}
		o.fails("mixun", 4)
		o.pass(24 * time.Hour)
		o.fails("mixun", 4)
		if _, err := o.enter("mixun", goodPassword); err != nil {
			t.Fatalf("guesses a day old still count: %v", err)
		}
	})
}

// A right password does not win back guesses at the second factor.
func TestFactorGuessesLock(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		for i := range 5 {
			e, err := o.enter("mixun", goodPassword)
			if err != nil || e.Stage != NeedFactor {
				t.Fatalf("round %d: %v, %v", i, e.Stage, err)
			}
			_, err = o.VerifyCode(context.Background(), e.Token, "000000", desk)
			wants(t, err, problem.Unauthenticated, "a wrong code")
		}
		_, err := o.enter("mixun", goodPassword)
		wants(t, err, problem.Refused, "after five wrong codes")
	})
}

func TestGuessesAtOnceAreNoMoreThanFive(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		var compared, locked atomic.Int64
		var all sync.WaitGroup
		for range 24 {
			all.Go(func() {
				_, err := o.enter("mixun", "not the password")
				switch problem.KindOf(err) {
				case problem.Unauthenticated:
					compared.Add(1)
				case problem.Refused:
					locked.Add(1)
				default:
					t.Errorf("a guess among many: %v", err)
				}
			})
		}
		all.Wait()
		if compared.Load() != 5 || locked.Load() != 19 {
			t.Fatalf("%d guesses were compared and %d refused, want 5 and 19", compared.Load(), locked.Load())
		}
	})
}

func TestUnlock(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		unlock := func() error {
			return o.appoint(id, func(g *guard.Grant) error { return o.Unlock(g, "本人来电核实") })
		}
		wants(t, unlock(), problem.Conflict, "unlocking what is not locked")
		o.fails("mixun", 5)
		if err := unlock(); err != nil {
			t.Fatal(err)
		}
		if _, err := o.enter("mixun", goodPassword); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnAddressIsClosed(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		for _, login := range logins(throttleMost) {
			o.fails(login, 1)
		}
		_, err := o.enter("mixun", goodPassword)
		wants(t, err, problem.Unavailable, "from a closed address")
		if _, err := o.Enter(context.Background(), "mixun", goodPassword, From{Addr: "192.168.7.21"}); err != nil {
			t.Fatalf("from another address: %v", err)
		}
		o.pass(throttleSpan)
		if _, err := o.enter("mixun", goodPassword); err != nil {
			t.Fatalf("a minute later: %v", err)
		}
	})
}

func TestAttemptsGiveBackTheLock(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		o.join("mixun", "宓洵", "lawyer")
		o.fails("mixun", 4)
		e, err := o.enter("mixun", goodPassword) // the fifth is right, so that nothing is locked
		if err != nil {
			t.Fatal(err)
		}
		o.pass(time.Minute)
		if _, err := o.VerifyCode(context.Background(), e.Token, o.code(e.Person.ID), desk); err != nil {
			t.Fatalf("the second factor after four failures: %v", err)
		}
		if n := o.count(`SELECT COUNT(*) FROM login_attempt`); n != 0 {
			t.Fatalf("%d log-ins have guesses after a whole log-in", n)
		}
	})
}
