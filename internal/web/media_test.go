package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/antivirus/clamtest"
	"mijuan/internal/classification"
	"mijuan/internal/house/housetest"
	"mijuan/internal/matter"
)

// TestMediaOnPages walks the pages: a stick is registered, rated, lent; materials are chosen, scanned, approved, exported with a passphrase that
// is shown once, fetched, and the stick is checked by somebody else.
func TestMediaOnPages(t *testing.T) {
	s := housetest.Settings(t)
	scanner, err := antivirus.New(clamtest.Start(t), 0)
	must(t, err)
	s.Clamd = scanner
	o := foundWith(t, s)
	o.Hire("custodian", access.Custodian)
	custodian, security, handling, lead := o.loggedIn("custodian"), o.loggedIn("security"), o.loggedIn("handling"), o.loggedIn("lead")
	if a := handling.get("/media"); a.status != http.StatusForbidden {
		t.Errorf("a lawyer reads the register: %d", a.status)
	}
	form := url.Values{"form": {"stick"}, "model": {"加密优盘"}, "serial": {`E0D5"5EA`}, "vendor": {"0951"}, "product": {"16z6"}, "keeper": {o.IDs["custodian"]}}
	if a := custodian.post("/media/new", form); !strings.Contains(a.body, "须为四位十六进制数") || !strings.Contains(a.body, `value="加密优盘"`) {
		t.Errorf("a wrong product id: %d", a.status)
	}
	form.Set("product", "1666")
	if a := custodian.post("/media/new", form); a.status != http.StatusOK || !strings.Contains(a.body, "JZ-0001") {
		t.Fatalf("register: %d", a.status)
	}
	list := security.get("/media?q=jz-0001")
	at := list.body[strings.Index(list.body, `href="/media/0`)+6:]
	page := at[:strings.IndexByte(at, '"')]
	security.post(page+"/rate", url.Values{"level": {"secret"}, "reason": {"硬件加密"}})
	due := time.Now().In(matter.Beijing).AddDate(0, 0, 3).Format(time.DateOnly)
	if a := custodian.post(page+"/lend", url.Values{"person": {o.IDs["handling"]}, "due": {due}, "purpose": {"开庭"}, "device": {"SB-0001"}}); !strings.Contains(a.body, "借出") {
		t.Errorf("lend: %d", a.status)
	}
	material := o.Receive(o.matter, "a.txt", "付款清单", "付款清单", classification.Secret)
	o.Review(material, classification.Secret)
	in := "/matters/" + o.matter + "/exports"
	if a := handling.get(in + "/new"); !strings.Contains(a.body, "付款清单") || !strings.Contains(a.body, "JZ-0001") {
		t.Errorf("the form of an export: %d", a.status)
	}
	choice := url.Values{"material": {material}, "medium": {strings.TrimPrefix(page, "/media/")}, "format": {"zip"}}
	if a := handling.post(in+"/new", choice); !strings.Contains(a.body, "请填写用途") {
		t.Errorf("an export without purpose: %d", a.status)
	}
	choice.Set("purpose", "开庭出示")
	handling.post(in+"/new", choice)
	listed := handling.get(in)
	at = listed.body[strings.Index(listed.body, `href="/exports/`)+6:]
	export := at[:strings.IndexByte(at, '"')]
	if a := handling.get(export); !strings.Contains(a.body, "下一步：查毒") {
		t.Errorf("before the scan: %d", a.status)
	}
	if a := handling.post(export+"/issue", nil); a.status != http.StatusForbidden || !strings.Contains(a.body, "依据") || !strings.Contains(a.body, "请先查毒") {
		t.Errorf("exporting before the scan: %d", a.status)
	}
	handling.post(export+"/scan", nil)
	if a := handling.get(export); !strings.Contains(a.body, "全部无毒") || !strings.Contains(a.body, "下一步：申请批准") {
		t.Errorf("after the scan: %d", a.status)
	}
	handling.post(export+"/ask", nil)
	asked := handling.get(export)
	at = asked.body[strings.Index(asked.body, `href="/approvals/`)+6:]
	lead.post(at[:strings.IndexByte(at, '"')]+"/decide", url.Values{"decision": {"yes"}, "opinion": {"同意"}})
	if a := handling.get(export); !strings.Contains(a.body, "下一步：导出") {
		t.Fatalf("after the approval: %d", a.status)
	}
	issued := handling.post(export+"/issue", nil)
	if !strings.Contains(issued.body, "口令，只显示这一次") {
		t.Errorf("export: %d", issued.status)
	}
	if a := handling.get(export); strings.Contains(a.body, "口令，只显示这一次") || !strings.Contains(a.body, "下一步：写入介质") {
		t.Error("the passphrase is shown a second time")
	}
	if a := handling.post(export+"/fetch", nil); a.status != http.StatusOK || !strings.HasPrefix(a.body, "PK\x03\x04") {
		t.Errorf("fetch: %d", a.status)
	}
	carriers := handling.sheet("/carriers?format=xlsx", "批准人")
	if by := cell(carriers, "移动介质 JZ-0001", "批准人"); by != "测试lead" {
		t.Errorf("the register of carriers says %q approved the copy", by)
	}
	if by := cell(security.sheet("/media?format=xlsx", "持有人"), "JZ-0001", "持有人"); by != "测试handling" {
		t.Errorf("%q has the medium", by)
	}
	if a := custodian.get(page); !strings.Contains(a.body, "装有资料") || strings.Contains(a.body, "付款清单") {
		t.Error("the medium's page does not tell that it holds material, or tells which")
	}
	if a := custodian.post(page+"/check", url.Values{"wipe": {"overwrite"}, "found": {"已清空"}}); !strings.Contains(a.body, "在库") {
		t.Errorf("check: %d", a.status)
	}
	for _, format := range []string{"xlsx", "pdf"} {
		if a := security.get("/media?format=" + format); a.status != http.StatusOK {
			t.Errorf("%s: %d", format, a.status)
		}
	}
}
