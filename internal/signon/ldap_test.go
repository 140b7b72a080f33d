package signon_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"mijuan/internal/problem"
	"mijuan/internal/signon"
	"mijuan/internal/signon/signontest"
)

func ldapOf(t *testing.T, s signon.LDAPSettings) *signon.LDAP {
	t.Helper()
	d, err := signon.NewLDAP(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPasswordsInTheDirectory: only the password of the one person with the login is right, over both kinds of TLS, by an account of
// the program's own.
func TestPasswordsInTheDirectory(t *testing.T) {
	t.Parallel()
	s := signontest.RunDirectory(t, "mixun", "yan.ruogu", "locked", "twin", "twin", "twin", "pair", "pair")
	for _, url := range []string{s.URL, s.StartTLS} {
		set := s.Settings()
		set.URL = url
		d := ldapOf(t, set)
		for _, c := range []struct {
			about, login, password string
			right                  bool
		}{
			{"the right one", "mixun", signontest.Password, true},
			{"a wrong one", "mixun", "Harbour-lantern-4", false},
			{"an empty one", "mixun", "", false},
			{"one that ends early", "mixun", "\x00", false},
			{"one too long", "mixun", strings.Repeat("a", 201), false},
			{"nobody's", "nobody", signontest.Password, false},
			{"nobody", "", signontest.Password, false},
			{"an account that is locked", "locked", signontest.Password, false},
			{"two people", "pair", signontest.Password, false},
			{"more people", "twin", signontest.Password, false},
			{"anybody", "*", signontest.Password, false},
			{"a piece of a login", "mix*", signontest.Password, false},
			{"an injected filter", "*)(uid=*", signontest.Password, false},
			{"an injected condition", "nobody)(|(uid=mixun)", signontest.Password, false},
			{"an escaped login", `mi\78un`, signontest.Password, false},
		} {
			right, err := d.Prove(t.Context(), c.login, c.password)
			if err != nil || right != c.right {
				t.Errorf("%s by %s: %v, %v", c.about, url, right, err)
			}
		}
		if err := errors.Join(d.Answers(t.Context()), d.Looks(t.Context())); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// TestDirectoriesThatGiveNoAnswer are all away, and none says whether a password is right.
func TestDirectoriesThatGiveNoAnswer(t *testing.T) {
	t.Parallel()
	s, other := signontest.RunDirectory(t, "mixun"), signontest.RunDirectory(t)
	away := func(about string, change func(*signon.LDAPSettings)) {
		t.Helper()
		set := s.Settings()
		change(&set)
		right, err := ldapOf(t, set).Prove(t.Context(), "mixun", signontest.Password)
		if right || !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v, %v", about, right, err)
		}
	}
	away("another's certificate", func(set *signon.LDAPSettings) { set.CA = other.CA })
	away("a certificate of nobody whom the system knows", func(set *signon.LDAPSettings) { set.CA = nil })
	away("another's certificate after StartTLS", func(set *signon.LDAPSettings) { set.URL, set.CA = s.StartTLS, other.CA })
	away("another name", func(set *signon.LDAPSettings) { set.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) })
	away("a wrong password of the program's own", func(set *signon.LDAPSettings) { set.Secret = "wrong" })
	away("a place that is not there", func(set *signon.LDAPSettings) { set.Base = "ou=nowhere,dc=firm,dc=example" })
	away("a place elsewhere", func(set *signon.LDAPSettings) { set.Base = "dc=elsewhere" }) // for which slapd gives a referral or nothing
	away("no TLS", func(set *signon.LDAPSettings) { set.URL = strings.Replace(s.StartTLS, "ldap:", "ldaps:", 1) })
	away("nobody in particular, who may look at nothing", func(set *signon.LDAPSettings) { set.User, set.Secret = "", "" })

	d := ldapOf(t, s.Settings())
	s.Stop()
	if _, err := d.Prove(t.Context(), "mixun", signontest.Password); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a directory that was stopped: %v", err)
	}
	s.Again()
	if right, err := d.Prove(t.Context(), "mixun", signontest.Password); err != nil || !right {
		t.Errorf("a directory that is back: %v, %v", right, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Prove(ctx, "mixun", signontest.Password); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a caller who is gone: %v", err)
	}
}

// TestNothingIsSaidInTheClear: without TLS the directory is told neither who asks nor about whom.
func TestNothingIsSaidInTheClear(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 1)
	go func() { // a server that takes the first question and refuses StartTLS with a made-up answer
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		raw := make([]byte, 4096)
		n, _ := c.Read(raw)
		_, _ = c.Write([]byte{0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, 0x02, 0x04, 0x00, 0x04, 0x00}) // protocolError
		m, _ := c.Read(raw[n:])
		heard <- string(raw[:n+m])
	}()
	defer l.Close()
	d := ldapOf(t, signon.LDAPSettings{URL: "ldap://" + l.Addr().String(), Base: signontest.Base, User: "cn=asker", Secret: "its-secret"})
	if right, err := d.Prove(t.Context(), "mixun", signontest.Password); right || !problem.Is(err, problem.Unavailable) {
		t.Errorf("without TLS: %v, %v", right, err)
	}
	said := <-heard
	for _, word := range []string{"mixun", signontest.Password, "its-secret", "cn=asker"} {
		if strings.Contains(said, word) {
			t.Errorf("%q was said in the clear", word)
		}
	}
	if !strings.Contains(said, "1.3.6.1.4.1.1466.20037") {
		t.Errorf("the first word is not StartTLS: %q", said)
	}
}

// TestReferralsAreNotFollowed: a directory that sends us elsewhere is away.
func TestReferralsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := signontest.RunDirectory(t, "mixun")
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	asked := make(chan struct{}, 1)
	go func() {
		if c, err := elsewhere.Accept(); err == nil {
			asked <- struct{}{}
			_ = c.Close()
		}
	}()
	s.Refer("ou=elsewhere,"+signontest.Base, "ldap://"+elsewhere.Addr().String()+"/")
	set := s.Settings()
	if right, err := ldapOf(t, set).Prove(t.Context(), "mixun", signontest.Password); err != nil || !right {
		t.Errorf("a referral beside what was looked for: %v, %v", right, err)
	}
	set.Base = "ou=elsewhere," + signontest.Base
	if right, err := ldapOf(t, set).Prove(t.Context(), "mixun", signontest.Password); right || !problem.Is(err, problem.Unavailable) || !ldap.IsErrorWithCode(err, ldap.LDAPResultReferral) {
		t.Errorf("a referral: %v, %v", right, err)
	}
	select {
	case <-asked:
		t.Error("the referral was followed")
	default:
	}
}

