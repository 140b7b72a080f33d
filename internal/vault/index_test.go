package vault_test

import (
	"bytes"
	"slices"
	"testing"

	"mijuan/internal/vault"
)

func TestTokensAreEqualWhereTextsMeanTheSame(t *testing.T) {
	i := newKeyring(t).Index("p")
	for _, same := range [][2]string{
		{"ACME", "acme"}, {"ＡＣＭＥ１２", "acme12"}, {"ｶﾞ", "ガ"}, {"é", "e\u0301"}, {"㈱", "(株)"}, {"ΑΣ", "ας"[:2] + "σ"}, {"①", "1"}, {"Å", "å"},
		{"J\u030c", "ǰ"}, {"H\u0331", "ẖ"}, // joined only when they are small
	} {
		if !bytes.Equal(i.Token(same[0]), i.Token(same[1])) {
			t.Errorf("%q and %q have different tokens", same[0], same[1])
		}
		if !slices.EqualFunc(i.Bigrams("甲"+same[0]), i.Bigrams("甲"+same[1]), bytes.Equal) {
			t.Errorf("%q and %q have different bigrams", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"甲", "乙"}, {"a b", "ab"}, {"", " "}} {
		if bytes.Equal(i.Token(other[0]), i.Token(other[1])) {
			t.Errorf("%q and %q have one token", other[0], other[1])
		}
	}
	if len(i.Token("")) != 16 {
		t.Errorf("a token has %d bytes", len(i.Token("")))
	}
}

func TestTokensDifferByPurposeAndFirm(t *testing.T) {
	k := newKeyring(t)
	base := k.Index("p")
	for name, i := range map[string]*vault.Index{"purpose": k.Index("q"), "firm": newKeyring(t).Index("p")} {
		if bytes.Equal(base.Token("甲乙"), i.Token("甲乙")) || bytes.Equal(base.Bigrams("甲乙")[0], i.Bigrams("甲乙")[0]) {
			t.Errorf("another %s gives the same tokens", name)
		}
	}
	if bytes.Equal(base.Token("甲乙"), base.Bigrams("甲乙")[0]) || bytes.Equal(base.Token("gram 甲乙"), base.Bigrams("甲乙")[0]) {
		t.Error("a whole text and a bigram share a token")
	}
}

func TestBigrams(t *testing.T) {
	i := newKeyring(t).Index("p")
	for text, want := range map[string]int{"": 0, " ，。": 0, "甲": 1, "甲。": 1, "甲乙": 1, "甲 乙": 1, "甲乙丙": 2, "甲甲甲甲": 1, "甲乙甲乙": 2, "ABab": 2} {
		if got := len(i.Bigrams(text)); got != want {
			t.Errorf("%q has %d bigrams, want %d", text, got, want)
		}
	}
	text := i.Bigrams("关于某某（上海）有限公司股权转让纠纷一案")
	for search, found := range map[string]bool{"某某上海": true, "股权转让": true, "有限公司": true, "上海（有限）": true, "股东": false, "案件": false} {
		all := true
		for _, token := range i.Bigrams(search) {
			all = all && slices.ContainsFunc(text, func(b []byte) bool { return bytes.Equal(b, token) })
		}
		if all != found {
			t.Errorf("searching %q: %t", search, all)
		}
	}
}

// TestOneCharacterFindsStoredTexts searches texts by each of their characters, in another spelling as well.
func TestOneCharacterFindsStoredTexts(t *testing.T) {
	i := newKeyring(t).Index("p")
	finds := func(text, search string) bool {
		stored := i.Grams(text)
		return !slices.ContainsFunc(i.Bigrams(search), func(token []byte) bool {
			return !slices.ContainsFunc(stored, func(b []byte) bool { return bytes.Equal(b, token) })
		})
	}
	const text = "关于ＡＣＭＥ（上海）e\u0301 有限"
	for search, found := range map[string]bool{"关": true, "海": true, "限": true, "a": true, "Ｍ": true, "é": true, "上海": true, "acme上海": true, "z": false, "甲": false, "海上": false} {
		if finds(text, search) != found {
			t.Errorf("searching %q: %t", search, !found)
		}
	}
	for text, want := range map[string]int{"": 0, "。": 0, "甲": 1, "甲甲": 2, "甲乙": 3, "甲乙甲": 4, "甲 乙。": 3} {
		got := i.Grams(text)
		seen := map[string]bool{}
		for _, token := range got {
			seen[string(token)] = true
		}
		if len(got) != want || len(seen) != want {
			t.Errorf("%q has %d grams, %d distinct, want %d", text, len(got), len(seen), want)
		}
	}
}
