package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/house"
	"mijuan/internal/signon/signontest"
)

// TestHosts: the port of the address in the browser is the public name's, or the one that is listened on.
func TestHosts(t *testing.T) {
	for _, c := range []struct{ listen, public, first, port string }{
		{"127.0.0.1:8443", "", "127.0.0.1", "8443"}, {"0.0.0.0:8443", "", "localhost", "8443"}, {"0.0.0.0:8443", "mijuan.firm.example", "mijuan.firm.example", ""},
		{"0.0.0.0:8443", "mijuan.firm.example:9443", "mijuan.firm.example", "9443"},
	} {
		names, port, err := hosts(c.listen, c.public)
		if err != nil || names[0] != c.first || port != c.port {
			t.Errorf("%+v: %q, %q, %v", c, names, port, err)
		}
	}
	if _, _, err := hosts("8443", ""); err == nil {
		t.Error("a listen address without host is taken")
	}
}

// TestDoctorAsksTheServices: doctor tells whether the directory and the provider answer; secrets come from files and are told to nobody.
func TestDoctorAsksTheServices(t *testing.T) {
	d, p := signontest.RunDirectory(t, "mixun"), signontest.RunProvider(t, "https://firm.example/login/back", "https://firm.example/login")
	dir := t.TempDir()
	file := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	ldap, oidc := d.Settings(), p.Settings()
	args := func(secret string) []string {
		return []string{"doctor", "--data", dir, "--ldap", ldap.URL, "--ldap-ca", file("ldap.pem", string(ldap.CA)), "--ldap-base", ldap.Base, "--ldap-user", ldap.User, "--ldap-secret", file("ldap.secret", secret),
			"--oidc", oidc.Issuer, "--oidc-ca", file("oidc.pem", string(oidc.CA)), "--oidc-client", oidc.Client, "--oidc-secret", file("oidc.secret", string(oidc.Secret)+"\n"), "--oidc-name", "本所账号", "--oidc-factors", " mfa, phr,"}
	}
	ask := func(secret string) (out string) {
		t.Helper()
		pl := newPlace(terminal{}, "doctor")
		if err := pl.parse(args(secret)[1:], 0); err != nil {
			t.Fatal(err)
		}
		var s house.Settings
		if err := pl.outside.settings(&s); err != nil {
			t.Fatal(err)
		}
		if f := s.OIDC.Factors; len(f) != 2 || f[0] != "mfa" || f[1] != "phr" {
			t.Errorf("second factors: %q", f)
		}
		var said strings.Builder
		if err := (terminal{out: &said}).tell(services(t.Context(), s)); err != nil {
			t.Error("a service that is away is no reason not to serve")
		}
		return said.String()
	}
	if said := ask(string(ldap.Secret) + "\r\n"); !strings.Contains(said, "✓ 域账号目录 "+ldap.URL) || !strings.Contains(said, "✓ 本所账号 "+oidc.Issuer) {
		t.Errorf("both answer: %s", said)
	}
	if said := ask("not-the-secret"); !strings.Contains(said, "✗ 域账号目录") || strings.Contains(said, "not-the-secret") {
		t.Errorf("a wrong password of the program's own: %s", said)
	}
	d.Stop()
	p.Stop()
	if said := ask(string(ldap.Secret)); !strings.Contains(said, "✗ 域账号目录") || !strings.Contains(said, "✗ 本所账号") || strings.Contains(said, string(ldap.Secret)) {
		t.Errorf("both are away: %s", said)
	}
	for about, more := range map[string][]string{
		"an unsafe directory":        {"--ldap", "http://x", "--ldap-base", "dc=x"},
		"settings without address":   {"--ldap-base", "dc=x"},
		"a secret that is not there": {"--ldap", "ldaps://x", "--ldap-base", "dc=x", "--ldap-user", "cn=x", "--ldap-secret", filepath.Join(dir, "nothing")},
		"an empty secret":            {"--oidc", "https://x", "--oidc-client", "x", "--oidc-secret", file("empty", "\n")},
		"a provider without secret":  {"--oidc", "https://x", "--oidc-client", "x"},
		"a client without provider":  {"--oidc-client", "x"},
	} {
		pl := newPlace(terminal{}, "serve")
		if err := pl.parse(append([]string{"--data", dir}, more...), 0); err != nil {
			t.Fatal(err)
		}
		var h house.Settings
		if err := pl.outside.settings(&h); err == nil {
			t.Errorf("%s is taken", about)
		}
	}
}
