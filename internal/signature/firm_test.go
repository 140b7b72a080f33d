package signature

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
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

// firmFingerprint is of the certificate in testdata/firm.json.
const firmFingerprint = "648726cee51d7370db38b3004f90ee03fac76936cce5d7cfe1383001848add5f"

// firm is what all tests share, opened from testdata/firm.json: making keys takes time, and what was sealed once must open for
// ever.
type firm struct {
	keys              *vault.Keyring
	sealedCA, certCA  []byte
	authority         *Authority
	signer, witness   *Signer
	sealed, certOwner []byte
}

// rootKey opens the keyring of testdata/firm.json.
const rootKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// quick is for keys that tests make; those in testdata cost what a firm's do.
var quick = Cost{Time: 1, Memory: 64, Lanes: 1}

// storedFirm is testdata/firm.json: the sealed keyring, the authority, and two people with one password.
type storedFirm struct {
	Keyring                                            string
	AuthorityKey, Authority, Signer, Owner, WitnessKey []byte
}

func root(path string) *vault.Root {
	if err := os.WriteFile(path, []byte(rootKey), 0o600); err != nil {
		panic(err)
	}
	defer os.Remove(path)
	root, err := vault.RootFromFile(path)
	if err != nil {
		panic(err)
	}
	return root
}

var theFirm = sync.OnceValue(func() *firm {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	raw, err := os.ReadFile("testdata/firm.json")
	check(err)
	var stored storedFirm
	check(json.Unmarshal(raw, &stored))
	f := &firm{sealedCA: stored.AuthorityKey, certCA: stored.Authority, sealed: stored.Signer, certOwner: stored.Owner}
	f.keys, err = vault.OpenKeyring(root(filepath.Join(os.TempDir(), fmt.Sprintf("mijuan-signature-root-%d", os.Getpid()))), []byte(stored.Keyring))
	check(err)
	f.authority, err = OpenAuthority(f.keys, f.sealedCA, f.certCA, quick)
	check(err)
	f.signer, err = f.authority.Unlock("0190-a", f.sealed, password)
	check(err)
	f.witness, err = f.authority.Unlock("0190-b", stored.WitnessKey, password)
	check(err)
	return f
})

var remake = flag.Bool("remake", false, "make testdata/firm.json anew: only when the format gets a new version")

// TestRemake makes the firm of the tests; without the flag it sees that the one that is there opens.
func TestRemake(t *testing.T) {
	if !*remake {
		if got := Fingerprint(theFirm().authority.Certificate()); got != firmFingerprint {
			t.Errorf("the firm of the tests is %s", got)
		}
		return
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	keys, sealed, err := vault.NewKeyring(root(filepath.Join(t.TempDir(), "root")))
	must(err)
	stored := storedFirm{Keyring: string(sealed)}
	stored.AuthorityKey, stored.Authority, err = Found(keys, "明衡律师事务所", now)
	must(err)
	authority, err := OpenAuthority(keys, stored.AuthorityKey, stored.Authority, quick)
	must(err)
	stored.Signer, stored.Owner, err = authority.Issue(Person{"0190-a", "欧阳静"}, password, now)
	must(err)
	stored.WitnessKey, _, err = authority.Issue(Person{"0190-b", "周启明"}, password, now)
	must(err)
	raw, err := json.MarshalIndent(stored, "", "  ")
	must(err)
	must(os.MkdirAll("testdata", 0o755))
	must(os.WriteFile("testdata/firm.json", append(raw, '\n'), 0o644))
	t.Log(Fingerprint(authority.Certificate()))
}

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
