package web_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/person"
	"mijuan/internal/signature"
)

// newcomer is somebody who accepted an invitation and has neither been trained nor signed anything.
func (o *office) newcomer(login string) *browser {
	o.T.Helper()
	var link string
	must(o.T, o.House.Door.Do(o.T.Context(), guard.Who{Via: guard.CLI}, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		o.IDs[login], link, err = o.House.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: "欧阳静", Department: "争议解决部", Licence: "13101201010123456"}, Posts: []access.Post{access.Lawyer}})
		return err
	}))
	_, err := o.House.People.Accept(o.T.Context(), link, person.Acceptance{Password: housetest.Password}, person.From{Addr: "127.0.0.1"})
	must(o.T, err)
	return o.loggedIn(login)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(kind|version|digest)" value="([^"]*)"`)

// pledgeForm is what the page asks to send back, filled in.
func pledgeForm(page string) url.Values {
	form := url.Values{"read": {"yes"}, "password": {housetest.Password}}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return form
}

// TestSignOnPages: whoever has not signed reaches the desk, which says so, and this page; signing gives the PDF.
func TestSignOnPages(t *testing.T) {
	o := found(t)
	b := o.newcomer("new")
	if a := b.get("/"); a.status != http.StatusOK || !strings.Contains(a.body, "签署入职承诺书") || !strings.Contains(a.body, `href="/pledge"`) {
		t.Fatalf("the desk does not tell: %d", a.status)
	}
	for _, path := range []string{"/people", "/rules", "/people/" + o.IDs["lead"], "/pledge/register", "/pledge/missing"} {
		if a := b.get(path); a.status != http.StatusForbidden {
			t.Errorf("%s: %d before the pledge", path, a.status)
		}
	}
	page := b.get("/pledge")
	if page.status != http.StatusOK || !strings.Contains(page.body, "第三十八条") || !strings.Contains(page.body, "13101201010123456") {
		t.Fatalf("the page: %d %.500s", page.status, page.body)
	}
	wrong := pledgeForm(page.body)
	for field, say := range map[string]string{"read": "请先阅读全文", "password": "密码不对", "drawing": "手写签名", "digest": "刚刚变动"} {
		form := url.Values{}
		for k, v := range wrong {
			form[k] = v
		}
		form.Set(field, map[string]string{"drawing": "data:image/png;base64,AAAA", "digest": "x"}[field])
		if a := b.post("/pledge/sign", form); a.status != http.StatusOK || !strings.Contains(a.body, say) || strings.Contains(a.body, housetest.Password) {
			t.Errorf("a wrong %s: %d, says %q: %v", field, a.status, say, strings.Contains(a.body, say))
		}
	}
	form := pledgeForm(page.body)
	form.Set("drawing", "data:image/png;base64,"+base64.StdEncoding.EncodeToString(drawnLine(t)))
	done := b.post("/pledge/sign", form)
	if done.status != http.StatusOK || done.path != "/pledge" || !strings.Contains(done.body, "已签署") || !strings.Contains(done.body, "没有等您签署的承诺书") {
		t.Fatalf("after signing: %d %s %.600s", done.status, done.path, done.body)
	}
	link := regexp.MustCompile(`/pledge/[0-9a-f-]{36}/document`).FindString(done.body)
	pdf := b.get(link)
	if report, err := signature.Verify([]byte(pdf.body)); err != nil || !report.Intact() || pdf.header.Get("Content-Type") != "application/pdf" {
		t.Fatalf("the PDF: %v", err)
	}
	for login, want := range map[string]int{"security": 200, "auditor": 200, "lead": 404, "director": 404, "system": 404} {
		if a := o.loggedIn(login).get(link); a.status != want {
			t.Errorf("%s gets %d", login, a.status)
		}
	}
	if a := b.get("/pledge/authority"); a.status != http.StatusOK || a.header.Get("Content-Type") != "application/pkix-cert" {
		t.Errorf("the certificate: %d", a.status)
	}
	if a := b.get("/people"); a.status != http.StatusForbidden || !strings.Contains(a.body, "培训") || strings.Contains(a.body, "请先签署") {
		t.Errorf("signed and not trained: %d", a.status)
	}
}

// TestPledgeAdministration: the security administrator publishes, sees who is missing, asks for the leaving pledge; the register
// leaves the house as files.
func TestPledgeAdministration(t *testing.T) {
	o := found(t)
	b := o.loggedIn("security")
	texts := b.get("/pledge/texts")
	if texts.status != http.StatusOK || !strings.Contains(texts.body, "离岗保密承诺书") || !strings.Contains(texts.body, "发布新版") {
		t.Fatalf("the texts: %d", texts.status)
	}
	form := url.Values{"joining": {"# 入职\n\n1. 甲"}, "yearly": {"# 年度\n\n1. 甲"}, "leaving": {"离岗"}, "required": {time.Now().AddDate(0, 0, 20).Format("2006-01-02")}}
	if a := b.post("/pledge/texts", form); !strings.Contains(a.body, "承诺书第一行要写标题") || !strings.Contains(a.body, "# 年度") {
		t.Errorf("a text without a title: %d", a.status)
	}
	form.Set("leaving", "# 离岗\n\n1. 甲")
	if a := o.loggedIn("lead").post("/pledge/texts", form); a.status != http.StatusForbidden {
		t.Errorf("a lawyer publishes: %d", a.status)
	}
	if a := b.post("/pledge/texts", form); a.path != "/pledge/texts" || !strings.Contains(a.body, "第 2 版") {
		t.Fatalf("publish: %d %s", a.status, a.path)
	}
	if a := b.get("/pledge/missing"); !strings.Contains(a.body, "测试lead") || !strings.Contains(a.body, "测试director") {
		t.Errorf("who is missing: %d", a.status)
	}
	lead := o.loggedIn("lead")
	if a := lead.get("/"); !strings.Contains(a.body, "签署年度承诺书") || !strings.Contains(a.body, "之前，逾期暂停接触资料") {
		t.Errorf("the desk does not tell of the new edition: %d", a.status)
	}
	if a := lead.post("/pledge/sign", pledgeForm(lead.get("/pledge").body)); !strings.Contains(a.body, "已签署") {
		t.Fatalf("sign: %d", a.status)
	}
	if a := b.post("/pledge/leaving", url.Values{"person": {o.IDs["handling"]}}); a.path != "/pledge/missing" {
		t.Errorf("ask for the leaving pledge: %d", a.status)
	}
	if a := b.post("/pledge/leaving", url.Values{"person": {"nobody"}}); !strings.Contains(a.body, "没有这个人") {
		t.Errorf("ask nobody: %d", a.status)
	}
	if a := o.loggedIn("handling").get("/pledge"); !strings.Contains(a.body, "办结离岗手续之前") || strings.Count(a.body, `action="/pledge/sign"`) != 2 {
		t.Errorf("asked for two: %d", a.status)
	}
	head, rows := table(t, b.get("/pledge/register?format=xlsx&kind=yearly"))
	if len(rows) != 1 || rows[0][0] != "测试lead" || rows[0][4] != "2" || !strings.HasPrefix(rows[0][6], "数字签名 ") || head[1] != "承诺书登记簿" {
		t.Errorf("the register: %q %q", head, rows)
	}
	if text := paper(t, o.loggedIn("auditor").get("/pledge/register?format=pdf")); !strings.Contains(text, "纸质签署") || !strings.Contains(text, "测试lead") {
		t.Errorf("the register on paper: %.300s", text)
	}
	if a := b.get("/pledge/register?format=csv"); !strings.Contains(a.body, "name,post,department,kind,version,date,signature,sha256") {
		t.Errorf("the register as CSV: %d %.200s", a.status, a.body)
	}
	if _, rows := table(t, lead.get("/pledge/register?format=xlsx")); len(rows) != 2 {
		t.Errorf("a lawyer exports %d rows", len(rows))
	}
}
