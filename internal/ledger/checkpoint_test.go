package ledger

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// cosignerKey is the witness's half of a cosigner: it signs.
type cosignerKey struct {
	name   string
	secret ed25519.PrivateKey
	time   uint64
}

func newCosignerKey(name string, seed byte) *cosignerKey {
	return &cosignerKey{name, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)), 1795420000}
}

func (k *cosignerKey) public() []byte {
	return append([]byte{cosignatureAlgorithm}, k.secret.Public().(ed25519.PublicKey)...)
}

func (k *cosignerKey) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(k.public()))
}

func (k *cosignerKey) Name() string    { return k.name }
func (k *cosignerKey) KeyHash() uint32 { return keyHash(k.name, k.public()) }

func (k *cosignerKey) Sign(msg []byte) ([]byte, error) {
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", k.time, msg)
	return append(binary.BigEndian.AppendUint64(nil, k.time), ed25519.Sign(k.secret, []byte(text))...), nil
}

func TestCheckpointVectors(t *testing.T) {
	page := vectors(t, "checkpoint.md")
	seed, err := hex.DecodeString(strings.TrimSpace(page["seed"]))
	if err != nil || !bytes.Equal(seed, testSeed) {
		t.Fatalf("the page's seed is not the tests': %x", testSeed)
	}
	l := testLedger(t, storetest.Open(t, store.SQLite))
	least := leastRecord()
	root, err := least.hash()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := l.sign(1, root)
	if err != nil {
		t.Fatal(err)
	}
	witness := newCosignerKey("witness.test.example", 0x77)
	c, n, err := openCheckpoint(signed, l.check)
	if err != nil || c != (checkpoint{testOrigin, 1, root}) {
		t.Fatalf("%+v %v", c, err)
	}
	cosigned, err := note.Sign(&note.Note{Text: n.Text, Sigs: n.Sigs}, witness)
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"key": l.Key() + "\n", "checkpoint": string(signed), "witness-key": witness.vkey() + "\n",
		"cosigned": string(cosigned)} {
		if got != page[name] {
			t.Errorf("%s is\n%s\nthe page says\n%s", name, got, page[name])
		}
	}
}

// The example of c2sp.org/tlog-cosignature: a format that others write.
func TestParsesOthersCheckpoints(t *testing.T) {
	c, err := parseCheckpoint("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")
	if err != nil || c.size != 20852163 || c.origin != "example.com/behind-the-sofa" {
		t.Errorf("%+v %v", c, err)
	}
}

func TestParseCheckpointRefuses(t *testing.T) {
	root := tlog.Hash{1}.String()
	for name, body := range map[string]string{
		"empty":          "",
		"no root":        "o\n1\n",
		"extension":      "o\n1\n" + root + "\nmore\n",
		"no origin":      "\n1\n" + root + "\n",
		"leading zero":   "o\n01\n" + root + "\n",
		"negative":       "o\n-1\n" + root + "\n",
		"short root":     "o\n1\nAAAA\n",
		"loose base64":   "o\n1\n" + root[:42] + "B=\n",
		"no last return": "o\n1\n" + root,
	} {
		if c, err := parseCheckpoint(body); err == nil {
			t.Errorf("%s: accepted as %+v", name, c)
		}
	}
}

func TestCosignerKeys(t *testing.T) {
	good := newCosignerKey("witness.test.example", 1).vkey()
	if _, err := parseCosigner(good); err != nil {
		t.Error(err)
	}
	plain, err := note.NewEd25519VerifierKey("witness.test.example", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "a+b", good[:len(good)-4], "x" + good, plain, strings.Replace(good, "+", "+0", 1), strings.ToUpper(good)} {
		if _, err := parseCosigner(bad); err == nil {
			t.Errorf("accepted %s", bad)
		}
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add("o\n1\n" + tlog.Hash{1}.String() + "\n")
	f.Fuzz(func(t *testing.T, body string) {
		if c, err := parseCheckpoint(body); err == nil && c.body() != body {
			t.Errorf("%q was accepted and is written %q", body, c.body())
		}
	})
}
