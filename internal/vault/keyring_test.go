package vault_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"filippo.io/age"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// sameKeys reports whether two keyrings are the same.
func sameKeys(a, b *vault.Keyring) bool {
	return bytes.Equal(a.Database(), b.Database()) && bytes.Equal(a.LedgerSeed(), b.LedgerSeed()) &&
		bytes.Equal(a.Index("x").Token("y"), b.Index("x").Token("y"))
}

func TestKeyringOpens(t *testing.T) {
	for name, root := range map[string]*vault.Root{"passphrase": vault.RootFromPassphrase([]byte("correct horse battery")), "digits": newRoot(t, "11")} {
		k, sealed, err := vault.NewKeyring(root)
		if err != nil {
			t.Fatal(err)
		}
		again, err := vault.OpenKeyring(root, sealed)
		if err != nil || !sameKeys(k, again) {
			t.Errorf("%s: %v, same keys %t", name, err, err == nil && sameKeys(k, again))
		}
		if len(k.Database()) != vault.KeySize || len(k.LedgerSeed()) != vault.KeySize || bytes.Equal(k.Database(), k.LedgerSeed()) {
			t.Errorf("%s: the keys are not 32 bytes each and different", name)
		}
		other, _, err := vault.NewKeyring(root)
		if err != nil || sameKeys(k, other) {
			t.Errorf("%s: two firms have the same keys, %v", name, err)
		}
	}
}

func TestKeyringUnderNewRoot(t *testing.T) {
	old, fresh := newRoot(t, "11"), newRoot(t, "22")
	k, sealed, err := vault.NewKeyring(old)
	if err != nil {
		t.Fatal(err)
	}
	resealed, err := k.Seal(fresh)
	if err != nil {
		t.Fatal(err)
	}
	again, err := vault.OpenKeyring(fresh, resealed)
	if err != nil || !sameKeys(k, again) {
		t.Errorf("the new root does not open the same keys: %v", err)
	}
	for _, wrong := range []struct {
		root   *vault.Root
		sealed []byte
	}{{old, resealed}, {fresh, sealed}, {vault.RootFromPassphrase([]byte("correct horse battery")), sealed}} {
		if _, err := vault.OpenKeyring(wrong.root, wrong.sealed); !errors.Is(err, vault.ErrWrongRoot) {
			t.Errorf("wrong root: %v", err)
		}
	}
}

func TestWrongPassphrase(t *testing.T) {
	_, sealed, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("correct horse battery")))
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []*vault.Root{vault.RootFromPassphrase([]byte("correct horse batterz")), newRoot(t, "11")} {
		if _, err := vault.OpenKeyring(wrong, sealed); !errors.Is(err, vault.ErrWrongRoot) {
			t.Errorf("wrong passphrase: %v", err)
		}
	}
}

// TestKeyringFlippedBits flips every bit of a sealed keyring: none may go unnoticed, and most are told from a wrong root.
func TestKeyringFlippedBits(t *testing.T) {
	root := newRoot(t, "11")
	_, sealed, err := vault.NewKeyring(root)
	if err != nil {
		t.Fatal(err)
	}
	wrongRoot := 0
	for bit := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		_, err := vault.OpenKeyring(root, changed)
		switch {
		case errors.Is(err, vault.ErrWrongRoot):
			wrongRoot++
		case !problem.Is(err, problem.Damaged):
			t.Fatalf("bit %d of %q: %v", bit, changed, err)
		}
	}
	if most := (16 + 8) * 8 * 2; wrongRoot > most {
		t.Errorf("%d flipped bits look like a wrong root", wrongRoot)
	}
}

