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

// TestLoansOnPages: a loan is called back, taken back with its condition and stands in the register; one to a stranger is refused, asked for,
// approved, handed over and shows its title only while it is held.
func TestLoansOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	id := o.RegisterCarriers(matter, 1)[0]
	one, title := "/carriers/"+id, "股权转让协议"
	handling, lead, outsider := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("outsider")
	step := func(b *browser, deed string, form url.Values, want string) {
		t.Helper()
		if a := b.post(one+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q: %.900s", deed, a.status, want, regexp.MustCompile(`(?s)<main.*`).FindString(a.body))
		}
	}
	due := time.Now().AddDate(0, 0, 20).Format(time.DateOnly)
	step(handling, "offer", url.Values{"to": {o.IDs["lead"]}, "due": {due}, "note": {"开庭准备"}}, "等待对方确认")
	step(lead, "take", nil, "前还给")
	step(handling, "recall", url.Values{"note": {""}}, "请填写原因")
	step(handling, "recall", url.Values{"note": {"归档整理"}, "note_more": {"月底前"}}, "归档整理：月底前")
	if a := handling.get(one); strings.Contains(a.body, one+"/recall") || !strings.Contains(a.body, "<dt>催还</dt>") {
		t.Error("what was called back is offered to be called back again, or is not told")
	}
	if a := lead.get("/"); !strings.Contains(a.body, "催还原因：归档整理：月底前") {
		t.Error("the borrower's desk says nothing of the recall")
	}
	if a := lead.get("/carriers/loans?state=recalled"); !strings.Contains(a.body, title) || !strings.Contains(a.body, "归档整理：月底前") {
		t.Error("the register does not show the recall")
	}
	step(handling, "take-back", url.Values{"condition": {""}}, "请填写归还时状况")
	step(handling, "take-back", url.Values{"condition": {"完好，数量相符"}}, "移交或出借")
	for _, path := range []string{"/carriers/loans?sort=due&state=over", "/matters/" + matter + "/carriers/loans"} {
		if a := lead.get(path); !strings.Contains(a.body, "完好，数量相符") || !strings.Contains(a.body, "开庭准备") {
			t.Errorf("%s: %d lacks the condition or the purpose", path, a.status)
		}
		for _, format := range []string{"xlsx", "pdf"} {
			if a := lead.get(strings.TrimSuffix(path, "?sort=due&state=over") + "?format=" + format); a.status != http.StatusOK {
				t.Errorf("%s as %s: %d", path, format, a.status)
			}
		}
	}
	step(handling, "offer", url.Values{"to": {o.IDs["outsider"]}, "due": {due}, "note": {"归档整理"}}, "请在“借给团队以外的人”里申请批准")
	outside := url.Values{"to": {o.IDs["outsider"]}, "due": {due}, "note": {"归档整理"}}
	if a := handling.post(one+"/lend-outside", outside); a.status != http.StatusForbidden || !strings.Contains(a.body, one+"#outside") || !strings.Contains(a.body, "申请批准") {
		t.Errorf("lent outside with nobody's yes: %d", a.status)
	}
	if a := outsider.get(one); a.status != http.StatusNotFound {
		t.Errorf("the stranger opens it: %d", a.status)
	}
	step(handling, "ask-outside", url.Values{"to": {o.IDs["outsider"]}, "due": {"2020-01-01"}, "note": {"归档整理"}}, "归还期限须在今天之后")
	step(handling, "ask-outside", outside, "待审批")
	approve := func(b *browser) {
		t.Helper()
		found := regexp.MustCompile(`href="/approvals/([0-9a-f-]{36})"`).FindStringSubmatch(b.get("/approvals").body)
		if found == nil {
			t.Fatal("nothing waits to be approved")
		}
		b.post("/approvals/"+found[1]+"/decide", url.Values{"decision": {"yes"}})
	}
	approve(lead)
	approve(o.loggedIn("director"))
	step(handling, "lend-outside", nil, "等待对方确认")
	if a := outsider.get(one); a.status != http.StatusOK || strings.Contains(a.body, title) {
		t.Errorf("before it is taken: %d, or the title shows", a.status)
	}
	step(outsider, "take", nil, title)
	if a := lead.get("/carriers/loans?to=outside"); !strings.Contains(a.body, "团队以外") || !strings.Contains(a.body, "测试lead、测试director") {
		t.Error("the register does not show who approved")
	}
	step(handling, "take-back", url.Values{"condition": {"完好，数量相符"}}, "移交或出借")
	if a := outsider.get(one); a.status != http.StatusNotFound {
		t.Errorf("the stranger opens it afterwards: %d", a.status)
	}
	if a := o.loggedIn("security").get("/carriers/loans/overdue"); a.status != http.StatusOK || !strings.Contains(a.body, "没有长期逾期的借阅") {
		t.Errorf("the list of what is long overdue: %d", a.status)
	}
	if a := lead.get("/carriers/loans/overdue"); a.status != http.StatusForbidden {
		t.Errorf("the list for a lead: %d", a.status)
	}
}
