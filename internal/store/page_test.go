package store

import (
	"testing"
	"time"
)

// TestPageEnd: what was given is read again; what nobody gave is the first page.
func TestPageEnd(t *testing.T) {
	at := time.UnixMilli(1764597600123)
	for _, parts := range [][]string{{"01a2"}, {"01a2", "Carrier", "7"}, {""}} {
		ms, rest, ok := ReadPageEnd(PageEnd(at, parts...))
		if !ok || ms != at.UnixMilli() || PageEnd(at, parts...) != PageEnd(time.UnixMilli(ms), rest) {
			t.Errorf("%q is read as %d %q %v", parts, ms, rest, ok)
		}
	}
	for _, other := range []string{"", "7", ".7", "ä.7", "zzzzzzzzzzzzzzzzzzzz.7"} {
		if _, _, ok := ReadPageEnd(other); ok {
			t.Errorf("%q is taken for a page's end", other)
		}
	}
}

// TestContaining: the signs of LIKE stand for themselves.
func TestContaining(t *testing.T) {
	for s, want := range map[string]string{"": "%%", "2026-0001": "%2026-0001%", "1_%!": "%1!_!%!!%"} {
		if got := Containing(s); got != want {
			t.Errorf("%q gives %q", s, got)
		}
	}
}
