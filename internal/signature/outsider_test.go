package signature

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/filetype"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// accepted is whether pdfsig finds nothing wrong with a PDF of so many signatures.
func accepted(out string, signatures int) bool {
	return strings.Count(out, "Signature is Valid.") == signatures && strings.Count(out, "Certificate is Trusted.") == signatures &&
		strings.Count(out, "- Total document signed") == 1
}

func saved(t testing.TB, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOutsidersReadASignedDocument(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{Place: "上海"})
	path := saved(t, "signed.pdf", signed)
	if out := outsider(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
	text := strings.Join(strings.Fields(outsider(t, "pdftotext", path, "-")), "")
	for _, want := range []string{"保密承诺书", "欧阳静", "不以微信、QQ传送客户资料。"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	out := pdfsig(t, nss(t), signed)
	if !accepted(out, 1) || !strings.Contains(out, "ETSI.CAdES.detached") || !strings.Contains(out, "CN=欧阳静,O=明衡律师事务所") {
		t.Errorf("pdfsig does not accept it:\n%s", out)
	}
}

// TestOpenSSLVerifiesTheValue gives the value and what it covers to openssl, which checks the signing certificate too.
func TestOpenSSLVerifiesTheValue(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{})
	value, covered := parts(t, signed)
	ca := saved(t, "ca.pem", []byte(outsider(t, "openssl", "x509", "-inform", "DER", "-in", saved(t, "ca.der", theFirm().certCA))))
	args := []string{"cms", "-verify", "-cades", "-inform", "DER", "-in", saved(t, "value.der", value), "-binary", "-CAfile", ca,
		"-attime", fmt.Sprint(now.Unix()), "-out", "/dev/null"}
	outsider(t, "openssl", append(args, "-content", saved(t, "covered", covered))...)
	outsider(t, "openssl", "verify", "-CAfile", ca, "-attime", fmt.Sprint(now.Unix()), "-purpose", "smimesign",
		saved(t, "own.pem", []byte(outsider(t, "openssl", "x509", "-inform", "DER", "-in", saved(t, "own.der", theFirm().certOwner)))))
}

// parts are the last signature's CMS and the bytes it covers.
func parts(t testing.TB, signed []byte) (value, covered []byte) {
	t.Helper()
	from := bytes.LastIndex(signed, []byte("/Contents<")) + len("/Contents")
	to := from + bytes.IndexByte(signed[from:], '>') + 1
	raw, err := hex.DecodeString(string(signed[from+1 : to-1]))
	if err != nil {
		t.Fatal(err)
	}
	value, ok := unpadded(raw)
	if !ok {
		t.Fatal("the value is no DER")
	}
	return value, append(bytes.Clone(signed[:from]), signed[to:]...)
}

// TestFlippedBytesAreTold flips bits of every seventh byte of the signature's update, and of sampled bytes before it.
func TestFlippedBytesAreTold(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{Place: "上海"})
	from := bytes.LastIndex(signed, []byte("/Type/Sig"))
	masks := []byte{1, 0x20, 0x80, 0xff, 2}
	for at := 0; at < len(signed); at += 7 {
		bad := bytes.Clone(signed)
		bad[at] ^= masks[at%len(masks)]
		if report, err := Verify(bad); err == nil && report.Intact() {
			t.Errorf("nobody told that byte %d became %q", at, bad[at])
		}
		if at < from {
			at += 30
		}
	}
}

// TestPdfsigTellsFlippedBytes samples the whole file. Two parts are left out, where nothing is hidden from Verify: the copy of
// the firm's own certificate, of which pdfsig uses the one that it trusts already, and the head of the CMS, which it does not
// read closely.
func TestPdfsigTellsFlippedBytes(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{Place: "上海"})
	database := nss(t)
	value, _ := parts(t, signed)
	contents := bytes.LastIndex(signed, []byte("/Contents<")) + len("/Contents<")
	ca := contents + 2*bytes.Index(value, theFirm().certCA)
	own := contents + 2*bytes.Index(value, theFirm().certOwner)
	random := rand.New(rand.NewPCG(1, 2))
	for n := 0; n < 90; n++ {
		at := random.IntN(len(signed))
		if n%3 == 0 {
			at = contents + random.IntN(2*len(value))
		}
		if at >= contents && at < own || at >= ca && at < ca+2*len(theFirm().certCA) {
			continue
		}
		bad := bytes.Clone(signed)
		bad[at] ^= 1
		if out := pdfsig(t, database, bad); accepted(out, 1) {
			t.Errorf("pdfsig does not tell byte %d:\n%s", at, out)
		}
	}
}

func TestTheProductShowsASignedDocument(t *testing.T) {
	signed := sign(t, paper(t), theFirm().signer, Options{})
	pool, err := render.NewPool(render.Options{Command: rendertest.Worker(), Workers: 1, Timeout: 2 * time.Minute,
		CacheDir: rendertest.Code()})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	doc := render.Doc{Key: "signed", Type: filetype.PDF, Src: bytes.NewReader(signed), Size: int64(len(signed))}
	page, err := pool.Page(context.Background(), doc, 1, render.Spec{DPI: 50, Mark: render.Mark{Level: "客户资料·秘密级", Lines: []string{"欧阳静"}, Code: "0001"}})
	if err != nil || page.W < 400 {
		t.Fatal(page.W, err)
	}
}
