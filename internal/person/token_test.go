package person

import (
	"context"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

func (o *office) token(person string, n NewToken) (t Token, secret string) {
	o.t.Helper()
	o.must(o.own(person, func(g *guard.Grant) (err error) { t, secret, err = o.CreateToken(g, n); return err }))
	return t, secret
}

func TestATokenDoesNoMoreThanItsScopesAndItsPerson(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", access.Lawyer)
		made, secret := o.token(id, NewToken{Name: "报表脚本", Scopes: []access.Act{access.SyncRoster, access.ReadRoster, access.ReadRoster}})
		if !slices.Equal(made.Scopes, []access.Act{access.ReadRoster, access.SyncRoster}) || made.Expires != o.now().Add(90*24*time.Hour) {
			t.Fatalf("made: %+v", made)
		}
		who, err := o.AuthenticateToken(ctx, secret, "10.1.2.3")
		if err != nil || who.Person != id || who.Session != made.ID || !who.Narrowed || who.Via != guard.API || who.Addr != "10.1.2.3" || !who.Strong {
			t.Fatalf("AuthenticateToken: %+v, %v", who, err)
		}
		try := func(act access.Act, thing guard.Thing) error {
			return o.door.Do(ctx, who, act, thing, func(*guard.Grant) error { return nil })
		}
		o.must(try(access.ReadRoster, guard.Firm))
		for act, thing := range map[access.Act]guard.Thing{
			access.OpenMatter:       guard.Firm,  // the person may, the token may not
			access.SyncRoster:       guard.Firm,  // the token may, the person may not
			access.ManageOwnAccount: thingOf(id), // never by token
		} {
			if _, refused := guard.AsRefusal(try(act, thing)); !refused {
				t.Errorf("the token does %s", act)
			}
		}
		o.must(o.own(id, func(g *guard.Grant) error { return o.RevokeToken(g, made.ID) }))
		_, err = o.AuthenticateToken(ctx, secret, "10.1.2.3")
		wants(t, err, problem.Unauthenticated, "a revoked token")
		wants(t, o.own(id, func(g *guard.Grant) error { return o.RevokeToken(g, made.ID) }), problem.Conflict, "revoking twice")
	})
}

func TestTokensEnd(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		ctx := context.Background()
		id := o.join("mixun", "宓洵", access.Lawyer)
		made, secret := o.token(id, NewToken{Name: "一日", Scopes: []access.Act{access.ReadRoster}, For: 24 * time.Hour})
		used := func() int64 { return o.count(`SELECT used FROM api_token WHERE id = $1`, made.ID) }
		authenticate := func() error { _, err := o.AuthenticateToken(ctx, secret, desk.Addr); return err }
		o.must(authenticate())
		first := used()
		o.pass(touchTokenAfter - time.Millisecond)
		o.must(authenticate())
		if used() != first {
			t.Fatal("use is written within a minute")
		}
		o.pass(time.Millisecond)
		o.must(authenticate())
		if used() != first+touchTokenAfter.Milliseconds() {
			t.Fatal("use is not written after a minute")
		}
		o.clock.Store(made.Expires.UnixMilli() - 1)
		o.must(authenticate())
		for status, kind := range map[string]problem.Kind{"left": problem.Unauthenticated, "invited": problem.Unauthenticated, "active": 0} {
			_, err := o.exec(`UPDATE person SET status = $2 WHERE id = $1`, id, status)
			o.must(err)
			wants(t, authenticate(), kind, "the token of somebody who is "+status)
		}
		_, err := o.exec(`UPDATE person SET status = 'active' WHERE id = $1`, id)
		o.must(err)
		o.pass(time.Millisecond)
		wants(t, authenticate(), problem.Unauthenticated, "an expired token")
		if n := o.count(`SELECT COUNT(*) FROM api_token WHERE strong = 1`); n != 1 {
			t.Fatal("a token from a strong session is not strong")
		}
		for _, mistyped := range []string{"", secret[1:], secret[:len(secret)-1] + "~", tokenPrefix + secret[4:] + "0"} {
			_, err := o.AuthenticateToken(ctx, mistyped, desk.Addr)
			wants(t, err, problem.Unauthenticated, "a mistyped token")
		}
	})
}

func TestWhatATokenMayBeGiven(t *testing.T) {
	each(t, Settings{}, func(t *testing.T, o *office) {
		id := o.join("mixun", "宓洵", access.Lawyer)
		fine := NewToken{Name: "脚本", Scopes: []access.Act{access.ReadRoster}, For: longestToken}
		o.token(id, fine)
		for about, change := range map[string]func(*NewToken){
			"no name":         func(n *NewToken) { n.Name = "" },
			"no scope":        func(n *NewToken) { n.Scopes = nil },
			"no such act":     func(n *NewToken) { n.Scopes = []access.Act{"everything"} },
			"its own account": func(n *NewToken) { n.Scopes = []access.Act{access.ManageOwnAccount} },
			"over a year":     func(n *NewToken) { n.For = longestToken + 1 },
			"before it began": func(n *NewToken) { n.For = -1 },
		} {
			n := fine
			change(&n)
			wants(t, o.own(id, func(g *guard.Grant) error { _, _, err := o.CreateToken(g, n); return err }), problem.Invalid, about)
		}
		for range maxTokens - 1 {
			o.token(id, fine)
		}
		wants(t, o.own(id, func(g *guard.Grant) error { _, _, err := o.CreateToken(g, fine); return err }), problem.Conflict, "one too many")
	})
}

func TestTokenText(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := newToken()
		if !wellFormedToken(token) || len(token) != 52 || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
		other := byte('A')
		if token[20] == other {
			other = 'B'
		}
		if wellFormedToken(token[:20] + string(other) + token[21:]) {
			t.Fatal("a mistyped character is not noticed")
		}
		if code := newRecoveryCode(); len(code) != 14 || len(plainCode(code)) != codeLetters || code[4] != '-' || code[9] != '-' {
			t.Fatalf("recovery code %q", code)
		}
	}
}
