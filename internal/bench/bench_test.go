package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "render-worker" || os.Args[1] == "serve") {
		os.Exit(served(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// TestRows runs every row in small, with this test as the program that is served, so that the table can be made on any day.
func TestRows(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kept := ""
	b := &bench{dir: t.TempDir(), beside: t.TempDir(), code: filepath.Join(os.TempDir(), fmt.Sprintf("mijuan-test-code-%d", os.Getuid())), runs: 1, program: self, postgres: func(_ context.Context, fresh bool) (server, error) {
		if fresh {
			kept = storetest.Options(t, store.PostgreSQL).URL
		}
		return server{url: kept}, nil
	}}
	for _, r := range rows() {
		found, err := r.measure(t.Context(), b)
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %d figures, %v", r.name, len(found), err)
		}
		for _, f := range found {
			if len(f.runs) != 1 || f.runs[0] <= 0 {
				t.Errorf("%s: %+v", r.name, f)
			}
		}
		if err := table(io.Discard, found); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
}

// TestTable shows what is said of figures that are reached, missed and only told.
func TestTable(t *testing.T) {
	var out strings.Builder
	if err := table(&out, []figure{{what: "in time", unit: "ms", runs: []float64{4, 2, 3}, aim: 5, atMost: true}, {what: "late", unit: "ms", runs: []float64{7}, aim: 5, atMost: true},
		{what: "fast", unit: "/s", runs: []float64{120}, aim: 100, each: []float64{1000}, others: []float64{0.25}}, {what: "slow", unit: "/s", runs: []float64{80}, aim: 100}, {what: "told", unit: "ms", runs: []float64{1}}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3.00 (2.00–4.00) ms reached", "7.00 (7.00–7.00) ms missed by 2.00", "≥ 100 reached", "25 %", "≥ 100 missed by 20.0", "1.00 (1.00–1.00) ms –"} {
		found := false
		for line := range strings.Lines(out.String()) {
			found = found || contains(line, strings.Fields(want))
		}
		if !found {
			t.Errorf("no line tells %q:\n%s", want, out.String())
		}
	}
}

func contains(line string, words []string) bool {
	have := fmt.Sprint(strings.Fields(line))
	for _, w := range words {
		if !strings.Contains(have, w) {
			return false
		}
	}
	return true
}
