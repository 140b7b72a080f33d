package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/classification"
	"mijuan/internal/store"
)

// TestGroundOnPages: one form asks once for all files of a batch; what is missing is said in its field, and what was typed stays. On no basis
// yet, the proposer's desk asks for it, the reviewer is told why there is nothing to file, and the material's own page takes it; then it is
// filed, and register and export tell it to who may view the material.
func TestGroundOnPages(t *testing.T) {
	o := found(t)
	handling, lead := o.loggedIn("handling"), o.loggedIn("lead")
	one, two := o.Upload(o.matter, "a.txt", "甲"), o.Upload(o.matter, "b.txt", "乙")
	if a := handling.get("/matters/" + o.matter + "/intake"); strings.Count(a.body, `name="personal"`) != 1 || strings.Count(a.body, `name="basis"`) != 1 ||
		!strings.Contains(a.body, "第十三条第一款第（三）项") || !strings.Contains(a.body, `data-mj-remember="personal"`) {
		t.Errorf("the form: %s", a.body)
	}
	form := url.Values{"upload": {one, two}, "title_" + one: {"户口簿"}, "title_" + two: {"出生证明"}, "kinds": {"identity"}, "level": {"secret"}, "reason_more": {"含未成年人信息"}, "reviewer": {o.IDs["lead"]},
		"ground_more": {"办理继承"}}
	send := func(name, value string) answer {
		form.Set(name, value)
		return handling.post("/matters/"+o.matter+"/intake", form)
	}
	if a := send("level", "secret"); !strings.Contains(a.body, "身份信息、财产信息要说明是否含个人信息") || !strings.Contains(a.body, "办理继承") {
		t.Errorf("not said: %d %s", a.status, a.body)
	}
	if a := send("personal", "public"); !strings.Contains(a.body, "请从列出的几项里选择是否含个人信息") {
		t.Errorf("another answer: %d %s", a.status, a.body)
	}
	form.Set("personal", "sensitive")
	if a := send("basis", "consent"); !strings.Contains(a.body, "敏感个人信息只有本人的一般同意不够") || !strings.Contains(a.body, `<option value="sensitive" selected>`) {
		t.Errorf("general consent: %d %s", a.status, a.body)
	}
	if a := send("basis", ""); a.path != "/matters/"+o.matter || strings.Count(a.body, `mj-warn">缺依据<`) != 2 {
		t.Errorf("two files on no basis yet: %d %s %s", a.status, a.path, a.body)
	}
	ids := o.named(t, "户口簿", "出生证明")
	if a := handling.get("/"); !strings.Contains(a.body, "有 2 份待审核的资料缺少处理依据") {
		t.Errorf("the desk: %s", a.body)
	}
	page := lead.get("/materials/" + ids[0])
	if strings.Contains(page.body, "请您审核密级") || !strings.Contains(page.body, "这份资料含个人信息，还没有记明处理依据，不能备案") || !strings.Contains(page.body, `href="#basis"`) {
		t.Errorf("the reviewer's page: %s", page.body)
	}
	if a := lead.post("/materials/"+ids[0]+"/review", url.Values{"level": {"secret"}, "reason_more": {"同意"}}); a.status != http.StatusForbidden || !strings.Contains(a.body, "补充处理依据") || !strings.Contains(a.body, "/materials/"+ids[0]) {
		t.Errorf("a review on no basis: %d %s", a.status, a.body)
	}
	basis := url.Values{"personal": {"sensitive"}, "basis": {"guardian_consent"}, "ground_more": {"办理继承"}}
	if a := handling.post("/materials/"+ids[0]+"/basis", basis); !strings.Contains(a.body, "请写明理由") || !strings.Contains(a.body, `<option value="guardian_consent" selected>`) {
		t.Errorf("for no reason: %d %s", a.status, a.body)
	}
	basis.Set("why", "已经取得同意")
	if a := handling.post("/materials/"+ids[0]+"/basis", basis); a.path != "/materials/"+ids[0] || !strings.Contains(a.body, "取得父母或者其他监护人同意（不满十四周岁）（第三十一条）") || !strings.Contains(a.body, "处理依据的变更") {
		t.Errorf("recorded: %d %s", a.status, a.body)
	}
	if a := lead.get("/materials/" + ids[0]); !strings.Contains(a.body, "请您审核密级") || !strings.Contains(a.body, "个人信息：含敏感个人信息；处理依据：取得父母") || !strings.Contains(a.body, "目的与说明：办理继承") {
		t.Errorf("the review: %s", a.body)
	}
	o.Review(ids[0], classification.Secret)
	if _, rows := table(t, lead.get("/materials?format=xlsx&personal=sensitive")); len(rows) != 2 || !strings.Contains(strings.Join(rows[0], "|")+strings.Join(rows[1], "|"), "含敏感 · 监护人同意") {
		t.Errorf("the export: %q", rows)
	}
	if a := lead.get("/materials?personal=baseless"); strings.Contains(a.body, "户口簿") || !strings.Contains(a.body, "出生证明") {
		t.Errorf("what lacks a basis: %s", a.body)
	}
	for login, path := range map[string]string{"outsider": "/materials?personal=sensitive", "trainee": "/materials?personal=sensitive"} {
		if a := o.loggedIn(login).get(path); strings.Contains(a.body, "户口簿") || strings.Contains(a.body, "缺依据") {
			t.Errorf("%s finds it: %s", login, a.body)
		}
	}
}

