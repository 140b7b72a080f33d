package corpus

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"mijuan/internal/screening"
)

// everyText writes the text of every document that has one, without setting it.
func everyText(t *testing.T, f func(where, text string)) {
	t.Helper()
	for _, m := range Firm().Matters {
		counts := map[string]int{}
		for _, name := range strings.Fields(m.story.value("docs")) {
			counts[name]++
			p := newPlan(m, name, counts[name], 0.5)
			where := m.Number + " " + name + " " + strconv.Itoa(p.nth)
			switch p.form.value("type") {
			case "pdf", "scan", "fax", "txt":
				f(where, p.scene.script(p.form))
			case "eml":
				f(where, string(p.scene.mail(p.nth)))
			}
		}
	}
}

// Digits stand alone: RE2 has no look-behind, so the neighbours are part of the match.
var (
	mobiles   = regexp.MustCompile(`(?:^|[^0-9A-Za-z-])(1[3-9]\d{9})(?:$|[^0-9A-Za-z])`)
	landlines = regexp.MustCompile(`(?:^|[^0-9-])(0\d{2,3}-\d{7,8})`)
	people    = regexp.MustCompile(`(?:^|[^0-9A-Z])(\d{17}[\dX])(?:$|[^0-9A-Z])`)
	companies = regexp.MustCompile(`(?:^|[^0-9A-Z])(91[0-9A-Z]{16})(?:$|[^0-9A-Z])`)
	mailboxes = regexp.MustCompile(`[a-z0-9]@[a-z0-9.]+`)
)

func TestNothingIsReal(t *testing.T) {
	found := map[string]int{}
	everyText(t, func(where, text string) {
		for _, c := range []struct {
			what string
			re   *regexp.Regexp
			ok   func(string) bool
		}{
			{"mobile", mobiles, func(s string) bool { return strings.HasPrefix(s, "1700000") }},
			{"landline", landlines, func(s string) bool { return strings.HasPrefix(s, "0990-0000") }},
			{"person", people, func(s string) bool { return strings.HasPrefix(s, "990100") && citizen(s[:17]) == s }},
			{"company", companies, func(s string) bool {
				return s[2:8] == "990100" && credit(s[:17]) == s && organisation(s[8:16]) == s[8:17]
			}},
		} {
			for _, m := range c.re.FindAllStringSubmatch(text, -1) {
				found[c.what]++
				if !c.ok(m[1]) {
					t.Errorf("%s: %s %s", where, c.what, m[1])
				}
			}
		}
		for _, box := range mailboxes.FindAllString(text, -1) {
			if found["mail"]++; !strings.HasSuffix(box, ".example") {
				t.Errorf("%s: mailbox %s", where, box)
			}
		}
	})
	for _, what := range []string{"landline", "person", "company", "mail"} {
		if found[what] < 10 {
			t.Errorf("found only %d of %s: the search went wrong", found[what], what)
		}
	}
}

// The tables of GB 11643 and GB 32100 are checked against the worked examples of the standards.
func TestChecksums(t *testing.T) {
	if got := citizen("34052419800101001"); got != "34052419800101001X" {
		t.Errorf("citizen = %s", got)
	}
	if got := credit("91350100M000100Y4"); got != "91350100M000100Y43" {
		t.Errorf("credit = %s", got)
	}
	if got := organisation("D2143569"); got != "D2143569X" {
		t.Errorf("organisation = %s", got)
	}
}

func TestTextsAreWhole(t *testing.T) {
	left := regexp.MustCompile(`\[[^\]]*\]|<<|>>|\{[^}]*\||\|[^}|\n]*\}`)
	everyText(t, func(where, text string) {
		if s := left.FindString(text); s != "" {
			t.Errorf("%s: %q was not filled in", where, s)
		}
		if marks := screening.StateSecretMarks(text); len(marks) > 0 {
			t.Errorf("%s bears marks of a state secret: %v", where, marks)
		}
		for _, r := range text {
			if r >= ' ' && advance(r) == 0 || r >= 0x3000 && !drawable(r) {
				t.Errorf("%s: the font lacks %q", where, r)
			}
		}
	})
}

// Long papers do not repeat themselves: hardly a paragraph stands twice in one.
func TestParagraphsDiffer(t *testing.T) {
	everyText(t, func(where, text string) {
		seen, twice, total := map[string]bool{}, 0, 0
		for line := range strings.Lines(text) {
			if len([]rune(line)) < 45 || strings.HasPrefix(line, "|") {
				continue
			}
			if total++; seen[line] {
				twice++
			}
			seen[line] = true
		}
		if twice > 2 && twice*12 > total {
			t.Errorf("%s: %d of %d paragraphs stand there twice", where, twice, total)
		}
	})
}

// Every page is set within its paper, and no paper is empty or endless.
func TestPages(t *testing.T) {
	longest := 0
	for _, m := range Firm().Matters {
		counts := map[string]int{}
		for _, name := range strings.Fields(m.story.value("docs")) {
			counts[name]++
			p := newPlan(m, name, counts[name], 0.5)
			if p.form.value("look") == "" {
				continue
			}
			pages := p.scene.pages(p.form)
			longest = max(longest, len(pages))
			for i, marks := range pages {
				if len(marks) < 3 {
					t.Errorf("%s %s: page %d is empty", m.Number, name, i+1)
				}
				for _, k := range marks {
					if right := k.x + (width(k.text)*k.size*pointMM + float64(len([]rune(k.text)))*k.gap); k.x < 10 || right > pageWidth-10 || k.y < 5 || k.y+k.h > pageHeight-8 {
						t.Errorf("%s %s: page %d: %q ends at %.0f, %.0f", m.Number, name, i+1, k.text, right, k.y+k.h)
					}
				}
			}
		}
	}
	if longest < 45 || longest > 70 {
		t.Errorf("the longest paper has %d pages", longest)
	}
}

func TestChoose(t *testing.T) {
	got := map[string]bool{}
	c := chanceOf("test")
	for range 60 {
		got[c.choose("甲{乙|丙{丁|戊}}")] = true
	}
	for _, want := range []string{"甲乙", "甲丙丁", "甲丙戊"} {
		if !got[want] {
			t.Errorf("never chose %s", want)
		}
	}
	if len(got) != 3 {
		t.Errorf("chose %v", got)
	}
}

func TestLinesBreakAsChineseDoes(t *testing.T) {
	text := "原告与被告签订《设备买卖合同》（编号 QH-XS-9924），约定总价 12,860,000.00 元；被告“同意验收”，却未付款。"
	for max := 9.0; max < 24; max++ {
		lines := breakLines(text, max, 2)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
			t.Fatalf("at %v the text became %s", max, got)
		}
		for i, l := range lines {
			if i > 0 && strings.ContainsAny(l[:3], "，。；）》”") || slices.Contains([]string{"《", "（", "“"}, l[len(l)-3:]) {
				t.Errorf("at %v a line reads %q", max, l)
			}
			if width(l) > max {
				t.Errorf("at %v the line %q is %v wide", max, l, width(l))
			}
		}
	}
}
