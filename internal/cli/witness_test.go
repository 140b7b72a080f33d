package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vkey is the vector of docs/formats/checkpoint.md.
const vkey = "witness.test.example+5577225c+BMhTrQ8M0rYZrqks7sT9VqJNZJnVhM55JX5Fz9gTm2Cn"

func run(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main(args, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// TestWitnessFlag: witnesses are named on the command line, one wrong one is wrong use, and doctor says how they stand without
// taking an absent one for the firm's fault.
func TestWitnessFlag(t *testing.T) {
	dir := t.TempDir()
	key, data := filepath.Join(dir, "root.key"), filepath.Join(dir, "firm")
	if err := os.WriteFile(key, []byte("a root passphrase for the test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := []string{"--data", data, "--root-key", key}
	if code, _, errs := run(t, append([]string{"init"}, at...)...); code != done {
		t.Fatalf("init: %d %s", code, errs)
	}
	second := "http://10.0.0.7:7380+" + strings.Replace(vkey, "5577225c", "5577225d", 1)
	for _, bad := range []string{"https://witness.example", "witness.example+" + vkey, second} {
		if code, _, errs := run(t, append([]string{"doctor", "--witness", bad}, at...)...); code != wrong || !strings.Contains(errs, "-witness") {
			t.Errorf("%s: %d %s", bad, code, errs)
		}
	}
	var out, none bytes.Buffer
	said := terminal{nil, &out, &none}
	p := newPlace(said, "doctor")
	if err := p.parse(append([]string{"--witness", "https://witness.test.example/a+" + vkey}, at...), 0); err != nil {
		t.Fatal(err)
	}
	h, err := p.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.Audit.Witnesses(t.Context())
	if err := errors.Join(err, h.Close(), said.tell(witnesses(list))); err != nil || out.String() != "✗ 见证方 witness.test.example：还没有见证过\n" {
		t.Errorf("%v\n%s", err, out.String())
	}
	twice := []string{"doctor", "--witness", "https://a.example+" + vkey, "--witness", "https://b.example+" + vkey}
	if code, out, _ := run(t, append(twice, at...)...); code != notSo || !strings.Contains(out, "写了两次") {
		t.Errorf("one key twice: %d\n%s", code, out)
	}
	if code, _, _ := run(t, append([]string{"doctor", "--nonsense"}, at...)...); code != wrong {
		t.Errorf("an unknown flag: %d", code)
	}
}
