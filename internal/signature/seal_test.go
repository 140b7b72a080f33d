package signature

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

func TestWrongPassword(t *testing.T) {
	f := theFirm()
	for _, wrong := range []string{"", "长风破浪会有时-2025", string(password) + " "} {
		if _, err := f.authority.Unlock("0190-a", f.sealed, []byte(wrong)); err != ErrWrongPassword {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// TestNeitherSideAloneOpens gives each side all that it has: the firm its keyring and the sealed bytes, a thief of the database
// with the password the sealed bytes and a keyring of their own.
func TestNeitherSideAloneOpens(t *testing.T) {
	f := theFirm()
	inner, err := f.keys.Field(personPurpose).Open("0190-a", f.sealed)
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(inner) - 4 {
		if bytes.Equal(inner[at:at+4], f.signer.key()[len(f.signer.key())/2:][:4]) {
			t.Fatal("the key stands open inside the firm's seal")
		}
	}
	others, _, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("a passphrase of somebody else")))
	if err != nil {
		t.Fatal(err)
	}
	thief := &Authority{cert: f.authority.cert, seal: others.Field(personPurpose)}
	for _, sealed := range [][]byte{f.sealed, others.Field(personPurpose).Seal("0190-b", inner)} {
		if _, err := thief.Unlock("0190-a", sealed, password); !problem.Is(err, problem.Damaged) {
			t.Errorf("without the firm's keyring: %v", err)
		}
	}
}

func TestSealedBytesAreWhole(t *testing.T) {
	f := theFirm()
	for at := 0; at < len(f.sealed); at += 1 + len(f.sealed)/40 {
		bad := bytes.Clone(f.sealed)
		bad[at] ^= 4
		if _, err := f.authority.Unlock("0190-a", bad, password); !problem.Is(err, problem.Damaged) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	if _, err := f.authority.Unlock("0190-b", f.sealed, password); !problem.Is(err, problem.Damaged) {
		t.Errorf("another person's key: %v", err)
	}
	for _, inner := range [][]byte{{}, {sealVersion}, bytes.Repeat([]byte{1}, sealHead+tagSize), bytes.Repeat([]byte{0xff}, 400), append([]byte{1, 3, 0xff, 0xff, 0xff, 0xff, 1}, make([]byte, 90)...)} {
		sealed := f.keys.Field(personPurpose).Seal("0190-a", inner)
		if _, err := f.authority.Unlock("0190-a", sealed, password); !problem.Is(err, problem.Damaged) {
			t.Errorf("inner %.8x: %v", inner, err)
		}
	}
}

func TestReseal(t *testing.T) {
	f := theFirm()
	changed := []byte("另一个口令-2026")
	if _, err := f.authority.Reseal("0190-a", f.sealed, changed, password); err != ErrWrongPassword {
		t.Errorf("resealed without the old password: %v", err)
	}
	sealed, err := f.authority.Reseal("0190-a", f.sealed, password, changed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.authority.Unlock("0190-a", sealed, password); err != ErrWrongPassword {
		t.Errorf("the old password still opens: %v", err)
	}
	signer, err := f.authority.Unlock("0190-a", sealed, changed)
	if err != nil || Fingerprint(signer.Certificate()) != Fingerprint(f.signer.Certificate()) {
		t.Fatal("the certificate changed with the password", err)
	}
	signer.Destroy()
	signer.Destroy()
	if _, err := Sign(context.Background(), paper(t), signer, Options{Time: now}); err == nil || problem.KindOf(err) != 0 {
		t.Errorf("a destroyed signer signs: %v", err)
	}
}

// TestAfterAReset shows what a lost password leaves: a new key, and old signatures that hold.
func TestAfterAReset(t *testing.T) {
	f := theFirm()
	signed := sign(t, paper(t), f.signer, Options{})
	later := now.AddDate(1, 0, 0)
	sealed, cert, err := f.authority.Issue(Person{"0190-a", "欧阳静"}, []byte("重设以后的口令"), later)
	if err != nil || bytes.Equal(cert, f.certOwner) {
		t.Fatal(err)
	}
	signer, err := f.authority.Unlock("0190-a", sealed, []byte("重设以后的口令"))
	if err != nil {
		t.Fatal(err)
	}
	both := sign(t, signed, signer, Options{Time: later})
	report := verified(t, both)
	if !report.Intact() || Fingerprint(report.Signatures[0].Signer) == Fingerprint(report.Signatures[1].Signer) {
		t.Error("the two certificates are not told apart", report.Faults())
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	f := theFirm()
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s", "%d", "%q"} {
		if out := fmt.Sprintf(verb, f.signer) + fmt.Sprintf(verb, f.authority); out != "secretsecret" {
			t.Errorf("%s prints %.80s", verb, out)
		}
	}
	if raw, err := json.Marshal([]any{f.signer, f.authority}); err != nil || string(raw) != `["secret","secret"]` {
		t.Error(string(raw), err)
	}
}

func TestNobodyWithoutAName(t *testing.T) {
	f := theFirm()
	for _, p := range []Person{{"", "甲"}, {"1", ""}} {
		if _, _, err := f.authority.Issue(p, password, now); !problem.Is(err, problem.Invalid) {
			t.Error(p, err)
		}
	}
	if _, _, err := f.authority.Issue(Person{"1", "甲"}, nil, now); !problem.Is(err, problem.Invalid) {
		t.Error(err)
	}
	if _, _, err := Found(f.keys, "", now); !problem.Is(err, problem.Invalid) {
		t.Error(err)
	}
	if _, err := f.authority.Reseal("0190-a", f.sealed, password, nil); !problem.Is(err, problem.Invalid) {
		t.Error(err)
	}
}
