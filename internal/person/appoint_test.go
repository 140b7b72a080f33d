package person

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

func (o *office) principal(id string) (p access.Principal) {
	o.t.Helper()
	o.must(o.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		p, err = o.Principal(tx, id)
		return err
	}))
	return p
}

func TestThreeAdministratorsAreNeverOnePerson(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("jianyiming", "简一鸣", access.SystemAdmin, access.Lawyer)
		change := func(posts ...access.Post) error {
			return o.appoint(id, func(g *guard.Grant) error { return o.ChangePosts(g, posts, "岗位调整") })
		}
		pairs := [][]access.Post{{access.SystemAdmin, access.SecurityAdmin}, {access.SystemAdmin, access.Auditor}, {access.SecurityAdmin, access.Auditor}, administrators}
		for _, posts := range pairs {
			wants(t, change(posts...), problem.Invalid, "two of three")
		}
		for _, set := range []string{
			`UPDATE person SET posts = 'auditor' WHERE id = $1`,
			`UPDATE person SET posts = 'lawyer,security_admin' WHERE id = $1`,
			`UPDATE person SET administrator = 'system_admin,auditor' WHERE id = $1`,
		} {
			if _, err := o.exec(set, id); err == nil {
				t.Fatalf("the database took %s", set)
			}
		}
		if p := o.principal(id); !slices.Equal(p.Posts, []access.Post{access.Lawyer, access.SystemAdmin}) {
			t.Fatalf("posts: %v", p.Posts)
		}
		o.must(change(access.Administration, access.Auditor))
		if p := o.principal(id); !slices.Equal(p.Posts, []access.Post{access.Administration, access.Auditor}) {
			t.Fatalf("posts: %v", p.Posts)
		}
		if last := o.newest(); last.Thing != id || last.detail.Notes["reason"] != "岗位调整" || last.detail.Notes["before"] == nil {
			t.Fatalf("its record: %+v", last)
		}
	})
}

func TestTheLastSecurityAdministratorStays(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		byConsole := func(f func(*guard.Grant) error) error {
			return o.door.Do(ctx, console, access.Appoint, thingOf(o.admin), f)
		}
		acts := map[string]func(*guard.Grant) error{
			"suspend": func(g *guard.Grant) error { return o.Suspend(g, "测试") },
			"posts":   func(g *guard.Grant) error { return o.ChangePosts(g, []access.Post{access.Lawyer}, "测试") },
		}
		for about, f := range acts {
			wants(t, byConsole(f), problem.Conflict, about)
		}
		o.invite("second", "贺兰", access.SecurityAdmin) // not active yet
		wants(t, byConsole(acts["suspend"]), problem.Conflict, "beside one who has not joined")
		o.must(byConsole(func(g *guard.Grant) error {
			return o.ChangePosts(g, []access.Post{access.SecurityAdmin, access.Other}, "测试")
		}))

		// Two suspend each other at once: one of them stays.
		other := o.join("third", "温舒", access.SecurityAdmin)
		var stayed atomic.Int64
		var all sync.WaitGroup
		for _, pair := range [][2]string{{o.admin, other}, {other, o.admin}} {
			all.Go(func() {
				err := o.as(pair[0], access.Appoint, thingOf(pair[1]), acts["suspend"])
				if err != nil {
					stayed.Add(1)
				}
			})
		}
		all.Wait()
		left := o.count(`SELECT COUNT(*) FROM person WHERE administrator = 'security_admin' AND status = 'active'`)
		if stayed.Load() != 1 || left != 1 {
			t.Fatalf("%d of two suspensions failed, %d security administrators are left", stayed.Load(), left)
		}
	})
}

// The console can hand out a new link even to the last security administrator, who has lost everything.
func TestTheConsoleResetsTheLastSecurityAdministrator(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		ctx := context.Background()
		var link string
		o.must(o.door.Do(ctx, console, access.Appoint, thingOf(o.admin), func(g *guard.Grant) (err error) {
			link, _, err = o.ResetLogin(g, "手机遗失")
			return err
		}))
		e, err := o.Accept(ctx, link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		if e = o.setUp(e.Token); e.Stage != Live {
			t.Fatalf("stage %v", e.Stage)
		}
		if p := o.principal(o.admin); !p.Active || !p.Trained || !p.Pledged {
			t.Fatalf("facts: %+v", p)
		}
	})
}

func TestSuspendingAndRestoring(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", access.Lawyer)
		e := o.login("mixun")
		_, secret := o.token(id, NewToken{Name: "脚本", Scopes: []access.Act{access.ReadRoster}})
		suspend := func(reason string) error {
			return o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, reason) })
		}
		restore := func() error { return o.appoint(id, func(g *guard.Grant) error { return o.Restore(g, "调查结束") }) }
		wants(t, suspend(" "), problem.Invalid, "without a reason")
		wants(t, restore(), problem.Conflict, "restoring who is active")
		o.must(suspend("调查期间"))
		wants(t, suspend("调查期间"), problem.Conflict, "suspending twice")
		if o.principal(id).Active {
			t.Fatal("still active")
		}
		_, _, err := o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "a session")
		_, err = o.AuthenticateToken(context.Background(), secret, desk.Addr)
		wants(t, err, problem.Unauthenticated, "a token")
		o.must(restore())
		if !o.principal(id).Active {
			t.Fatal("not active again")
		}
		_, _, err = o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "the session of before")
		_, err = o.AuthenticateToken(context.Background(), secret, desk.Addr)
		wants(t, err, problem.Unauthenticated, "the token of before")
		o.login("mixun")

		// Who never joined does not join by being restored.
		newcomer, link := o.invite("newcomer", "沈雨禾", access.Trainee)
		o.must(o.appoint(newcomer, func(g *guard.Grant) error { return o.Suspend(g, "暂缓入职") }))
		_, err = o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
		wants(t, err, problem.Absent, "the link of a suspended person")
		o.must(o.appoint(newcomer, func(g *guard.Grant) error { return o.Restore(g, "恢复入职") }))
		if o.principal(newcomer).Active {
			t.Fatal("active without a log-in")
		}
	})
}

