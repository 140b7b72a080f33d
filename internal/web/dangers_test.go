package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/matter"
)

// TestDangerOnPages: a trainee registers a danger, the officer names who mends it, it is sent back and mended again, and a director confirms it;
// each has the form of their step, and those whom it does not concern are not told of it.
func TestDangerOnPages(t *testing.T) {
	o := found(t)
	finder, security, handling, director, lead := o.loggedIn("trainee"), o.loggedIn("security"), o.loggedIn("handling"), o.loggedIn("director"), o.loggedIn("lead")
	day := func(n int) string { return time.Now().In(matter.Beijing).AddDate(0, 0, n).Format(time.DateOnly) }
	form := url.Values{"place": {"三楼文印间"}, "what": {"出纸口整晚放着文件"}, "severity": {"general"}, "found": {day(3)}}
	if a := finder.get("/dangers/new"); a.status != http.StatusOK || !strings.Contains(a.body, "不写客户名称") || !strings.Contains(a.body, "按泄密事件处理") || strings.Contains(a.body, `name="device"`) {
		t.Errorf("the form: %d", a.status)
	}
	if a := director.get("/dangers/new"); a.status != http.StatusOK {
		t.Errorf("the director's form: %d", a.status)
	}
	if a := finder.post("/dangers/new", form); !strings.Contains(a.body, "不晚于今天") || !strings.Contains(a.body, "出纸口整晚放着文件") {
		t.Errorf("found in the future: %d", a.status)
	}
	form.Set("found", day(0))
	if a := finder.post("/dangers/new", form); !strings.Contains(a.body, "待指派") {
		t.Fatalf("registering: %d", a.status)
	}
	one := regexp.MustCompile(`/dangers/[0-9a-f-]{36}`).FindString(finder.get("/dangers").body)
	if one == "" {
		t.Fatal("the finder's register is empty")
	}
	for by, want := range map[string]int{"trainee": 200, "security": 200, "director": 200, "auditor": 200, "lead": 404, "handling": 404, "system": 404} {
		a := o.loggedIn(by).get(one)
		if a.status != want {
			t.Errorf("%s reads it: %d", by, a.status)
		}
		if strings.Contains(a.body, "/assign") != (by == "security") {
			t.Errorf("%s has the form of assigning, or has not", by)
		}
	}
	if strings.Contains(lead.get("/dangers").body, one) || strings.Contains(lead.get("/").body, "隐患待指派") || !strings.Contains(security.get("/").body, "有 1 项隐患待指派") {
		t.Error("it stands where it should not, or not where it should")
	}
	if a := security.post(one+"/assign", url.Values{"responsible": {o.IDs["handling"]}, "severity": {"major"}, "due": {day(-1)}, "demand": {"设取件码"}}); !strings.Contains(a.body, "请填写整改期限") || !strings.Contains(a.body, "设取件码</textarea>") {
		t.Errorf("a day that is over: %d", a.status)
	}
	if a := security.post(one+"/assign", url.Values{"responsible": {o.IDs["handling"]}, "severity": {"major"}, "due": {day(4)}, "demand": {"设取件码"}}); !strings.Contains(a.body, "整改中") {
		t.Errorf("assigning: %d", a.status)
	}
	if a := handling.get("/"); !strings.Contains(a.body, "整改隐患 YH-") || !strings.Contains(a.body, one) {
		t.Error("the desk of the responsible")
	}
	mended := url.Values{"measures": {"已设取件码"}, "statement": {"出纸口没有遗留文件"}}
	if a := handling.post(one+"/mend", url.Values{"measures": {"已设取件码"}}); !strings.Contains(a.body, "请填写整改结果") || !strings.Contains(a.body, "已设取件码</textarea>") {
		t.Errorf("half a word: %d", a.status)
	}
	if a := handling.post(one+"/mend", mended); !strings.Contains(a.body, "待复查") || strings.Contains(a.body, "/confirm") {
		t.Errorf("mending: %d", a.status)
	}
	if a := handling.post(one+"/confirm", url.Values{}); a.status != http.StatusForbidden {
		t.Errorf("the responsible confirms: %d", a.status)
	}
	if a := director.post(one+"/return", url.Values{"opinion": {" "}}); !strings.Contains(a.body, "请填写退回理由") {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := director.post(one+"/return", url.Values{"opinion": {"昨晚仍有两份"}}); !strings.Contains(a.body, "退回整改：昨晚仍有两份") {
		t.Errorf("sending back: %d", a.status)
	}
	if a := handling.get("/"); !strings.Contains(a.body, "复查退回") {
		t.Error("the desk does not tell that it was sent back")
	}
	handling.post(one+"/mend", mended)
	if a := director.post(one+"/confirm", url.Values{"opinion": {"连续三天没有"}}); !strings.Contains(a.body, "已销号") || !strings.Contains(a.body, "昨晚仍有两份") || strings.Contains(a.body, "/confirm") {
		t.Errorf("confirming: %d", a.status)
	}
	if a := director.post(one+"/burn", url.Values{}); a.status != http.StatusNotFound {
		t.Errorf("a deed that is none: %d", a.status)
	}
	for query, there := range map[string]bool{"": true, "?state=confirmed": true, "?state=late": false, "?severity=major&found_from=" + day(0) + "&due_to=" + day(4): true, "?found_to=" + day(-1): false, "?due_from=" + day(5): false, "?whose=mine": false, "?q=YH-": true, "?sort=due": true} {
		if strings.Contains(director.get("/dangers"+query).body, one) != there {
			t.Errorf("the register at %q shows it, or does not", query)
		}
	}
	for _, format := range []string{"pdf", "xlsx"} {
		if a := security.get("/dangers?format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
}
