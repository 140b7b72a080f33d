package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"mijuan/internal/house"
	"mijuan/internal/problem"
	"mijuan/internal/signon"
)

// outside is the flags of the firm's own services that prove who somebody is.
type outside struct {
	ldap                 signon.LDAPSettings
	ldapCA, ldapPassword string // files
	oidc                 signon.OIDCSettings
	oidcCA, oidcSecret   string // files
	factors              string
}

func (o *outside) define(fs *flag.FlagSet) {
	fs.StringVar(&o.ldap.URL, "ldap", "", "`URL` of the directory that proves passwords, ldaps://HOST or ldap://HOST (StartTLS)")
	fs.StringVar(&o.ldapCA, "ldap-ca", "", "PEM `file` of the authorities of the directory's certificate; without it the system's")
	fs.StringVar(&o.ldap.Base, "ldap-base", "", "`DN` below which people are looked up")
	fs.StringVar(&o.ldap.Filter, "ldap-filter", "", "`filter` that finds one person by {login}; without it (uid={login}); Active Directory: (sAMAccountName={login})")
	fs.StringVar(&o.ldap.User, "ldap-user", "", "`DN` of the account that looks people up; without it nobody in particular")
	fs.StringVar(&o.ldapPassword, "ldap-secret", "", "`file` with its password")
	fs.StringVar(&o.oidc.Issuer, "oidc", "", "`URL` of the OpenID provider (its issuer) that proves who somebody is")
	fs.StringVar(&o.oidcCA, "oidc-ca", "", "PEM `file` of the authorities of the provider's certificate; without it the system's")
	fs.StringVar(&o.oidc.Client, "oidc-client", "", "`name` of this program at the provider")
	fs.StringVar(&o.oidcSecret, "oidc-secret", "", "`file` with its secret")
	fs.StringVar(&o.oidc.Name, "oidc-name", signon.UsualName, "what people call the provider, a short `text`")
	fs.StringVar(&o.factors, "oidc-factors", "", "comma-separated `values` of amr or acr that count as a second factor; without it none does")
}

// settings reads the files and gives the services to a house.
func (o *outside) settings(s *house.Settings) error {
	if err := o.directory(s); err != nil {
		return err
	}
	return o.provider(s)
}

func (o *outside) directory(s *house.Settings) (err error) {
	if o.ldap.URL == "" {
		if o.ldap.Base+o.ldap.Filter+o.ldap.User+o.ldapCA+o.ldapPassword != "" {
			return problem.New(problem.Invalid, "给出了目录的其他设置，却没有目录地址（--ldap）")
		}
		return nil
	}
	l := o.ldap
	if l.CA, err = optional(o.ldapCA); err != nil {
		return err
	}
	if l.Secret, err = secretFrom(o.ldapPassword); err != nil {
		return err
	}
	s.LDAP = &l
	_, err = signon.NewLDAP(l)
	return err
}

func (o *outside) provider(s *house.Settings) (err error) {
	if o.oidc.Issuer == "" {
		if o.oidc.Client+o.oidcSecret+o.oidcCA+o.factors != "" {
			return problem.New(problem.Invalid, "给出了统一登录的其他设置，却没有它的地址（--oidc）")
		}
		return nil
	}
	p := o.oidc
	if p.CA, err = optional(o.oidcCA); err != nil {
		return err
	}
	if p.Secret, err = secretFrom(o.oidcSecret); err != nil {
		return err
	}
	for f := range strings.SplitSeq(o.factors, ",") {
		if f = strings.TrimSpace(f); f != "" {
			p.Factors = append(p.Factors, f)
		}
	}
	s.OIDC = &p
	_, err = signon.NewOIDC(p)
	return err
}

// optional reads a file that need not be named.
func optional(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	return os.ReadFile(path)
}

// secretFrom reads a secret from its file, without the newline at its end.
func secretFrom(path string) (signon.Secret, error) {
	raw, err := optional(path)
	if err != nil {
		return "", err
	}
	s := strings.TrimRight(string(raw), "\r\n")
	if path != "" && s == "" {
		return "", problem.New(problem.Invalid, "密码文件是空的：%s", path)
	}
	return signon.Secret(s), nil
}

// services asks the firm's own services.
func services(ctx context.Context, s house.Settings) (all []finding) {
	if s.LDAP != nil {
		d, err := signon.NewLDAP(*s.LDAP)
		if err == nil {
			err = d.Looks(ctx)
		}
		all = append(all, finding{ok: err == nil, what: "域账号目录 " + s.LDAP.URL, means: fmt.Sprintf("用域账号登录的人现在进不来：%v", err)})
	}
	if s.OIDC != nil {
		o, err := signon.NewOIDC(*s.OIDC)
		if err == nil {
			err = o.Answers(ctx)
		}
		all = append(all, finding{ok: err == nil, what: s.OIDC.Name + " " + s.OIDC.Issuer, means: fmt.Sprintf("经它登录的人现在进不来：%v", err)})
	}
	return all
}
