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

// TestMeetingOnPages: papers are set aside, handed out at once, signed for, collected by number, settled and closed, and each page says what is
// to be done next; strangers find nothing.
func TestMeetingOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	ids := o.RegisterCarriers(matter, 1)
	all := "/matters/" + matter + "/meetings"
	handling, lead, outsider := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("outsider")
	at := func(d time.Duration) string {
		return time.Now().In(time.FixedZone("CST", 8*3600)).Add(d).Format("2006-01-02T15:04")
	}
	plan := url.Values{"title": {"庭前会议"}, "place": {"三楼会议室"}, "starts": {at(-time.Hour)}, "ends": {at(2 * time.Hour)}}
	if a := handling.post(all, url.Values{"title": {"庭前会议"}, "place": {"三楼会议室"}, "starts": {at(0)}, "ends": {at(-2 * time.Hour)}}); !strings.Contains(a.body, "结束时间须晚于") || !strings.Contains(a.body, "三楼会议室") {
		t.Errorf("a meeting that ends before it begins: %d", a.status)
	}
	one := handling.post(all, plan).path
	if !strings.HasPrefix(one, all+"/") {
		t.Fatalf("convened, and led to %s", one)
	}
	step := func(deed string, form url.Values, want string) string {
		t.Helper()
		a := handling.post(one+"/"+deed, form)
		if !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q: %.1500s", deed, a.status, want, regexp.MustCompile(`(?s)<main.*`).FindString(a.body))
		}
		return a.body
	}
	step("close", nil, "还没有分配材料") // nothing in it: closed at once, and shown so
	one = handling.post(all, plan).path
	step("prepare", url.Values{"serial": {"1"}}, "请勾选参会人")
	step("prepare", url.Values{"serial": {"7"}, "participants": {o.IDs["lead"]}}, "只有 0 份可以发放")
	body := step("prepare", url.Values{"serial": {"1"}, "participants": {o.IDs["lead"]}}, "1 套待发放")
	set := regexp.MustCompile(`<option value="([0-9a-f-]{36})"[^>]*>(\d{4}-\d{4}-0001-01-\d) · 测试lead`).FindStringSubmatch(body)
	if set == nil {
		t.Fatal("the set is not offered to be settled")
	}
	number := set[2]
	step("collect", url.Values{"number": {number}, "condition": {"完好，数量相符"}}, "没有经参会人签收")
	step("hand-out", nil, "待签收")
	step("hand-out", nil, "没有待发放的材料")
	lead.post("/carriers/"+ids[0]+"/take", nil)
	step("collect", url.Values{"number": {number[:len(number)-1] + "x"}, "condition": {"完好，数量相符"}}, "不是本所的载体编号")
	step("close", nil, "还有 1 套没有收回或者处理")
	step("missing", url.Values{"set": {set[1]}, "note": {"参会人带走了"}}, "参会人带走了")
	step("collect", url.Values{"number": {number}, "condition": {"缺页、缺件"}, "condition_more": {"第 3 页"}}, "缺页、缺件：第 3 页")
	step("collect", url.Values{"number": {number}, "condition": {"完好，数量相符"}}, "这一套已经收回")
	for _, path := range []string{one, all, "/meetings"} {
		for _, format := range []string{"xlsx", "pdf"} {
			if a := lead.get(path + "?format=" + format); a.status != http.StatusOK {
				t.Errorf("%s as %s: %d", path, format, a.status)
			}
		}
	}
	step("close", nil, "已办结")
	for _, path := range []string{one, all} {
		if a := outsider.get(path); a.status != http.StatusNotFound {
			t.Errorf("a stranger at %s: %d", path, a.status)
		}
	}
	if a := outsider.get("/meetings"); strings.Contains(a.body, "会-") {
		t.Error("a stranger lists meetings")
	}
	if a := o.loggedIn("keeper").get("/meetings"); !strings.Contains(a.body, "会-") || strings.Contains(a.body, "庭前会议") {
		t.Error("the custodian lists no meeting, or its title")
	}
	if a := o.loggedIn("trainee").post(all, plan); a.status != http.StatusForbidden || !strings.Contains(a.body, "会议材料由主办或承办律师安排") {
		t.Errorf("a trainee convenes: %d", a.status)
	}
}
