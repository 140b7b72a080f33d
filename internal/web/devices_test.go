package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestDevicesOnPages: a device is registered, cleared by another, repaired and scrapped; a lawyer does not read the register.
func TestDevicesOnPages(t *testing.T) {
	o := found(t)
	system, security := o.loggedIn("system"), o.loggedIn("security")
	if a := o.loggedIn("lead").get("/devices"); a.status != http.StatusForbidden {
		t.Errorf("a lawyer: %d", a.status)
	}
	form := url.Values{"kind": {"printer"}, "model": {"黑白激光打印机"}, "serial": {"LP2-0001"}, "place": {"三楼文印室"}, "keeper": {o.IDs["handling"]}}
	if a := system.post("/devices/new", url.Values{"kind": {"printer"}}); !strings.Contains(a.body, "请填写型号") {
		t.Errorf("an incomplete form: %d", a.status)
	}
	a := system.post("/devices/new", form)
	if !strings.Contains(a.body, "SB-0001") || !strings.Contains(a.body, "未核定") {
		t.Fatalf("registering: %d", a.status)
	}
	if a := system.post("/devices/new", form); !strings.Contains(a.body, "这个序列号已经登记过") {
		t.Errorf("twice: %d", a.status)
	}
	list := security.get("/devices?q=" + url.QueryEscape("文印室"))
	at := list.body[strings.Index(list.body, `href="/devices/0`)+6:]
	at = at[:strings.Index(at, `"`)]
	step := func(b *browser, deed string, form url.Values, want string) {
		t.Helper()
		if a := b.post(at+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q", deed, a.status, want)
		}
	}
	step(security, "clear", url.Values{"level": {"secret"}}, "请填写理由")
	step(security, "clear", url.Values{"level": {"secret"}, "reason": {"已检查"}}, "机密级以下")
	step(system, "repair", url.Values{"vendor": {"维修部"}, "witness": {o.IDs["lead"]}, "reason": {"卡纸"}}, "维修中")
	step(system, "back", url.Values{"reason": {"更换搓纸轮"}}, "未核定")
	step(system, "scrap", url.Values{"wipe": {"crush"}, "witness": {o.IDs["system"]}, "reason": {"到期"}}, "见证人不能是经办人")
	if !strings.Contains(o.loggedIn("handling").get("/self").body, "SB-0001") {
		t.Error("who answers for it does not see it")
	}
	step(system, "scrap", url.Values{"wipe": {"crush"}, "witness": {o.IDs["lead"]}, "reason": {"到期"}}, "已报废")
	for _, format := range []string{"pdf", "xlsx"} {
		if a := security.get("/devices?format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
}
