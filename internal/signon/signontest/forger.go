package signontest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mijuan/internal/signon"
)

// Forger is a provider that says whatever a test wants, as no real one does. Its functions may be changed between questions.
type Forger struct {
	Issuer string
	Says   func(about map[string]any)               // changes what it says of itself
	Claims func(claims map[string]any)              // changes the token
	Header func(header map[string]any)              // changes the token's head
	Forge  func(token string) string                // changes the token when it is signed
	Answer func(w http.ResponseWriter) (other bool) // answers the question about a code in another way

	t   testing.TB
	ca  []byte
	key *rsa.PrivateKey
}

// RunForger starts a provider that lies, for the time of the test.
func RunForger(t testing.TB) *Forger {
	t.Helper()
	f := &Forger{t: t}
	var err error
	f.key, err = rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", f.about)
	mux.HandleFunc("/keys", f.keys)
	mux.HandleFunc("/token", f.token)
	s := httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // callers who do not trust it
	s.StartTLS()
	t.Cleanup(s.Close)
	f.Issuer = s.URL
	f.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	return f
}

// Settings are those of a firm that takes the forger for its provider.
func (f *Forger) Settings() signon.OIDCSettings {
	return signon.OIDCSettings{Issuer: f.Issuer, CA: f.ca, Client: client, Secret: secret, Back: "https://firm.example/login/back", Left: "https://firm.example/login"}
}

func (f *Forger) about(w http.ResponseWriter, _ *http.Request) {
	about := map[string]any{"issuer": f.Issuer, "authorization_endpoint": f.Issuer + "/auth", "token_endpoint": f.Issuer + "/token", "jwks_uri": f.Issuer + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"}}
	if f.Says != nil {
		f.Says(about)
	}
	f.send(w, about)
}

func (f *Forger) keys(w http.ResponseWriter, _ *http.Request) {
	f.send(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": encoded(f.key.N.Bytes()), "e": encoded(big.NewInt(int64(f.key.E)).Bytes())}}})
}

func (f *Forger) token(w http.ResponseWriter, _ *http.Request) {
	if f.Answer != nil && f.Answer(w) {
		return
	}
	now := time.Now()
	claims := map[string]any{"iss": f.Issuer, "aud": client, "sub": "somebody", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	if f.Claims != nil {
		f.Claims(claims)
	}
	header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": "1"}
	if f.Header != nil {
		f.Header(header)
	}
	said := encoded(encode(f.t, header)) + "." + encoded(encode(f.t, claims))
	sum := sha256.Sum256([]byte(said))
	signature, err := rsa.SignPKCS1v15(rand.Reader, f.key, crypto.SHA256, sum[:])
	must(f.t, err)
	token := said + "." + encoded(signature)
	if f.Forge != nil {
		token = f.Forge(token)
	}
	f.send(w, map[string]any{"access_token": "none", "token_type": "Bearer", "id_token": token})
}

func (f *Forger) send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(f.t, v))
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
