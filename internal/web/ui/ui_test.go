package ui_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/classification"
	"mijuan/internal/text"
	. "mijuan/internal/web/ui"
)

func TestWhen(t *testing.T) {
	for _, c := range []struct {
		back   time.Duration
		zh, en string
	}{
		{back: 4 * time.Minute, zh: "今天 10:26", en: "Today 10:26"},
		{back: 11 * time.Hour, zh: "昨天 23:30", en: "Yesterday 23:30"},
		{back: 48 * time.Hour, zh: "11-21 10:30", en: "11-21 10:30"},
		{back: 400 * 24 * time.Hour, zh: "2025-10-19 10:30", en: "2025-10-19 10:30"},
		{back: -time.Hour, zh: "今天 11:30", en: "Today 11:30"},
	} {
		if got := When(text.ZH, now.Add(-c.back).UTC(), now.UTC()); got != c.zh {
			t.Errorf("%v ago is %q, want %q", c.back, got, c.zh)
		}
		if got := When(text.EN, now.Add(-c.back), now); got != c.en {
			t.Errorf("%v ago is %q, want %q", c.back, got, c.en)
		}
	}
}

func TestFigures(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 48213: "48 213", 1234567: "1 234 567", -1000: "−1 000"} {
		if got := strings.ReplaceAll(Figure(n), "\u202f", " "); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KB", 1<<20 - 1: "1.0 MB", 3565158: "3.4 MB", 20 << 30: "20.0 GB", 150 << 20: "150 MB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// TestNothingInline holds every page of the gallery to the content security policy and the classes to their prefix.
func TestNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|\sstyle=|\son[a-z]+=|javascript:|hx-on`)
	class := regexp.MustCompile(`class="([^"]*)"`)
	for path, page := range gallery {
		html := render(t, page(httptest.NewRequest("GET", path, nil)))
		if found := inline.FindString(html); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
		for _, m := range class.FindAllStringSubmatch(html, -1) {
			for _, c := range strings.Fields(m[1]) {
				if !strings.HasPrefix(c, "mj-") {
					t.Errorf("%s has the class %q", path, c)
				}
			}
		}
	}
}

// TestEnglishPages finds Chinese words of the kit's own that an English page still shows. The gallery's words are marked by
// being its own: a page without content has none.
func TestEnglishPages(t *testing.T) {
	p := PageProps{Lang: text.EN, Title: "x", Search: "/s", Person: Person{Name: "A", Post: "B"}}
	switches := strings.NewReplacer("中文", "", `aria-hidden="true">密<`, "")
	for _, html := range []string{render(t, Page(p)), render(t, Bare(p)), render(t, Dropzone(DropProps{Lang: text.EN, MaxSize: 9})),
		render(t, Viewer(p, ViewerProps{Lang: text.EN, Level: classification.Secret, Pages: 3})),
		render(t, with(Register(Table{Lang: text.EN, Total: 99, Per: 5, TooMany: true, Search: "x", Exports: []string{"pdf"}, Filters: []Filter{{Name: "a", Span: true}, {Name: "b"}}}))),
		render(t, Levels(Field{Lang: text.EN, Required: true})), render(t, Reason(Field{Lang: text.EN})), render(t, Deeds(text.EN, nil)),
		render(t, Confirm(ConfirmProps{Lang: text.EN})), render(t, Refusal(RefusalProps{Lang: text.EN, Clause: "7"})), render(t, PrintHead(PrintProps{Lang: text.EN, No: "1"})),
		render(t, Signatures(text.EN, "a")), render(t, Number(text.EN, "1"))} {
		if han := regexp.MustCompile(`.{0,30}\p{Han}+.{0,30}`).FindString(switches.Replace(html)); han != "" {
			t.Errorf("not translated: %s", han)
		}
	}
}

func TestThemeAndLanguage(t *testing.T) {
	html := render(t, Page(PageProps{Lang: text.ZH, Title: "案件", Theme: "nonsense", Back: "/matters"}))
	has(t, html, `<html lang="zh-CN" data-theme="auto">`, `<title>案件 · 密卷</title>`, `name="back" value="/matters"`, `value="auto" aria-pressed="true"`, `value="dark" aria-pressed="false"`)
	has(t, render(t, Page(PageProps{Lang: text.EN, Theme: "dark"})), `<html lang="en" data-theme="dark">`)
}
