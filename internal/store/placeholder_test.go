package store

import (
	"strings"
	"testing"
)

func TestNumbered(t *testing.T) {
	for query, want := range map[string]string{
		``:                                 ``,
		`SELECT $1`:                        `SELECT ?1`,
		`a = $2 AND b = $10`:               `a = ?2 AND b = ?10`,
		`'$1' = $1`:                        `'$1' = ?1`,
		`'it''s $1' = $1`:                  `'it''s $1' = ?1`,
		`"$1""x" = $1`:                     `"$1""x" = ?1`,
		"-- $1\n$1 -- $2":                  "-- $1\n?1 -- $2",
		`/* $1 ' */ $1 /* '`:               `/* $1 ' */ ?1 /* '`,
		`'open $1`:                         `'open $1`,
		`$ $a $`:                           `$ $a $`,
		`LIKE '%' || $1 || '%' ESCAPE '\'`: `LIKE '%' || ?1 || '%' ESCAPE '\'`,
		`名 = $3, '密$1' <> $1`:              `名 = ?3, '密$1' <> ?1`,
		`-`:                                `-`,
		`a - $1 / $2`:                      `a - ?1 / ?2`,
	} {
		if got := numbered(query); got != want {
			t.Errorf("numbered(%q) = %q, want %q", query, got, want)
		}
	}
}

// FuzzNumbered: only dollar signs change, and only before a digit.
func FuzzNumbered(f *testing.F) {
	f.Add(`SELECT '$1', $1 -- $2`)
	f.Fuzz(func(t *testing.T, query string) {
		got := numbered(query)
		if len(got) != len(query) {
			t.Fatalf("%q became %q", query, got)
		}
		for i := range len(query) {
			changed := query[i] == '$' && got[i] == '?' && i+1 < len(query) && strings.IndexByte("0123456789", query[i+1]) >= 0
			if got[i] != query[i] && !changed {
				t.Fatalf("%q became %q at %d", query, got, i)
			}
		}
	})
}
