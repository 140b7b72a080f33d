package signature

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mijuan/internal/letter"
	"mijuan/internal/vault"
)

var (
	zone     = time.FixedZone("UTC+8", 8*3600)
	now      = time.Date(2026, 11, 23, 18, 5, 6, 0, zone)
	password = []byte("长风破浪会有时-2026")
)

// firm is what all tests share: making keys takes time.
type firm struct {
	keys              *vault.Keyring
	sealedCA, certCA  []byte
	authority         *Authority
	signer, witness   *Signer
	sealed, certOwner []byte
}

var theFirm = sync.OnceValue(func() *firm {
	f := &firm{}
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	var err error
	f.keys, _, err = vault.NewKeyring(vault.RootFromPassphrase([]byte("a passphrase for the tests")))
	check(err)
	f.sealedCA, f.certCA, err = Found(f.keys, "明衡律师事务所", now)
	check(err)
	f.authority, err = OpenAuthority(f.keys, f.sealedCA, f.certCA)
	check(err)
	f.sealed, f.certOwner, err = f.authority.Issue(Person{"0190-a", "欧阳静"}, password, now)
	check(err)
	f.signer, err = f.authority.Unlock("0190-a", f.sealed, password)
	check(err)
	sealed, _, err := f.authority.Issue(Person{"0190-b", "周启明"}, password, now)
	check(err)
	f.witness, err = f.authority.Unlock("0190-b", sealed, password)
	check(err)
	return f
})

func paper(t testing.TB) []byte {
	t.Helper()
	pdf, err := letter.Letter{
		Title: "保密承诺书", Author: "明衡律师事务所", Reference: "承诺书 2026-0017",
		Particulars: []letter.Particular{{Label: "姓名", Value: "欧阳静"}, {Label: "岗位", Value: "执业律师"}},
		Body:        []letter.Block{letter.Item("不以微信、QQ 传送客户资料。"), letter.Item("离开本所时清退全部载体。")},
		Signatures:  []letter.Signature{{Role: "承诺人", Name: "欧阳静", Time: now, Fingerprint: Fingerprint(theFirm().signer.cert)}},
		Made:        now,
	}.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

func sign(t testing.TB, pdf []byte, who *Signer, o Options) []byte {
	t.Helper()
	if o.Time.IsZero() {
		o.Time = now
	}
	if o.Reason == "" {
		o.Reason = "签署保密承诺书"
	}
	signed, err := Sign(context.Background(), pdf, who, o)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// nss is a certificate database as an IT person sets it up for pdfsig: it trusts the firm's authority.
func nss(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.der")
	if err := os.WriteFile(ca, theFirm().certCA, 0o600); err != nil {
		t.Fatal(err)
	}
	outsider(t, "certutil", "-N", "-d", dir, "--empty-password")
	outsider(t, "certutil", "-A", "-d", dir, "-n", "firm", "-t", "C,C,C", "-i", ca)
	return dir
}

func outsider(t testing.TB, tool string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", tool, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// pdfsig is poppler's opinion; it ends with 1 and more for PDFs that it cannot read.
func pdfsig(t testing.TB, database string, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command("pdfsig", "-nssdir", database, path).CombinedOutput()
	return strings.ReplaceAll(string(out), path, "PDF")
}
