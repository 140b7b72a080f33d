package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"mijuan/internal/house/housetest"
)

var secretOnPage = regexp.MustCompile(`data-mj-secret>([A-Z2-7]{32})<`)

// TestFactorsOnOnesOwnPage binds an authenticator and takes it away again; each change asks for the password.
func TestFactorsOnOnesOwnPage(t *testing.T) {
	o := found(t)
	b := o.loggedIn("lead")
	if page := b.get("/self").body; !strings.Contains(page, "还没有设置第二因素") || strings.Contains(page, "移除") {
		t.Errorf("one's own page: %.2000s", page)
	}
	if a := b.get("/login/setup"); a.path != "/self/factors/totp" || !strings.Contains(a.body, `name="password"`) || secretOnPage.MatchString(a.body) {
		t.Errorf("the set-up of somebody who is in: %s", a.path)
	}
	a := b.post("/self/factors/totp", url.Values{"password": {"not the password"}})
	if !strings.Contains(a.body, "密码不对") || secretOnPage.MatchString(a.body) {
		t.Fatalf("without the password: %.2000s", a.body)
	}
	secret := secretOnPage.FindStringSubmatch(b.post("/self/factors/totp", url.Values{"password": {housetest.Password}}).body)
	if secret == nil {
		t.Fatal("no secret after the password")
	}
	if again := b.post("/self/factors/totp/confirm", url.Values{"code": {"12"}}).body; !strings.Contains(again, secret[1]) || !strings.Contains(again, "验证码不对") {
		t.Error("a wrong code changes the secret, or says nothing")
	}
	code, err := totp.GenerateCode(secret[1], time.Now())
	must(t, err)
	codes := b.post("/self/factors/totp/confirm", url.Values{"code": {code}}).body
	if strings.Count(codes, `<li class="mj-no">`) != 10 {
		t.Errorf("the first factor: %.2000s", codes)
	}
	if page := b.get("/self").body; !strings.Contains(page, "手机上的验证器") || !strings.Contains(page, "恢复码还有 10 个") {
		t.Error("the authenticator is not on the page")
	}
	fresh := b.post("/self/factors/codes", url.Values{"password": {housetest.Password}}).body
	if strings.Count(fresh, `<li class="mj-no">`) != 10 || fresh == codes {
		t.Error("no new recovery codes")
	}
	b.post("/self/factors/remove-totp", url.Values{"password": {"not the password"}})
	if !strings.Contains(b.get("/self").body, "手机上的验证器") {
		t.Error("removed without the password")
	}
	b.post("/self/factors/remove-totp", url.Values{"password": {housetest.Password}})
	if strings.Contains(b.get("/self").body, "手机上的验证器") {
		t.Error("not removed")
	}
}

// TestPasskeysAreAbsent: a firm without a host name does not speak of passkeys, and changes that cannot be made have no page.
func TestPasskeysAreAbsent(t *testing.T) {
	o := found(t)
	b := o.loggedIn("lead")
	for _, page := range []string{b.get("/self").body, o.stranger().get("/login").body} {
		if strings.Contains(page, "通行密钥") || strings.Contains(page, "passkey") {
			t.Errorf("a page speaks of passkeys: %.2000s", page)
		}
	}
	for _, change := range []string{"passkey", "remove-passkey", "remove-totp", "codes", "nothing"} {
		if a := b.get("/self/factors/" + change); a.status != http.StatusNotFound {
			t.Errorf("the page of %s answers %d", change, a.status)
		}
	}
	if a := b.post("/self/factors/passkey/begin", url.Values{"password": {housetest.Password}}); a.status != http.StatusServiceUnavailable {
		t.Errorf("a challenge without a name: %d", a.status)
	}
}

// stranger is a browser that nobody is logged in with.
func (o *office) stranger() *browser {
	c := *o.Server.Client()
	return &browser{o, &c}
}
