package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/classification"
)

var valueOf = regexp.MustCompile(`name="(version|rows|party_id_0)" value="([^"]*)"`)

// editForm is the form of the page that edits the matter, as a browser would send it.
func editForm(t *testing.T, page string) url.Values {
	t.Helper()
	form := url.Values{"kind": {"civil"}, "title": {"股权转让纠纷"}, "client": {clientName}, "client_kind": {"company"}, "role_0": {"被告"}, "party_0": {clientName + "的对方"}}
	for _, m := range valueOf.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	if form.Get("version") == "" || form.Get("party_id_0") == "" {
		t.Fatalf("the form lacks its hidden fields: %.600s", page)
	}
	return form
}

func TestEditMatterPage(t *testing.T) {
	o := found(t)
	base := "/matters/" + o.matter
	lead := o.loggedIn("lead")
	form := editForm(t, lead.get(base+"/edit").body)
	stale := editForm(t, lead.get(base+"/edit").body)
	form.Set("client", "北岭重工有限公司")
	form.Set("role_1", "第三人")
	form.Set("party_1", "白榆咨询有限公司")
	a := lead.post(base+"/edit", form)
	if a.status != http.StatusOK || a.path != base+"/data" {
		t.Fatalf("saved: %d at %s %.300s", a.status, a.path, a.body)
	}
	for _, want := range []string{"北岭重工有限公司", "白榆咨询有限公司", clientName, "测试lead", "变更记录"} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the registration does not show %q", want)
		}
	}
	if trainee := o.loggedIn("trainee").get(base + "/data"); trainee.status != http.StatusOK || strings.Contains(trainee.body, base+"/edit") {
		t.Errorf("the trainee at the registration: %d, or is offered to edit", trainee.status)
	}

	stale.Set("title", "迟到的改动")
	if a := lead.post(base+"/edit", stale); !strings.Contains(a.body, "案件信息刚被别人改过") || !strings.Contains(a.body, "迟到的改动") {
		t.Errorf("a stale form: %d %.300s", a.status, a.body)
	}
	empty := editForm(t, lead.get(base+"/edit").body)
	empty.Set("title", "")
	if a := lead.post(base+"/edit", empty); !strings.Contains(a.body, "请填写案由或项目名") {
		t.Errorf("without a title: %.300s", a.body)
	}
	for login, status := range map[string]int{"trainee": 403, "outsider": 404, "walled": 404, "director": 404} {
		if a := o.loggedIn(login).get(base + "/edit"); a.status != status {
			t.Errorf("%s at the form: %d", login, a.status)
		}
		if a := o.loggedIn(login).post(base+"/edit", form); a.status != status {
			t.Errorf("%s posts: %d", login, a.status)
		}
	}

	// Names of materials are measured by the new client (7.2.2).
	id := o.Receive(o.matter, "a.txt", "北岭重工起诉状", "内容", classification.Confidential)
	o.Review(id, classification.Confidential)
	if a := lead.get("/materials/" + id); strings.Contains(a.body, "北岭重工起诉状") {
		t.Error("a name with the new client was taken")
	}
	renamed := lead.post("/materials/"+id+"/title", url.Values{"title": {"白榆咨询函"}})
	if !strings.Contains(renamed.body, "这个名称会透露当事人或证件信息") {
		t.Errorf("renamed after the new party: %.300s", renamed.body)
	}
}

// TestEnglishLabels: the name of a field that rides in a sentence is English in English.
func TestEnglishLabels(t *testing.T) {
	o := found(t)
	lead := o.loggedIn("lead")
	lead.post("/preferences", url.Values{"lang": {"en"}, "back": {"/"}})
	form := editForm(t, lead.get("/matters/"+o.matter+"/edit").body)
	form.Set("title", strings.Repeat("长", 201))
	a := lead.post("/matters/"+o.matter+"/edit", form)
	if !strings.Contains(a.body, "Cause or project is too long: at most 200 characters") {
		t.Errorf("the sentence: %.2000s", a.body)
	}
}
