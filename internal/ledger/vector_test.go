package ledger

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExportVectors verifies an export and a statement that were written once and lie beside the tests: what this version reads is what an
// earlier one wrote. A bit turned in any file but the README and the manifest, whose key is a claim only, is found.
func TestExportVectors(t *testing.T) {
	page, key := vectors(t, "ledger-export.md"), strings.TrimSpace(vectors(t, "checkpoint.md")["key"])
	export := filepath.Join("testdata", "export")
	report := verified(t, export, Trust{Key: key})
	if report.Root+"\n" != page["root"] || report.Size != 5 || report.Matters != 3 || report.Details != 3 || report.Opened != 2 || report.Erased != 1 {
		t.Errorf("%+v", report)
	}
	bundle, err := os.ReadFile(filepath.Join(export, "tile", "entries", "000.p", "5"))
	if err != nil {
		t.Fatal(err)
	}
	if n := binary.BigEndian.Uint16(bundle); string(bundle[2:2+n]) != page["first"] {
		t.Errorf("the first entry is\n%s", bundle[2:2+n])
	}
	opened, err := os.ReadFile(filepath.Join(export, "details.jsonl"))
	if err != nil || !bytes.HasSuffix(opened, []byte("\n"+page["opened"])) {
		t.Errorf("the opened details are\n%s%v", opened, err)
	}
	statement := filepath.Join("testdata", "statement")
	if report := verified(t, statement, Trust{Key: key}); report.Opened != 1 || report.Root+"\n" != page["root"] {
		t.Errorf("%+v", report)
	}
	for _, dir := range []string{export, statement} {
		for _, name := range files(t, dir) {
			if name != "README.txt" && name != "manifest.json" {
				changedByte(t, dir, name, key)
			}
		}
	}
}

// files are the names of a directory's files.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	if err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

// changedByte turns a bit in the middle of a copy's file and wants that to be found.
func changedByte(t *testing.T, dir, name, key string) {
	t.Helper()
	bad := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(bad, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(bad, filepath.FromSlash(name))
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if report, err := Verify(bad, nil, Trust{Key: key}); err == nil && report.Wrong == nil {
		t.Errorf("%s/%s was changed and nothing is found", dir, name)
	}
}
