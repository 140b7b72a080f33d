package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
)

// TestMeasuresOnPages: the director opens a measure, the person replies, a member of the committee decides; nobody else sees it.
func TestMeasuresOnPages(t *testing.T) {
	o := found(t)
	o.Hire("member", access.Committee)
	at := "/people/" + o.IDs["handling"] + "/measures"
	director, handling, member := o.loggedIn("director"), o.loggedIn("handling"), o.loggedIn("member")
	if a := o.loggedIn("lead").get(at); a.status != http.StatusForbidden {
		t.Errorf("a colleague: %d", a.status)
	}
	step := func(b *browser, deed string, form url.Values, want string) {
		t.Helper()
		if a := b.post(at+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q", deed, a.status, want)
		}
	}
	opening := url.Values{"measure": {"warning"}, "happened": {time.Now().Format(time.DateOnly)}, "facts": {"把一份材料留在了会议室"}}
	step(director, "open", url.Values{"measure": {"warning"}, "facts": {"甲乙丙"}}, "请填写发生日期")
	step(director, "open", opening, "尚未陈述")
	if !strings.Contains(handling.get("/").body, "请陈述") {
		t.Error("the first page does not ask for a reply")
	}
	id := regexp.MustCompile(`name="case" value="([^"]+)"`).FindStringSubmatch(handling.get(at).body)
	if id == nil {
		t.Fatal("there is no form to reply in")
	}
	one := func(more url.Values) url.Values { more.Set("case", id[1]); return more }
	step(member, "decide", one(url.Values{"measure": {"warning"}, "why": {"情节轻微"}}), "期限未到")
	step(handling, "reply", one(url.Values{"reply": {"十分钟后取回，无人进入"}}), "十分钟后取回")
	step(handling, "reply", one(url.Values{"reply": {"再说一遍"}}), "已经陈述过")
	step(member, "opinion", one(url.Values{"opinion": {"建议批评教育"}}), "建议批评教育")
	step(director, "decide", one(url.Values{"measure": {"warning"}, "why": {"情节轻微"}}), "请另一位决定")
	step(member, "decide", one(url.Values{"measure": {"reminder"}, "why": {"情节轻微，未造成后果"}}), "批评教育")
	if a := o.loggedIn("auditor").get("/measures"); !strings.Contains(a.body, "批评教育") {
		t.Error("the register does not tell the auditor")
	}
	if a := o.loggedIn("lead").get("/measures"); strings.Contains(a.body, "测试handling") {
		t.Error("the register tells a colleague")
	}
	if said := cell(director.sheet("/measures?format=xlsx", "处理意见"), "测试handling", "处理意见"); !strings.Contains(said, "建议批评教育") {
		t.Errorf("the opinions in the file: %q", said)
	}
	if a := director.get("/measures?format=pdf"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the register as a file: %d", a.status)
	}
}
