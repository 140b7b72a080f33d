package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/house/housetest"
)

// TestLeavingOnPages: the director begins, the leaver hands over and signs, the witness signs, the security administrator closes; then
// nothing of the leaver's is open, and the register tells it all.
func TestLeavingOnPages(t *testing.T) {
	o := found(t)
	o.Hire("heir", access.Lawyer)
	material := o.Receive(o.matter, "a.txt", "代理词", "内容", classification.Secret)
	director, lead, security, auditor := o.loggedIn("director"), o.loggedIn("lead"), o.loggedIn("security"), o.loggedIn("auditor")
	at := "/people/" + o.IDs["lead"] + "/leaving"
	if a := o.loggedIn("outsider").get(at); a.status != http.StatusForbidden {
		t.Errorf("an outsider: %d", a.status)
	}
	step := func(b *browser, deed string, form url.Values, want string) {
		t.Helper()
		if a := b.post(at+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q in %.3000s", deed, a.status, want, a.body[strings.Index(a.body, "<main"):])
		}
	}
	day := time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
	for range 2 {
		if a := lead.get("/materials/" + material + "/page/1?w=800"); a.status != http.StatusOK {
			t.Fatalf("a page: %d %.300s", a.status, a.body)
		}
	}
	begin := url.Values{"last_day": {day}, "reason": {"本人辞职"}, "witness": {o.IDs["auditor"]}}
	step(director, "begin", url.Values{"reason": {"本人辞职"}, "witness": {o.IDs["auditor"]}}, "请填写最后在岗日")
	step(director, "begin", begin, "还有 3 项")
	step(director, "list", url.Values{"successor": {o.IDs["heir"]}}, "请先勾选事项")
	step(director, "list", url.Values{"item": {"lead:" + o.matter}, "successor": {o.IDs["director"]}}, "主办律师只能由律师担任")
	step(director, "write-off", url.Values{"forgive": {"lead:" + o.matter}, "reason": {"无人接手"}}, "必须移交")
	step(lead, "list", url.Values{"item": {"lead:" + o.matter, "reviews:" + o.matter}, "successor": {o.IDs["heir"]}}, "交给测试heir")
	step(security, "close", url.Values{"confirm": {"测试lead"}}, "交接尚未完成")

	desk := func(b *browser, want string) {
		t.Helper()
		if !strings.Contains(b.get("/").body, want) {
			t.Errorf("the first page does not say %q", want)
		}
	}
	desk(lead, "办理本人的离岗交接")
	page := lead.get("/pledge").body
	hidden := func(page, name string) string {
		t.Helper()
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no field %s", name)
		}
		return m[1]
	}
	if a := lead.post("/pledge/sign", url.Values{"kind": {hidden(page, "kind")}, "version": {hidden(page, "version")}, "digest": {hidden(page, "digest")}, "read": {"yes"}, "password": {housetest.Password}}); !strings.Contains(a.body, "已签署") {
		t.Fatalf("the leaving pledge: %d", a.status)
	}
	desk(auditor, "测试lead的离岗交接")
	sign := url.Values{"digest": {hidden(auditor.get(at).body, "digest")}, "password": {housetest.Password}}
	step(auditor, "witness", sign, "请先核对清单")
	sign.Set("read", "yes")
	sign.Set("password", "wrong")
	step(auditor, "witness", sign, "密码不对")
	sign.Set("password", housetest.Password)
	step(auditor, "witness", sign, "待安全管理员办结")
	desk(security, "已监交，请办结")
	step(security, "close", url.Values{"confirm": {"别人"}}, "请输入离岗人的姓名以确认")
	if lead.get("/").path != "/" {
		t.Error("the leaver was shut out too early")
	}
	step(security, "close", url.Values{"confirm": {"测试lead"}}, "办结")
	if a := lead.get("/matters/" + o.matter); a.path != "/login" {
		t.Errorf("after it was closed the leaver gets %s", a.path)
	}
	if a := director.get(at + "/sheet"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the list: %d", a.status)
	}
	if a := security.get("/leaving"); !strings.Contains(a.body, "测试lead") || !strings.Contains(a.body, "已办结") {
		t.Error("the register does not tell")
	}
	if a := o.loggedIn("outsider").get("/leaving"); strings.Contains(a.body, "测试lead") {
		t.Error("the register tells an outsider")
	}
	if a := security.get(at + "/opened?months=3"); !strings.Contains(a.body, "-0001-0001-") || !strings.Contains(a.body, `<td class="mj-num">2</td>`) || strings.Contains(a.body, "代理词") {
		t.Errorf("what the leaver opened: %.900s", a.body[strings.Index(a.body, "<table"):])
	}
	if a := o.loggedIn("heir").get(at + "/opened"); !strings.Contains(a.body, "-0001-0001-") {
		t.Errorf("who took over reads of what the leaver opened: %d", a.status)
	}
	if a := o.loggedIn("handling").get(at + "/opened"); a.status != http.StatusForbidden {
		t.Errorf("a colleague reads what the leaver opened: %d", a.status)
	}
	if a := security.get("/leaving?format=pdf"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the register as a file: %d", a.status)
	}
}

// TestSplitOnPages: carriers and devices are ticked one by one, and what needs no successor is withdrawn.
func TestSplitOnPages(t *testing.T) {
	o := found(t)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	ids := o.RegisterCarriers(in, 3)
	handling, director, lead := o.loggedIn("handling"), o.loggedIn("director"), o.loggedIn("lead")
	handling.post("/carriers/"+ids[2]+"/ask-out", url.Values{"place": {"法院"}, "purpose": {"开庭"}, "due": {time.Now().AddDate(0, 0, 3).Format(time.DateOnly)}, "measures": {"on_person", "unread", "locked", "not_left"}})
	page := "/people/" + o.IDs["handling"] + "/leaving"
	director.post(page+"/begin", url.Values{"last_day": {time.Now().AddDate(0, 0, 9).Format(time.DateOnly)}, "reason": {"本人辞职"}, "witness": {o.IDs["auditor"]}})
	a := director.get(page)
	if strings.Count(a.body, `name="piece"`) != 3 || !strings.Contains(a.body, "撤回或转出勾选的申请") {
		t.Fatalf("the list: %d", a.status)
	}
	if a := director.post(page+"/list", url.Values{"piece": {"carriers:" + in + ":" + ids[0]}, "successor": {""}}); !strings.Contains(a.body, "请从名单里选择") || !strings.Contains(a.body, `:`+ids[0]+`" checked`) {
		t.Errorf("nobody to take it: %d", a.status)
	}
	director.post(page+"/list", url.Values{"piece": {"carriers:" + in + ":" + ids[0]}, "successor": {o.IDs["lead"]}})
	if a := lead.get("/"); !strings.Contains(a.body, "有 1 份载体移交给您") {
		t.Errorf("what is offered to the lead: %d", a.status)
	}
	if a := director.post(page+"/list", url.Values{"item": {"requests:" + in}, "do": {"drop"}}); !strings.Contains(a.body, "撤回</td>") && !strings.Contains(a.body, "未了结的审批申请") || strings.Contains(a.body, `value="requests:`) {
		t.Errorf("withdrawing: %d", a.status)
	}
}
