package scim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/directory/scim"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

type office struct {
	*housetest.Office
	t     *testing.T
	token string
}

func each(t *testing.T, f func(t *testing.T, o *office)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := housetest.Settings(t)
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := &office{Office: housetest.Found(t, s), t: t}
			o.Serve(scim.New(scim.Parts{Door: o.House.Door, People: o.House.People, Directory: o.House.Directory, ClientIP: func(*http.Request) string { return "127.0.0.1" }}))
			o.token, _ = o.Token("security", time.Hour, access.SyncRoster, access.ReadRoster)
			f(t, o)
		})
	}
}

// call makes a request and gives status and body.
func (o *office) call(method, path, body string) (int, map[string]any) {
	o.t.Helper()
	r, err := http.NewRequest(method, o.Server.URL+scim.Prefix+path, strings.NewReader(body))
	housetest.Must(o.t, err)
	r.Header.Set("Content-Type", "application/scim+json")
	r.Header.Set("Authorization", "Bearer "+o.token)
	resp, err := o.Server.Client().Do(r)
	housetest.Must(o.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	housetest.Must(o.t, err)
	var answer map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil || resp.Header.Get("Content-Type") != "application/scim+json" {
			o.t.Fatalf("%s %s: %s %s", method, path, resp.Header.Get("Content-Type"), raw)
		}
	}
	return resp.StatusCode, answer
}

// wants makes a request and sees to its status; scimType may be empty.
func (o *office) wants(status int, kind, method, path, body string) map[string]any {
	o.t.Helper()
	got, answer := o.call(method, path, body)
	scimType, _ := answer["scimType"].(string)
	if got != status || scimType != kind {
		o.t.Errorf("%s %s %s: %d %v, want %d %q", method, path, body, got, answer, status, kind)
	}
	return answer
}

func (o *office) count(filter string) float64 {
	o.t.Helper()
	n, _ := o.wants(200, "", "GET", "/Users?filter="+url.QueryEscape(filter), "")["totalResults"].(float64)
	return n
}

func patch(operations string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + operations + `]}`
}

const department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// TestALifeInTheDirectory: created, found, changed and closed as Entra ID and Okta do it.
func TestALifeInTheDirectory(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		made := o.wants(201, "", "POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","`+department+`"],"userName":"Wen.Renyu@firm.cn","externalId":"00u1","active":true,
			"name":{"familyName":"闻人","givenName":"语"},"title":"律师","emails":[{"value":"w@firm.cn","primary":true}],"`+department+`":{"department":"诉讼部"}}`)
		id, _ := made["id"].(string)
		if made["userName"] != "wen.renyu@firm.cn" || made["displayName"] != "闻人语" || made["active"] != true || made["externalId"] != "00u1" || made["title"] != "律师" || mailOf(made) != "w@firm.cn" {
			t.Fatalf("made %v", made)
		}
		o.wants(409, "uniqueness", "POST", "/Users", `{"userName":"wen.renyu@firm.cn","displayName":"某人"}`)
		o.wants(409, "uniqueness", "POST", "/Users", `{"userName":"other","displayName":"某人","externalId":"00u1"}`)
		for filter, want := range map[string]float64{`userName eq "WEN.renyu@firm.cn"`: 1, `externalId eq "00u1"`: 1, `username EQ "nobody"`: 0, `externalId eq "00u2"`: 0} {
			if n := o.count(filter); n != want {
				t.Errorf("%s finds %v", filter, n)
			}
		}
		one := "/Users/" + id
		o.wants(200, "", "PATCH", one, patch(`{"op":"Replace","path":"displayName","value":"闻人某"},{"op":"Add","path":"`+department+`:department","value":"公司部"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x"}`))
		got := o.wants(200, "", "PATCH", one, patch(`{"op":"replace","value":{"title":"助理、lawyer"}}`))
		if unit, _ := got[department].(map[string]any); got["displayName"] != "闻人某" || mailOf(got) != "w@firm.cn" || unit["department"] != "公司部" || got["title"] != "助理、律师" {
			t.Errorf("changed: %v", got)
		}
		if got := o.wants(200, "", "PATCH", one, patch(`{"op":"Replace","path":"active","value":"False"}`)); got["active"] != false {
			t.Errorf("closed as Entra ID does: %v", got)
		}
		if got := o.wants(200, "", "PATCH", one, patch(`{"op":"replace","value":{"active":true}}`)); got["active"] != true {
			t.Errorf("opened as Okta does: %v", got)
		}
		for _, x := range []struct{ value, want string }{{`[{"value":"home@firm.cn","type":"home"},{"value":"work@firm.cn","type":"work"}]`, "work@firm.cn"}, {`[{"value":"a@firm.cn, b@firm.cn"}]`, "work@firm.cn"}, {`[]`, ""}} {
			if got := o.wants(200, "", "PATCH", one, patch(`{"op":"replace","path":"emails","value":`+x.value+`}`)); mailOf(got) != x.want {
				t.Errorf("emails %s is %v", x.value, got["emails"])
			}
		}
		if got := o.wants(200, "", "PUT", one, `{"userName":"wen.renyu@firm.cn","name":{"formatted":"闻人语"},"active":false}`); got["active"] != false || got["title"] != "助理、律师" {
			t.Errorf("replaced: %v", got)
		}
		o.wants(200, "", "PATCH", one, patch(`{"op":"replace","path":"active","value":true}`))
		o.wants(204, "", "DELETE", one, "")
		if got := o.wants(200, "", "GET", one, ""); got["active"] != false {
			t.Errorf("deleted: %v", got)
		}
		housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			entries, err := o.House.Ledger.Query(tx, ledger.Query{Thing: id, Act: string(access.SyncRoster), Actor: o.IDs["security"]})
			if len(entries) < 8 {
				t.Errorf("%d acts on the person are recorded", len(entries))
			}
			return err
		}))
	})
}

