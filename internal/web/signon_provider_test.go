package web_test

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/server"
	"mijuan/internal/signon"
	"mijuan/internal/signon/signontest"
	"mijuan/internal/web"
)

// provided is a firm whose people log in at a real provider, which sends browsers back to it.
func provided(t *testing.T, factors ...string) (*office, *signontest.Provider) {
	t.Helper()
	o := &office{Office: housetest.Found(t, housetest.Settings(t)), inside: map[string]*browser{}}
	var pages http.Handler
	o.Server = httptest.NewTLSServer(server.Harden(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { pages.ServeHTTP(w, r) })))
	t.Cleanup(o.Server.Close)
	p := signontest.RunProvider(t, o.Server.URL+"/login/back", o.Server.URL+"/login", "mixun", "colleague")
	set := p.Settings()
	set.Factors = factors
	provider, err := signon.NewOIDC(set)
	must(t, err)
	h := o.House
	pages = web.New(web.Parts{Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Approvals: h.Approvals, Labels: h.Labels, Carriers: h.Carriers, Knowers: h.Knowers, Incidents: h.Incidents, Dangers: h.Dangers, Stock: h.Stock, Output: h.Output, Retention: h.Retention, Devices: h.Devices, Media: h.Media, TeamReviews: h.TeamReviews, Viewing: h.Viewing, Training: h.Training, Pledges: h.Pledges, Criteria: h.Criteria, Leaving: h.Leaving, Rights: h.Rights, Measures: h.Measures, Duty: h.Duty, Directory: h.Directory, Provider: provider, Hand: h.Hand,
		Audit: h.Audit, Ledger: h.Ledger, Firm: h.Name, Version: "test", ClientIP: func(*http.Request) string { return "127.0.0.1" }})
	return o, p
}

// sent is where a page would send the browser, which does not go there.
func (b *browser) sent(path string) string {
	b.o.T.Helper()
	c := *b.client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.Get(b.o.Server.URL + path)
	must(b.o.T, err)
	defer resp.Body.Close()
	return resp.Header.Get("Location")
}

// returns is what a browser sees that comes back from the provider.
func (b *browser) returns(back *url.URL) answer {
	b.o.T.Helper()
	return b.get(back.RequestURI())
}

var goes = regexp.MustCompile(`href="(https://[^"]+)"[^>]*>\s*前往统一登录`)

// TestSingleSignOnOnPages: who is linked comes in by the provider, who is not is told so in the same words as everybody, and leaving tells of
// the provider.
func TestSingleSignOnOnPages(t *testing.T) {
	t.Parallel()
	o, p := provided(t)
	b := o.visitor()
	says(t, b.get("/login?back=/matters"), "使用统一登录", `href="/login/away?back=%2Fmatters"`)
	stranger := b.returns(p.LogIn(b.sent("/login/away?back=/matters"), "mixun"))
	says(t, stranger, "没有与本所的人员关联")

	lead := o.loggedIn("lead")
	says(t, lead.get("/self"), `href="/self/factors/link"`)
	says(t, lead.post("/self/factors/link", url.Values{"password": {"wrong"}}), "密码不对")
	page := lead.post("/self/factors/link", url.Values{"password": {housetest.Password}})
	m := goes.FindStringSubmatch(page.body)
	if m == nil || !strings.HasPrefix(page.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Fatalf("no way to the provider: %s", page.body)
	}
	if a := lead.returns(p.LogIn(html.UnescapeString(m[1]), "mixun")); a.path != "/self" {
		t.Fatalf("linked: %s %d: %.300s", a.path, a.status, a.body)
	}
	says(t, lead.get("/self"), "subject-mixun", `href="/self/factors/unlink"`)

	back := p.LogIn(b.sent("/login/away?back=/matters"), "mixun")
	if a := b.returns(back); a.path != "/matters" || a.status != http.StatusOK {
		t.Fatalf("linked: %s %d: %.300s", a.path, a.status, a.body)
	}
	if !slices.ContainsFunc(o.entries("useSystem", 20), func(e ledger.Entry) bool { return strings.Contains(string(e.Detail), `"login":"provider"`) }) {
		t.Error("the log-in is not on record")
	}
	left := b.post("/leave", nil)
	says(t, left, "已退出密卷", "也退出统一登录")
	leaving := regexp.MustCompile(`href="(https://[^"]+)"[^>]*>\s*也退出统一登录`).FindStringSubmatch(left.body)
	if leaving == nil || !strings.HasPrefix(p.LeaveAt(html.UnescapeString(leaving[1])), o.Server.URL+"/login") {
		t.Errorf("leaving the provider: %q", leaving)
	}
	silent(t, b.get("/login"), "也退出统一登录")

	must(t, o.House.Door.Do(context.Background(), o.Who("security"), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs["lead"]}, func(g *guard.Grant) error {
		return o.House.People.Suspend(g, "调查期间")
	}))
	suspended := b.returns(p.LogIn(b.sent("/login/away"), "mixun"))
	says(t, suspended, "账号尚未启用或已经停用")
	if a := b.get("/matters"); a.path != "/login" {
		t.Errorf("a suspended person is in: %s", a.path)
	}
	back = p.LogIn(b.sent("/login/away"), "mixun")
	p.Stop()
	says(t, b.returns(back), "统一登录暂时不可用")
}

