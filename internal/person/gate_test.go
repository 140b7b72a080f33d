package person

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func TestLogInsAreRecorded(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		e, err := o.enter(" MiXun ", goodPassword)
		if err != nil || e.Stage != Live || e.Person.Name != "宓洵" {
			t.Fatalf("log-in: %+v, %v", e, err)
		}
		who, p, err := o.authenticate(e.Token)
		if err != nil || who.Person != id || who.Via != guard.Web || who.Addr != desk.Addr || p.Login != "mixun" || !p.Has(access.Lawyer) {
			t.Fatalf("Authenticate: %+v, %+v, %v", who, p, err)
		}
		if last := o.newest(); last.Outcome != ledger.Allowed || last.Actor != id || last.Act != string(access.UseSystem) || last.detail.Addr != desk.Addr {
			t.Fatalf("the log-in's record: %+v", last)
		}
		o.fails("mixun", 1)
		if last := o.newest(); last.Outcome != ledger.Failed || last.Actor != id || last.detail.Addr != desk.Addr {
			t.Fatalf("the failure's record: %+v", last)
		}
		o.fails("stranger", 1)
		if last := o.newest(); last.Actor == id || last.Kind != string(access.Firm) || last.detail.Notes["unknown"] != "stranger" {
			t.Fatalf("the stranger's record: %+v", last)
		}
	})
}

// A guess whose caller hangs up while it is compared is recorded all the same.
func TestHangingUpHidesNothing(t *testing.T) {
	each(t, Settings{Cost: Cost{Time: 1, Memory: 32 << 10, Lanes: 1}}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		before := len(o.entries(ledger.Query{Actor: id}))
		ctx, hangUp := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := o.Enter(ctx, "mixun", "not the password", desk)
			done <- err
		}()
		for len(o.hash.slots) == 0 {
			time.Sleep(time.Millisecond)
		}
		hangUp()
		wants(t, <-done, problem.Unauthenticated, "hanging up")
		if got := len(o.entries(ledger.Query{Actor: id})); got != before+1 {
			t.Fatalf("%d records, want 1", got-before)
		}
	})
}

func TestSuspendedPeople(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, "调查期间") }))
		_, err := o.enter("mixun", "not the password")
		if !errors.Is(err, errLogin) {
			t.Fatalf("a wrong password tells of the suspension: %v", err)
		}
		_, err = o.enter("mixun", goodPassword)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("the right password: %v", err)
		}
		if last := o.newest(); last.Outcome != ledger.Refused || last.Actor != id || !slices.Contains(last.Clauses, "6.3") {
			t.Fatalf("its record: %+v", last)
		}
	})
}

// Whatever the order in which a suspension and log-ins arrive, no session is left.
func TestSuspendingWhilePeopleLogIn(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		var all sync.WaitGroup
		tokens := make(chan string, 16)
		for range 16 {
			all.Go(func() {
				e, err := o.enter("mixun", goodPassword)
				if err == nil {
					tokens <- e.Token
					return
				}
				if k := problem.KindOf(err); k != problem.Refused { // suspended, or too many at once
					t.Errorf("log-in beside the suspension: %v", err)
				}
			})
		}
		all.Go(func() {
			if err := o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, "调查期间") }); err != nil {
				t.Errorf("suspend: %v", err)
			}
		})
		all.Wait()
		close(tokens)
		for token := range tokens {
			if _, _, err := o.authenticate(token); err == nil {
				t.Fatal("a session outlived the suspension")
			}
		}
		if n := o.count(`SELECT COUNT(*) FROM session WHERE person = $1 AND revoked = 0`, id); n != 0 {
			t.Fatalf("%d sessions are left", n)
		}
	})
}

// An unknown login takes as long as a wrong password: both hash one. The bound is loose, the machine may be busy.
func TestAnUnknownLoginTakesAsLong(t *testing.T) {
	o := newOffice(t, store.SQLite, Settings{Cost: Cost{Time: 2, Memory: 16 << 10, Lanes: 1}})
	o.join("mixun", "宓洵", "lawyer")
	o.invite("newcomer", "沈雨禾", "trainee")
	least := map[string]time.Duration{}
	for range 9 {
		o.pass(25 * time.Hour)
		for _, login := range []string{"mixun", "nobody", "newcomer"} {
			began := time.Now()
			o.fails(login, 1)
			if took := time.Since(began); least[login] == 0 || took < least[login] {
				least[login] = took
			}
		}
	}
	for login, took := range least {
		if took < least["mixun"]/2 || took > least["mixun"]*2 {
			t.Fatalf("a wrong password takes %s, %s takes %s", least["mixun"], login, took)
		}
	}
}

func TestABusyGateTakesNoGuess(t *testing.T) {
	o := newOffice(t, store.SQLite, Settings{})
	o.join("mixun", "宓洵", "lawyer")
	for range hashQueue {
		o.hash.queue <- struct{}{}
	}
	for range 6 {
		_, err := o.enter("mixun", goodPassword)
		wants(t, err, problem.Unavailable, "with a full queue")
	}
	for range hashQueue {
		<-o.hash.queue
	}
	if _, err := o.enter("mixun", goodPassword); err != nil {
		t.Fatalf("afterwards: %v", err)
	}
}
