package main

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(worker())
	}
	os.Exit(m.Run())
}

// TestRows runs the rows that need no program of their own, in small, so that the table can be made on any day.
func TestRows(t *testing.T) {
	b := &bench{dir: t.TempDir(), runs: 1}
	for name, measure := range map[string]func() ([]figure, error){
		"decision": func() ([]figure, error) { return decisions(t.Context(), b) },
		"list":     func() ([]figure, error) { return lists(t.Context(), b) },
		"acts":     func() ([]figure, error) { return acts(t.Context(), b) },
		"verify":   func() ([]figure, error) { return verification(t.Context(), b) },
	} {
		found, err := measure()
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range found {
			if len(f.runs) != 1 || f.runs[0] <= 0 {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
}
