package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/matter"
)

func day(ahead int) string {
	return time.Now().In(matter.Beijing).AddDate(0, 0, ahead).Format(time.DateOnly)
}

// TestScan: a label leads to its carrier's page with the likely act first: take what is offered, give back what is lent, count what
// comes back, else hand on. What one may not know is as what is not there, and only pages that scan may use the camera.
func TestScan(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	ids := o.RegisterCarriers(in, 1)
	handling, lead, director, outsider := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("director"), o.loggedIn("outsider")
	one := "/carriers/" + ids[0]
	number := regexp.MustCompile(`\d{4}-\d{4}-0001-01-\d`).FindString(handling.get(one).body)
	scans := func(b *browser, first string) {
		t.Helper()
		a := b.post("/scan", url.Values{"number": {"  " + strings.ReplaceAll(number, "0", "O") + "\r\n"}})
		side := strings.Index(a.body, "<aside")
		if a.path != one || side < 0 {
			t.Fatalf("the label leads to %s (%d)", a.path, a.status)
		}
		if head := regexp.MustCompile(`<h2>([^<]*)</h2>`).FindStringSubmatch(a.body[side:]); head == nil || !strings.HasPrefix(head[1], first) {
			t.Errorf("first comes %v, not %s", head, first)
		}
		if n := strings.Count(a.body[side:], "mj-primary"); n != 1 {
			t.Errorf("%d acts are the one that most people come for", n)
		}
	}
	scans(handling, "移交或出借")
	handling.post(one+"/offer", url.Values{"to": {o.IDs["lead"]}, "due": {day(9)}, "note": {"开庭准备"}})
	scans(lead, "请您接收")
	lead.post(one+"/take", nil)
	scans(lead, "归还")
	if a := lead.get(one); !strings.Contains(a.body, "归还给测试handling") {
		t.Error("what is lent is not given back at a touch")
	}
	lead.post(one+"/offer", url.Values{"to": {o.IDs["handling"]}})
	scans(handling, "请您接收")
	handling.post(one+"/take", url.Values{"condition": {"完好，数量相符"}})
	a := handling.post(one+"/ask-out", url.Values{"place": {"第三法庭"}, "purpose": {"庭前会议"}, "due": {day(2)}, "measures": {"on_person", "unread", "locked", "not_left"}})
	leave := regexp.MustCompile(`/approvals/[0-9a-f-]{36}`).FindString(a.body)
	director.post(leave+"/decide", url.Values{"decision": {"yes"}})
	scans(handling, "外带")
	handling.post(one+"/go-out", url.Values{"promised": {"yes"}})
	scans(lead, "外带")
	if a := lead.get(one); !strings.Contains(a.body, "已带回，核对完毕") {
		t.Error("what comes back is not counted")
	}
	lead.post(one+"/check-back", url.Values{"pages": {"12"}})
	if a := o.loggedIn("keeper").post("/scan", url.Values{"number": {number}}); a.path != one || !strings.Contains(a.body, "由测试handling保管") {
		t.Errorf("who can do nothing with it is not told whose it is: %s", a.path)
	}
	unknown := "2026-9999-0001-01-"
	for _, d := range "0123456789" {
		if a := outsider.post("/scan", url.Values{"number": {unknown + string(d)}}); strings.Contains(a.body, "没有找到这份载体") {
			unknown += string(d)
			break
		}
	}
	hidden, absent := outsider.post("/scan", url.Values{"number": {number}}), outsider.post("/scan", url.Values{"number": {unknown}})
	if hidden.status != absent.status || strings.ReplaceAll(hidden.body, number, "") != strings.ReplaceAll(absent.body, unknown, "") || !strings.Contains(hidden.body, "或者您无权知悉") {
		t.Errorf("a stranger tells a label that is there from one that is not: %d %d", hidden.status, absent.status)
	}
	for typed, says := range map[string]string{"": "请扫描标签", "6901234567892": "不是本所的载体编号", number[:len(number)-1] + string('0'+(number[len(number)-1]-'0'+1)%10): "校验码不对"} {
		if a := handling.post("/scan", url.Values{"number": {typed}}); a.status != http.StatusOK || !strings.Contains(a.body, says) {
			t.Errorf("%q: %d, no %s", typed, a.status, says)
		}
	}
	for path, may := range map[string]bool{"/scan": true, "/carriers": false, one: false, "/": false} {
		if got := handling.get(path).header.Get("Permissions-Policy"); strings.Contains(got, "camera=(self)") != may {
			t.Errorf("%s: %s", path, got)
		}
	}
}
