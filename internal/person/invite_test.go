package person

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestAOneTimeLink(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		accept := func(link, password string) (Entry, error) {
			return o.Accept(ctx, link, Acceptance{Password: password}, desk)
		}
		id, link := o.invite("mixun", "宓洵", "lawyer")
		w, err := o.Welcome(ctx, link)
		if err != nil || w.Person.Name != "宓洵" || w.Person.Login != "mixun" || w.Unnamed || w.SecondFactor {
			t.Fatalf("Welcome: %+v, %v", w, err)
		}
		_, err = o.enter("mixun", goodPassword)
		wants(t, err, problem.Unauthenticated, "before the link was used")
		_, err = accept(link, "mixun2026A")
		wants(t, err, problem.Invalid, "a password against the rule")
		e, err := accept(link, goodPassword)
		if err != nil || e.Stage != Live || e.Person.ID != id {
			t.Fatalf("the link: %+v, %v", e, err)
		}
		if _, p, err := o.authenticate(e.Token); err != nil || p.Joined.IsZero() {
			t.Fatalf("after it: %+v, %v", p, err)
		}
		_, err = o.Welcome(ctx, link)
		wants(t, err, problem.Absent, "the link again")
		_, err = accept(link, goodPassword)
		wants(t, err, problem.Absent, "using the link again")
		if !hasNote(o.entries(ledger.Query{Thing: id}), "account") {
			t.Fatal("the opening of the account is not recorded")
		}

		other, late := o.invite("fuxiaoman", "傅小满", "assistant")
		o.pass(invitationFor)
		_, err = accept(late, goodPassword)
		wants(t, err, problem.Absent, "after 72 hours")
		var fresh, freshest string
		reset := func(link *string) func(*guard.Grant) error {
			return func(g *guard.Grant) (err error) { *link, _, err = o.ResetLogin(g, "链接过期"); return err }
		}
		o.must(o.appoint(other, reset(&fresh)))
		o.must(o.appoint(other, reset(&freshest)))
		_, err = accept(fresh, goodPassword)
		wants(t, err, problem.Absent, "a link that was replaced")
		o.pass(invitationFor - time.Millisecond)
		if _, err = accept(freshest, goodPassword); err != nil {
			t.Fatal(err)
		}
		o.must(o.appoint(id, reset(&fresh)))
		_, err = accept(link, goodPassword)
		wants(t, err, problem.Absent, "a used link of somebody who is invited again")
		_, err = o.exec(`UPDATE person SET status = 'left' WHERE id = $1`, id)
		o.must(err)
		_, err = accept(fresh, goodPassword)
		wants(t, err, problem.Absent, "a link of somebody who left")
		_, err = accept("no such link", goodPassword)
		wants(t, err, problem.Absent, "a link that never was")
	})
}

// Where a second factor is needed the account opens with it, and the link is good until then.
func TestALinkLastsUntilTheSecondFactor(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id, link := o.invite("mixun", "宓洵", "lawyer")
		first, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		if first.Stage != NeedSetUp {
			t.Fatalf("stage %v", first.Stage)
		}
		if n := o.count(`SELECT COUNT(*) FROM person WHERE id = $1 AND status = 'invited'`, id); n != 1 {
			t.Fatal("active without a second factor")
		}
		_, err = o.enter("mixun", goodPassword)
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("log-in before the second factor: %v", err)
		}
		second, err := o.Accept(ctx, link, Acceptance{Password: "Kestrel-over-fen 9"}, desk)
		o.must(err)
		_, err = o.BeginTOTP(ctx, first.Token, goodPassword, desk)
		wants(t, err, problem.Unauthenticated, "the session of the first try")
		if e := o.setUp(second.Token); e.Stage != Live || len(e.Codes) != 10 {
			t.Fatalf("set up: %+v", e)
		}
		_, err = o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		wants(t, err, problem.Absent, "the link after that")
	})
}

