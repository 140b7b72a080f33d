package web_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/classification"
	"mijuan/internal/guard"
)

// TestDeskBegins with what waits, and says when more waits than it lists.
func TestDeskBegins(t *testing.T) {
	o := found(t)
	lead := o.loggedIn("lead")
	page := lead.get("/").body
	if work, state := strings.Index(page, "等我处理"), strings.Index(page, "我的状态"); work < 0 || state < work || strings.Contains(page, "<aside") {
		t.Errorf("what waits is at %d, one's state at %d, or a narrow screen turns them round", work, state)
	}
	for i := range 21 {
		o.Receive(o.matter, "a.txt", strings.Repeat("证据目录", 20)+string(rune('a'+i)), "目录"+strings.Repeat("一", i), classification.Confidential)
	}
	page = lead.get("/").body
	if !strings.Contains(page, "今天有 20 件以上的事等您") || !strings.Contains(page, `href="/materials?waiting=me"`) || !strings.Contains(page, strings.Repeat("证据目录", 10)+"…") {
		t.Errorf("21 things wait: %.3000s", page)
	}
}

var emptyChoice = regexp.MustCompile(`(?s)<select[^>]*name="(person|duty|clearance|kind|reviewer)"[^>]*>\s*<option value=""`)

// TestNothingIsChosenByAccident: who, which duty and which level are chosen, never left as they stood.
func TestNothingIsChosenByAccident(t *testing.T) {
	o := found(t)
	for path, want := range map[string]int{"/matters/" + o.matter + "/team": 4, "/matters/new": 1} {
		page := o.loggedIn("lead").get(path).body
		if got := len(emptyChoice.FindAllString(page, -1)); got != want {
			t.Errorf("%s has %d selects without a default, want %d", path, got, want)
		}
	}
	if got := len(emptyChoice.FindAllString(o.loggedIn("security").get("/people/"+o.IDs["lead"]).body, -1)); got != 2 {
		t.Errorf("a person's page has %d selects without a default", got)
	}
	if a := o.loggedIn("lead").get("/materials"); !strings.Contains(a.body, "去案件收件") {
		t.Error("the empty register does not say what to do next")
	}
}

// TestSortByLevel turns the register round.
func TestSortByLevel(t *testing.T) {
	o := found(t)
	for i, level := range []classification.Level{classification.Secret, classification.Confidential, classification.TopSecret} {
		id := o.Receive(o.matter, "a.txt", []string{"机", "秘", "绝"}[i]+"字资料", strings.Repeat("内容", i+1), level)
		o.Review(id, level)
	}
	for sort, want := range map[string]string{"-level": "绝机秘", "level": "秘机绝"} {
		_, rows := table(t, o.loggedIn("lead").get("/materials?format=xlsx&sort="+sort))
		got := ""
		for _, r := range rows {
			got += string([]rune(r[1])[:1])
		}
		if got != want {
			t.Errorf("sort=%s gives %s", sort, got)
		}
	}
	var d guard.Detail
	must(t, json.Unmarshal(o.entries("exportRegister", 1)[0].Detail, &d))
	if d.Notes["n"] != 3.0 {
		t.Errorf("the outcome says that %v rows left", d.Notes["n"])
	}
}