// TestErrandsAreTheBrowsers: what another browser began, or was begun before, brings nobody in.
func TestErrandsAreTheBrowsers(t *testing.T) {
	t.Parallel()
	o, p := provided(t)
	must(t, o.House.Door.Do(context.Background(), o.Who("security"), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs["lead"]}, func(g *guard.Grant) error {
		return o.House.People.LinkPerson(g, person.Identity{Issuer: p.Issuer, Subject: "subject-mixun"}, "启用统一登录")
	}))
	outside := func(about string, a answer) {
		t.Helper()
		if !strings.HasPrefix(a.path, "/login") || a.status >= 500 {
			t.Errorf("%s: %s %d: %.200s", about, a.path, a.status, a.body)
		}
	}
	b, other := o.visitor(), o.visitor()
	back := p.LogIn(b.sent("/login/away"), "mixun")
	outside("a browser that was not sent", other.returns(back))
	other.sent("/login/away")
	outside("a browser that was sent on another errand", other.returns(back))
	b.sent("/login/away")
	outside("a browser that began anew", b.returns(back))

	back = p.LogIn(b.sent("/login/away"), "mixun")
	if a := b.returns(back); a.path != "/" {
		t.Fatalf("the browser that was sent: %s: %.300s", a.path, a.body)
	}
	b.post("/leave", nil)
	outside("the same answer again", b.returns(back))
	outside("nothing brought", b.get("/login/back"))
	for _, change := range []func(url.Values){func(q url.Values) { q.Set("state", "another") }, func(q url.Values) { q.Del("state") }, func(q url.Values) { q.Del("code") }, func(q url.Values) { q.Set("error", "access_denied"); q.Del("code") }} {
		back := p.LogIn(b.sent("/login/away"), "mixun")
		q := back.Query()
		change(q)
		back.RawQuery = q.Encode()
		outside("an answer that was changed", b.returns(back))
	}
	if a := o.visitor().returns(p.LogIn(o.visitor().sent("/login/away?back=https://elsewhere.example"), "mixun")); strings.Contains(a.path, "elsewhere") {
		t.Errorf("led away: %s", a.path)
	}
	// Somebody who gets another to come back with their own code does not link, or log in, the other's browser.
	lead := o.loggedIn("handling")
	evil := p.LogIn(o.visitor().sent("/login/away"), "colleague")
	lead.returns(evil)
	silent(t, lead.get("/self"), "subject-colleague")
}

// TestTheSecurityAdministratorLinks: by the provider's subject, with a reason, on record; the three administrators are linked by nobody.
func TestTheSecurityAdministratorLinks(t *testing.T) {
	t.Parallel()
	o, p := provided(t, "pwd")
	security, lead := o.loggedIn("security"), "/people/"+o.IDs["lead"]
	says(t, security.get(lead), "统一登录的账号标识")
	silent(t, security.get("/people/"+o.IDs["auditor"]), "统一登录的账号标识")
	silent(t, security.get("/self"), "/self/factors/link")
	if a := security.post("/self/factors/link", url.Values{"password": {housetest.Password}}); a.status != http.StatusNotFound {
		t.Errorf("an administrator links oneself: %d", a.status)
	}
	says(t, security.post("/people/"+o.IDs["auditor"]+"/link", url.Values{"subject": {"subject-colleague"}, "reason": {"试试"}}), "只用本系统的密码登录")
	says(t, security.post(lead+"/link", url.Values{"subject": {"subject-mixun"}, "reason": {""}}), "请填写事由")
	says(t, security.post(lead+"/link", url.Values{"subject": {"subject-mixun"}, "reason": {"启用统一登录"}}), "解除统一登录的关联", "subject-mixun")
	says(t, security.post("/people/"+o.IDs["handling"]+"/link", url.Values{"subject": {"subject-mixun"}, "reason": {"启用统一登录"}}), "已经与另一位人员关联")
	silent(t, o.loggedIn("outsider").get(lead), "subject-mixun")
	if a := o.loggedIn("outsider").post(lead+"/link", url.Values{"subject": {"x"}, "reason": {"试试"}}); a.status != http.StatusForbidden {
		t.Errorf("a lawyer links: %d", a.status)
	}
	says(t, security.get("/people/log-ins"), "关联了统一登录")
	b := o.visitor()
	if a := b.returns(p.LogIn(b.sent("/login/away"), "mixun")); a.path != "/" {
		t.Fatalf("linked by the administrator: %s: %.300s", a.path, a.body)
	}
	says(t, security.post(lead+"/unlink", url.Values{"reason": {"换账号"}}), "统一登录的账号标识")
	says(t, b.returns(p.LogIn(b.sent("/login/away"), "mixun")), "没有与本所的人员关联")
}
