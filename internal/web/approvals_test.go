package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/classification"
)

// TestAskingOnPages: who is refused an original is led to ask for it, the lead decides from the desk, and who asked is led to use it; a
// stranger to the matter sees neither the form nor the request.
func TestAskingOnPages(t *testing.T) {
	o := found(t)
	id := o.Receive(o.matter, "协议.txt", "股权转让协议", "甲方将其持有的股权转让给乙方。", classification.Confidential)
	o.Review(id, classification.Confidential)
	handling, lead, outsider := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("outsider")
	form := "/ask?" + url.Values{"act": {"fetchOriginal"}, "thing": {id}}.Encode()
	if a := handling.get("/materials/" + id + "/original"); a.status != http.StatusForbidden || !strings.Contains(a.body, strings.ReplaceAll(form, "&", "&amp;")) {
		t.Errorf("the refusal does not lead to asking: %d", a.status)
	}
	if a := handling.get(form); a.status != http.StatusOK || !strings.Contains(a.body, "第一步") || !strings.Contains(a.body, "主办律师") {
		t.Errorf("the form: %d", a.status)
	}
	for _, b := range []*browser{outsider, o.loggedIn("walled"), o.loggedIn("director")} {
		if a := b.get(form); a.status != http.StatusNotFound {
			t.Errorf("a stranger may ask: %d", a.status)
		}
	}
	if a := lead.get(form); a.status != http.StatusConflict {
		t.Errorf("the lead may ask for what needs nothing: %d", a.status)
	}
	if a := handling.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {id}, "scope": {"第 1 页"}}); !strings.Contains(a.body, "请填写用途") || !strings.Contains(a.body, "第 1 页") {
		t.Errorf("a form without purpose: %d", a.status)
	}
	for from, says := range map[string]string{"2020-01-01": "开始日不能早于今天", "明天": "请填写日期"} {
		if a := handling.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {id}, "purpose": {"归档整理"}, "from": {from}}); !strings.Contains(a.body, says) || !strings.Contains(a.body, from) {
			t.Errorf("from %s: %d", from, a.status)
		}
	}
	later := time.Now().AddDate(0, 0, 3)
	early := handling.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {id}, "purpose": {"归档整理"}, "from": {later.Format(time.DateOnly)}, "days": {"7"}})
	if !strings.Contains(early.body, later.Format(time.DateOnly)+" 至 "+later.AddDate(0, 0, 7).Format(time.DateOnly)) {
		t.Errorf("asked for later: %d %s", early.status, early.body)
	}
	handling.post(early.path+"/withdraw", nil)
	a := handling.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {id}, "purpose": {"开庭、听证使用"}, "purpose_more": {"七月庭审"}})
	if !strings.HasPrefix(a.path, "/approvals/") || !strings.Contains(a.body, "等待主办律师 测试lead审批") {
		t.Fatalf("asking led to %s (%d)", a.path, a.status)
	}
	one := a.path
	for _, b := range []*browser{outsider, o.loggedIn("walled"), o.loggedIn("director"), o.loggedIn("security")} {
		if a := b.get(one); a.status != http.StatusNotFound {
			t.Errorf("a stranger sees the request: %d", a.status)
		}
	}
	if a := lead.get("/"); !strings.Contains(a.body, "有 1 件申请等您审批") {
		t.Error("the lead's desk says nothing")
	}
	if a := lead.get("/approvals"); !strings.Contains(a.body, one) {
		t.Error("the lead's inbox is empty")
	}
	if a := lead.post(one+"/decide", url.Values{"decision": {"no"}}); !strings.Contains(a.body, "不批准须写明理由") {
		t.Errorf("a refusal without reason: %d", a.status)
	}
	if a := handling.post(one+"/decide", url.Values{"decision": {"yes"}}); a.status != http.StatusForbidden {
		t.Errorf("one's own: %d", a.status)
	}
	lead.post(one+"/decide", url.Values{"decision": {"yes"}, "opinion": {"用后放回"}})
	if a := handling.get("/"); !strings.Contains(a.body, "取用原件已获批准") {
		t.Error("the applicant's desk says nothing")
	}
	if a := handling.get("/materials/" + id + "/original"); a.status != http.StatusOK || !strings.Contains(a.body, "甲方将其持有的股权") {
		t.Errorf("the original: %d", a.status)
	}
	if a := handling.get("/materials/" + id + "/original"); a.status != http.StatusForbidden {
		t.Errorf("once more: %d", a.status)
	}
	if a := handling.get(one); !strings.Contains(a.body, "已使用") || !strings.Contains(a.body, "用后放回") {
		t.Errorf("the request afterwards: %d", a.status)
	}
	top := o.Receive(o.matter, "b.txt", "底价测算", "底价", classification.TopSecret)
	o.Review(top, classification.TopSecret)
	if a := lead.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {top}, "purpose": {"归档整理"}}); !strings.Contains(a.body, "主任 测试director") {
		t.Errorf("whom it waits for is not told: %d %s", a.status, a.body)
	}
	for _, format := range []string{"xlsx", "pdf"} {
		if a := lead.get("/approvals?whose=decided&format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
}

// TestSeveralAtOnce: ordinary requests are decided with one stroke.
func TestSeveralAtOnce(t *testing.T) {
	o := found(t)
	handling, lead := o.loggedIn("handling"), o.loggedIn("lead")
	var chosen []string
	for range 3 {
		id := o.Receive(o.matter, "函.txt", "律师函", "请于收到本函之日起七日内答复。", classification.Confidential)
		o.Review(id, classification.Confidential)
		a := handling.post("/ask", url.Values{"act": {"fetchOriginal"}, "thing": {id}, "purpose": {"归档整理"}})
		chosen = append(chosen, strings.TrimPrefix(a.path, "/approvals/"))
	}
	if a := lead.get("/approvals"); !strings.Contains(a.body, "一并审批勾选的申请") {
		t.Error("several cannot be decided together")
	}
	if a := lead.post("/approvals", url.Values{"decision": {"yes"}}); !strings.Contains(a.body, "请先勾选") {
		t.Errorf("none chosen: %d", a.status)
	}
	lead.post("/approvals", url.Values{"approval": chosen, "decision": {"yes"}})
	if a := handling.get("/approvals?whose=mine&state=approved"); strings.Count(a.body, "已批准，可以使用</") < 3 {
		t.Errorf("%d were approved", strings.Count(a.body, "已批准，可以使用</"))
	}
}
