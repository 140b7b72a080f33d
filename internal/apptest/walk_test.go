package apptest

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/house"
)

// TestWalk goes the way of one file through the office, as people go it.
func TestWalk(t *testing.T) { both(t, walk) }

func walk(t *testing.T, s house.Settings) {
	o := found(t, s)
	matter := o.openMatter("股权转让纠纷", "澜川重工股份有限公司")
	text := "代理词\n" + strings.Repeat("第一，本案的争议焦点在于回购条件是否成就，原告主张的事实与合同约定不符。\n", 60)
	id := o.receive(matter, "澜川重工股份有限公司代理词.txt", "", []byte(text), "secret")

	lead := o.loggedIn("lead")
	for _, path := range []string{"/", "/matters", "/matters/new", "/matters/" + matter, "/matters/" + matter + "/team", "/matters/" + matter + "/intake", "/matters/" + matter + "/handover",
		"/matters/" + matter + "/ledger", "/materials", "/materials/" + id, "/materials/" + id + "/history", "/materials/" + id + "/view", "/people", "/people/" + o.ids["trainee"], "/rules", "/self"} {
		if status, page := lead.get(path); status != http.StatusOK {
			t.Errorf("GET %s: %d %.400s", path, status, page)
		} else if strings.Contains(title(page), "澜川") || strings.Contains(title(page), "代理词") {
			t.Errorf("GET %s: client data in the title", path)
		}
	}
	// The name told the client's name, so the number stands in its place (7.2.2).
	if _, page := lead.get("/materials/" + id); strings.Contains(heading(page), "澜川") {
		t.Error("the client's name is in the heading")
	}
	if status, page := lead.post("/materials/"+id+"/review", url.Values{"level": {"secret"}, "reason": {"定密恰当，同意"}}); status != http.StatusOK {
		t.Fatalf("review: %d %.300s", status, page)
	}
	if status, page := o.loggedIn("handling").get("/materials/" + id + "/page/1?w=720"); status != http.StatusOK {
		t.Fatalf("a page: %d %.300s", status, page)
	} else if img, _, err := image.Decode(bytes.NewReader([]byte(page))); err != nil || img.Bounds().Dx() != 720 {
		t.Errorf("the page is no image of the width: %v", err)
	}
	// The trainee may know 秘密级 only: refused by clause, with a sentence.
	if status, page := o.loggedIn("trainee").get("/materials/" + id); status != http.StatusForbidden || !strings.Contains(page, "第三条（一）") {
		t.Errorf("the trainee: %d %.300s", status, page)
	}
	auditor := o.loggedIn("auditor")
	for _, path := range []string{"/", "/ledger", "/matters/" + matter + "/ledger", "/materials/" + id + "/history", "/people/" + o.ids["lead"] + "/acts", "/rules"} {
		if status, page := auditor.get(path); status != http.StatusOK || strings.Contains(page, "股权转让纠纷") {
			t.Errorf("the auditor at %s: %d, or sees contents", path, status)
		}
	}
	if status, _ := auditor.get("/materials/" + id); status == http.StatusOK {
		t.Error("the auditor sees contents")
	}
}

func title(page string) string   { return between(page, "<title>", "</title>") }
func heading(page string) string { return between(page, "<h1", "</h1>") }

func between(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// TestHiddenIsAbsent: to who may not know, a thing that is there and one that is not are the same, at every address.
func TestHiddenIsAbsent(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("合同纠纷", "云麓科技有限公司")
	id := o.receive(matter, "a.txt", "证据目录", []byte("证据目录"), "confidential")
	o.review(id, "confidential")
	const nowhere = "01999999-9999-7999-8999-999999999999"
	for _, login := range []string{"outsider", "walled", "director", "system", "security"} {
		b := o.loggedIn(login)
		for _, path := range []string{"/materials/ID", "/materials/ID/view", "/materials/ID/page/1", "/materials/ID/history", "/materials/ID/original"} {
			there, page := b.get(strings.Replace(path, "ID", id, 1))
			absent, blank := b.get(strings.Replace(path, "ID", nowhere, 1))
			if there != absent || hidden.ReplaceAllString(page, "") != hidden.ReplaceAllString(blank, "") {
				t.Errorf("%s at %s: %d for what is hidden, %d for what is absent, or the pages differ", login, path, there, absent)
			}
		}
		there, _ := b.get("/matters/" + matter)
		if there == http.StatusOK {
			t.Errorf("%s sees the matter", login)
		}
		for _, call := range []string{"/materials/ID", "/materials/ID/pages/1", "/materials/ID/history", "/materials/ID/original"} {
			there, absent := o.call(login, "GET", strings.Replace(call, "ID", id, 1), nil, nil), o.call(login, "GET", strings.Replace(call, "ID", nowhere, 1), nil, nil)
			if there != absent {
				t.Errorf("%s calls %s: %d and %d", login, call, there, absent)
			}
		}
	}
}

func TestStateSecretUpload(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	matter := o.openMatter("行政处罚", "沧浪环保有限公司")
	if _, status := o.upload("handling", matter, "通知.txt", []byte("绝密★长期\n关于某事项的通知")); status != http.StatusForbidden {
		t.Errorf("a file with a mark: %d", status)
	}
}

func TestWrongPasswordAndStrangers(t *testing.T) {
	o := found(t, settings(t, t.TempDir()))
	b := o.browser()
	_, wrong := b.post("/login", url.Values{"login": {"lead"}, "password": {"Wrong-Horse-1"}})
	_, unknown := b.post("/login", url.Values{"login": {"nobody"}, "password": {"Wrong-Horse-1"}})
	if strings.ReplaceAll(wrong, `"lead"`, "") != strings.ReplaceAll(unknown, `"nobody"`, "") {
		t.Error("the log-in page tells which logins exist")
	}
	for _, path := range []string{"/", "/matters", "/ledger", "/self", "/people"} {
		if _, page := b.get(path); !strings.Contains(page, `name="password"`) {
			t.Errorf("GET %s without a log-in shows something", path)
		}
	}
	for range 5 {
		b.post("/login", url.Values{"login": {"lead"}, "password": {"Wrong-Horse-1"}})
	}
	if _, page := b.post("/login", url.Values{"login": {"lead"}, "password": {password}}); strings.Contains(page, "测试lead") {
		t.Error("the account is not locked after five failures")
	}
}
