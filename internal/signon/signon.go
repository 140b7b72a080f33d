// Package signon asks the firm's own services who somebody is: a directory (LDAP, Active Directory) whether a password is right,
// and one OpenID Connect provider who has logged in there. It only asks. Who of the firm that is, and whether the answer lets
// anybody in, package person decides at the door; nothing here may be called while a transaction is open. A service that is away
// is problem.Unavailable, which never stands for yes or no.
package signon

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"time"

	"mijuan/internal/problem"
)

// Secret is a password of the program's own at a service. It does not print.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// patience is how long a service may take to answer in all.
const patience = 8 * time.Second

// trust is whom the program believes to be the service: the authorities in PEM, or those of the system where there are none.
func trust(host string, authorities []byte) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if len(authorities) == 0 {
		return c, nil
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(authorities) {
		return nil, problem.New(problem.Invalid, "证书文件里没有可以使用的 PEM 证书")
	}
	return c, nil
}

var errBusy = errors.New("too many questions wait for an answer")

func dialer() *net.Dialer { return &net.Dialer{Timeout: patience} }
