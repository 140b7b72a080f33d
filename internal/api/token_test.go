package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
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
