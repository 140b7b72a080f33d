package web_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/access"
)

// TestDeliveries: who brings an original signs on the receiver's screen, and the receipt for both sides shows it; the register lists it by what
// its reader may know, narrows, and goes along as a file.
func TestDeliveries(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	handling, lead, keeper, outsider := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("keeper"), o.loggedIn("outsider")
	if a := handling.get("/intakes"); a.status != http.StatusOK || !strings.Contains(a.body, "没有收文") {
		t.Errorf("the empty register: %d", a.status)
	}
	a := handling.post("/matters/"+in+"/carriers/new", url.Values{"title": {"股权转让协议"}, "form": {"paper"}, "level": {"secret"}, "pages": {"12"}, "copies": {"2"}, "origin": {"client"}, "from": {"周慎言"}, "reference": {"（2026）沪01民初1688号"}, "place": {"三楼档案室 A 柜"}})
	at := regexp.MustCompile(`/matters/[^"]+/intakes/[0-9a-f-]{36}`).FindString(a.body)
	number := regexp.MustCompile(`\d{4}-\d{4}-0001-02-\d`).FindString(a.body)
	if at == "" {
		t.Fatal("registering does not lead to the desk")
	}
	receipt := strings.Replace(at, "/intakes/", "/carriers/receipt?batch=", 1)
	if a := handling.get(receipt); a.status != http.StatusOK || strings.Contains(a.body, "/Subtype /Image") {
		t.Errorf("the receipt for pens: %d", a.status)
	}
	if a := lead.get(at); !strings.Contains(a.body, "由测试handling请交件人当面签名") || strings.Contains(a.body, "确认签收") {
		t.Error("another than the receiver may have it signed, or is not told who does")
	}
	for _, b := range []*browser{keeper, outsider} {
		if a := b.get(at); a.status != http.StatusNotFound {
			t.Errorf("a stranger to the matter sees the delivery: %d", a.status)
		}
	}
	form := url.Values{"signer": {"周慎言"}, "drawing": {"data:image/png;base64," + base64.StdEncoding.EncodeToString(drawnLine(t))}, "checked": {"yes"}}
	for field, says := range map[string]string{"signer": "请填写交件人", "drawing": "请交件人在框内签名", "checked": "当面逐份核对，再勾选"} {
		less := url.Values{}
		for k, v := range form {
			less[k] = v
		}
		less.Set(field, "")
		if a := handling.post(at, less); !strings.Contains(a.body, says) {
			t.Errorf("without %s: %d, no %q", field, a.status, says)
		}
	}
	if a := lead.post(at, form); !strings.Contains(a.body, "由登记这一批的人当面办理签收") {
		t.Errorf("signed before another: %d", a.status)
	}
	if a := handling.post(at, form); a.path != at || !strings.Contains(a.body, "打开回执（一式两份）") || strings.Contains(a.body, "确认签收") {
		t.Fatalf("signing: %d %s", a.status, a.path)
	}
	if a := handling.get(receipt); a.status != http.StatusOK || !strings.Contains(a.body, "/Subtype /Image") {
		t.Errorf("the receipt does not show the signature: %d", a.status)
	}
	if a := outsider.get(receipt); a.status != http.StatusNotFound {
		t.Errorf("the receipt for an outsider: %d", a.status)
	}
	for query, finds := range map[string]bool{"": true, "?signed=no": false, "?q=" + strings.ReplaceAll(number, "-", ""): true, "?level=confidential": false, "?form=paper": true, "?date_to=2020-01-01": false} {
		if a := lead.get("/intakes" + query); strings.Contains(a.body, "股权转让协议") != finds || strings.Contains(a.body, "周慎言，") != finds || strings.Contains(a.body, "沪01民初1688号") != finds {
			t.Errorf("%s finds it: %v", query, !finds)
		}
	}
	if a := keeper.get("/intakes"); strings.Contains(a.body, "股权转让协议") || strings.Contains(a.body, "周慎言") || strings.Contains(a.body, "1688") || !strings.Contains(a.body, "不在您的知悉范围") {
		t.Error("the custodian reads of the delivery, or nothing")
	}
	if a := outsider.get("/intakes"); strings.Contains(a.body, at) || !strings.Contains(a.body, "没有收文") {
		t.Error("an outsider sees the delivery")
	}
	if said := cell(lead.sheet("/intakes?format=xlsx", "来文字号"), "股权转让协议", "来文字号"); said != "（2026）沪01民初1688号" {
		t.Errorf("the file says the sender's number is %q", said)
	}
	if copies := cell(lead.sheet("/carriers?format=xlsx", "份数"), number, "份数"); copies != "2" {
		t.Errorf("%q copies of two", copies)
	}
	if copies := cell(keeper.sheet("/carriers?format=xlsx", "份数"), number, "份数"); copies != "2" {
		t.Errorf("%q copies of two for the custodian", copies)
	}
	for _, format := range []string{"xlsx", "pdf"} {
		if a := lead.get("/intakes?format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
}
