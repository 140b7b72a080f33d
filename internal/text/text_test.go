package text

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var verb = regexp.MustCompile(`%(?:\[(\d)\])?[-+#0]*\d*(?:\.\d+)?([a-zA-Z%])`)

// verbs are the arguments that a format takes, each as its place and letter.
func verbs(format string) (all []string) {
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		at := next
		if m[1] != "" {
			at = int(m[1][0] - '0')
		}
		all = append(all, string(rune('0'+at))+m[2])
		next = at + 1
	}
	slices.Sort(all)
	return all
}

// TestEnglishSaysTheSame: each text takes the same arguments in both languages, and its English is English.
func TestEnglishSaysTheSame(t *testing.T) {
	if len(english) < 500 {
		t.Fatalf("only %d texts", len(english))
	}
	for zh, en := range english {
		if !slices.Equal(verbs(zh), verbs(en)) {
			t.Errorf("%q takes %v, %q takes %v", zh, verbs(zh), en, verbs(en))
		}
		if strings.TrimSpace(en) == "" {
			t.Errorf("%q has an empty English", zh)
		}
		if strings.ContainsFunc(en, func(r rune) bool { return unicode.Is(unicode.Han, r) }) && !quotesChinese[zh] {
			t.Errorf("the English of %q is Chinese: %q", zh, en)
		}
	}
}

// quotesChinese are texts whose English names a thing by its Chinese name on purpose.
var quotesChinese = map[string]bool{
	"案件、资料和载体要写明所处环节，如“办理中”“已定密”":                          true,
	"带有“绝密★”“机密★”“秘密★”标志、红头文件份号的资料，以及明知属于国家秘密的资料，不得存入本系统。": true,
}

// TestOneEnglishForOneText: the rooms' files do not overrule one another.
func TestOneEnglishForOneText(t *testing.T) {
	names, err := files.ReadDir("en")
	if err != nil {
		t.Fatal(err)
	}
	from := map[string]string{}
	for _, n := range names {
		raw, err := files.ReadFile("en/" + n.Name())
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(strings.NewReader(string(raw)))
		_, _ = d.Token() // the opening brace
		here := map[string]bool{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			var en string
			if err := d.Decode(&en); err != nil {
				t.Fatalf("en/%s: %v: %v", n.Name(), key, err)
			}
			zh := key.(string)
			if here[zh] {
				t.Errorf("en/%s has %q twice", n.Name(), zh)
			}
			here[zh] = true
			if before, ok := from[zh]; ok && before != en {
				t.Errorf("%q is %q and, in en/%s, %q", zh, before, n.Name(), en)
			}
			from[zh] = en
		}
	}
}

func TestLanguages(t *testing.T) {
	for tag, want := range map[string]Lang{"": ZH, "en": EN, "en-GB,zh;q=0.5": EN, " EN": EN, "zh-CN": ZH, "fr": ZH, "<script>": ZH} {
		if got := Parse(tag); got != want {
			t.Errorf("%q: %d", tag, got)
		}
	}
	if ZH.Tag() != "zh-CN" || EN.Tag() != "en" || Lang(0).Tag() != "zh-CN" {
		t.Error("tags")
	}
	english["共 %d 页，%s"] = "%[2]s: %[1]d pages"
	defer delete(english, "共 %d 页，%s")
	if got := EN.T("共 %d 页，%s", 3, "甲"); got != "甲: 3 pages" {
		t.Error(got)
	}
	if got := ZH.T("共 %d 页，%s", 3, "甲"); got != "共 3 页，甲" {
		t.Error(got)
	}
	if got := EN.T("没有英文的 %d", 3); got != "没有英文的 3" || Known("没有英文的 %d") {
		t.Error(got)
	}
	if got := EN.T("100%"); got != "100%" {
		t.Errorf("a text without arguments is no format: %q", got)
	}
}
