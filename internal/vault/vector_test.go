package vault_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"mijuan/internal/vault"
)

// vectors are the values that docs/formats promises to stay readable. They are never made anew: a format that changes gets
// another identifier and further vectors.
type vectors struct {
	Passphrase string         `json:"passphrase"`  // of testdata/keyring-passphrase.json
	Digits     string         `json:"digits"`      // of testdata/keyring-digits.json, which holds the same keys
	Database   string         `json:"database"`    // hexadecimal
	LedgerSeed string         `json:"ledger_seed"` // hexadecimal
	Fields     []fieldVector  `json:"fields"`
	Indexes    []indexVector  `json:"indexes"`
	Matter     matterVector   `json:"matter"`
	Objects    []objectVector `json:"objects"`
}

type fieldVector struct {
	Purpose string `json:"purpose"`
	Row     string `json:"row"`
	Plain   string `json:"plain"`
	Sealed  string `json:"sealed"` // hexadecimal
}

type indexVector struct {
	Purpose string   `json:"purpose"`
	Text    string   `json:"text"`
	Token   string   `json:"token"`   // hexadecimal
	Bigrams []string `json:"bigrams"` // hexadecimal
}

type matterVector struct {
	ID        string `json:"id"`
	Sealed    string `json:"sealed"` // hexadecimal
	Identity  string `json:"identity"`
	Recipient string `json:"recipient"`
}

type objectVector struct {
	Size    int    `json:"size"`              // of the plaintext, whose byte i is i mod 251
	Header  []byte `json:"header"`            // base64
	Prefix  string `json:"prefix"`            // hexadecimal
	SHA256  string `json:"payload_sha256"`    // hexadecimal
	Payload string `json:"payload,omitempty"` // hexadecimal, of the short ones
}

// counted is the plaintext of an object vector.
func counted(size int) []byte {
	p := make([]byte, size)
	for i := range p {
		p[i] = byte(i % 251)
	}
	return p
}

func readVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openVectorKeyring(t testing.TB, file string, root *vault.Root) *vault.Keyring {
	t.Helper()
	sealed, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	k, err := vault.OpenKeyring(root, sealed)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return k
}

func vectorRoot(t testing.TB, v vectors) *vault.Root {
	t.Helper()
	root, err := vault.RootFromFile(writeFile(t, v.Digits))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func openVectorMatter(t testing.TB, k *vault.Keyring, v vectors) *vault.MatterKey {
	t.Helper()
	m, err := k.MatterKey(v.Matter.ID, unhex(t, v.Matter.Sealed))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	k := openVectorKeyring(t, "keyring-digits.json", vectorRoot(t, v))
	if !sameKeys(k, openVectorKeyring(t, "keyring-passphrase.json", vault.RootFromPassphrase([]byte(v.Passphrase)))) {
		t.Error("the two keyrings hold other keys")
	}
	if !bytes.Equal(k.Database(), unhex(t, v.Database)) || !bytes.Equal(k.LedgerSeed(), unhex(t, v.LedgerSeed)) {
		t.Error("the keyring gives other keys")
	}
	for _, f := range v.Fields {
		if got, err := k.Field(f.Purpose).OpenText(f.Row, unhex(t, f.Sealed)); err != nil || got != f.Plain {
			t.Errorf("field %s of row %s: %q, %v", f.Purpose, f.Row, got, err)
		}
	}
	for _, x := range v.Indexes {
		var bigrams []string
		for _, b := range k.Index(x.Purpose).Bigrams(x.Text) {
			bigrams = append(bigrams, hex.EncodeToString(b))
		}
		if got := hex.EncodeToString(k.Index(x.Purpose).Token(x.Text)); got != x.Token || len(bigrams) != len(x.Bigrams) {
			t.Errorf("index %s of %q: token %s, %d bigrams", x.Purpose, x.Text, got, len(bigrams))
		}
		for i := range bigrams {
			if bigrams[i] != x.Bigrams[i] {
				t.Errorf("index %s of %q: bigram %d is %s", x.Purpose, x.Text, i, bigrams[i])
			}
		}
	}
	m := openVectorMatter(t, k, v)
	if m.Identity() != v.Matter.Identity {
		t.Error("the matter has another identity")
	}
	for _, x := range v.Objects {
		checkObjectVector(t, m, x)
	}
}

// checkObjectVector seals the vector's plaintext again, which gives the same payload, and opens it.
func checkObjectVector(t *testing.T, m *vault.MatterKey, x objectVector) {
	t.Helper()
	o, err := m.OpenObject(x.Header)
	if err != nil {
		t.Fatalf("object of %d bytes: %v", x.Size, err)
	}
	payload := seal(o, counted(x.Size))
	if sum := sha256.Sum256(payload); hex.EncodeToString(sum[:]) != x.SHA256 || hex.EncodeToString(o.Prefix()) != x.Prefix {
		t.Errorf("object of %d bytes: another payload", x.Size)
	}
	if x.Payload != "" && hex.EncodeToString(payload) != x.Payload {
		t.Errorf("object of %d bytes: %x", x.Size, payload)
	}
	if got, err := stock(t, m, x.Header, payload); err != nil || !bytes.Equal(got, counted(x.Size)) {
		t.Errorf("object of %d bytes: age opens %d, %v", x.Size, len(got), err)
	}
}
