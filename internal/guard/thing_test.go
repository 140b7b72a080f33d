package guard

import (
	"strings"
	"testing"

	"mijuan/internal/access"
)

// What a caller names is taken for an id only when it is one: all else would stand in the ledger in the clear.
func TestOnlyIDsAreNamed(t *testing.T) {
	const id = "01999999-9999-7abc-8def-999999999999"
	for _, odd := range []string{"", "云麓科技有限公司", "13800138000", "110101199003078515", id + "0", id[1:], strings.ToUpper(id), strings.ReplaceAll(id, "-", ""), "0199999999999-7abc-8def-999999999999", id[:35] + "g",
		"\xff\xfe", "a\nb", "../" + id[3:], strings.Repeat("a", 300)} {
		for _, kind := range []access.Kind{access.Person, access.Matter, access.Material} {
			if got := (Thing{Kind: kind, ID: odd}).orderly(); got.ID != nothing || got.Kind != kind {
				t.Errorf("%q of %s stands as %q", odd, kind, got.ID)
			}
		}
	}
	for _, thing := range []Thing{Firm, {Kind: access.Ledger, ID: "ledger"}, {Kind: access.Matter, ID: id}, {Kind: access.Person, ID: id}} {
		if got := thing.orderly(); got != thing {
			t.Errorf("%v became %v", thing, got)
		}
	}
}
