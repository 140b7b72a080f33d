package vault_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"filippo.io/age"

	"mijuan/internal/vault"
)

// newRoot is a root that needs no stretching, so that tests are quick.
func newRoot(t testing.TB, digits string) *vault.Root {
	t.Helper()
	root, err := vault.RootFromFile(writeFile(t, strings.Repeat(digits, 32)+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func newKeyring(t testing.TB) *vault.Keyring {
	t.Helper()
	k, _, err := vault.NewKeyring(newRoot(t, "a1"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newMatterKey(t testing.TB) *vault.MatterKey {
	t.Helper()
	k := newKeyring(t)
	sealed, _, err := k.NewMatterKey("m1")
	if err != nil {
		t.Fatal(err)
	}
	m, err := k.MatterKey("m1", sealed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newObject(t testing.TB) *vault.Object {
	t.Helper()
	o, err := newMatterKey(t).NewObject()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestKeysNeverPrint prints every type that holds a key in every way that programs print, also inside other structs and with
// verbs that do not fit, and looks for the key material in every spelling.
func TestKeysNeverPrint(t *testing.T) {
	root, k, m := newRoot(t, "c3"), newKeyring(t), newMatterKey(t)
	o, err := m.NewObject()
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.ParseHybridIdentity(m.Identity())
	if err != nil {
		t.Fatal(err)
	}
	fileKey, err := age.DecryptHeader(o.Header, identity)
	if err != nil {
		t.Fatal(err)
	}
	payload := seal(o, []byte("plain text"))
	r, err := o.Reader(bytes.NewReader(payload))
	if err != nil {
		t.Fatal(err)
	}
	at, _, err := o.ReaderAt(bytes.NewReader(payload), int64(len(payload)))
	if err != nil {
		t.Fatal(err)
	}
	marks := []string{strings.ToLower(m.Identity()[24:48])}
	for _, key := range [][]byte{bytes.Repeat([]byte{0xc3}, 8), fileKey[:8]} {
		marks = append(marks, string(key), hex.EncodeToString(key), strings.Trim(fmt.Sprint(key), "[]"), strings.Trim(fmt.Sprintf("%#v", key), "[]byte{}"))
	}
	f, i := k.Field("p"), k.Index("p")
	for _, v := range []any{root, *root, k, *k, f, *f, i, *i, m, *m, o, *o, o.Writer(io.Discard, 0), r, at} {
		shown := printed(t, v, struct {
			root   vault.Root
			key    vault.MatterKey
			object vault.Object
		}{*root, *m, *o})
		for _, mark := range marks {
			if strings.Contains(shown, mark) || strings.Contains(strings.ToLower(shown), mark) { // ToLower makes all bytes that are no UTF-8 alike
				t.Errorf("%T shows %q", v, mark)
			}
		}
	}
}

// printed is all that can be printed of values.
func printed(t *testing.T, values ...any) string {
	var out bytes.Buffer
	for _, v := range values {
		type inside struct {
			hidden any
			Shown  any
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
			shown := fmt.Sprintf(verb, v)
			if strings.HasPrefix(fmt.Sprintf("%T", v), "*vault.") && verb != "%p" && shown != "secret" { // for %p, fmt asks no method
				t.Errorf("%T with %s prints %s", v, verb, shown)
			}
			fmt.Fprintf(&out, "%s\n"+verb+"\n"+verb+"\n"+verb+"\n", shown, inside{v, v}, &inside{v, v}, []any{v, &v, inside{&v, &v}})
		}
		raw, err := json.Marshal(inside{v, v})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(raw)
		if raw, err := json.Marshal(v); strings.HasPrefix(fmt.Sprintf("%T", v), "*vault.") && (err != nil || string(raw) != `"secret"`) {
			t.Errorf("%T as JSON is %s, %v", v, raw, err)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v, "deep", inside{v, v})
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v, "deep", inside{v, v})
	}
	return out.String()
}
