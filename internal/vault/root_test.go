package vault_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

func writeFile(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root-key")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRootFilesThatAreTheSame(t *testing.T) {
	digits := strings.Repeat("0f", 32)
	for name, same := range map[string][]string{
		"passphrase":   {"correct horse battery", "correct horse battery\n", "  correct horse battery \r\nmore\n", "\xef\xbb\xbfcorrect horse battery\n"},
		"digits":       {digits, digits + "\n", strings.ToUpper(digits) + "\r\n"},
		"chinese":      {"一二三四五六七八九十甲乙丙丁戊己\n", "一二三四五六七八九十甲乙丙丁戊己"},
		"64 no digits": {strings.Repeat("zz", 32), strings.Repeat("zz", 32) + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var sealed []byte
			for i, content := range same {
				root, err := vault.RootFromFile(writeFile(t, content))
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					if _, sealed, err = vault.NewKeyring(root); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := vault.OpenKeyring(root, sealed); err != nil {
					t.Errorf("%q: %v", content, err)
				}
			}
		})
	}
}

func TestRootFilesThatAreRefused(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "empty line": "\ncorrect horse battery\n", "short": "fifteen letters", "short in characters": "一二三四五六七八九十甲乙丙丁戊",
		"spaces": strings.Repeat(" ", 40), "endless": strings.Repeat("x", 5000),
	} {
		if _, err := vault.RootFromFile(writeFile(t, content)); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := vault.RootFromFile(filepath.Join(t.TempDir(), "absent"))
	if !problem.Is(err, problem.Invalid) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if _, err := vault.RootFromFile(t.TempDir()); !problem.Is(err, problem.Invalid) {
		t.Errorf("directory: %v", err)
	}
}

func TestRootZeroed(t *testing.T) {
	root := newRoot(t, "b2")
	k, sealed, err := vault.NewKeyring(root)
	if err != nil {
		t.Fatal(err)
	}
	root.Zero()
	phrase := vault.RootFromPassphrase([]byte("correct horse battery"))
	phrase.Zero()
	for name, root := range map[string]*vault.Root{"wiped": root, "wiped passphrase": phrase, "zeros": newRoot(t, "00"), "empty": vault.RootFromPassphrase(nil)} {
		if _, err := vault.OpenKeyring(root, sealed); !errors.Is(err, vault.ErrWrongRoot) {
			t.Errorf("opened with a root that is %s: %v", name, err)
		}
		if resealed, err := k.Seal(root); !errors.Is(err, vault.ErrWrongRoot) || resealed != nil {
			t.Errorf("sealed under a root that is %s: %v", name, err)
		}
		if _, sealed, err := vault.NewKeyring(root); !errors.Is(err, vault.ErrWrongRoot) || sealed != nil {
			t.Errorf("a new keyring under a root that is %s: %v", name, err)
		}
	}
}