func TestALinkIsUsedOnceByManyAtOnce(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		_, link := o.invite("mixun", "宓洵", "lawyer")
		var used atomic.Int64
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				_, err := o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
				if err == nil {
					used.Add(1)
				} else if !problem.Is(err, problem.Absent) {
					t.Errorf("one of many: %v", err)
				}
			})
		}
		all.Wait()
		if used.Load() != 1 {
			t.Fatalf("used %d times", used.Load())
		}
	})
}

func TestBootstrap(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			ctx := context.Background()
			o := newOffice(t, engine, Settings{})
			bootstrap := func() (link string, err error) {
				err = o.door.Do(ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) error { link, err = o.Bootstrap(g); return err })
				return link, err
			}
			_, err := bootstrap()
			wants(t, err, problem.Conflict, "a firm with people")
			o = emptyOffice(t, engine)
			lost, err := bootstrap()
			o.must(err)
			link, err := bootstrap()
			o.must(err)
			_, err = o.Welcome(ctx, lost)
			wants(t, err, problem.Absent, "the first link")
			w, err := o.Welcome(ctx, link)
			if err != nil || !w.Unnamed {
				t.Fatalf("Welcome: %+v, %v", w, err)
			}
			_, err = o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
			wants(t, err, problem.Invalid, "without a name")
			_, err = o.Accept(ctx, link, Acceptance{Password: goodPassword, Name: "严若谷", Login: "ab c"}, desk)
			wants(t, err, problem.Invalid, "with a wrong login")
			e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword, Name: "严若谷", Login: "Yan.Ruogu"}, desk)
			if err != nil || e.Person.Name != "严若谷" || e.Person.Login != "yan.ruogu" {
				t.Fatalf("accepted: %+v, %v", e.Person, err)
			}
			// Trained and pledged, so that somebody can invite the others.
			o.must(o.as(e.Person.ID, access.Appoint, guard.Firm, func(g *guard.Grant) error {
				_, _, err := o.Invite(g, Invitation{Login: "mixun", Details: Details{Name: "宓洵"}, Posts: []access.Post{access.Lawyer}})
				return err
			}))
			_, err = bootstrap()
			wants(t, err, problem.Conflict, "once somebody is there")
			if _, err := o.enter("yan.ruogu", goodPassword); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// emptyOffice is a firm of nobody.
func emptyOffice(t *testing.T, engine store.Engine) *office {
	t.Helper()
	o := newOffice(t, engine, Settings{})
	for _, table := range []string{"session", "invitation", "qualification", "right_change", "person_gram", "recovery_code", "person"} {
		_, err := o.exec(`DELETE FROM ` + table)
		o.must(err)
	}
	return o
}

func TestWhatAnInvitationWants(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		invite := func(login, name string, posts ...access.Post) error {
			return o.as(o.admin, access.Appoint, guard.Firm, func(g *guard.Grant) error {
				_, _, err := o.Invite(g, Invitation{Login: login, Details: Details{Name: name}, Posts: posts})
				return err
			})
		}
		o.must(invite("mixun", "宓洵", access.Lawyer, access.Committee))
		wants(t, invite(" MIXUN", "宓洵", access.Lawyer), problem.Conflict, "a login that is taken")
		wants(t, invite("ｍｉｘｕｎ", "宓洵", access.Lawyer), problem.Invalid, "a login in full width")
		for about, err := range map[string]error{
			"no name":        invite("abc", " ", access.Lawyer),
			"no post":        invite("abc", "某人"),
			"no such post":   invite("abc", "某人", "emperor"),
			"two of three":   invite("abc", "某人", access.Auditor, access.SystemAdmin),
			"a login of one": invite("a", "某人", access.Lawyer),
			"a turned name":  invite("abc", "某\u202e人", access.Lawyer),
		} {
			wants(t, err, problem.Invalid, about)
		}
		lawyer := o.join("shenyuhe", "沈雨禾", access.Lawyer)
		err := o.as(lawyer, access.Appoint, guard.Firm, func(g *guard.Grant) error { t.Error("a lawyer invites"); return nil })
		if _, refused := guard.AsRefusal(err); !refused {
			t.Fatalf("a lawyer invites: %v", err)
		}
	})
}
