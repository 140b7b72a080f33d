package person

import (
	"context"
	"errors"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/signon"
	"mijuan/internal/signon/signontest"
	"mijuan/internal/store"
)

// domain has the office ask a real directory, which knows some of its people.
func (o *office) domain(logins ...string) *signontest.Directory {
	o.t.Helper()
	s := signontest.RunDirectory(o.t, logins...)
	d, err := signon.NewLDAP(s.Settings())
	o.must(err)
	o.AskDirectory(Directory{Prove: d.Prove, Answers: d.Answers})
	return s
}

func (o *office) byDirectory(person string, on bool) error {
	return o.appoint(person, func(g *guard.Grant) error { return o.SetDirectory(g, on, "启用域账号") })
}

func TestLoggingInByTheDirectory(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.domain("mixun", "locked", "*)(uid=*")
		id := o.join("mixun", "宓洵", "lawyer")
		_, err := o.enter("mixun", signontest.Password)
		wants(t, err, problem.Unauthenticated, "the directory's password before")
		o.must(o.byDirectory(id, true))
		e, err := o.enter(" MiXun ", signontest.Password)
		if err != nil || e.Stage != Live || e.Person.ID != id || !e.Person.Directory {
			t.Fatalf("the directory's password: %+v, %v", e, err)
		}
		if last := o.newest(); last.Outcome != ledger.Allowed || last.Actor != id || last.detail.Notes["login"] != "directory" {
			t.Fatalf("its record: %+v", last)
		}
		for _, password := range []string{goodPassword, "", "wrong", signontest.Password + " ", "\x00"} {
			if _, err := o.enter("mixun", password); !errors.Is(err, errLogin) {
				t.Errorf("%q: %v", password, err)
			}
		}
		failed := 0
		for _, r := range o.entries(ledger.Query{Actor: id}) {
			if r.Outcome == ledger.Failed {
				failed++
			}
		}
		if failed != 6 { // and the one before
			t.Errorf("%d failures are on record, want 6", failed)
		}
		_, err = o.enter("mixun", signontest.Password)
		wants(t, err, problem.Refused, "after five wrong ones")
		o.pass(15 * time.Minute)
		if _, err = o.enter("mixun", signontest.Password); err != nil {
			t.Fatalf("after the lock: %v", err)
		}
		for _, login := range []string{"*)(uid=*", "*", "nobody"} {
			if _, err := o.enter(login, signontest.Password); !errors.Is(err, errLogin) {
				t.Errorf("%s: %v", login, err)
			}
		}
		closed := o.join("locked", "沈雨禾", "trainee")
		o.must(o.byDirectory(closed, true))
		if _, err := o.enter("locked", signontest.Password); !errors.Is(err, errLogin) {
			t.Errorf("an account that the directory has locked: %v", err)
		}
	})
}

// What is shown again before an act that binds is the own password, never the directory's; it grows no older, and is the log-in's
// again afterwards.
func TestTheOwnPasswordIsForSigning(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		o.domain("mixun")
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.byDirectory(id, true))
		o.pass(200 * 24 * time.Hour)
		e, err := o.enter("mixun", signontest.Password)
		if err != nil || e.Stage != Live {
			t.Fatalf("with an old password for signing: %v, %v", e.Stage, err)
		}
		_, _, err = o.Confirm(context.Background(), e.Token, Confirmation{Password: signontest.Password}, desk)
		wants(t, err, problem.Unauthenticated, "confirming by the directory's password")
		_, _, err = o.Confirm(context.Background(), e.Token, Confirmation{Password: goodPassword}, desk)
		o.must(err)
		o.must(o.ChangePassword(context.Background(), e.Token, goodPassword, goodPassword+"!", desk))
		if _, err := o.enter("mixun", signontest.Password); err != nil {
			t.Fatalf("after the password for signing was changed: %v", err)
		}
		o.must(o.byDirectory(id, false))
		if _, err = o.enter("mixun", signontest.Password); !errors.Is(err, errLogin) {
			t.Fatalf("the directory's password afterwards: %v", err)
		}
		if e, err = o.enter("mixun", goodPassword+"!"); err != nil || e.Stage != Live {
			t.Fatalf("the own one: %v, %v", e.Stage, err)
		}
		o.pass(200 * 24 * time.Hour)
		if e, err = o.enter("mixun", goodPassword+"!"); err != nil || e.Stage != NeedPassword {
			t.Fatalf("the own one when it is old: %v, %v", e.Stage, err)
		}
	})
}