func TestKeyringCutAndForged(t *testing.T) {
	root := newRoot(t, "11")
	_, sealed, err := vault.NewKeyring(root)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(sealed) - 1 { // without the last line feed it is whole
		if _, err := vault.OpenKeyring(root, sealed[:n]); !problem.Is(err, problem.Damaged) {
			t.Fatalf("cut to %d: %v", n, err)
		}
	}
	passphrase := vault.RootFromPassphrase([]byte("correct horse battery"))
	for name, raw := range map[string]string{
		"null": "null", "list": "[]", "number": "7", "other format": strings.Replace(string(sealed), "keyring/1", "keyring/2", 1),
		"member twice": strings.Replace(string(sealed), `"kdf"`, `"kdf": "x", "kdf"`, 1),
		"endless":      `{"format":"mijuan-keyring/1","kdf":"argon2id","salt":"AA==","time":4000000000,"memory_kib":64,"lanes":1,"check":"","cipher":"aes-256-gcm","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}`,
		"huge":         `{"format":"mijuan-keyring/1","kdf":"argon2id","salt":"AA==","time":1,"memory_kib":4000000000,"lanes":1,"check":"","cipher":"aes-256-gcm","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}`,
		"no lanes":     `{"format":"mijuan-keyring/1","kdf":"argon2id","salt":"AA==","time":1,"memory_kib":64,"check":"","cipher":"aes-256-gcm","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}`,
		"other kdf":    `{"format":"mijuan-keyring/1","kdf":"none","salt":"AA==","check":"","cipher":"aes-256-gcm","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}`,
	} {
		for _, root := range []*vault.Root{root, passphrase} {
			if name == "other kdf" || root == passphrase || !strings.Contains(raw, "argon2id") {
				if _, err := vault.OpenKeyring(root, []byte(raw)); !problem.Is(err, problem.Damaged) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

// TestKeyringCostsWork holds the keyring to argon2id with at least the cost that it promises.
func TestKeyringCostsWork(t *testing.T) {
	_, sealed, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("correct horse battery")))
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Format, KDF  string
		Salt         []byte
		Time         int
		Memory_KiB   int
		Lanes        int
		Nonce, Check []byte
	}
	if err := json.Unmarshal(sealed, &s); err != nil {
		t.Fatal(err)
	}
	if s.Format != "mijuan-keyring/1" || s.KDF != "argon2id" || s.Time < 3 || s.Memory_KiB < 64<<10 || s.Lanes != 1 || len(s.Salt) != 16 || len(s.Check) != 8 {
		t.Errorf("the keyring is stretched with %+v", s)
	}
}

func TestMatterKeys(t *testing.T) {
	k := newKeyring(t)
	sealed, recipient, err := k.NewMatterKey("m1")
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.MatterKey("m1", sealed)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.ParseHybridIdentity(m.Identity())
	if err != nil || identity.Recipient().String() != recipient {
		t.Errorf("identity and recipient do not belong together: %v", err)
	}
	if _, err := k.MatterKey("m2", sealed); !problem.Is(err, problem.Damaged) {
		t.Errorf("under another matter: %v", err)
	}
	if _, err := newKeyring(t).MatterKey("m1", sealed); !problem.Is(err, problem.Damaged) {
		t.Errorf("under another firm: %v", err)
	}
	for _, purpose := range []string{"matter.identity", "matter"} {
		if _, err := k.Field(purpose).Open("m1", sealed); !problem.Is(err, problem.Damaged) {
			t.Errorf("a field of purpose %q opens a matter's identity: %v", purpose, err)
		}
	}
}

func TestKeyringZeroed(t *testing.T) {
	k := newKeyring(t)
	f := k.Field("p")
	sealed, before := f.SealText("r", "text"), k.Database()
	k.Zero()
	if len(before) != vault.KeySize {
		t.Fatal(before)
	}
	for name, use := range map[string]func(){
		"Database": func() { k.Database() }, "LedgerSeed": func() { k.LedgerSeed() }, "Field": func() { k.Field("p") }, "Index": func() { k.Index("p") },
		"MatterKey": func() { _, _, _ = k.NewMatterKey("m") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of a keyring that was wiped gives what everybody can open", name)
				}
			}()
			use()
		}()
	}
	if got, err := f.OpenText("r", sealed); got != "text" || err != nil {
		t.Errorf("what was made before is gone: %v", err)
	}
}
