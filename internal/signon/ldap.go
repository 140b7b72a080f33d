package signon

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"mijuan/internal/problem"
)

// LDAPSettings say where the directory is and how people are found in it.
type LDAPSettings struct {
	URL    string // ldaps://host[:port], or ldap://host[:port], which begins with StartTLS; nothing is sent before
	CA     []byte // PEM of the authorities that its certificate may come from; empty: the system's
	Base   string // DN below which people are
	Filter string // that finds one person, with {login} in place of the log-in name; empty: (uid={login})
	User   string // DN of the account by which people are looked up; empty: nobody in particular
	Secret Secret // its password
}

// LDAP is the firm's directory. It is safe for concurrent use and keeps no connection.
type LDAP struct {
	set     LDAPSettings
	address string
	secured bool // by TLS from the first byte
	tls     *tls.Config
	lines   chan struct{}
}

const (
	placeholder     = "{login}"
	usualFilter     = "(uid=" + placeholder + ")"
	linesAtOnce     = 32  // connections
	longestPassword = 200 // characters
)

// NewLDAP checks the settings; it does not ask the directory.
func NewLDAP(s LDAPSettings) (*LDAP, error) {
	u, err := url.Parse(s.URL)
	if err != nil || u.Scheme != "ldaps" && u.Scheme != "ldap" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, problem.New(problem.Invalid, "目录地址应当形如 ldaps://主机 或 ldap://主机（随即启用 TLS）：%s", s.URL)
	}
	if s.Filter == "" {
		s.Filter = usualFilter
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	d := &LDAP{set: s, secured: u.Scheme == "ldaps", lines: make(chan struct{}, linesAtOnce)}
	port := u.Port()
	if port == "" {
		port = map[string]string{"ldaps": ldap.DefaultLdapsPort, "ldap": ldap.DefaultLdapPort}[u.Scheme]
	}
	d.address = net.JoinHostPort(u.Hostname(), port)
	d.tls, err = trust(u.Hostname(), s.CA)
	return d, err
}

func (s LDAPSettings) check() error {
	if _, err := ldap.ParseDN(s.Base); err != nil || s.Base == "" {
		return problem.New(problem.Invalid, "目录里查找人员的起点应当是一个 DN，例如 ou=people,dc=firm,dc=cn：%s", s.Base)
	}
	if _, err := ldap.CompileFilter(strings.ReplaceAll(s.Filter, placeholder, "x")); err != nil || !strings.Contains(s.Filter, placeholder) {
		return problem.New(problem.Invalid, "目录的查找条件应当含有 {login}，例如 (sAMAccountName={login})：%s", s.Filter)
	}
	if (s.User == "") != (s.Secret == "") {
		return problem.New(problem.Invalid, "目录的查询账号和它的密码文件应当一起给出")
	}
	return nil
}

// String is the directory's address.
func (d *LDAP) String() string { return d.set.URL }

// Prove asks whether the password is that of the one person with the login. No such person, more than one, and an account that
// the directory has closed or locked are all a wrong password. Where the directory gives no answer that can be relied on the error
// is problem.Unavailable.
func (d *LDAP) Prove(ctx context.Context, login, password string) (right bool, err error) {
	if login == "" || password == "" || strings.ContainsRune(password, 0) || len([]rune(password)) > longestPassword {
		// With an empty password directories let anybody in, as nobody (RFC 4513, 5.1.2).
		return false, nil
	}
	err = d.ask(ctx, func(c *ldap.Conn) error {
		dn, err := d.find(c, login)
		if err != nil || dn == "" {
			return err
		}
		right, err = bound(c.Bind(dn, password))
		return err
	})
	return right && err == nil, err
}

// Answers asks whether the directory is there, is who it should be, and lets people be looked up.
func (d *LDAP) Answers(ctx context.Context) error {
	return d.ask(ctx, func(*ldap.Conn) error { return nil })
}

// Looks asks also whether the place is there where people are looked up.
func (d *LDAP) Looks(ctx context.Context) error {
	return d.ask(ctx, func(c *ldap.Conn) error {
		_, err := c.Search(ldap.NewSearchRequest(d.set.Base, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, seconds(patience), false, "(objectClass=*)", []string{"1.1"}, nil))
		return err
	})
}

// find gives the DN of the one person with the login; empty where there is none, or more than one.
func (d *LDAP) find(c *ldap.Conn, login string) (string, error) {
	filter := strings.ReplaceAll(d.set.Filter, placeholder, ldap.EscapeFilter(login))
	found, err := c.Search(ldap.NewSearchRequest(d.set.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 2, seconds(patience), false, filter, []string{"1.1"}, nil))
	if ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) {
		return "", nil
	}
	if err != nil || len(found.Entries) != 1 {
		return "", err
	}
	return found.Entries[0].DN, nil
}

// bound is what the directory said of a person's password.
func bound(err error) (right bool, _ error) {
	switch {
	case err == nil:
		return true, nil
	case ldap.IsErrorAnyOf(err, ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultUnwillingToPerform,
		ldap.LDAPResultConstraintViolation, ldap.LDAPResultNoSuchObject):
		return false, nil
	}
	return false, err
}

// ask opens a connection, says who asks, and puts the question. Referrals are not followed: they are errors.
func (d *LDAP) ask(ctx context.Context, question func(*ldap.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case d.lines <- struct{}{}:
		defer func() { <-d.lines }()
	case <-ctx.Done():
		return d.away(errors.Join(errBusy, ctx.Err()))
	}
	wire, err := d.dial(ctx)
	if err != nil {
		return d.away(err)
	}
	stop := context.AfterFunc(ctx, func() { wire.Close() })
	defer stop()
	c := ldap.NewConn(wire, d.secured)
	c.Start()
	defer c.Close()
	c.SetTimeout(patience)
	if err := d.introduce(c); err != nil {
		return d.away(err)
	}
	return d.away(question(c))
}

func (d *LDAP) dial(ctx context.Context) (net.Conn, error) {
	if d.secured {
		return (&tls.Dialer{NetDialer: dialer(), Config: d.tls}).DialContext(ctx, "tcp", d.address)
	}
	return dialer().DialContext(ctx, "tcp", d.address)
}

// introduce makes the connection safe before anything else is said, and logs the account in that looks people up.
func (d *LDAP) introduce(c *ldap.Conn) error {
	if !d.secured {
		if err := c.StartTLS(d.tls.Clone()); err != nil {
			return fmt.Errorf("start TLS: %w", err)
		}
	}
	if d.set.User == "" {
		return nil
	}
	if err := c.Bind(d.set.User, string(d.set.Secret)); err != nil {
		return fmt.Errorf("log the account in that looks people up: %w", err)
	}
	return nil
}

// away is what callers are told of a directory that gives no answer; nil stays nil.
func (d *LDAP) away(err error) error {
	if err == nil {
		return nil
	}
	return problem.New(problem.Unavailable, "域账号的目录服务暂时不可用，请稍后再试").Because(fmt.Errorf("ask %s: %w", d.set.URL, err))
}

func seconds(d time.Duration) int { return int(d / time.Second) }
