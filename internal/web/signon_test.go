package web_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/house/housetest"
	"mijuan/internal/signon/signontest"
)

// visitor is a browser in which nobody is logged in yet.
func (o *office) visitor() *browser {
	o.T.Helper()
	jar, err := cookiejar.New(nil)
	must(o.T, err)
	c := *o.Server.Client()
	c.Jar = jar
	return &browser{o, &c}
}

// says wants words on a page, and lacks none of them.
func says(t *testing.T, a answer, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s: %d, no %q", a.path, a.status, want)
		}
	}
}

func silent(t *testing.T, a answer, all ...string) {
	t.Helper()
	for _, word := range all {
		if strings.Contains(a.body, word) {
			t.Errorf("%s: %d, says %q", a.path, a.status, word)
		}
	}
}

// TestDomainAccountsOnPages: the security administrator has people log in by the directory; they log in by its password and sign by their own.
func TestDomainAccountsOnPages(t *testing.T) {
	t.Parallel()
	d := signontest.RunDirectory(t, "lead", "trainee", "newcomer")
	set := housetest.Settings(t)
	ldap := d.Settings()
	set.LDAP = &ldap
	o := foundWith(t, set)
	security := o.loggedIn("security")
	lead := "/people/" + o.IDs["lead"]
	says(t, security.get("/people"), `href="/people/log-ins"`)
	says(t, security.get(lead), "改用域账号登录", "本系统密码")
	silent(t, security.get("/people/"+o.IDs["auditor"]), "改用域账号登录")
	says(t, security.post("/people/"+o.IDs["auditor"]+"/directory", url.Values{"reason": {"试试"}}), "只用本系统的密码登录")
	silent(t, o.loggedIn("outsider").get("/people"), "/people/log-ins")
	if a := o.loggedIn("outsider").get("/people/log-ins"); a.status != http.StatusForbidden {
		t.Errorf("a lawyer looks at log-ins: %d", a.status)
	}
	if a := o.loggedIn("outsider").post(lead+"/directory", url.Values{"reason": {"试试"}}); a.status != http.StatusForbidden {
		t.Errorf("a lawyer changes a log-in: %d", a.status)
	}
	says(t, security.post(lead+"/directory", url.Values{"reason": {"启用域账号"}}), "改用本系统密码登录", "域账号")

	b := o.visitor()
	says(t, b.get("/login"), "改用域账号登录的人，输入域账号的密码")
	says(t, b.post("/login", url.Values{"login": {"lead"}, "password": {housetest.Password}}), "登录名或密码不对")
	says(t, b.post("/login", url.Values{"login": {"lead"}, "password": {""}}), "登录名或密码不对")
	if a := b.post("/login", url.Values{"login": {"lead"}, "password": {signontest.Password}}); a.path != "/" {
		t.Fatalf("the directory's password leads to %s: %.300s", a.path, a.body)
	}
	self := b.get("/self")
	says(t, self, "更换签名口令", "新的签名口令", "域账号")
	silent(t, self, "密码有效至")
	says(t, b.get("/self/factors/totp"), "签名口令")
	says(t, b.post("/self/factors/totp", url.Values{"password": {signontest.Password}}), "签名口令不对")
	silent(t, b.post("/self/factors/totp", url.Values{"password": {housetest.Password}}), "签名口令不对")

	says(t, security.get("/people/log-ins"), "全部改用域账号")
	says(t, security.post("/people/log-ins", url.Values{"reason": {""}}), "请填写事由")
	silent(t, security.post("/people/log-ins", url.Values{"reason": {"启用域账号"}}), "请填写事由")
	if a := o.visitor().post("/login", url.Values{"login": {"trainee"}, "password": {signontest.Password}}); a.path != "/" {
		t.Errorf("everybody by the directory: %s", a.path)
	}

	d.Stop()
	away := o.visitor().post("/login", url.Values{"login": {"lead"}, "password": {signontest.Password}, "back": {"/matters"}})
	says(t, away, "域账号的目录服务暂时不可用", `value="lead"`, `value="/matters"`)
	silent(t, away, signontest.Password, "ldaps://", "connect")
	if a := o.visitor().post("/login", url.Values{"login": {"security"}, "password": {housetest.Password}}); a.path != "/" {
		t.Errorf("the own password while the directory is away: %s", a.path)
	}
}

// TestWithoutServicesNoPageSpeaksOfThem: nothing is offered that is not there.
func TestWithoutServicesNoPageSpeaksOfThem(t *testing.T) {
	t.Parallel()
	o := found(t)
	security := o.loggedIn("security")
	for _, path := range []string{"/people", "/people/" + o.IDs["lead"], "/self", "/login"} {
		silent(t, security.get(path), "域账号", "/people/log-ins", "签名口令", "统一登录")
	}
	if a := security.get("/people/log-ins"); a.status != http.StatusNotFound {
		t.Errorf("log-ins: %d", a.status)
	}
	says(t, security.post("/people/"+o.IDs["lead"]+"/directory", url.Values{"reason": {"试试"}}), "没有接通域账号的目录服务")
	if a := security.post("/people/log-ins", url.Values{"reason": {"试试"}}); a.status == http.StatusOK {
		t.Errorf("everybody by no directory: %d", a.status)
	}
}
