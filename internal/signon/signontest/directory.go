package signontest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"mijuan/internal/signon"
)

// What everybody's directory holds.
const (
	Base     = "ou=people,dc=firm,dc=example"
	Password = "Harbour-lantern-3" // everybody's
	root     = "cn=manager,dc=firm,dc=example"
	asker    = "cn=mijuan,dc=firm,dc=example"
	secret   = "a-secret-of-tests-only"
)

// Directory is a running directory: OpenLDAP's slapd with TLS, a password policy and a few people.
type Directory struct {
	URL      string // ldaps://
	StartTLS string // ldap://
	CA       []byte // PEM

	t     testing.TB
	dir   string
	addrs [2]string
	stop  func()
}

// RunDirectory starts a directory for the time of the test, with a person for each login; one called "locked" is locked in the directory,
// and those with the same login are different people.
func RunDirectory(t testing.TB, logins ...string) *Directory {
	t.Helper()
	s := &Directory{t: t, dir: t.TempDir(), stop: func() {}}
	s.CA = certify(t, s.dir)
	write(t, s.dir, "slapd.conf", fmt.Appendf(nil, config, s.dir))
	must(t, os.Mkdir(filepath.Join(s.dir, "data"), 0o700))
	var err error
	for range 5 { // somebody may take a port between our look and the server's
		s.addrs = [2]string{freeAddress(t), freeAddress(t)}
		if err = s.start(); err == nil {
			break
		}
	}
	must(t, err)
	t.Cleanup(func() { s.stop() })
	s.URL, s.StartTLS = "ldaps://"+s.addrs[0], "ldap://"+s.addrs[1]
	s.fill(logins)
	return s
}

// Settings are those of a firm that uses the directory.
func (s *Directory) Settings() signon.LDAPSettings {
	return signon.LDAPSettings{URL: s.URL, CA: s.CA, Base: Base, User: asker, Secret: secret}
}

// Stop takes the directory away.
func (s *Directory) Stop() { s.stop() }

// Again brings it back.
func (s *Directory) Again() {
	s.t.Helper()
	must(s.t, s.start())
}

const config = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile %[1]s/pid
argsfile %[1]s/args
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
security ssf=128
database mdb
suffix "dc=firm,dc=example"
rootdn "cn=manager,dc=firm,dc=example"
rootpw a-secret-of-tests-only
directory %[1]s/data
overlay ppolicy
ppolicy_default "cn=policy,dc=firm,dc=example"
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=people,dc=firm,dc=example" by dn.base="cn=mijuan,dc=firm,dc=example" read by * none
access to * by * none
`

// start runs the server and waits until it answers.
func (s *Directory) start() (err error) {
	program, err := exec.LookPath("slapd")
	if err != nil {
		program = "/usr/sbin/slapd"
	}
	s.stop, err = run(s.addrs[0], program, "-d", "0", "-f", filepath.Join(s.dir, "slapd.conf"), "-h", "ldaps://"+s.addrs[0]+"/ ldap://"+s.addrs[1]+"/")
	return err
}

// fill enters the people.
func (s *Directory) fill(logins []string) {
	s.t.Helper()
	c := s.manager()
	defer c.Close()
	add := func(dn string, attributes map[string][]string) {
		r := ldap.NewAddRequest(dn, nil)
		for name, values := range attributes {
			r.Attribute(name, values)
		}
		must(s.t, c.Add(r))
	}
	add("dc=firm,dc=example", map[string][]string{"objectClass": {"dcObject", "organization"}, "o": {"firm"}, "dc": {"firm"}})
	add(Base, map[string][]string{"objectClass": {"organizationalUnit"}, "ou": {"people"}})
	add("cn=policy,dc=firm,dc=example", map[string][]string{"objectClass": {"device", "pwdPolicy"}, "pwdAttribute": {"userPassword"}, "pwdLockout": {"TRUE"}})
	add(asker, map[string][]string{"objectClass": {"device", "simpleSecurityObject"}, "userPassword": {secret}})
	for i, login := range logins {
		dn := fmt.Sprintf("cn=person %d,%s", i, Base)
		add(dn, map[string][]string{"objectClass": {"inetOrgPerson"}, "sn": {login}, "uid": {login}, "userPassword": {Password}})
		if login == "locked" {
			m := ldap.NewModifyRequest(dn, nil)
			m.Replace("pwdAccountLockedTime", []string{"000001010000Z"}) // for good, until an administrator opens it
			must(s.t, c.Modify(m))
		}
	}
}

// Refer enters a place that stands elsewhere.
func (s *Directory) Refer(dn, url string) {
	s.t.Helper()
	c := s.manager()
	defer c.Close()
	r := ldap.NewAddRequest(dn, []ldap.Control{ldap.NewControlManageDsaIT(true)})
	r.Attribute("objectClass", []string{"referral", "extensibleObject"})
	r.Attribute("ou", []string{"elsewhere"})
	r.Attribute("ref", []string{url})
	must(s.t, c.Add(r))
}

// manager is a connection that may do anything.
func (s *Directory) manager() *ldap.Conn {
	s.t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CA)
	c, err := ldap.DialURL(s.URL, ldap.DialWithTLSConfig(&tls.Config{RootCAs: pool}))
	must(s.t, err)
	must(s.t, c.Bind(root, secret))
	return c
}
