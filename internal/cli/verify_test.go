package cli

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

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
)

// signedFirm is a firm in which somebody signed the joining pledge; its ledger is exported, and its authority's certificate is in
// ca.cer.
type signedFirm struct{ dir, pdf, export, authority string }

func signFor(t *testing.T, tsa string) (f signedFirm) {
	t.Helper()
	must := func(err error) { t.Helper(); housetest.Must(t, err) }
	s := housetest.Settings(t)
	s.TSA = tsa
	h, err := house.Create(t.Context(), s)
	must(err)
	defer h.Close()
	must(h.SetName(t.Context(), "江澜衡砚律师事务所"))
	var id, link string
	must(h.Door.Do(t.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = h.People.Invite(g, person.Invitation{Login: "ouyang", Details: person.Details{Name: "欧阳静"}, Posts: []access.Post{access.Lawyer}})
		return err
	}))
	e, err := h.People.Accept(t.Context(), link, person.Acceptance{Password: housetest.Password}, person.From{Addr: "127.0.0.1"})
	must(err)
	who := guard.Who{Person: id, Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	var due []pledge.Due
	must(h.Door.Do(t.Context(), who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { due, err = h.Pledges.Asked(g); return err }))
	p, err := h.Pledges.Sign(t.Context(), who, pledge.Signing{Kind: due[0].Kind, Version: due[0].Version, Digest: pledge.Digest(due[0].Text),
		Consent: hand.Consent{Session: e.Token, Confirmation: person.Confirmation{Password: housetest.Password}, From: person.From{Addr: "127.0.0.1"}}})
	must(err)
	c, err := h.Pledges.Fetch(t.Context(), who, p.ID)
	must(err)
	must(c.Close(t.Context(), int64(len(c.PDF)), nil))
	f.dir = t.TempDir()
	f.pdf, f.export, f.authority = filepath.Join(f.dir, "pledge.pdf"), filepath.Join(f.dir, "ledger"), filepath.Join(f.dir, "ca.cer")
	must(os.WriteFile(f.pdf, c.PDF, 0o600))
	cert, err := h.Hand.Authority(t.Context())
	must(err)
	must(os.WriteFile(f.authority, cert.Raw, 0o600))
	must(h.ExportLedger(context.Background(), f.export, func(uint64, uint64) {}))
	return f
}

// pdfsig is whether poppler finds a PDF's signature valid, by the firm's authority.
func (f signedFirm) pdfsig(t *testing.T, pdf string) bool {
	t.Helper()
	nss := filepath.Join(f.dir, "nss")
	if err := os.Mkdir(nss, 0o700); err == nil {
		for _, args := range [][]string{{"-N", "-d", nss, "--empty-password"}, {"-A", "-d", nss, "-n", "firm", "-t", "C,C,C", "-i", f.authority}} {
			if out, err := exec.Command("certutil", args...).CombinedOutput(); err != nil {
				t.Fatalf("certutil: %v %s", err, out)
			}
		}
	}
	out, _ := exec.Command("pdfsig", "-nssdir", nss, pdf).CombinedOutput() // ends with 1 for what it cannot read
	return strings.Contains(string(out), "Signature is Valid.") && strings.Contains(string(out), "Certificate is Trusted.") && strings.Contains(string(out), "- Total document signed")
}

