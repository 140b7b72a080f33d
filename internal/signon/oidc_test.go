package signon_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/signon"
	"mijuan/internal/signon/signontest"
)

const (
	back = "https://firm.example/login/back"
	left = "https://firm.example/login"
)

func oidcOf(t *testing.T, s signon.OIDCSettings) *signon.OIDC {
	t.Helper()
	o, err := signon.NewOIDC(s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func depart(t *testing.T, o *signon.OIDC, anew bool) (signon.Errand, string) {
	t.Helper()
	e, address, err := o.Depart(t.Context(), anew)
	if err != nil {
		t.Fatal(err)
	}
	return e, address
}

// TestLoggingInAtAProvider walks to a real provider and back.
func TestLoggingInAtAProvider(t *testing.T) {
	t.Parallel()
	p := signontest.RunProvider(t, back, left, "mixun")
	o := oidcOf(t, p.Settings())
	e, address := depart(t, o, true)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") != e.State || q.Get("nonce") != e.Nonce || q.Get("scope") != "openid" ||
		q.Get("prompt") != "login" || q.Get("redirect_uri") != back || strings.Contains(address, e.Verifier) {
		t.Fatalf("the address: %s", address)
	}
	again, _ := depart(t, o, false)
	if again.State == e.State || again.Nonce == e.Nonce || again.Verifier == e.Verifier || len(e.State) < 26 || len(e.Nonce) < 26 || len(e.Verifier) < 43 {
		t.Fatalf("two errands are alike: %+v, %+v", e, again)
	}
	brought := p.LogIn(address, "mixun").Query()
	id, err := o.Return(t.Context(), e, brought)
	if err != nil || id != (signon.Identity{Issuer: p.Issuer, Subject: "subject-mixun"}) {
		t.Fatalf("who it is: %+v, %v", id, err)
	}
	if _, err := o.Return(t.Context(), e, brought); !problem.Is(err, problem.Unauthenticated) {
		t.Fatalf("the code once more: %v", err)
	}
	leaving := o.Leave(t.Context())
	if to := p.LeaveAt(leaving); !strings.HasPrefix(to, left) {
		t.Fatalf("logging out at %s leads to %q", leaving, to)
	}
}

// TestErrandsAreNotMixed: a real provider's code is of no use with what is another errand's, and none is asked about it where we can tell.
func TestErrandsAreNotMixed(t *testing.T) {
	t.Parallel()
	p := signontest.RunProvider(t, back, left, "mixun")
	set := p.Settings()
	set.Factors = []string{"mfa", "pwd"}
	o := oidcOf(t, set)
	for about, change := range map[string]func(*signon.Errand, url.Values){
		"another state": func(e *signon.Errand, _ url.Values) { e.State = "another" }, "no state": func(_ *signon.Errand, q url.Values) { q.Del("state") },
		"no errand":        func(e *signon.Errand, q url.Values) { *e = signon.Errand{}; q.Del("state") },
		"another verifier": func(e *signon.Errand, _ url.Values) { e.Verifier = strings.Repeat("a", 43) },
		"another nonce":    func(e *signon.Errand, _ url.Values) { e.Nonce = "another" },
		"no nonce":         func(e *signon.Errand, _ url.Values) { e.Nonce = "" },
		"another code":     func(_ *signon.Errand, q url.Values) { q.Set("code", "another") },
		"no code":          func(_ *signon.Errand, q url.Values) { q.Del("code") },
		"another issuer":   func(_ *signon.Errand, q url.Values) { q.Set("iss", "https://elsewhere.example") },
		"a refusal":        func(_ *signon.Errand, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
	} {
		e, address := depart(t, o, false)
		brought := p.LogIn(address, "mixun").Query()
		change(&e, brought)
		id, err := o.Return(t.Context(), e, brought)
		if !problem.Is(err, problem.Unauthenticated) || id != (signon.Identity{}) {
			t.Errorf("%s: %+v, %v", about, id, err)
		}
	}
	e, address := depart(t, o, false)
	if id, err := o.Return(t.Context(), e, p.LogIn(address, "mixun").Query()); err != nil || id.Factor != "pwd" {
		t.Errorf("a method that the firm takes for a second factor: %+v, %v", id, err)
	}
	e, address = depart(t, o, false)
	brought := p.LogIn(address, "mixun").Query()
	set.Secret = "wrong"
	if _, err := oidcOf(t, set).Return(t.Context(), e, brought); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a wrong secret of the program's own: %v", err)
	}
}

// forged asks a forger and gives what comes of it.
func forged(t *testing.T, f *signontest.Forger, change func(*signon.OIDCSettings)) (signon.Identity, error) {
	t.Helper()
	set := f.Settings()
	if change != nil {
		change(&set)
	}
	o := oidcOf(t, set)
	e, _, err := o.Depart(t.Context(), false)
	if err != nil {
		return signon.Identity{}, err
	}
	claims := f.Claims
	defer func() { f.Claims = claims }()
	f.Claims = func(c map[string]any) {
		c["nonce"] = e.Nonce
		if claims != nil {
			claims(c)
		}
	}
	return o.Return(t.Context(), e, url.Values{"state": {e.State}, "code": {"1"}})
}

// TestTokensThatAreNotBelieved: of another, for another, too old, not signed.
func TestTokensThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	f := signontest.RunForger(t)
	now := time.Now()
	set := func(name string, value any) func(map[string]any) { return func(c map[string]any) { c[name] = value } }
	claims := map[string]func(map[string]any){
		"another issuer's": set("iss", "https://elsewhere.example"), "no issuer's": set("iss", ""), "for another": set("aud", "another"), "for nobody": set("aud", []string{}),
		"for many without saying who asked": set("aud", []string{"mijuan", "another"}), "asked for by another": set("azp", "another"),
		"expired": set("exp", now.Add(-time.Minute).Unix()), "without an end": func(c map[string]any) { delete(c, "exp") }, "of tomorrow": set("nbf", now.Add(24*time.Hour).Unix()),
		"of nobody": set("sub", ""), "of a subject too long": set("sub", strings.Repeat("a", 256)), "of another errand": set("nonce", "another"), "of no errand": set("nonce", ""),
	}
	for about, change := range claims {
		f.Claims = change
		if id, err := forged(t, f, nil); !problem.Is(err, problem.Unauthenticated) || id != (signon.Identity{}) {
			t.Errorf("a token %s: %+v, %v", about, id, err)
		}
	}
	f.Claims = nil
	for about, change := range map[string]func(){
		"without signature":  func() { f.Forge = func(s string) string { return s[:strings.LastIndex(s, ".")+1] } },
		"with another's":     func() { f.Forge = func(s string) string { return s[:len(s)-8] + "AAAAAAAA" } },
		"that is none":       func() { f.Forge = func(string) string { return "" } },
		"signed by nothing":  func() { f.Header = func(h map[string]any) { h["alg"] = "none" } },
		"signed by a secret": func() { f.Header = func(h map[string]any) { h["alg"] = "HS256" } },
		"by an unknown key":  func() { f.Header = func(h map[string]any) { h["kid"] = "2" } },
		"of nothing and bare": func() {
			f.Header = func(h map[string]any) { h["alg"] = "none" }
			f.Forge = func(s string) string { return s[:strings.LastIndex(s, ".")+1] }
		},
	} {
		change()
		if id, err := forged(t, f, nil); !problem.Is(err, problem.Unauthenticated) || id != (signon.Identity{}) {
			t.Errorf("a token %s: %+v, %v", about, id, err)
		}
		f.Forge, f.Header = nil, nil
	}
	if id, err := forged(t, f, nil); err != nil || id.Subject != "somebody" || id.Factor != "" {
		t.Errorf("a good token: %+v, %v", id, err)
	}
	f.Claims = func(c map[string]any) { c["aud"], c["azp"] = []string{"mijuan", "another"}, "mijuan" }
	if id, err := forged(t, f, nil); err != nil || id.Subject != "somebody" {
		t.Errorf("a token for many that says who asked: %+v, %v", id, err)
	}
	later := func(s *signon.OIDCSettings) { s.Now = func() time.Time { return now.Add(2 * time.Hour) } }
	f.Claims = nil
	if _, err := forged(t, f, later); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a good token two hours later: %v", err)
	}
}

