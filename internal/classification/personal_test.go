package classification

import (
	"encoding/json"
	"regexp"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/text"
)

// TestBases: each basis says what it is and which article gives it, in both languages; its code is read back, and no other is.
func TestBases(t *testing.T) {
	article := regexp.MustCompile(`^第(十三条第一款第（[一二三四六七]）项|二十九条|三十一条)$`)
	seen := map[string]bool{}
	for _, b := range Bases {
		if !article.MatchString(b.Article()) || seen[b.Article()] {
			t.Errorf("%s stands in %q", b, b.Article())
		}
		seen[b.Article()] = true
		for _, words := range []string{b.Name(), b.Article(), b.Word()} {
			if words == "" || !text.Known(words) {
				t.Errorf("%s: %q has no English", b, words)
			}
		}
		if back, err := ParseBasis(string(b)); back != b || err != nil {
			t.Errorf("%s is read as %q, %v", b, back, err)
		}
	}
	if len(Bases) != len(grounds) {
		t.Errorf("%d bases are listed of %d", len(Bases), len(grounds))
	}
	if b, err := ParseBasis(""); b != "" || err != nil {
		t.Errorf("none yet: %q, %v", b, err)
	}
	if _, err := ParseBasis("custom"); !problem.Is(err, problem.Invalid) {
		t.Errorf("another: %v", err)
	}
}

// TestPersonals: only what holds personal information needs a basis; what was not asked is no answer.
func TestPersonals(t *testing.T) {
	for p, needs := range map[Personal]bool{0: false, NoPersonal: false, HasPersonal: true, Sensitive: true} {
		if p.NeedsBasis() != needs || p.Name() == "" || !text.Known(p.Name()) {
			t.Errorf("%s: %v, %q", p, p.NeedsBasis(), p.Name())
		}
		raw, err := json.Marshal(struct {
			P Personal `json:"p,omitzero"`
		}{p})
		var back struct{ P Personal }
		if err != nil || json.Unmarshal(raw, &back) != nil || back.P != p {
			t.Errorf("%s is kept as %s and read as %s", p, raw, back.P)
		}
	}
	for _, code := range []string{"unasked", "secret"} {
		if _, err := ParsePersonal(code); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s is taken for an answer", code)
		}
	}
}
