// Package mailtest runs a real mail server for tests: aiosmtpd with TLS and an account, which keeps what it takes. `make tools` installs
// it; without it the test fails.
package mailtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mijuan/internal/mail"
)

//go:embed server.py
var script []byte

// The account that the server knows.
const (
	User   = "mijuan"
	secret = "a-secret-of-tests-only"
)

// Server is a running mail server. It has no mailbox for addresses that begin with nobody, and takes nothing now for those that begin with
// later.
type Server struct {
	CA string // PEM

	t     testing.TB
	dir   string
	ports map[mail.Security]int
	stop  func()
}

// Run starts a server for the time of the test.
func Run(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), stop: func() {}}
	s.certify()
	must(t, os.WriteFile(filepath.Join(s.dir, "server.py"), script, 0o600))
	var err error
	for range 5 { // somebody may take a port between our look and the server's
		s.ports = map[mail.Security]int{mail.TLS: freePort(t), mail.StartTLS: freePort(t), mail.None: freePort(t)}
		if err = s.start(); err == nil {
			break
		}
	}
	must(t, err)
	t.Cleanup(func() { s.stop() })
	return s
}

// Settings are those of a firm that uses the server.
func (s *Server) Settings(by mail.Security) mail.Settings {
	set := mail.Settings{Host: "127.0.0.1", Port: s.ports[by], Security: by, CA: s.CA, User: User, Secret: secret, From: "mijuan@firm.example"}
	if by == mail.None {
		set.User, set.Secret = "", ""
	}
	return set
}

// Stop takes the server away.
func (s *Server) Stop() { s.stop() }

// Again brings it back.
func (s *Server) Again() {
	s.t.Helper()
	must(s.t, s.start())
}

// Slow has the server take its time between taking a letter and saying so.
func (s *Server) Slow(d time.Duration) {
	s.t.Helper()
	must(s.t, os.WriteFile(filepath.Join(s.dir, "slow"), fmt.Appendf(nil, "%f", d.Seconds()), 0o600))
}

// Letter is one that the server took.
type Letter struct {
	Over    string // tls or plain
	As      string // the account
	To      string
	Subject string
	Text    string
	Header  netmail.Header
	Raw     string
}

// Letters are all that the server took, the oldest first.
func (s *Server) Letters() (all []Letter) {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.dir, "*.letter"))
	must(s.t, err)
	slices.Sort(names)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		must(s.t, err)
		head := bytes.SplitN(raw, []byte("\n"), 4)
		m, err := netmail.ReadMessage(bytes.NewReader(head[3]))
		must(s.t, err)
		l := Letter{Over: string(head[0]), As: string(head[1]), To: string(head[2]), Header: m.Header, Raw: string(head[3])}
		l.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		must(s.t, err)
		l.Text = body(s.t, m)
		all = append(all, l)
	}
	return all
}

// Wait waits until the server has taken n letters, and gives them.
func (s *Server) Wait(n int) []Letter {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if all := s.Letters(); len(all) >= n {
			return all
		}
	}
	s.t.Fatalf("the server took %d letters, want %d", len(s.Letters()), n)
	return nil
}

// To are those letters that went to an address.
func To(all []Letter, address string) []Letter {
	return slices.DeleteFunc(slices.Clone(all), func(l Letter) bool { return l.To != address })
}

func body(t testing.TB, m *netmail.Message) string {
	t.Helper()
	var r io.Reader = m.Body
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	raw, err := io.ReadAll(r)
	must(t, err)
	return strings.ReplaceAll(string(raw), "\r\n", "\n")
}

// start runs the server and waits until it answers.
func (s *Server) start() error {
	var said bytes.Buffer
	args := []string{filepath.Join(s.dir, "server.py"), s.dir}
	for _, by := range mail.Securities {
		args = append(args, fmt.Sprint(s.ports[by]))
	}
	cmd := exec.Command("/usr/bin/python3", args...) // the one that Debian's packages are for
	cmd.Stdout, cmd.Stderr = &said, &said            // one writer: os/exec lets one goroutine write to it
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the signal comes when the thread ends that started it
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start the mail server (make tools installs it): %w", err)
	}
	s.stop = func() {
		_ = cmd.Process.Kill()
		<-ended
	}
	for range 2000 {
		if answers(s.ports) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the mail server (make tools installs aiosmtpd) ended: %s", said.Bytes())
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.stop()
	return fmt.Errorf("the mail server does not answer: %s", said.Bytes())
}

func answers(ports map[mail.Security]int) bool {
	for _, p := range ports {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			return false
		}
		c.Close()
	}
	return true
}

// certify makes the server's certificate, which is its own authority.
func (s *Server) certify() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(s.t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a mail server of a test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(s.t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(s.t, err)
	s.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	must(s.t, os.WriteFile(filepath.Join(s.dir, "cert.pem"), []byte(s.CA), 0o600))
	must(s.t, os.WriteFile(filepath.Join(s.dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