// TestSecondFactorsAtTheProvider count only where the firm's settings name them.
func TestSecondFactorsAtTheProvider(t *testing.T) {
	t.Parallel()
	f := signontest.RunForger(t)
	for _, c := range []struct {
		about  string
		amr    any
		acr    any
		takes  []string
		factor string
	}{
		{"nothing said, nothing taken", nil, nil, nil, ""},
		{"said, not taken", []string{"pwd", "mfa"}, "phr", nil, ""},
		{"taken, not said", []string{"pwd"}, "0", []string{"mfa", "phr"}, ""},
		{"a method", []string{"pwd", "mfa"}, nil, []string{"mfa"}, "mfa"},
		{"a class", nil, "phr", []string{"mfa", "phr"}, "phr"},
		{"an empty setting", []string{""}, "", []string{""}, ""},
	} {
		f.Claims = func(claims map[string]any) {
			if c.amr != nil {
				claims["amr"] = c.amr
			}
			if c.acr != nil {
				claims["acr"] = c.acr
			}
		}
		id, err := forged(t, f, func(s *signon.OIDCSettings) { s.Factors = c.takes })
		if err != nil || id.Factor != c.factor {
			t.Errorf("%s: %+v, %v", c.about, id, err)
		}
	}
}

// TestProvidersThatGiveNoAnswer are away: nothing is sent to an address that is not theirs, or not safe.
func TestProvidersThatGiveNoAnswer(t *testing.T) {
	t.Parallel()
	f := signontest.RunForger(t)
	for about, change := range map[string]func(map[string]any){
		"another's":                    func(a map[string]any) { a["issuer"] = "https://elsewhere.example" },
		"an unsafe place for keys":     func(a map[string]any) { a["jwks_uri"] = "http://127.0.0.1/keys" },
		"an unsafe place for codes":    func(a map[string]any) { a["token_endpoint"] = "http://127.0.0.1/token" },
		"an unsafe place for people":   func(a map[string]any) { a["authorization_endpoint"] = "http://127.0.0.1/auth" },
		"no secret taken":              func(a map[string]any) { a["token_endpoint_auth_methods_supported"] = []string{"private_key_jwt"} },
		"an answer longer than any is": func(a map[string]any) { a["more"] = strings.Repeat("a", 2<<20) },
	} {
		f.Says = change
		if _, err := forged(t, f, nil); !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v", about, err)
		}
	}
	f.Says = func(a map[string]any) { a["authorization_response_iss_parameter_supported"] = true }
	if _, err := forged(t, f, nil); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("a provider that names itself, in an answer that does not: %v", err)
	}
	f.Says = func(a map[string]any) { a["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"} }
	if _, err := forged(t, f, nil); err != nil {
		t.Errorf("a secret in the form: %v", err)
	}
	f.Says = nil
	elsewhere, asked := signontest.RunForger(t), false
	elsewhere.Answer = func(http.ResponseWriter) bool { asked = true; return false }
	for about, answer := range map[string]func(http.ResponseWriter){
		"an error": func(w http.ResponseWriter) { http.Error(w, "no", http.StatusInternalServerError) },
		"a redirection": func(w http.ResponseWriter) {
			w.Header().Set("Location", elsewhere.Issuer+"/token")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
	} {
		f.Answer = func(w http.ResponseWriter) bool { answer(w); return true }
		if _, err := forged(t, f, nil); !problem.Is(err, problem.Unavailable) || asked {
			t.Errorf("%s about the code: %v, followed: %v", about, err, asked)
		}
	}
	f.Answer = nil
	if _, err := forged(t, f, func(s *signon.OIDCSettings) { s.CA = nil }); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a certificate of nobody whom the system knows: %v", err)
	}
	p := signontest.RunProvider(t, back, left)
	o := oidcOf(t, p.Settings())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := o.Depart(ctx, false); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a caller who is gone: %v", err)
	}
	if err := o.Answers(t.Context()); err != nil {
		t.Errorf("a provider that is there: %v", err)
	}
	p.Stop()
	e, _ := depart(t, o, false)
	if _, err := o.Return(t.Context(), e, url.Values{"state": {e.State}, "code": {"1"}}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a provider that was stopped: %v", err)
	}
	if _, _, err := oidcOf(t, p.Settings()).Depart(t.Context(), false); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a provider that was never there: %v", err)
	}
}

func TestSettingsOfAProvider(t *testing.T) {
	t.Parallel()
	good := signon.OIDCSettings{Issuer: "https://id.firm.example", Client: "mijuan", Secret: "s"}
	if o := oidcOf(t, good); o.Name() != "统一登录" {
		t.Errorf("its name: %s", o.Name())
	}
	for about, change := range map[string]func(*signon.OIDCSettings){
		"no issuer": func(s *signon.OIDCSettings) { s.Issuer = "" }, "an unsafe one": func(s *signon.OIDCSettings) { s.Issuer = "http://id.firm.example" },
		"no client": func(s *signon.OIDCSettings) { s.Client = "" }, "no secret": func(s *signon.OIDCSettings) { s.Secret = "" }, "no certificate": func(s *signon.OIDCSettings) { s.CA = []byte("x") },
		"a password in the address": func(s *signon.OIDCSettings) { s.Issuer = "https://a:b@id.firm.example" },
	} {
		s := good
		change(&s)
		if _, err := signon.NewOIDC(s); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", about, err)
		}
	}
}