func TestSettingsOfADirectory(t *testing.T) {
	t.Parallel()
	good := signon.LDAPSettings{URL: "ldaps://dc.firm.example", Base: "ou=people,dc=firm", User: "cn=a", Secret: "s"}
	ldapOf(t, good)
	for about, change := range map[string]func(*signon.LDAPSettings){
		"no address": func(s *signon.LDAPSettings) { s.URL = "" }, "plain web": func(s *signon.LDAPSettings) { s.URL = "https://dc.firm.example" },
		"a local socket": func(s *signon.LDAPSettings) { s.URL = "ldapi:///" }, "a password in the address": func(s *signon.LDAPSettings) { s.URL = "ldaps://a:b@dc" },
		"no base": func(s *signon.LDAPSettings) { s.Base = "" }, "a base that is no DN": func(s *signon.LDAPSettings) { s.Base = "people" },
		"no place for the login": func(s *signon.LDAPSettings) { s.Filter = "(uid=*)" }, "a broken filter": func(s *signon.LDAPSettings) { s.Filter = "(uid={login}" },
		"an account without password": func(s *signon.LDAPSettings) { s.Secret = "" }, "a password without account": func(s *signon.LDAPSettings) { s.User = "" },
		"no certificate": func(s *signon.LDAPSettings) { s.CA = []byte("none") },
	} {
		s := good
		change(&s)
		if _, err := signon.NewLDAP(s); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if said := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(said, `"s"`) || !strings.Contains(said, "[secret]") {
		t.Errorf("a secret is printed: %s", said)
	}
}