// TestClosedAtOnce: sessions and tokens of who is closed end with the answer; a reopened account has to log in again.
func TestClosedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		enter := func() (string, error) {
			e, err := o.House.People.Enter(t.Context(), "lead", housetest.Password, person.From{Addr: "127.0.0.1"})
			return e.Token, err
		}
		session, err := enter()
		housetest.Must(t, err)
		o.wants(200, "", "PATCH", "/Users/"+o.IDs["lead"], patch(`{"op":"replace","path":"active","value":false}`))
		if _, _, err := o.House.People.Authenticate(t.Context(), session, "127.0.0.1"); err == nil {
			t.Error("the session lives")
		}
		if _, err := o.House.People.AuthenticateToken(t.Context(), o.Tokens["lead"], "127.0.0.1"); err == nil {
			t.Error("the token lives")
		}
		if _, err := enter(); err == nil {
			t.Error("a closed account is entered")
		}
		o.wants(200, "", "PATCH", "/Users/"+o.IDs["lead"], patch(`{"op":"replace","path":"active","value":true}`))
		if _, _, err := o.House.People.Authenticate(t.Context(), session, "127.0.0.1"); err == nil {
			t.Error("the old session lives again")
		}
		if _, err := enter(); err != nil {
			t.Errorf("a reopened account: %v", err)
		}
	})
}

// TestWhatADirectoryMayNot: no administrators, not oneself, nothing without the scopes or by somebody else; bad requests in SCIM's form.
func TestWhatADirectoryMayNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		self, lead, auditor := "/Users/"+o.IDs["security"], "/Users/"+o.IDs["lead"], "/Users/"+o.IDs["auditor"]
		off := patch(`{"op":"replace","path":"active","value":false}`)
		o.wants(403, "", "PATCH", self, off)
		o.wants(403, "", "DELETE", self, "")
		o.wants(400, "invalidValue", "PATCH", lead, patch(`{"op":"replace","path":"title","value":"安全管理员"}`))
		o.wants(400, "invalidValue", "PATCH", lead, patch(`{"op":"replace","path":"title","value":"律师、主任"}`))
		o.wants(400, "invalidValue", "PATCH", "/Users/"+o.IDs["director"], patch(`{"op":"replace","path":"title","value":"律师"}`))
		o.wants(400, "invalidValue", "POST", "/Users", `{"userName":"new.two","displayName":"某人","title":"委员会成员"}`)
		o.wants(400, "invalidValue", "PATCH", lead, patch(`{"op":"replace","path":"title","value":"Senior Partner"}`))
		o.wants(400, "invalidValue", "PATCH", auditor, patch(`{"op":"replace","path":"title","value":"律师"}`))
		o.wants(400, "invalidValue", "POST", "/Users", `{"userName":"new.one","displayName":"某人","title":"审计员"}`)
		o.wants(400, "mutability", "PATCH", lead, patch(`{"op":"replace","path":"userName","value":"another"}`))
		o.wants(400, "invalidFilter", "GET", "/Users?filter="+url.QueryEscape(`emails co "x"`), "")
		o.wants(400, "invalidSyntax", "POST", "/Users", `{`)
		o.wants(400, "invalidSyntax", "PATCH", lead, `{"Operations":[]}`)
		o.wants(400, "invalidValue", "PATCH", lead, patch(`{"op":"replace","path":"active","value":7}`))
		o.wants(400, "invalidValue", "POST", "/Users", `{"userName":"x"}`)
		o.wants(404, "", "GET", "/Users/00000000"+o.IDs["lead"][8:], "")
		o.wants(404, "", "PATCH", "/Users/nobody", off)
		o.wants(404, "", "GET", "/Groups", "")
		page := o.wants(200, "", "GET", "/Users?startIndex=2&count=3", "")
		if users, _ := page["Resources"].([]any); len(users) != 3 || page["totalResults"] != float64(len(housetest.Staff)) {
			t.Errorf("a page: %v", page)
		}
		for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"} {
			o.wants(200, "", "GET", path, "")
		}
		mine := o.token
		o.token, _ = o.Token("security", time.Hour, access.ReadRoster)
		o.wants(403, "", "PATCH", lead, off)
		o.wants(200, "", "GET", lead, "")
		o.token = o.Tokens["lead"]
		o.wants(403, "", "PATCH", "/Users/"+o.IDs["handling"], off)
		o.token = "nothing"
		o.wants(401, "", "GET", "/Users", "")
		o.token = mine
		// Two of the office: the other may be closed, and then who is left is the caller.
		o.Hire("second", access.SecurityAdmin)
		o.wants(200, "", "PATCH", "/Users/"+o.IDs["second"], off)
		o.wants(403, "", "PATCH", self, off)
	})
}

