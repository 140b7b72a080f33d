package vault_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/text/unicode/norm"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// A fuzzing run has several processes: what its seeds depend on comes from files, not from chance.

// FuzzSealing seals a plaintext in three runs and opens it with the age library and in every way of ours.
func FuzzSealing(f *testing.F) {
	for _, s := range [][3]uint32{{0, 0, 0}, {1, 0, 1}, {65536, 65536, 0}, {65537, 65536, 1}, {200_000, 70_000, 140_000}, {131072, 65536, 131072}} {
		f.Add(s[0], s[1], s[2])
	}
	m := newMatterKey(f)
	f.Fuzz(func(t *testing.T, size, first, second uint32) {
		plain := noise(int(size % (4 * vault.ChunkSize)))
		stops := []int{int(first) % (len(plain) + 1), int(second) % (len(plain) + 1)}
		slices.Sort(stops)
		o, err := m.NewObject()
		if err != nil {
			t.Fatal(err)
		}
		var payload bytes.Buffer
		from, next := 0, uint64(0)
		for _, stop := range stops {
			w := o.Writer(&payload, next)
			if _, err := w.Write(plain[from:max(stop, from)]); err != nil {
				t.Fatal(err)
			}
			if next, err = w.Stop(); err != nil {
				t.Fatal(err)
			}
			if from = int(next) * vault.ChunkSize; next == 0 {
				payload.Reset()
			}
		}
		w := o.Writer(&payload, next)
		if _, err = w.Write(plain[from:]); err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := stock(t, m, o.Header, payload.Bytes()); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("age opens %d of %d bytes, %v", len(got), len(plain), err)
		}
		for name, got := range readings(t, o, payload.Bytes()) {
			if !bytes.Equal(got, plain) {
				t.Fatalf("%s: %d of %d bytes", name, len(got), len(plain))
			}
		}
	})
}

// FuzzPayload replaces a piece of a payload by other bytes.
func FuzzPayload(f *testing.F) {
	f.Add(uint32(100), uint32(0), uint32(1), []byte{})
	f.Add(uint32(70_000), uint32(16), uint32(65552), []byte{})
	f.Add(uint32(70_000), uint32(65_000), uint32(2), []byte{1, 2, 3})
	f.Add(uint32(0), uint32(32), uint32(0), []byte{0})
	o := newObject(f)
	f.Fuzz(func(t *testing.T, size, at, gone uint32, put []byte) {
		plain := noise(int(size % (3 * vault.ChunkSize)))
		payload := seal(o, plain)
		from := int(at) % (len(payload) + 1)
		to := min(len(payload), from+int(gone%(2*vault.SealedChunkSize)))
		changed := slices.Concat(payload[:from], put, payload[to:])
		if bytes.Equal(changed, payload) {
			return
		}
		checkDamaged(t, "changed", o, changed, plain)
	})
}

// FuzzHeader holds our reading of a header to that of the age library.
func FuzzHeader(f *testing.F) {
	v := readVectors(f)
	m := openVectorMatter(f, openVectorKeyring(f, "keyring-digits.json", vectorRoot(f, v)), v)
	identity, err := age.ParseHybridIdentity(m.Identity())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(v.Objects[0].Header)
	f.Add([]byte("age-encryption.org/v1\n-> X25519 abc\n\n--- abc\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, header []byte) {
		o, err := m.OpenObject(header)
		if _, theirs := age.DecryptHeader(header, identity); theirs != nil && err == nil {
			t.Fatalf("opens what age does not: %v", theirs)
		}
		if err != nil && !problem.Is(err, problem.Damaged) {
			t.Fatal(err)
		}
		if err == nil && !bytes.Equal(o.Header, header) {
			t.Fatal("keeps another header")
		}
	})
}

// FuzzField opens any bytes under any row.
func FuzzField(f *testing.F) {
	field := newKeyring(f).Field("p")
	f.Add("r", []byte("text"), []byte{}, "r")
	f.Add("r", []byte{}, []byte{1}, "s")
	f.Add("a|b", []byte("x"), []byte{0, 0, 0xff}, "a|b")
	f.Fuzz(func(t *testing.T, row string, plain, change []byte, other string) {
		sealed := field.Seal(row, plain)
		if got, err := field.Open(row, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q: %v", got, err)
		}
		changed := bytes.Clone(sealed)
		for i, b := range change {
			changed[i%len(changed)] ^= b
		}
		if row == other && bytes.Equal(changed, sealed) {
			return
		}
		if got, err := field.Open(other, changed); !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("%q: %v", got, err)
		}
	})
}

// FuzzKeyring opens any bytes as a keyring.
func FuzzKeyring(f *testing.F) {
	root := vectorRoot(f, readVectors(f))
	k := openVectorKeyring(f, "keyring-digits.json", root)
	sealed, err := os.ReadFile("testdata/keyring-digits.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(bytes.ReplaceAll(sealed, []byte("hkdf-sha256"), []byte("argon2id")))
	f.Add(bytes.ReplaceAll(sealed, []byte("  "), nil))
	f.Add([]byte(`{"format":"mijuan-keyring/1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := vault.OpenKeyring(root, raw)
		if err == nil && !sameKeys(got, k) {
			t.Fatalf("other keys from %q", raw)
		}
		if err != nil && !problem.Is(err, problem.Damaged) && !errors.Is(err, vault.ErrWrongRoot) {
			t.Fatal(err)
		}
	})
}

// FuzzIndex compares texts with what they are normalised to, and searches each in the other's neighbourhood.
func FuzzIndex(f *testing.F) {
	f.Add("甲乙", "丙")
	f.Add("ＡＢＣ", "abc")
	f.Add("İstanbul ǅ ﬀ", "\xff")
	i := newKeyring(f).Index("p")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, same := range []string{norm.NFKC.String(a), norm.NFD.String(a)} {
			if !bytes.Equal(i.Token(a), i.Token(same)) {
				t.Fatalf("%+q and %+q have different tokens", a, same)
			}
		}
		text := i.Bigrams(b + " 甲" + a + "甲 " + b)
		seen := map[string]bool{}
		for _, token := range text {
			if len(token) != 16 || seen[string(token)] {
				t.Fatalf("a token of %d bytes, twice %t", len(token), seen[string(token)])
			}
			seen[string(token)] = true
		}
		for _, token := range i.Bigrams("甲" + strings.ToLower(a) + "甲") {
			if !seen[string(token)] {
				t.Fatalf("%+q is not found in a text that holds it", a)
			}
		}
	})
}
