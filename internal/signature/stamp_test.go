package signature

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/problem"
)

// tsaConfig is a stamping authority of openssl's: its root, its certificate for stamping, and how it stamps.
const tsaConfig = `
[req]
distinguished_name=dn
[dn]
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
[tsa]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[stamp]
serial=DIR/serial
signer_cert=DIR/tsa.pem
signer_key=DIR/tsa.key
signer_digest=sha256
certs=DIR/ca.pem
default_policy=1.2.3.4.1
digests=sha256
accuracy=secs:1,millisecs:500
ordering=yes
tsa_name=yes
ess_cert_id_chain=yes
ess_cert_id_alg=sha256
`

// stampingHouse is a directory in which openssl stamps: ca.pem, tsa.pem, and conf.
func stampingHouse(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(tsaConfig, "DIR", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "serial"), []byte("01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	outsider(t, "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj", "/CN=Stamp Root", "-config", conf, "-extensions", "ca",
		"-keyout", in("ca.key"), "-out", in("ca.pem"))
	outsider(t, "openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Stamp Unit 1", "-config", conf, "-keyout", in("tsa.key"), "-out", in("tsa.csr"))
	outsider(t, "openssl", "x509", "-req", "-in", in("tsa.csr"), "-CA", in("ca.pem"), "-CAkey", in("ca.key"), "-CAcreateserial", "-days", "3000",
		"-extfile", conf, "-extensions", "tsa", "-out", in("tsa.pem"))
	return dir
}

// served is a stamping authority over HTTP whose answers odd may change.
func served(t testing.TB, dir string, odd func([]byte) []byte) *TSA {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Content-Type") != "application/timestamp-query" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		command := exec.Command("openssl", "ts", "-reply", "-config", filepath.Join(dir, "conf"), "-section", "stamp", "-queryfile", "/dev/stdin")
		command.Stdin = bytes.NewReader(query)
		answer, err := command.Output()
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/timestamp-reply")
		_, _ = w.Write(odd(answer))
	}))
	t.Cleanup(server.Close)
	return &TSA{URL: server.URL}
}

func as(answer []byte) []byte { return answer }

// clockNow is the time by which openssl stamps; the firm's certificates are valid from before it until after it.
func clockNow() time.Time { return time.Now().In(zone) }

