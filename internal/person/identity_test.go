package person

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
)

const issuer = "https://id.firm.example"

func subject(s string) Identity { return Identity{Issuer: issuer, Subject: s} }

func (o *office) enterAs(id Identity) (Entry, error) {
	return o.EnterAs(context.Background(), id, desk)
}

// linkTo links a person as the security administrator does.
func (o *office) linkTo(person, s string) error {
	return o.appoint(person, func(g *guard.Grant) error { return o.LinkPerson(g, subject(s), "启用统一登录") })
}

func TestLoggingInByTheProvider(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		if _, err := o.enterAs(subject("42")); !errors.Is(err, errIdentity) {
			t.Fatalf("nobody's identity: %v", err)
		}
		if last := o.newest(); last.Actor == id || last.detail.Notes["unknown"] != "provider" || last.detail.Notes["subject"] != "42" {
			t.Fatalf("its record: %+v", last)
		}
		o.must(o.linkTo(id, "42"))
		e, err := o.enterAs(subject("42"))
		if err != nil || e.Stage != Live || e.Person.ID != id {
			t.Fatalf("linked: %+v, %v", e, err)
		}
		if last := o.newest(); last.Outcome != ledger.Allowed || last.Actor != id || last.detail.Notes["login"] != "provider" {
			t.Fatalf("its record: %+v", last)
		}
		if who, _, err := o.authenticate(e.Token); err != nil || !who.Strong || !o.CameByProvider(context.Background(), e.Token) {
			t.Fatalf("the session: %+v, %v", who, err)
		}
		if o.CameByProvider(context.Background(), o.login("mixun").Token) || o.CameByProvider(context.Background(), "none") {
			t.Fatal("a log-in by password is taken for one by the provider")
		}
		for about, other := range map[string]Identity{"another issuer's": {Issuer: issuer + "/", Subject: "42"}, "another subject": subject("43"), "none": {}, "no subject": subject(""),
			"one put together otherwise": {Issuer: issuer + "|4", Subject: "2"}} {
			if _, err := o.enterAs(other); !errors.Is(err, errIdentity) {
				t.Errorf("%s: %v", about, err)
			}
		}
		o.fails("mixun", 5)
		if _, err := o.enterAs(subject("42")); err != nil {
			t.Fatalf("guesses at the password keep the provider's people out: %v", err)
		}
		o.pass(200 * 24 * time.Hour)
		if e, err := o.enterAs(subject("42")); err != nil || e.Stage != Live {
			t.Fatalf("with an old password: %v, %v", e.Stage, err)
		}
	})
}

func TestWhoMayBeLinked(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id, other := o.join("mixun", "宓洵", "lawyer"), o.join("shen", "沈雨禾", "trainee")
		o.must(o.linkTo(id, " 42 "))
		wants(t, o.linkTo(id, "43"), problem.Conflict, "a second subject")
		wants(t, o.linkTo(other, "42"), problem.Conflict, "a subject of two")
		wants(t, o.linkTo(other, ""), problem.Invalid, "no subject")
		auditor := o.join("auditor", "审计", access.Auditor)
		wants(t, o.linkTo(auditor, "44"), problem.Conflict, "an administrator")
		unlink := func(person string) error {
			return o.appoint(person, func(g *guard.Grant) error { return o.UnlinkPerson(g, "换账号") })
		}
		o.must(unlink(id))
		wants(t, unlink(id), problem.Conflict, "unlinking twice")
		if _, err := o.enterAs(subject("42")); !errors.Is(err, errIdentity) {
			t.Fatalf("unlinked: %v", err)
		}
		o.must(o.linkTo(other, "42"))
		if e, err := o.enterAs(subject("42")); err != nil || e.Person.ID != other {
			t.Fatalf("somebody else's now: %+v, %v", e, err)
		}
		o.must(o.appoint(other, func(g *guard.Grant) error {
			return o.ChangePosts(g, []access.Post{access.SystemAdmin}, "任命")
		}))
		if _, err := o.enterAs(subject("42")); !errors.Is(err, errIdentity) {
			t.Fatalf("one who became administrator: %v", err)
		}
		_, err := o.exec(`INSERT INTO identity (id, person, token, sealed_subject, linked, linked_by, used) VALUES ('x', $1, $2, $2, 0, '', 0)`, auditor, o.identityToken(issuer, "44"))
		o.must(err)
		if _, err := o.enterAs(subject("44")); !errors.Is(err, errIdentity) {
			t.Fatalf("an administrator's row: %v", err)
		}
		o.must(o.linkTo(id, "42"))
		o.must(o.appoint(id, func(g *guard.Grant) error { _, _, err := o.ResetLogin(g, "遗失"); return err }))
		if _, err := o.enterAs(subject("42")); !errors.Is(err, errIdentity) {
			t.Fatalf("after the log-in was reset: %v", err)
		}
	})
}