// The directory stands for the password and for nothing after it.
func TestTheDirectoryIsNoSecondFactor(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		o.domain("mixun")
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.byDirectory(id, true))
		e, err := o.enter("mixun", signontest.Password)
		if err != nil || e.Stage != NeedFactor {
			t.Fatalf("the stage: %v, %v", e.Stage, err)
		}
		if _, _, err := o.authenticate(e.Token); err == nil {
			t.Fatal("in without the second factor")
		}
		o.pass(time.Minute)
		e, err = o.VerifyCode(context.Background(), e.Token, o.code(id), desk)
		if err != nil || e.Stage != Live {
			t.Fatalf("with the second factor: %v, %v", e.Stage, err)
		}
	})
}

func TestTheDirectoryDoesNotOpenClosedAccounts(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		s := o.domain("mixun", "newcomer")
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.byDirectory(id, true))
		o.must(o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, "调查期间") }))
		if _, err := o.enter("mixun", "wrong"); !errors.Is(err, errLogin) {
			t.Fatalf("a wrong password tells of the suspension: %v", err)
		}
		_, err := o.enter("mixun", signontest.Password)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("suspended: %v", err)
		}
		invited, _ := o.invite("newcomer", "沈雨禾", "trainee")
		o.must(o.byDirectory(invited, true))
		_, err = o.enter("newcomer", signontest.Password)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("invited: %v", err)
		}
		s.Stop()
		_, err = o.enter("mixun", "wrong")
		wants(t, err, problem.Unavailable, "the directory is away, which is all that is told of a suspended person")
		if n := o.count(`SELECT COUNT(*) FROM session WHERE revoked = 0 AND person <> $1`, o.admin); n != 0 {
			t.Fatalf("%d sessions", n)
		}
	})
}

// While the directory is away nobody gets in by it, whatever they type, and nobody learns who exists; who logs in by the own password does.
func TestADirectoryThatIsAway(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		s := o.domain("mixun")
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.byDirectory(id, true))
		s.Stop()
		for range 6 {
			for _, login := range []string{"mixun", "nobody"} {
				_, err := o.enter(login, signontest.Password)
				wants(t, err, problem.Unavailable, login)
			}
			_, err := o.enter("mixun", goodPassword)
			wants(t, err, problem.Unavailable, "the own password instead")
		}
		if last := o.newest(); last.Outcome != ledger.Failed || last.Actor != id {
			t.Fatalf("its record: %+v", last)
		}
		if _, err := o.enter("yan.ruogu", "wrong"); !problem.Is(err, problem.Unavailable) {
			t.Fatalf("a wrong own password: %v", err)
		}
		if _, err := o.enter("yan.ruogu", goodPassword); err != nil {
			t.Fatalf("the own password: %v", err)
		}
		if n := o.count(`SELECT COUNT(*) FROM login_attempt WHERE failures > 0`); n != 0 {
			t.Fatalf("%d log-ins have paid for it", n)
		}
		s.Again()
		if _, err := o.enter("mixun", signontest.Password); err != nil {
			t.Fatalf("the directory is back: %v", err)
		}
		s.Stop()
		for range throttleMost {
			if _, err := o.enter("nobody", "guess"); !problem.Is(err, problem.Unavailable) {
				t.Fatalf("an address that asks on and on: %v", err)
			}
		}
		s.Again()
		_, err := o.enter("mixun", signontest.Password)
		wants(t, err, problem.Unavailable, "an address that has used up its failures")

		unwired := o.beside()
		unwired.asks = nil
		_, err = unwired.Enter(context.Background(), "mixun", goodPassword, From{Addr: "192.168.7.21"})
		wants(t, err, problem.Unavailable, "a process that was started without the directory")
	})
}

