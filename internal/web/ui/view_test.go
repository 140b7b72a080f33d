package ui_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"mijuan/internal/text"
	. "mijuan/internal/web/ui"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func has(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in\n%s", w, page)
		}
	}
}

func hasNot(t *testing.T, page string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(page, w) {
			t.Errorf("%q stands in\n%s", w, page)
		}
	}
}

func TestViewReadsTheAddress(t *testing.T) {
	v := ReadView(httptest.NewRequest("GET", "/matters?q=+0147+&sort=-opened&page=3&state=open", nil))
	if v.Search() != "0147" || v.Page() != 3 || v.Get("state") != "open" {
		t.Errorf("read %q %d %q", v.Search(), v.Page(), v.Get("state"))
	}
	if key, down := v.Sort("name", "-opened"); key != "opened" || !down {
		t.Errorf("sorts by %s %v", key, down)
	}
	if got := v.With("state", "closed"); got != "/matters?q=+0147+&sort=-opened&state=closed" {
		t.Errorf("another filter leads to %s", got)
	}
	if got := v.With("page", "4"); !strings.Contains(got, "page=4") || !strings.Contains(got, "state=open") {
		t.Errorf("the next page is %s", got)
	}
}

func TestViewDoubtsTheAddress(t *testing.T) {
	v := ReadView(httptest.NewRequest("GET", "/matters?page=-1&sort=password&q="+strings.Repeat("%E5%AF%86", 200), nil))
	if v.Page() != 1 {
		t.Errorf("page %d", v.Page())
	}
	if key, down := v.Sort("-opened", "name"); key != "opened" || !down {
		t.Errorf("an unknown column gives %s %v", key, down)
	}
	if s := v.Search(); len(s) > 200 || strings.ContainsRune(s, '\uFFFD') {
		t.Errorf("search of %d bytes, %q", len(s), s)
	}
	if v := (View{Path: "/x"}); v.With("a", "b") != "/x?a=b" || v.Page() != 1 {
		t.Error("the zero view is not usable")
	}
}

// posted is a search that was posted, with a list that was chosen in the same form.
func posted(t *testing.T) View {
	t.Helper()
	r := httptest.NewRequest("POST", "/matters/search?sort=name&kind=old", strings.NewReader(url.Values{"q": {"华东置业"}, "kind": {"civil"}, "day_from": {""}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	v := ReadView(r)
	v.Path = "/matters"
	return v
}

// TestPostedSearchStaysOutOfAddresses is rule 10 of the face: no client data in addresses.
func TestPostedSearchStaysOutOfAddresses(t *testing.T) {
	v := posted(t)
	if v.Search() != "华东置业" || v.Get("kind") != "civil" {
		t.Errorf("read %q, %q", v.Search(), v.Get("kind"))
	}
	page := render(t, with(Register(Table{Lang: text.ZH, Name: "案件", View: v, Search: "客户、案由", SearchPost: "/matters/search", Total: 90, Per: 25, Exports: []string{"xlsx"},
		Columns: []Column{{Key: "name", Label: "名称"}}, Filters: []Filter{{Name: "kind", Label: "种类", Options: []Option{{Value: "civil", Label: "民事"}}}}})))
	has(t, page, `method="post"`, `value="华东置业"`, `formaction="/matters/search?kind=civil&amp;page=2&amp;sort=name"`, `formaction="/matters/search?format=xlsx&amp;kind=civil&amp;sort=name"`,
		`formaction="/matters/search?kind=civil&amp;sort=-name"`, `aria-sort="ascending"`)
	if i := strings.Count(page, "华东置业"); i != 1 {
		t.Errorf("the search text stands in %d places", i)
	}
	hasNot(t, page, url.QueryEscape("华东置业"))
}

func TestRegisterStates(t *testing.T) {
	table := Table{Lang: text.ZH, Name: "资料", View: ReadView(httptest.NewRequest("GET", "/m", nil)), Search: "编号", Exports: []string{"xlsx"}, Empty: EmptyProps{Title: "还没有资料", Step: Link{Label: "接收", Href: "/in"}}}
	page := render(t, Register(table))
	has(t, page, "还没有资料", `href="/in"`, `method="get"`)
	hasNot(t, page, "<table", "format=xlsx")

	table.View = ReadView(httptest.NewRequest("GET", "/m?q=9&sort=no", nil))
	page = render(t, Register(table))
	has(t, page, "没有符合条件的资料", `href="/m?sort=no"`, `name="sort" value="no"`)
	hasNot(t, page, "还没有资料")

	table.Total, table.Older, table.TooMany = -1, "/m?before=7", true
	page = render(t, with(Register(table), raw("<tr><td>行</td></tr>")))
	has(t, page, "<td>行</td>", `href="/m?before=7"`, "符合条件的太多")
	hasNot(t, page, "共 ")
}

func TestReasonOf(t *testing.T) {
	offered := []Option{{Value: "asked", Label: "客户要求"}, {Value: "", Label: "空"}}
	for _, c := range [][3]string{{"asked", "", "客户要求"}, {"asked", " 见邮件 ", "客户要求：见邮件"}, {"", "见邮件", "见邮件"}, {"forged", "", ""}, {"", "", ""}} {
		if got := ReasonOf(url.Values{"why": {c[0]}, "why_more": {c[1]}}, "why", offered); got != c[2] {
			t.Errorf("%q and %q make %q", c[0], c[1], got)
		}
	}
}

func TestFieldsKeepAndTell(t *testing.T) {
	page := render(t, Input(Field{Lang: text.ZH, Name: "no", Label: "编号", Value: `"><script>`, Error: "写错了", Hint: "如 12", Required: true}))
	has(t, page, `for="f-no"`, `aria-invalid="true"`, `aria-describedby="f-no-h f-no-e"`, `id="f-no-e"`, "写错了", `value="&#34;&gt;&lt;script&gt;"`, "必填")
	page = render(t, Select(Field{Lang: text.ZH, Name: "m", Label: "案件", Value: "2", Options: []Option{{Value: "1", Label: "甲", Group: "诉讼"}, {Value: "2", Label: "乙", Group: "诉讼"}, {Value: "3", Label: "丙"}}}))
	has(t, page, `<optgroup label="诉讼"><option value="1">甲</option><option value="2" selected>乙</option></optgroup><option value="3">丙</option>`)
	page = render(t, Levels(Field{Lang: text.EN, Name: "level", Label: "Level", Value: "secret", Options: []Option{{Value: "top_secret", Hint: "ours"}}}))
	has(t, page, `value="secret" checked`, "Top Secret", "ours")
}

func TestSendIsWholeOrNothing(t *testing.T) {
	w := httptest.NewRecorder()
	broken := templ.Join(raw("<p>half"), templ.ComponentFunc(func(context.Context, io.Writer) error { return context.Canceled }))
	if err := Send(context.Background(), w, http.StatusOK, broken); err == nil || w.Body.Len() != 0 {
		t.Errorf("error %v, %d bytes sent", err, w.Body.Len())
	}
	if err := Send(context.Background(), w, http.StatusForbidden, raw("<p>whole")); err != nil || w.Code != http.StatusForbidden || w.Body.String() != "<p>whole" {
		t.Errorf("%v %d %q", err, w.Code, w.Body)
	}
}