// stampable is a signer whose certificate is valid when openssl stamps, which is by the machine's clock.
func stampable(t testing.TB) *Signer {
	t.Helper()
	f := theFirm()
	sealedCA, certCA, err := Found(f.keys, "明衡律师事务所", clockNow())
	if err != nil {
		t.Fatal(err)
	}
	authority, err := OpenAuthority(f.keys, sealedCA, certCA, quick)
	if err != nil {
		t.Fatal(err)
	}
	sealed, _, err := authority.Issue(Person{"0190-a", "欧阳静"}, password, clockNow())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := authority.Unlock("0190-a", sealed, password)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestStamps(t *testing.T) {
	dir, signer := stampingHouse(t), stampable(t)
	if *remake {
		both := sign(t, sign(t, paper(t), theFirm().signer, Options{Place: "上海"}), theFirm().witness, Options{Time: clockNow(), Reason: "监督签署", TSA: served(t, dir, as)})
		if err := os.WriteFile("testdata/signed.pdf", both, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("good", func(t *testing.T) { goodStamp(t, dir, signer) })
	t.Run("none", func(t *testing.T) { noStamp(t, dir, signer) })
}

func goodStamp(t *testing.T, dir string, signer *Signer) {
	signed := sign(t, paper(t), signer, Options{Time: clockNow(), TSA: served(t, dir, as)})
	report := verified(t, signed)
	s := report.Signatures[0]
	if !report.Intact() || s.Stamp == nil || s.Stamp.Authority.Subject.CommonName != "Stamp Unit 1" || s.Stamp.Root.Subject.CommonName != "Stamp Root" {
		t.Fatalf("%+v %v", s.Stamp, report.Faults())
	}
	if off := s.Stamp.Time.Sub(s.Claimed); off < -time.Minute || off > time.Minute {
		t.Errorf("the stamp is off by %v", off)
	}
	value, _ := parts(t, signed)
	m, err := readMessage(value)
	if err != nil {
		t.Fatal(err)
	}
	outsider(t, "openssl", "ts", "-verify", "-token_in", "-in", saved(t, "token", m.unsigned[oidTimeStampToken.String()]), "-data", saved(t, "value", m.info.Signature),
		"-CAfile", filepath.Join(dir, "ca.pem"))
	if out := pdfsig(t, nss(t), signed); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "- Total document signed") {
		t.Error(out)
	}
	outsider(t, "qpdf", "--check", saved(t, "stamped.pdf", signed))
	both := sign(t, signed, signer, Options{Time: clockNow(), Reason: "监督", TSA: served(t, dir, as)})
	if report := verified(t, both); !report.Intact() || report.Signatures[0].Since != Signatures || report.Signatures[1].Stamp == nil {
		t.Error(report.Faults())
	}
	flipStamp(t, signed)
}

// flipStamp changes digits all over the value with its stamp, and of the padding. What is not wrong by itself, a root of another name,
// leads to another root.
func flipStamp(t *testing.T, signed []byte) {
	from := bytes.LastIndex(signed, []byte("/Contents<"))
	root := Fingerprint(verified(t, signed).Signatures[0].Stamp.Root)
	for at := from; at < len(signed); at += 13 {
		bad := bytes.Clone(signed)
		bad[at] ^= []byte{1, 2, 0x20, 4}[at%4]
		if report, err := Verify(bad); err == nil && report.Intact() && Fingerprint(report.Signatures[0].Stamp.Root) == root {
			t.Errorf("nobody told that byte %d (%d of the value) became %q", at, (at-from-10)/2, bad[at])
		}
	}
}

func noStamp(t *testing.T, dir string, signer *Signer) {
	var before []byte
	if _, _, err := served(t, dir, func(a []byte) []byte { before = bytes.Clone(a); return a }).ask(context.Background(), []byte("another value")); err != nil {
		t.Fatal(err)
	}
	for name, odd := range map[string]func([]byte) []byte{
		"garbage":     func([]byte) []byte { return []byte("<html>proxy</html>") },
		"empty":       func([]byte) []byte { return nil },
		"endless":     func(a []byte) []byte { return append(a, make([]byte, stampMost)...) },
		"cut":         func(a []byte) []byte { return a[:len(a)-20] },
		"changed":     func(a []byte) []byte { a[len(a)-9] ^= 1; return a },
		"refused":     func([]byte) []byte { return []byte{0x30, 5, 0x30, 3, 2, 1, 2} },
		"with a tail": func(a []byte) []byte { return append(a, 0) },
		"another's":   func([]byte) []byte { return before },
	} {
		tsa := served(t, dir, odd)
		if _, err := Sign(context.Background(), paper(t), signer, Options{Time: clockNow(), TSA: tsa}); !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Sign(ctx, paper(t), signer, Options{Time: clockNow(), TSA: served(t, dir, as)}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a call that was given up: %v", err)
	}
	if _, err := Sign(context.Background(), paper(t), signer, Options{Time: clockNow(), TSA: &TSA{URL: "http://127.0.0.1:1/"}}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("an authority that is away: %v", err)
	}
	if _, err := Sign(context.Background(), paper(t), signer, Options{Time: clockNow().Add(time.Hour), TSA: served(t, dir, as)}); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a stamp of an hour before the time claimed: %v", err)
	}
}

// TestSignedLongAgo reads a document that was signed when the format was made: it must hold for ever.
func TestSignedLongAgo(t *testing.T) {
	pdf, err := os.ReadFile("testdata/signed.pdf")
	if err != nil {
		t.Fatal(err)
	}
	report := verified(t, pdf)
	if !report.Intact() || len(report.Signatures) != 2 || report.Signatures[0].Since != Signatures || report.Signatures[1].Stamp == nil {
		t.Fatal(report.Faults())
	}
	for _, s := range report.Signatures {
		if Fingerprint(s.CA) != firmFingerprint {
			t.Errorf("%s signed under %s", s.Name, Fingerprint(s.CA))
		}
	}
}