// TestVerifyDocument: verify and pdfsig agree on a signed pledge and on one of which a byte was changed; against the ledger, a
// document of another firm is not on record.
func TestVerifyDocument(t *testing.T) {
	f := signFor(t, "")
	code, out, errs := run(t, "verify", f.pdf)
	for _, want := range []string{"文书完整", "签署人：欧阳静，签署入职保密承诺书", "签署时间：20", "江澜衡砚律师事务所签名证书颁发机构", "时间戳：没有", "没有核对"} {
		if !strings.Contains(out, want) {
			t.Errorf("verify does not say %q:\n%s%s", want, out, errs)
		}
	}
	if code != done || !f.pdfsig(t, f.pdf) {
		t.Errorf("verify ends with %d, or pdfsig disagrees", code)
	}
	if code, out, _ := run(t, "verify", f.pdf, f.export); code != done || !strings.Contains(out, "台账完整") || !strings.Contains(out, "登记了这份文书") || !strings.Contains(out, "都有签发记录") {
		t.Errorf("against the ledger: %d\n%s", code, out)
	}
	good, err := os.ReadFile(f.pdf)
	housetest.Must(t, err)
	bad := filepath.Join(f.dir, "bad.pdf")
	for _, at := range []int{1500, len(good) / 2, bytes.LastIndex(good, []byte("/Reason")) + 12, len(good) - 30} {
		changed := bytes.Clone(good)
		changed[at] ^= 1
		housetest.Must(t, os.WriteFile(bad, changed, 0o600))
		if code, out, errs := run(t, "verify", bad, f.export); code != notSo || strings.Contains(out+errs, "文书完整") {
			t.Errorf("byte %d: verify ends with %d\n%s%s", at, code, out, errs)
		}
		if f.pdfsig(t, bad) {
			t.Errorf("byte %d: pdfsig does not tell", at)
		}
	}
	other := signFor(t, "")
	if code, out, _ := run(t, "verify", other.pdf, f.export); code != notSo || !strings.Contains(out, "没有登记这份文书") {
		t.Errorf("another firm's: %d\n%s", code, out)
	}
	housetest.Must(t, os.WriteFile(bad, []byte("%PDF-1.7 nothing"), 0o600))
	if code, _, errs := run(t, "verify", bad); code != notSo || !strings.Contains(errs, "文件无法读取") {
		t.Errorf("no PDF of ours: %d %s", code, errs)
	}
	for _, args := range [][]string{{"verify"}, {"verify", f.export, f.export}, {"verify", f.pdf, f.export, "more"}} {
		if code, _, _ := run(t, args...); code != wrong {
			t.Errorf("%v: %d", args, code)
		}
	}
}

// TestVerifyStamped: a firm with a stamping authority has its pledges stamped, and verify tells by whom.
func TestVerifyStamped(t *testing.T) {
	f := signFor(t, stampingAuthority(t))
	if code, out, _ := run(t, "verify", f.pdf, f.export); code != done || !strings.Contains(out, "由 Stamp Unit 1 加盖") {
		t.Errorf("%d\n%s", code, out)
	}
	if !f.pdfsig(t, f.pdf) {
		t.Error("pdfsig does not accept it")
	}
}

// tsaConfig is how openssl stamps.
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
tsa_name=yes
ess_cert_id_alg=sha256
`

// stampingAuthority serves openssl as a stamping authority and gives its address.
func stampingAuthority(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "conf")
	housetest.Must(t, os.WriteFile(conf, []byte(strings.ReplaceAll(tsaConfig, "DIR", dir)), 0o600))
	housetest.Must(t, os.WriteFile(filepath.Join(dir, "serial"), []byte("01\n"), 0o600))
	in := func(name string) string { return filepath.Join(dir, name) }
	fresh := []string{"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", conf}
	for _, args := range [][]string{
		append(fresh, "-x509", "-days", "30", "-subj", "/CN=Stamp Root", "-extensions", "ca", "-keyout", in("ca.key"), "-out", in("ca.pem")),
		append(fresh, "-subj", "/CN=Stamp Unit 1", "-keyout", in("tsa.key"), "-out", in("tsa.csr")),
		{"x509", "-req", "-in", in("tsa.csr"), "-CA", in("ca.pem"), "-CAkey", in("ca.key"), "-CAcreateserial", "-days", "20", "-extfile", conf, "-extensions", "tsa", "-out", in("tsa.pem")},
	} {
		if out, err := exec.Command("openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl: %v %s", err, out)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		command := exec.Command("openssl", "ts", "-reply", "-config", conf, "-section", "stamp", "-queryfile", "/dev/stdin")
		command.Stdin = io.LimitReader(r.Body, 1<<16)
		answer, err := command.Output()
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
