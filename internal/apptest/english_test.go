package apptest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// words are the texts of a page as people and screen readers meet them. What is marked as Chinese is somebody's words, not the product's.
const words = `(() => {
	const found = [document.title];
	const chinese = e => e && e.closest("[lang^=zh]") && e.closest("[lang]").lang.startsWith("zh");
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!e.closest("script, style, template, textarea, pre") && !chinese(e)) found.push(walk.currentNode.data);
	}
	for (const name of ["aria-label", "title", "placeholder", "alt"])
		for (const e of document.querySelectorAll("[" + name + "]"))
			if (!chinese(e)) found.push(e.getAttribute(name));
	return found.map(s => s.trim()).filter(s => /[\p{Script=Han}：；，。（]/u.test(s));
})()`

// english knows the product's Chinese texts that have an English one: as they are, and with their verbs filled in.
type english struct {
	whole  map[string]bool
	filled []*regexp.Regexp
}

func newEnglish(t *testing.T) *english {
	t.Helper()
	e := &english{whole: map[string]bool{}}
	files, err := filepath.Glob("../text/en/*.json")
	must(t, err)
	verb := regexp.MustCompile(`%[-+# 0-9.\[\]]*[a-zA-Z]`)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		must(t, err)
		texts := map[string]string{}
		must(t, json.Unmarshal(raw, &texts))
		for zh, en := range texts {
			fixed := verb.ReplaceAllString(zh, "")
			switch {
			case zh == en:
			case fixed == zh:
				e.whole[zh] = true
			case len([]rune(fixed)) >= 3: // less could be anybody's words
				e.filled = append(e.filled, regexp.MustCompile("^"+verb.ReplaceAllString(regexp.QuoteMeta(zh), ".+?")+"$"))
			}
		}
	}
	if len(e.whole) < 1000 || len(e.filled) < 50 {
		t.Fatalf("only %d and %d texts", len(e.whole), len(e.filled))
	}
	return e
}

// read finds the product's Chinese words among a page's.
func (e *english) read(t *testing.T, words []string) {
	t.Helper()
	for _, w := range words {
		if e.product(w) {
			t.Errorf("the English page says %q", w)
		}
	}
}

// recorded are words that the product wrote into a record, which stays in the language in which it was made.
var recorded = regexp.MustCompile(`^会议材料 会-|^由本人随身携带，`)

// chineseMark are the marks of Chinese sentences behind English words.
var chineseMark = regexp.MustCompile(`[A-Za-z] ?[：；，。（]`)

// product reports whether a text is one of the product's, whole or between marks, or is joined as Chinese ones are.
func (e *english) product(w string) bool {
	if recorded.MatchString(w) {
		return false
	}
	if e.whole[w] || chineseMark.MatchString(w) {
		return true
	}
	for _, part := range strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("：；，。（）·/|\n\t ", r) }) {
		if e.whole[part] && len([]rune(part)) > 2 {
			return true
		}
	}
	for _, f := range e.filled {
		if f.MatchString(w) {
			return true
		}
	}
	return false
}
