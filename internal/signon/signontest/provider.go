package signontest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"go/build"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/signon"
)

// client is the program's name at the providers of tests; its password there is secret.
const client = "mijuan"

// Provider is a running OpenID provider with people who log in by password.
type Provider struct {
	Issuer string
	CA     []byte // PEM

	t          testing.TB
	back, left string
	address    string
	args       []string
	stop       func()
}

// RunProvider starts a provider for the time of the test, with a person for each name, whose subject is "subject-" and the name.
// Browsers come back to the two addresses.
func RunProvider(t testing.TB, back, left string, names ...string) *Provider {
	t.Helper()
	p := &Provider{t: t, back: back, left: left, stop: func() {}}
	dir := t.TempDir()
	p.CA = certify(t, dir)
	users := map[string]any{}
	for _, n := range names {
		users["subject-"+n] = map[string]any{"ID": "subject-" + n, "Username": n, "Password": Password}
	}
	write(t, dir, "users.json", encode(t, users))
	file := func(name string) string { return filepath.Join(dir, name) }
	program, err := find("provider")
	must(t, err)
	for range 5 { // somebody may take the port between our look and the server's
		p.address = freeAddress(t)
		p.Issuer = "https://" + p.address + "/"
		write(t, dir, "settings.json", encode(t, map[string]any{"Issuer": p.Issuer, "Listen": p.address, "Cert": file("cert.pem"), "Key": file("key.pem"), "Client": client, "Secret": secret,
			"Back": back, "Left": left, "Users": file("users.json"), "Lifetime": time.Hour}))
		p.args = []string{program, file("settings.json")}
		if err = p.start(); err == nil {
			break
		}
	}
	must(t, err)
	t.Cleanup(func() { p.stop() })
	return p
}

func (p *Provider) start() (err error) {
	p.stop, err = run(p.address, p.args[0], p.args[1:]...)
	return err
}

// Stop takes the provider away.
func (p *Provider) Stop() { p.stop() }

// Settings are those of a firm that uses the provider.
func (p *Provider) Settings() signon.OIDCSettings {
	return signon.OIDCSettings{Issuer: p.Issuer, CA: p.CA, Client: client, Secret: secret, Back: p.back, Left: p.left}
}

var requestID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// LogIn goes to the provider's address as a browser would, logs in there, and gives the address to which the browser is sent back.
func (p *Provider) LogIn(address, name string) *url.URL {
	p.t.Helper()
	b := p.browser()
	page := p.answer(b.Get(address))
	m := requestID.FindStringSubmatch(page)
	if m == nil {
		p.t.Fatalf("no form to log in at %s: %.300s", address, page)
	}
	resp, err := b.PostForm(p.Issuer+"login/username", url.Values{"id": {m[1]}, "username": {name}, "password": {Password}})
	must(p.t, err)
	defer resp.Body.Close()
	back, err := url.Parse(resp.Header.Get("Location"))
	must(p.t, err)
	if !strings.HasPrefix(back.String(), p.back) {
		raw, _ := io.ReadAll(resp.Body)
		p.t.Fatalf("%s is sent to %q: %.300s", name, back, raw)
	}
	return back
}

// LeaveAt goes to the provider's address to log out and gives the address to which the browser is sent.
func (p *Provider) LeaveAt(address string) string {
	p.t.Helper()
	resp, err := p.browser().Get(address)
	must(p.t, err)
	defer resp.Body.Close()
	return resp.Header.Get("Location")
}

// browser follows the provider's own redirections and stops before any other.
func (p *Provider) browser() *http.Client {
	p.t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.CA)
	jar, err := cookiejar.New(nil)
	must(p.t, err)
	return &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host != p.address {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

func (p *Provider) answer(resp *http.Response, err error) string {
	p.t.Helper()
	must(p.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(p.t, err)
	return string(raw)
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return raw
}

// find looks for a program of `make tools`.
func find(name string) (string, error) {
	places := []string{filepath.Join(build.Default.GOPATH, "bin")}
	for dir, err := os.Getwd(); err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, ".cache", "bin"))
	}
	for _, place := range places {
		if path, err := exec.LookPath(filepath.Join(place, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: run `make tools`", name)
}