// The provider opens no account that is closed here, and stands for a second factor only where the firm takes what it says.
func TestTheProviderOpensNothingElse(t *testing.T) {
	each(t, Settings{SecondFactor: true}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", "lawyer")
		o.must(o.linkTo(id, "42"))
		e, err := o.enterAs(subject("42"))
		if err != nil || e.Stage != NeedFactor {
			t.Fatalf("the stage: %v, %v", e.Stage, err)
		}
		if _, _, err := o.authenticate(e.Token); err == nil {
			t.Fatal("in without the second factor")
		}
		o.pass(time.Minute)
		e, err = o.VerifyCode(context.Background(), e.Token, o.code(id), desk)
		if who, _, aerr := o.authenticate(e.Token); err != nil || aerr != nil || !who.Strong {
			t.Fatalf("with it: %+v, %v, %v", who, err, aerr)
		}
		e, err = o.enterAs(Identity{Issuer: issuer, Subject: "42", Factor: "mfa"})
		if who, _, aerr := o.authenticate(e.Token); err != nil || aerr != nil || !who.Strong {
			t.Fatalf("with the provider's: %+v, %v, %v", who, err, aerr)
		}
		if last := o.newest(); last.detail.Notes["factor"] != "provider mfa" {
			t.Fatalf("its record: %+v", last)
		}
		invited, _ := o.invite("newcomer", "沈雨禾", "trainee")
		o.must(o.linkTo(invited, "43"))
		o.must(o.appoint(id, func(g *guard.Grant) error { return o.Suspend(g, "调查期间") }))
		before := o.count(`SELECT COUNT(*) FROM session WHERE revoked = 0`)
		for _, s := range []string{"42", "43"} {
			_, err := o.enterAs(Identity{Issuer: issuer, Subject: s, Factor: "mfa"})
			if _, refused := guard.AsRefusal(err); !refused {
				t.Errorf("%s: %v", s, err)
			}
		}
		if n := o.count(`SELECT COUNT(*) FROM session WHERE revoked = 0`); n != before {
			t.Fatalf("%d sessions were opened", n-before)
		}
	})
}

func TestErrandsAreTakenOnce(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		sent := Errand{State: "marked-state", Nonce: "marked-nonce", Verifier: "marked-verifier", Back: "/marked"}
		cookie, err := o.Send(ctx, sent, desk)
		o.must(err)
		if dump, _ := o.dump(); bytes.Contains(dump, []byte("marked")) || bytes.Contains(dump, []byte(cookie)) {
			t.Fatal("an errand stands in the clear")
		}
		if _, err := o.Return(ctx, cookie[:len(cookie)-1]+"x"); !errors.Is(err, errErrand) {
			t.Fatalf("another cookie: %v", err)
		}
		if e, err := o.Return(ctx, cookie); err != nil || e != sent || e.Links() {
			t.Fatalf("taken: %+v, %v", e, err)
		}
		if _, err := o.Return(ctx, cookie); !errors.Is(err, errErrand) {
			t.Fatalf("taken again: %v", err)
		}
		cookie, err = o.Send(ctx, sent, desk)
		o.must(err)
		o.pass(errandFor)
		if _, err := o.Return(ctx, cookie); !errors.Is(err, errErrand) {
			t.Fatalf("too late: %v", err)
		}
		for i := range throttleMost {
			if _, err := o.enterAs(subject("nobody")); !errors.Is(err, errIdentity) {
				t.Fatalf("stranger %d: %v", i, err)
			}
		}
		_, err = o.Send(ctx, sent, desk)
		wants(t, err, problem.Unavailable, "from a closed address")
		_, err = o.enterAs(subject("nobody"))
		wants(t, err, problem.Unavailable, "a stranger from a closed address")
	})
}

// Who links oneself shows the password first, and comes back in the session in which it was shown.
func TestLinkingOneself(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		o.join("mixun", "宓洵", "lawyer")
		o.join("shen", "沈雨禾", "trainee")
		mine, other := o.login("mixun"), o.login("shen")
		_, err := o.SendToLink(ctx, mine.Token, "not the password", Errand{}, desk)
		wants(t, err, problem.Unauthenticated, "a wrong password")
		cookie, err := o.SendToLink(ctx, mine.Token, goodPassword, Errand{}, desk)
		o.must(err)
		e, err := o.Return(ctx, cookie)
		if err != nil || !e.Links() {
			t.Fatalf("the errand: %+v, %v", e, err)
		}
		if err := o.LinkBack(ctx, other.Token, e, subject("42"), desk); !errors.Is(err, errErrand) {
			t.Fatalf("in somebody else's session: %v", err)
		}
		if err := o.LinkBack(ctx, o.login("mixun").Token, e, subject("42"), desk); !errors.Is(err, errErrand) {
			t.Fatalf("in another session: %v", err)
		}
		if err := o.LinkBack(ctx, mine.Token, Errand{}, subject("42"), desk); !errors.Is(err, errErrand) {
			t.Fatalf("without an errand: %v", err)
		}
		o.must(o.LinkBack(ctx, mine.Token, e, subject("42"), desk))
		own := func() (own Own) {
			o.must(o.own(mine.Person.ID, func(g *guard.Grant) (err error) { own, err = o.Own(g); return err }))
			return own
		}
		if l := own().Linked; l == nil || l.Subject != "42" || l.By != mine.Person.ID || !l.Used.IsZero() {
			t.Fatalf("the link: %+v", l)
		}
		if _, err := o.enterAs(subject("42")); err != nil {
			t.Fatalf("linked: %v", err)
		}
		if l := own().Linked; l == nil || !l.Used.Equal(o.now()) {
			t.Fatalf("the link when it was used: %+v", l)
		}
		wants(t, o.Unlink(ctx, mine.Token, "not the password", desk), problem.Unauthenticated, "unlinking by a wrong password")
		o.must(o.Unlink(ctx, mine.Token, goodPassword, desk))
		if own().Linked != nil {
			t.Fatal("still linked")
		}
		_, err = o.SendToLink(ctx, o.login("yan.ruogu").Token, goodPassword, Errand{}, desk)
		wants(t, err, problem.Conflict, "an administrator")
	})
}