// Who stops logging in by the directory while it is asked does not come in by its answer.
func TestTheWayChangesWhileTheDirectoryIsAsked(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		o.AskDirectory(Directory{Answers: func(context.Context) error { return nil }, Prove: func(context.Context, string, string) (bool, error) {
			o.must(o.byDirectory(id, false))
			return true, nil
		}})
		o.must(o.byDirectory(id, true))
		if _, err := o.enter("mixun", signontest.Password); !errors.Is(err, errLogin) {
			t.Fatalf("by an answer that counts no more: %v", err)
		}
	})
}

// The directory hears the log-in names and passwords of those who log in by it, in the form in which the roster has the names.
func TestWhatTheDirectoryHears(t *testing.T) {
	o := newOffice(t, store.SQLite, Settings{})
	var heard []string
	asked := 0
	o.AskDirectory(Directory{Answers: func(context.Context) error { asked++; return nil }, Prove: func(_ context.Context, login, password string) (bool, error) {
		heard = append(heard, login+" "+password)
		return false, nil
	}})
	id := o.join("mixun", "宓洵", "lawyer")
	o.join("other", "沈雨禾", "trainee")
	o.must(o.byDirectory(id, true))
	for _, login := range []string{"other", "nobody", " MIXUN"} {
		o.fails(login, 1)
	}
	if len(heard) != 1 || heard[0] != "mixun not the password" || asked != 2 {
		t.Fatalf("the directory heard %q, and was asked %d times whether it is there", heard, asked)
	}
}

func TestAdministratorsKeepTheirOwnPasswords(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		wants(t, o.byDirectory(o.join("early", "早来", "other"), true), problem.Conflict, "without a directory")
		o.domain()
		auditor, lawyer := o.join("auditor", "审计", access.Auditor), o.join("mixun", "宓洵", "lawyer")
		wants(t, o.byDirectory(auditor, true), problem.Conflict, "an administrator by the directory")
		o.must(o.byDirectory(lawyer, true))
		wants(t, o.byDirectory(lawyer, true), problem.Conflict, "twice")
		o.must(o.appoint(lawyer, func(g *guard.Grant) error {
			return o.ChangePosts(g, []access.Post{access.Lawyer, access.SystemAdmin}, "任命")
		}))
		if e, err := o.enter("mixun", goodPassword); err != nil || e.Person.Directory {
			t.Fatalf("one who became administrator: %+v, %v", e, err)
		}
		if _, err := o.exec(`UPDATE person SET by_directory = 1 WHERE id = $1`, lawyer); err == nil {
			t.Fatal("the table lets an administrator log in by the directory")
		}
		left := o.join("gone", "离去", "lawyer")
		_, err := o.exec(`UPDATE person SET status = 'left' WHERE id = $1`, left)
		o.must(err)
		o.join("shen", "沈雨禾", "trainee")
		o.must(o.as(o.admin, access.Appoint, guard.Firm, func(g *guard.Grant) error {
			n, err := o.AllByDirectory(g, "启用域账号")
			if err == nil && n != 2 {
				t.Errorf("%d people log in by the directory, want 2", n)
			}
			return err
		}))
		o.must(o.as(o.admin, access.Appoint, guard.Firm, func(g *guard.Grant) error {
			l, err := o.LogIns(g)
			if l != (LogIns{Password: 3, Directory: 2}) {
				t.Errorf("log-ins: %+v", l)
			}
			return err
		}))
		if n := o.count(`SELECT COUNT(*) FROM person WHERE by_directory = 1 AND (administrator <> '' OR status = 'left')`); n != 0 {
			t.Fatalf("%d of them must not", n)
		}
	})
}
