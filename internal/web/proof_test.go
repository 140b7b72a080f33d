package web

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"mijuan/internal/access"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
	"mijuan/policy"
)

// firmRules are the product's with one file changed; an empty text takes the file away.
func firmRules(t *testing.T, name, from, to string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	entries, err := fs.ReadDir(policy.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := fs.ReadFile(policy.FS, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == name {
			if !strings.Contains(string(raw), from) {
				t.Fatalf("%s lacks %q", name, from)
			}
			raw = []byte(strings.Replace(string(raw), from, to, 1))
		}
		all[e.Name()] = &fstest.MapFile{Data: raw}
	}
	return all
}

// TestWhichTableWasRun: the clause map says honestly whose truth table stands behind its figures.
func TestWhichTableWasRun(t *testing.T) {
	// A firm that lets assistants open matters: a sentence of its own, and one more post.
	const from, to = `unless { principal.posts.contains("lawyer") };`, `unless { principal.posts.containsAny(["lawyer", "assistant"]) };`
	own := firmRules(t, "3-principles.cedar", from, to)
	alone := fstest.MapFS{}
	for name, f := range own.(fstest.MapFS) {
		if name != access.TruthFile {
			alone[name] = f
		}
	}
	right := fstest.MapFS{}
	for name, f := range own.(fstest.MapFS) {
		right[name] = f
	}
	const row = "助理                                   | 立案                     | 律所                 | 常态   | → 拒绝 3.3"
	rows := string(own.(fstest.MapFS)[access.TruthFile].Data)
	if !strings.Contains(rows, row) {
		t.Fatal("the table has no row about assistants")
	}
	right[access.TruthFile] = &fstest.MapFile{Data: []byte(strings.Replace(rows, row, strings.Replace(row, "拒绝 3.3", "允许", 1), 1))}

	for _, k := range []struct {
		name         string
		rules, files fs.FS
		table        table
		failed       int
		tone         ui.Tone
	}{
		{"the product's", policy.FS, nil, productTable, 0, ui.Good},
		{"the firm's, with a table that fits", right, right, firmTable, 0, ui.Good},
		{"the firm's, with a table that does not", own, own, firmTable, 1, ui.Late},
		{"the firm's, without a table", alone, alone, borrowedTable, 1, ui.Late},
		{"changed since", right, firmRules(t, "3-principles.cedar", from, strings.Replace(to, "assistant", "trainee", 1)), changedTable, 1, ui.Warn},
	} {
		rules, err := access.Load(k.rules)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		p, err := prove(rules, k.files)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		words, tone := p.came(text.EN)
		if p.table != k.table || p.failed != k.failed || tone != k.tone || p.cases < 500 || len(p.rows["3.1"]) < 50 || words == "" || p.says(text.EN) == p.says(text.ZH) {
			t.Errorf("%s: table %d, %d of %d failed, %q, %q", k.name, p.table, p.failed, p.cases, words, p.says(text.ZH))
		}
	}
}
