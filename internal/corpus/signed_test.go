package corpus

import (
	"bytes"
	"fmt"
	"testing"
)

// TestSigned: a paper that is signed late is the same each time, has as many pages as it says, and is none of the matter's documents.
func TestSigned(t *testing.T) {
	for _, form := range []string{"委托代理合同", "授权委托书"} {
		found := false
		for _, m := range Firm().Matters {
			for _, d := range Materials(m) {
				if found || d.Type != form {
					continue
				}
				found = true
				p := Signed(m, form)
				if !bytes.Equal(p.PDF, Signed(m, form).PDF) {
					t.Errorf("%s is written differently each time", form)
				}
				if bytes.Equal(p.PDF, d.Bytes()) {
					t.Errorf("%s is the matter's own", form)
				}
				if p.Title == "" || p.Pages < 1 || !bytes.Contains(p.PDF, fmt.Appendf(nil, "/Count %d\n", p.Pages)) {
					t.Errorf("%s, %d pages", p.Title, p.Pages)
				}
			}
		}
		if !found {
			t.Errorf("no matter has %s", form)
		}
	}
}
