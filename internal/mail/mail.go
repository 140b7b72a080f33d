// Package mail hands letters of plain text to the firm's own mail server (SMTP, RFC 5321): over TLS from the first byte or from STARTTLS on,
// and over neither only on this machine; by the account that the firm gave the program; to a server whose certificate is the right one.
// What a letter may hold, package notice decides; nothing here may be called while a transaction is open. A server that does not take a
// letter now is problem.Unavailable, one that will not take it later either is problem.Refused, and both say why in words for people.
package mail

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/problem"
)

// Security is how a connection is made safe.
type Security string

const (
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	StartTLS Security = "starttls" // before anything is said (RFC 3207)
	None     Security = "none"     // on this machine only
)

// Securities lists them in the order in which forms offer them.
var Securities = []Security{TLS, StartTLS, None}

var securityNames = map[Security]string{TLS: "TLS（通常为 465 端口）", StartTLS: "STARTTLS（通常为 587 端口）", None: "不加密（只限本机）"}

// Name is the security in Chinese.
func (s Security) Name() string { return securityNames[s] }

// port is the usual one.
func (s Security) port() int { return map[Security]int{TLS: 465, StartTLS: 587, None: 25}[s] }

// Secret is the password of the program's account. It does not print, and marshals as it is: what is marshalled is sealed.
type Secret string

// String hides the secret.
func (Secret) String() string { return "[secret]" }

// GoString hides the secret.
func (Secret) GoString() string { return "[secret]" }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue("[secret]") }

// Settings say where the server is and who writes.
type Settings struct {
	Host     string   `json:"host"`
	Port     int      `json:"port,omitempty"` // 0: the usual one
	Security Security `json:"security"`
	CA       string   `json:"ca,omitempty"`   // PEM of the authorities that its certificate may come from; empty: the system's
	User     string   `json:"user,omitempty"` // of the program's account; empty: the server asks for none
	Secret   Secret   `json:"secret,omitempty"`
	From     string   `json:"from"` // address
}

// Server is the firm's mail server. It is safe for concurrent use and keeps no connection.
type Server struct {
	set  Settings
	tls  *tls.Config
	line chan struct{}
}

const (
	patience    = 30 * time.Second // for one letter, in all
	linesAtOnce = 2                // connections
	longest     = 254              // characters of an address (RFC 5321, 4.5.3.1.3)
)

// New checks the settings; it does not ask the server.
func New(s Settings) (*Server, error) {
	s, err := s.clean()
	if err != nil {
		return nil, err
	}
	m := &Server{set: s, tls: &tls.Config{MinVersion: tls.VersionTLS12, ServerName: s.Host}, line: make(chan struct{}, linesAtOnce)}
	if s.CA != "" {
		m.tls.RootCAs = x509.NewCertPool()
		if !m.tls.RootCAs.AppendCertsFromPEM([]byte(s.CA)) {
			return nil, problem.New(problem.Invalid, "证书文件里没有可以使用的 PEM 证书").In("ca")
		}
	}
	return m, nil
}

func (s Settings) clean() (Settings, error) {
	s.Host, s.User, s.CA = strings.TrimSpace(s.Host), strings.TrimSpace(s.User), strings.TrimSpace(s.CA)
	if s.Port == 0 {
		s.Port = s.Security.port()
	}
	var err error
	switch {
	case !isHost(s.Host):
		return s, problem.New(problem.Invalid, "邮件服务器应当是一个主机名或 IP 地址，例如 smtp.firm.cn").In("host")
	case securityNames[s.Security] == "":
		return s, problem.New(problem.Invalid, "请选择连接方式").In("security")
	case s.Security == None && !loopback(s.Host):
		return s, problem.New(problem.Invalid, "只有本机上的邮件服务器可以不加密").In("security")
	case s.Port < 1 || s.Port > 65535:
		return s, problem.New(problem.Invalid, "端口应当是 1 到 65535 之间的数").In("port")
	case (s.User == "") != (s.Secret == ""):
		return s, problem.New(problem.Invalid, "账号和密码应当一起给出").In("user")
	case len(s.CA) > 64<<10:
		return s, problem.New(problem.TooLarge, "证书过长").In("ca")
	}
	if s.From, err = Address(s.From); err != nil || s.From == "" {
		return s, problem.New(problem.Invalid, "发件地址应当形如 mijuan@firm.cn").In("from")
	}
	return s, nil
}

// String is the server's address.
func (m *Server) String() string { return net.JoinHostPort(m.set.Host, strconv.Itoa(m.set.Port)) }

func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// Address gives an address in the form in which it is kept; empty stays empty. It must be a plain one, without a name: what a server makes
// of quotes, comments and lists is no address of one person.
func Address(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > longest || !utf8.ValidString(s) || strings.ContainsAny(s, "\"<>(),;:\\ \r\n\t\x00") || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") && !strings.HasSuffix(s, "@localhost") {
		return "", problem.New(problem.Invalid, "邮箱地址应当形如 name@firm.cn").In("mail")
	}
	return s, nil
}

// SameServer reports whether two are one account at one server, reached in one way.
func (s Settings) SameServer(o Settings) bool {
	s.From, s.Secret, o.From, o.Secret = "", "", "", ""
	return s == o
}

// Settings are those of the server, in the form in which they are kept.
func (m *Server) Settings() Settings { return m.set }