// TestTheLastSecurityAdministratorStays even when the token's own person is no longer at work in between.
func TestTheLastSecurityAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("second", access.SecurityAdmin)
		other, _ := o.Token("second", time.Hour, access.SyncRoster)
		mine := o.token
		off := patch(`{"op":"replace","path":"active","value":false}`)
		o.token = other
		o.wants(200, "", "PATCH", "/Users/"+o.IDs["security"], off)
		o.token = mine
		o.wants(401, "", "PATCH", "/Users/"+o.IDs["second"], off)
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("second"), access.ReadRoster, guard.Firm, func(g *guard.Grant) error {
			p, err := o.House.People.ByLogin(g, "second")
			if p.Status != person.Active {
				t.Error("nobody is left")
			}
			return err
		}))
	})
}

// TestTheDirectoryClosesTheDirector: a director's account closes like any other, and with it what the director let others approve.
func TestTheDirectoryClosesTheDirector(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("director"), access.Delegate, guard.Firm, func(g *guard.Grant) error {
			return o.House.People.Delegate(g, person.Delegation{Person: o.IDs["lead"], Acts: []access.Act{access.Release}, Since: g.Tx().Now, Until: g.Tx().Now.AddDate(0, 0, 9), Reason: "外出"})
		}))
		delegated := func() (n int) {
			housetest.Must(t, o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
				p, err := o.House.People.Principal(tx, o.IDs["lead"])
				n = len(p.Delegated)
				return err
			}))
			return n
		}
		if delegated() != 1 {
			t.Fatal("nothing is delegated")
		}
		o.wants(200, "", "PATCH", "/Users/"+o.IDs["director"], patch(`{"op":"replace","path":"active","value":false}`))
		if delegated() != 0 {
			t.Error("approved in the place of a director whose account is closed")
		}
		err := o.House.Door.Do(t.Context(), o.Who("director"), access.UseSystem, guard.Firm, func(*guard.Grant) error { return nil })
		if _, refused := guard.AsRefusal(err); !refused {
			t.Errorf("a closed director: %v", err)
		}
	})
}

// TestClosingWaitsForNothing: whatever else a directory says in the same request, the account closes; and a title that comes again while it
// waits to be approved is no conflict.
func TestClosingWaitsForNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		titled := func(title, active string) string {
			return patch(`{"op":"replace","path":"title","value":"` + title + `"},{"op":"replace","path":"active","value":` + active + `}`)
		}
		lead, handling, auditor := "/Users/"+o.IDs["lead"], "/Users/"+o.IDs["handling"], "/Users/"+o.IDs["auditor"]
		o.wants(200, "", "PATCH", lead, titled("助理", "true"))
		o.wants(200, "", "PATCH", lead, titled("助理", "true")) // waits for the director, and comes with every run
		for path, body := range map[string]string{lead: titled("助理", "false"), handling: titled("Senior Partner", `"False"`), auditor: titled("律师", "false")} {
			if got := o.wants(200, "", "PATCH", path, body); got["active"] != false {
				t.Errorf("%s after %s: %v", path, body, got)
			}
		}
		for _, login := range []string{"lead", "handling", "auditor"} {
			if _, err := o.House.People.AuthenticateToken(t.Context(), o.Tokens[login], "127.0.0.1"); err == nil {
				t.Errorf("the token of %s lives", login)
			}
		}
		trainee := "/Users/" + o.IDs["trainee"]
		if got := o.wants(200, "", "PUT", trainee, `{"userName":"another","title":"nobody","name":{"formatted":"`+strings.Repeat("长", 90)+`"},"active":false}`); got["active"] != false {
			t.Errorf("PUT: %v", got)
		}
		o.wants(400, "mutability", "PUT", trainee, `{"userName":"another","active":false}`) // is closed: now the rest counts
	})
}

func mailOf(user map[string]any) string {
	all, _ := user["emails"].([]any)
	if len(all) != 1 {
		return ""
	}
	one, _ := all[0].(map[string]any)
	address, _ := one["value"].(string)
	return address
}
