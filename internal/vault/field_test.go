package vault_test

import (
	"bytes"
	"strings"
	"testing"

	"mijuan/internal/problem"
)

func TestFieldOpens(t *testing.T) {
	f := newKeyring(t).Field("client.name")
	for _, text := range []string{"", "甲", "某某有限公司", strings.Repeat("长", 100_000), "a\x00b|c"} {
		for _, row := range []string{"", "r", "r|s"} {
			sealed := f.SealText(row, text)
			if sealed[0] != 0x01 || len(sealed) != 1+12+len(text)+16 {
				t.Fatalf("format: % x", sealed[:13])
			}
			if got, err := f.OpenText(row, sealed); err != nil || got != text {
				t.Errorf("%q of row %q: %q, %v", text, row, got, err)
			}
		}
	}
	if bytes.Equal(f.SealText("r", "x"), f.SealText("r", "x")) {
		t.Error("sealing twice gives the same bytes")
	}
}

// TestFieldElsewhere opens a sealed value under other rows, purposes and firms, also such whose joined names are equal.
func TestFieldElsewhere(t *testing.T) {
	k := newKeyring(t)
	sealed := k.Field("a|b").SealText("c", "text")
	for name, open := range map[string]func() (string, error){
		"row":                func() (string, error) { return k.Field("a|b").OpenText("d", sealed) },
		"purpose":            func() (string, error) { return k.Field("a").OpenText("c", sealed) },
		"purpose|row joined": func() (string, error) { return k.Field("a").OpenText("b|c", sealed) },
		"firm":               func() (string, error) { return newKeyring(t).Field("a|b").OpenText("c", sealed) },
	} {
		if got, err := open(); !problem.Is(err, problem.Damaged) || got != "" {
			t.Errorf("another %s: %q, %v", name, got, err)
		}
	}
}

func TestFieldFlippedBitsAndCuts(t *testing.T) {
	f := newKeyring(t).Field("p")
	sealed := f.SealText("r", "某某有限公司")
	for bit := range len(sealed) * 8 {
		changed := bytes.Clone(sealed)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := f.Open("r", changed); !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("bit %d: %q, %v", bit, got, err)
		}
	}
	for n := range len(sealed) {
		if got, err := f.Open("r", sealed[:n]); !problem.Is(err, problem.Damaged) || got != nil {
			t.Fatalf("cut to %d: %q, %v", n, got, err)
		}
	}
	if _, err := f.Open("r", append(bytes.Clone(sealed), 0)); !problem.Is(err, problem.Damaged) {
		t.Errorf("a byte too many: %v", err)
	}
}