func TestResettingALogin(t *testing.T) {
	each(t, passkeySettings, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", access.Lawyer)
		o.pass(time.Minute)
		e := o.login("mixun")
		key := newStick(t, rightOrigin, true)
		o.register(e.Token, key)
		var link string
		o.must(o.appoint(id, func(g *guard.Grant) (err error) {
			link, _, err = o.ResetLogin(g, "手机和密钥都丢了")
			return err
		}))
		_, _, err := o.authenticate(e.Token)
		wants(t, err, problem.Unauthenticated, "the session")
		_, err = o.enter("mixun", goodPassword)
		wants(t, err, problem.Unauthenticated, "the password")
		if _, err = o.byPasskey(key); err == nil {
			t.Fatal("the lost key still opens")
		}
		n := o.count(`SELECT (SELECT COUNT(*) FROM passkey WHERE person = $1) + (SELECT COUNT(*) FROM recovery_code WHERE person = $1) +
			(SELECT COUNT(*) FROM person WHERE id = $1 AND (sealed_totp IS NOT NULL OR sealed_password IS NOT NULL))`, id)
		if n != 0 {
			t.Fatalf("%d secrets are left", n)
		}
		e, err = o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		if e = o.setUp(e.Token); e.Stage != Live || len(e.Codes) != 10 {
			t.Fatalf("the new log-in: %+v", e)
		}
	})
}

func TestTrainingAndPledgeAreFacts(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id, link := o.invite("mixun", "宓洵", access.Lawyer)
		_, err := o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
		o.must(err)
		read := func() error {
			return o.as(id, access.ReadRoster, guard.Firm, func(g *guard.Grant) error { _, err := o.List(g, Query{}); return err })
		}
		refusedFor := func(clause string) {
			t.Helper()
			d, refused := guard.AsRefusal(read())
			if !refused || !slices.ContainsFunc(d.Reasons, func(r access.Reason) bool { return r.Clause == clause }) {
				t.Fatalf("want a refusal by %s, got %+v", clause, d)
			}
		}
		train := func(kind string, at time.Time) error {
			return o.appoint(id, func(g *guard.Grant) error { return o.RecordTraining(g, kind, at, "纸质记录存档") })
		}
		pledge := func() error {
			return o.appoint(id, func(g *guard.Grant) error { return o.RecordPledge(g, "joining", time.Time{}, "纸质记录存档") })
		}
		refusedFor("6.1")
		o.must(pledge())
		refusedFor("6.1")
		wants(t, train("seminar", time.Time{}), problem.Invalid, "no such kind")
		wants(t, train("joining", o.now().Add(time.Hour)), problem.Invalid, "in the future")
		yesterday := o.now().Add(-24 * time.Hour)
		o.must(train("joining", yesterday))
		o.must(read())
		o.must(train("special", yesterday.Add(-48*time.Hour))) // recorded late: the later one stays in force
		if p := o.principal(id); !p.Trained || !p.Pledged {
			t.Fatalf("facts: %+v", p)
		}
		o.clock.Store(yesterday.Add(trainingFor).UnixMilli() - 1)
		if !o.principal(id).Trained {
			t.Fatal("overdue too early")
		}
		o.pass(time.Millisecond)
		if o.principal(id).Trained {
			t.Fatal("not overdue after a year")
		}
		refusedFor("6.2") // who was trained before is told of the regular training
		_, err = o.exec(`UPDATE person SET pledged_until = $2 WHERE id = $1`, id, 0)
		o.must(err)
		if o.principal(id).Pledged {
			t.Fatal("pledged to an older version")
		}
		if last := o.entries(ledger.Query{Thing: id, Act: string(access.Appoint)}); !hasNote(last, "training") || !hasNote(last, "pledge") {
			t.Fatal("not recorded")
		}
	})
}

func TestNobodyAppointsThemselves(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		for _, f := range []func(*guard.Grant) error{
			func(g *guard.Grant) error { return o.RecordTraining(g, "regular", time.Time{}, "纸质记录存档") },
			func(g *guard.Grant) error {
				return o.ChangePosts(g, []access.Post{access.SecurityAdmin, access.Director}, "测试")
			},
		} {
			if _, refused := guard.AsRefusal(o.appoint(o.admin, f)); !refused {
				t.Fatal("a security administrator appoints themselves")
			}
		}
	})
}

func TestAnUnknownPersonHasNoFacts(t *testing.T) {
	o := newOffice(t, store.SQLite, Settings{})
	if p := o.principal("nobody"); p.ID != "" || p.Active {
		t.Fatalf("%+v", p)
	}
	err := o.appoint("nobody", func(g *guard.Grant) error { return o.Suspend(g, "测试") })
	wants(t, err, problem.Absent, "suspending nobody")
}
