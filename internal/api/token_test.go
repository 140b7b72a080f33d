package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// TestTokensAreOfAPerson: a token does what its person may, and stops when it is revoked, when it expires and when its person goes.
func TestTokensAreOfAPerson(t *testing.T) {
	w := newWork(t)
	o := w.o
	ask := func(token string) int {
		return o.send(call{token: token, method: "GET", path: "/materials/" + w.material}).status
	}
	token, id := o.Token("lead", 48*time.Hour, access.View)
	kept, _ := o.Token("lead", 2*time.Hour, access.View)
	suspended, _ := o.Token("handling", 48*time.Hour, access.View)
	foreign, _ := o.Token("outsider", 48*time.Hour, access.View)
	for login, want := range map[string]int{token: http.StatusOK, kept: http.StatusOK, suspended: http.StatusOK, foreign: http.StatusNotFound} {
		if got := ask(login); got != want {
			t.Errorf("before: %d, want %d", got, want)
		}
	}
	self := guard.Thing{Kind: access.Person, ID: o.IDs["lead"]}
	must(t, o.House.Door.Do(t.Context(), o.Who("lead"), access.ManageOwnAccount, self, func(g *guard.Grant) error { return o.House.People.RevokeToken(g, id) }))
	if got := ask(token); got != http.StatusUnauthorized {
		t.Errorf("revoked: %d", got)
	}
	if got := o.send(call{login: "security", method: "POST", path: "/persons/" + o.IDs["handling"] + "/suspension", body: object{"reason": "调查"}}).status; got != http.StatusNoContent {
		t.Fatalf("suspend: %d", got)
	}
	if got := ask(suspended); got != http.StatusUnauthorized {
		t.Errorf("of a suspended person: %d", got)
	}
	if got := ask(kept); got != http.StatusOK {
		t.Errorf("another of the same person: %d", got)
	}
	o.clock.Forward(2*time.Hour - time.Minute)
	if got := ask(kept); got != http.StatusOK {
		t.Errorf("a minute before its end: %d", got)
	}
	o.clock.Forward(2 * time.Minute)
	if got := ask(kept); got != http.StatusUnauthorized {
		t.Errorf("after its end: %d", got)
	}
}

// TestScopes: a token narrowed to one act is refused every other, and no token at all manages its own account.
func TestScopes(t *testing.T) {
	w := newWork(t)
	narrow, _ := w.o.Token("lead", time.Hour, access.View)
	for _, k := range w.successes() {
		if k.login != "lead" {
			continue
		}
		k.token = narrow
		a := w.c.try(w.o, k)
		viewing := k.method == "GET" && k.path == "/materials/"+w.material
		if viewing && a.status != http.StatusOK || !viewing && a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("%s %s with a token for viewing: %d %s", k.method, k.path, a.status, a.body)
		}
	}
	for path := range w.c.Paths.Map() {
		if strings.Contains(path, "token") || strings.Contains(path, "password") {
			t.Errorf("%s: tokens do not manage accounts", path)
		}
	}
}

// TestATokenTakesNoFirm: whatever a security administrator's token may do, it makes nobody who decides or administers, resets nobody's
// log-in and qualifies nobody; neither does one of an older program, which said that it may appoint.
func TestATokenTakesNoFirm(t *testing.T) {
	o := found(t)
	for _, post := range []string{"security_admin", "system_admin", "auditor", "director", "committee"} {
		a := o.send(call{login: "security", method: "POST", path: "/persons", body: object{"login": "mole", "name": "内应", "posts": []string{"lawyer", post}}})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("a program makes a %s: %d %s", post, a.status, a.body)
		}
	}
	for path, body := range map[string]object{"login-reset": {"reason": "丢了"}, "unlocking": {"reason": "忘了"}, "training": {"kind": "joining", "at": "2020-01-01T00:00:00Z", "reason": "x"},
		"pledge": {"kind": "joining", "at": "2020-01-01T00:00:00Z", "reason": "x"}} {
		if a := o.send(call{login: "security", method: "POST", path: "/persons/" + o.IDs["director"] + "/" + path, body: body}); a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	secret, id := o.Token("security", time.Hour, access.SyncRoster)
	must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE api_token SET scopes = 'appoint,syncRoster' WHERE id = $1`, id)
		return err
	}))
	who, err := o.House.People.AuthenticateToken(t.Context(), secret, "127.0.0.1")
	must(t, err)
	for act, may := range map[access.Act]bool{access.SyncRoster: true, access.Appoint: false} {
		if err := o.House.Door.Do(t.Context(), who, act, guard.Firm, func(*guard.Grant) error { return nil }); (err == nil) != may {
			t.Errorf("an older token and %s: %v", act, err)
		}
	}
	for _, scope := range person.Scopes() {
		if scope == access.Appoint {
			t.Error("a token may be let appoint")
		}
	}
}

// TestWrongTokens: whatever is no live token is the same 401, which tells nothing.
func TestWrongTokens(t *testing.T) {
	o := found(t)
	good := o.Tokens["lead"]
	var first answer
	for i, h := range []string{"Bearer " + good[:len(good)-1], "Bearer " + good + "x", "Bearer " + strings.ToUpper(good), "Bearer \x01", "Bearer " + strings.Repeat("a", 4000),
		"Bearer ' OR 1=1 --", "Bearer " + good + " " + good} {
		a := o.send(call{method: "GET", path: "/me", header: map[string]string{"Authorization": strings.ReplaceAll(h, "\x01", "")}})
		if i == 0 {
			first = a
		}
		if a.status != http.StatusUnauthorized || h != "Bearer \x01" && string(a.body) != string(first.body) {
			t.Errorf("%.40q: %d %s", h, a.status, a.body)
		}
	}
	for _, h := range []string{"", "Basic " + good, "bearer" + good, good} {
		if a := o.send(call{method: "GET", path: "/me", header: map[string]string{"Authorization": h}}); a.status != http.StatusUnauthorized {
			t.Errorf("%.20q: %d %s", h, a.status, a.body)
		}
	}
	r := o.request(call{method: "GET", path: "/me?token=" + good + "&access_token=" + good})
	r.AddCookie(&http.Cookie{Name: "session", Value: good})
	if a := o.deliver(r); a.status != http.StatusUnauthorized {
		t.Errorf("a token in the address or a cookie: %d", a.status)
	}
}
