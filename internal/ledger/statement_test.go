package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 400)
		for name, contents := range map[string]Contents{"plain": {}, "opened": {Open: everything}} {
			dir := filepath.Join(t.TempDir(), name)
			if err := l.Statement(t.Context(), dir, "matter-1", contents); err != nil {
				t.Fatal(err)
			}
			report := verified(t, dir, Trust{Key: l.Key()})
			if report.Size != 400 || report.Matters != 1 || (report.Opened > 50) != (name == "opened") {
				t.Errorf("%s: %+v", name, report)
			}
		}
		dir := filepath.Join(t.TempDir(), "nothing")
		if err := l.Statement(t.Context(), dir, "no such matter"); err != nil {
			t.Fatal(err)
		}
		if report := verified(t, dir); report.Matters != 0 {
			t.Errorf("%+v", report)
		}
	})
}

func TestChangedStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 400)
		for name, change := range map[string]func(lines [][]byte) [][]byte{
			"line left out":   func(l [][]byte) [][]byte { return append(l[:20:20], l[21:]...) },
			"last left out":   func(l [][]byte) [][]byte { return l[:len(l)-1] },
			"line twice":      func(l [][]byte) [][]byte { return append(l[:20:20], l[19:]...) },
			"swapped":         func(l [][]byte) [][]byte { l[20], l[21] = l[21], l[20]; return l },
			"changed leaf":    func(l [][]byte) [][]byte { return replaceIn(l, 20, "person-", "persoo-") },
			"changed outcome": func(l [][]byte) [][]byte { return replaceIn(l, 20, "allowed", "refused") },
			"changed detail":  func(l [][]byte) [][]byte { return replaceIn(l, 20, `"detail":"`, `"detail":"QUFB`) },
			"other matter":    func(l [][]byte) [][]byte { return replaceIn(l, 20, "matter-1", "matter-2") },
			"no leaf":         func(l [][]byte) [][]byte { return replaceIn(l, 20, "mijuan-ledger", "other-ledger") },
			"garbage":         func(l [][]byte) [][]byte { l[20] = []byte("{"); return l },
		} {
			t.Run(name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "statement")
				if err := l.Statement(t.Context(), dir, "matter-1", Contents{Open: everything}); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, statementName)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				all, _ := lines(text, len(text))
				if err := os.WriteFile(path, append(bytes.Join(change(all), []byte("\n")), '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
				report, err := Verify(dir, nil)
				if err != nil || report.Wrong == nil {
					t.Errorf("%+v %v", report, err)
				}
			})
		}
	})
}

func replaceIn(lines [][]byte, i int, old, new string) [][]byte {
	lines[i] = bytes.Replace(lines[i], []byte(old), []byte(new), 1)
	return lines
}