// named are the ids of the materials of those titles.
func (o *office) named(t *testing.T, titles ...string) (ids []string) {
	t.Helper()
	for _, title := range titles {
		_, after, ok := strings.Cut(o.loggedIn("lead").post("/materials/search", url.Values{"q": {title}}).body, `<a href="/materials/`)
		id, _, _ := strings.Cut(after, `"`)
		if !ok || len(id) != 36 {
			t.Fatalf("no material %s", title)
		}
		ids = append(ids, id)
	}
	return ids
}

// TestCompletedTogether: the list of what was not asked about takes one answer for all that the visitor may say it of, each on record by itself.
func TestCompletedTogether(t *testing.T) {
	o := found(t)
	one, two := o.Receive(o.matter, "a.txt", "名册", "甲", classification.Confidential), o.Receive(o.matter, "b.txt", "合同", "乙", classification.Confidential)
	o.Review(one, classification.Confidential)
	o.Review(two, classification.Confidential)
	where, list := "/matters/"+o.matter+"/basis", "/matters/"+o.matter+"?personal=unasked"
	for login, asked := range map[string]bool{"lead": true, "handling": true, "trainee": false} {
		if a := o.loggedIn(login).get(list); strings.Contains(a.body, `action="`+where+`"`) != asked || !strings.Contains(a.body, "名册") {
			t.Errorf("%s: %s", login, a.body)
		}
	}
	if a := o.loggedIn("lead").get("/matters/" + o.matter); strings.Contains(a.body, `action="`+where+`"`) {
		t.Errorf("the whole list asks: %s", a.body)
	}
	form := url.Values{"material": {one, two}, "personal": {"personal"}, "basis": {"law"}, "why": {"收件时没有询问，补填"}}
	if a := o.loggedIn("lead").post(where, form); !strings.Contains(a.body, "请写明依据哪部法律、行政法规的哪一条") || !strings.Contains(a.body, `<option value="law" selected>`) {
		t.Errorf("no law: %d %s", a.status, a.body)
	}
	form.Set("ground_more", "律师法第三十五条")
	if a := o.loggedIn("trainee").post(where, form); a.status != http.StatusOK || len(o.entries("recordBasis", 10)) == 0 || !strings.Contains(a.body, "名册") {
		t.Errorf("the trainee: %d %s", a.status, a.body)
	}
	before := len(o.entries("recordBasis", 20))
	if a := o.loggedIn("lead").post(where, form); a.path != "/matters/"+o.matter || strings.Contains(a.body, "名册") {
		t.Errorf("completed: %d %s", a.status, a.body)
	}
	if n := len(o.entries("recordBasis", 20)) - before; n != 2 {
		t.Errorf("%d entries for two materials", n)
	}
	if a := o.loggedIn("outsider").post(where, form); a.status != http.StatusOK && a.status != http.StatusNotFound {
		t.Errorf("an outsider: %d", a.status)
	}
}

// TestGroundOfBefore: what came before the question is read and filed as it was; its page says so to who may complete it, and to nobody else.
func TestGroundOfBefore(t *testing.T) {
	o := found(t)
	id := o.Receive(o.matter, "a.txt", "身份证明", "甲", classification.Confidential)
	must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE material SET kinds = 1, personal = 0 WHERE id = $1`, id)
		return err
	}))
	o.Review(id, classification.Confidential)
	const notice = "这份资料没有询问过是否含个人信息。"
	for login, asked := range map[string]bool{"lead": true, "handling": true, "trainee": false} {
		if a := o.loggedIn(login).get("/materials/" + id); a.status != http.StatusOK || strings.Contains(a.body, notice) != asked || strings.Contains(a.body, `action="/materials/`+id+`/basis"`) != asked {
			t.Errorf("%s: %d %s", login, a.status, a.body)
		}
	}
	form := url.Values{"personal": {"personal"}, "basis": {"duty"}, "why": {"收件时没有询问，补填"}}
	if a := o.loggedIn("trainee").post("/materials/"+id+"/basis", form); a.status != http.StatusForbidden || !strings.Contains(a.body, "由提出人、责任人或主办律师记明") {
		t.Errorf("the trainee: %d %s", a.status, a.body)
	}
	if a := o.loggedIn("lead").post("/materials/"+id+"/basis", form); a.status != http.StatusOK || strings.Contains(a.body, notice) || !strings.Contains(a.body, "未询问") {
		t.Errorf("completed: %d %s", a.status, a.body)
	}
	if e := o.entries("recordBasis", 1); len(e) != 1 || e[0].Thing != id || !strings.Contains(string(e[0].Detail), `"to":{"basis":"duty","personal":"personal"}`) {
		t.Errorf("the ledger: %+v", e)
	}
}
