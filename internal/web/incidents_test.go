package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
)

// TestTakeOutOnPages: a paper goes off with its slip in hand, comes back with pages missing, and the security officer settles what came of
// it, without reading its title.
func TestTakeOutOnPages(t *testing.T) {
	o := found(t)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	id := o.RegisterCarriers(in, 1)[0]
	one := "/carriers/" + id
	handling, lead, director, security := o.loggedIn("handling"), o.loggedIn("lead"), o.loggedIn("director"), o.loggedIn("security")
	ask := url.Values{"place": {"市中级人民法院"}, "purpose": {"庭前证据交换"}, "due": {time.Now().AddDate(0, 0, 3).Format(time.DateOnly)}, "measures": {"on_person", "unread", "locked", "not_left"}}
	if a := handling.post(one+"/ask-out", ask); !strings.Contains(a.body, "查看审批进度") {
		t.Fatalf("asking: %d", a.status)
	}
	leave := regexp.MustCompile(`/approvals/([0-9a-f-]{36})`).FindStringSubmatch(handling.get(one).body)
	director.post("/approvals/"+leave[1]+"/decide", url.Values{"decision": {"yes"}, "opinion": {"按期带回"}})
	if a := handling.post(one+"/go-out", url.Values{"promised": {"yes"}}); !strings.Contains(a.body, "外带中") {
		t.Fatalf("going: %d", a.status)
	}
	slip := regexp.MustCompile(`href="(/carriers/[^"]+/slips/[0-9a-f-]{36})"`).FindStringSubmatch(handling.get(one).body)
	if slip == nil {
		t.Fatal("the page has no slip to print")
	}
	if a := lead.get(slip[1]); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the slip: %d", a.status)
	}
	for by, path := range map[string]string{"outsider": slip[1], "security": slip[1], "handling": one + "/slips/" + id} {
		if a := o.loggedIn(by).get(path); a.status != http.StatusNotFound {
			t.Errorf("%s at %s: %d", by, path, a.status)
		}
	}
	pages := regexp.MustCompile(`登记为 (\d+) 页`).FindStringSubmatch(lead.get(one).body)
	if pages == nil || pages[1] != "12" {
		t.Fatalf("the form of the check says %v", pages)
	}
	if a := lead.post(one+"/check-back", url.Values{"pages": {"9"}, "missing": {"3-4"}}); !strings.Contains(a.body, "与登记的 12 页不符") || !strings.Contains(a.body, `value="3-4"`) {
		t.Errorf("a check that does not add up: %d", a.status)
	}
	if a := lead.post(one+"/check-back", url.Values{"pages": {"9"}, "missing": {"3-4，9"}}); !strings.Contains(a.body, "缺第 3-4, 9 页") || !strings.Contains(a.body, "带回不符") {
		t.Errorf("the check: %d", a.status)
	}
	if a := lead.get("/take-outs"); !strings.Contains(a.body, "带回不符") || !strings.Contains(a.body, slip[1]) {
		t.Error("the register does not show it")
	}
	desk := security.get("/").body
	if !strings.Contains(desk, "有 1 起泄密事件草稿待处置") || strings.Contains(director.get("/").body, "待处置") || strings.Contains(handling.get("/").body, "泄密事件") {
		t.Error("the desks")
	}
	draft := regexp.MustCompile(`/incidents/[0-9a-f-]{36}`).FindString(security.get("/incidents").body)
	title := "股权转让"
	for by, want := range map[string]int{"security": 200, "director": 200, "lead": 200, "handling": 404, "auditor": 404} {
		a := o.loggedIn(by).get(draft)
		if a.status != want || strings.Contains(a.body, title) {
			t.Errorf("%s reads the draft: %d", by, a.status)
		}
	}
	if a := security.post(draft+"/close", url.Values{"opinion": {"已找回"}}); !strings.Contains(a.body, "结案前请先写明") || !strings.Contains(a.body, "已找回") {
		t.Errorf("closing too early: %d", a.status)
	}
	security.post(draft+"/revise", url.Values{"manner": {"三页夹在法院卷宗里"}, "harm": {"没有外泄"}, "containment": {"当日取回"}})
	if a := security.post(draft+"/close", url.Values{"opinion": {"已找回"}}); !strings.Contains(a.body, "已结案") || strings.Contains(a.body, "/revise") {
		t.Errorf("closing: %d", a.status)
	}
	for _, format := range []string{"pdf", "xlsx"} {
		if a := security.get("/incidents?format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
	if a := o.loggedIn("auditor").get("/incidents"); a.status != http.StatusForbidden {
		t.Errorf("the auditor at the register: %d", a.status)
	}
	can, err := o.House.Door.Can(t.Context(), o.Who("handling"), guard.Thing{Kind: access.Carrier, ID: id}, access.TakeOut)
	if err != nil || can[access.TakeOut].Outcome == access.Permit {
		t.Errorf("the slip can be used again: %v", err)
	}
}
