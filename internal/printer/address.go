package printer

import (
	"encoding/hex"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"mijuan/internal/problem"
)

// Address is where a printer answers. It comes from the register of devices and from nowhere else: whoever could name an address
// could have this program knock at any door of the firm's network.
type Address struct {
	URI string // ipps://host[:port]/path, or ipp:// without encryption
	Pin string // SHA-256 of the certificate that it shows, in hexadecimal; of ipps only, and then needed
}

const (
	defaultPort = "631"
	longURI     = 300
)

// Secure reports whether what is sent is encrypted.
func (a Address) Secure() bool { return strings.HasPrefix(a.URI, "ipps://") }

// Clean brings an address to its one form, or says what is wrong with it.
func (a Address) Clean() (Address, error) {
	a.URI = strings.TrimSpace(a.URI)
	a.Pin = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(a.Pin))
	u, err := url.Parse(a.URI)
	wrong := problem.New(problem.Invalid, "打印机地址须形如 ipps://主机/ipp/print").In("address")
	switch {
	case err != nil || len(a.URI) > longURI || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Opaque != "":
		return a, wrong
	case u.Scheme != "ipp" && u.Scheme != "ipps" || u.Hostname() == "" || !strings.HasPrefix(u.Path, "/"):
		return a, wrong
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return a, wrong
		}
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !reachable(ip) {
		return a, problem.New(problem.Invalid, "这个地址不能用作打印机").In("address")
	}
	switch raw, err := hex.DecodeString(a.Pin); {
	case a.Secure() && (err != nil || len(raw) != 32):
		return a, problem.New(problem.Invalid, "请填写打印机证书的 SHA-256 指纹：64 位十六进制数").In("pin")
	case !a.Secure() && a.Pin != "":
		return a, problem.New(problem.Invalid, "没有加密的地址不用证书指纹").In("pin")
	}
	return a, nil
}

// reachable leaves out the addresses at which no printer of the firm stands, those of cloud metadata services among them.
func reachable(ip netip.Addr) bool {
	ip = ip.Unmap()
	return ip.IsValid() && !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast()
}

// control refuses a connection to such an address that a name led to.
func control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !reachable(at.Addr()) {
		return problem.New(problem.Refused, "打印机的名称指向不能使用的地址")
	}
	return nil
}

// target is the address of the HTTP server behind a cleaned address.
func (a Address) target() string {
	u, _ := url.Parse(a.URI) // Clean has parsed it
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	scheme := "http"
	if a.Secure() {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: net.JoinHostPort(u.Hostname(), port), Path: u.Path}).String()
}
