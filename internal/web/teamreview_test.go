package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestTeamReviewOnPages: the security administrator opens a round, the lead removes one person and keeps the other, and the register
// tells the auditor without a word of what the matter is about.
func TestTeamReviewOnPages(t *testing.T) {
	o := found(t)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	at := "/matters/" + in + "/review"
	security, lead, auditor := o.loggedIn("security"), o.loggedIn("lead"), o.loggedIn("auditor")
	if a := lead.get("/team-reviews"); a.status != http.StatusForbidden {
		t.Errorf("a lawyer reads the register: %d", a.status)
	}
	if !strings.Contains(security.get("/").body, "半年内没有发起过团队复核") {
		t.Error("nobody is asked to open a round")
	}
	if a := security.post("/team-reviews", url.Values{"due": {"soon"}}); !strings.Contains(a.body, "请填写截止日") {
		t.Errorf("no day: %d", a.status)
	}
	if a := security.post("/team-reviews", url.Values{"due": {time.Now().AddDate(0, 0, 20).Format(time.DateOnly)}}); !strings.Contains(a.body, "待确认") || strings.Contains(a.body, "发起新一轮") {
		t.Fatalf("opening: %d", a.status)
	}
	if !strings.Contains(lead.get("/").body, "去复核") {
		t.Error("the lead's first page says nothing")
	}
	place := regexp.MustCompile(`name="place-([^"]+)" value="remove"[^>]*aria-label="移出 测试trainee"`).FindStringSubmatch(lead.get(at).body)
	if place == nil {
		t.Fatal("the trainee is not on the list")
	}
	if a := o.loggedIn("handling").get(at); a.status != http.StatusForbidden {
		t.Errorf("another of the team: %d", a.status)
	}
	if a := lead.post(at, url.Values{}); !strings.Contains(a.body, "请逐人选择保留或者移出") {
		t.Errorf("an empty answer: %d", a.status)
	}
	if a := lead.post(at, url.Values{"place-" + place[1]: {"remove"}}); !strings.Contains(a.body, "请写明移出的理由") {
		t.Errorf("without a reason: %d", a.status)
	}
	if a := lead.post(at, url.Values{"place-" + place[1]: {"remove"}, "reason": {"已不参与"}}); strings.Contains(a.body, "测试trainee</td>") || !strings.Contains(a.body, "测试handling") {
		t.Errorf("the one who was not chosen: %d", a.status)
	}
	other := regexp.MustCompile(`name="place-([^"]+)" value="keep"[^>]*aria-label="保留 测试handling"`).FindStringSubmatch(lead.get(at).body)
	if other == nil {
		t.Fatal("who was not chosen is not asked about any more")
	}
	if a := lead.post(at, url.Values{"place-" + other[1]: {"keep"}}); strings.Contains(a.body, "测试trainee</td>") || !strings.Contains(a.body, "测试handling") {
		t.Errorf("the team afterwards: %d", a.status)
	}
	if a := lead.get(at); !strings.Contains(a.body, "没有等您确认的人员") {
		t.Error("the list is not empty")
	}
	a := auditor.get("/team-reviews?decision=removed")
	if !strings.Contains(a.body, "测试trainee") || strings.Contains(a.body, "股权") {
		t.Error("the register for the auditor")
	}
	if a := auditor.get("/team-reviews?format=pdf"); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the register as a file: %d", a.status)
	}
}
