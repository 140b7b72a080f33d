package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/access"
)

// TestSendingOnPages: an original that goes to a court is refused without leave, asked for, approved, sent, and stands in the register until its
// receipt is noted; its number is over.
func TestSendingOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	id := o.RegisterCarriers(matter, 1)[0]
	one := "/carriers/" + id
	handling, lead := o.loggedIn("handling"), o.loggedIn("lead")
	to := url.Values{"recipient": {"周法官"}, "organisation": {"市中级人民法院"}, "channel": {"counter"}, "basis": {"提交证据原件"}}
	if a := handling.post(one+"/send", to); a.status != http.StatusForbidden || !strings.Contains(a.body, one+"#send") {
		t.Errorf("sent with nobody's yes: %d", a.status)
	}
	if a := handling.post(one+"/ask-send", url.Values{"recipient": {"周法官"}, "basis": {"提交证据原件"}}); !strings.Contains(a.body, "请选择外发方式") || !strings.Contains(a.body, "周法官") {
		t.Errorf("without a channel: %d, or what was typed is lost", a.status)
	}
	if a := handling.post(one+"/ask-send", to); !strings.Contains(a.body, "查看审批进度") {
		t.Fatalf("asked for: %d %.600s", a.status, regexp.MustCompile(`(?s)<main.*`).FindString(a.body))
	}
	for _, by := range []string{"lead", "director"} {
		b := o.loggedIn(by)
		found := regexp.MustCompile(`href="/approvals/([0-9a-f-]{36})"`).FindStringSubmatch(b.get("/approvals").body)
		if found == nil {
			t.Fatal("nothing waits for " + by)
		}
		b.post("/approvals/"+found[1]+"/decide", url.Values{"decision": {"yes"}})
	}
	if a := handling.post(one+"/send", nil); !strings.Contains(a.body, "登记回执") || !strings.Contains(a.body, "已外发") {
		t.Fatalf("sent: %d %.900s", a.status, regexp.MustCompile(`(?s)<main.*`).FindString(a.body))
	}
	if a := lead.get("/sendings?receipt=no"); !strings.Contains(a.body, "市中级人民法院 周法官") || !strings.Contains(a.body, "等待回执") || !strings.Contains(a.body, "窗口递交") {
		t.Error("the register does not show it")
	}
	if a := o.loggedIn("keeper").get("/sendings"); strings.Contains(a.body, "周法官") || strings.Contains(a.body, "股权转让协议") || !strings.Contains(a.body, one) {
		t.Error("the custodian reads words, or not even the number")
	}
	receipt := regexp.MustCompile(`action="(/matters/[^"]*/receipt)"`).FindStringSubmatch(handling.get(one).body)
	if receipt == nil {
		t.Fatal("there is nowhere to note the receipt")
	}
	if a := handling.post(receipt[1], url.Values{"carrier": {id}, "receipt": {"立案庭签收"}}); !strings.Contains(a.body, "立案庭签收") {
		t.Errorf("the receipt: %d", a.status)
	}
	for _, format := range []string{"xlsx", "pdf"} {
		if a := lead.get("/sendings?format=" + format); a.status != http.StatusOK {
			t.Errorf("as %s: %d", format, a.status)
		}
	}
	if a := lead.get("/carriers/balance"); a.status != http.StatusOK {
		t.Errorf("the balance: %d", a.status)
	}
}
