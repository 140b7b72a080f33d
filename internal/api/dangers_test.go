package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
)

// danger is one that outsider found.
func (o *office) danger() (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Do(o.T.Context(), o.Who("outsider"), access.RegisterDanger, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Dangers.Register(g, danger.Finding{Place: "三楼档案室", What: "门锁松动", Severity: danger.General, Found: g.Tx().Now})
		return err
	}))
	return id
}

// TestDangersByProgram: a program goes the steps that the pages go, in their order; to who may not know a danger it is not there.
func TestDangersByProgram(t *testing.T) {
	o := found(t)
	one := "/dangers/" + o.danger()
	day := o.clock.Now().UTC().AddDate(0, 0, 9).Format("2006-01-02")
	assignment := object{"responsible": o.IDs["handling"], "due": day, "severity": "major"}
	mending := object{"measures": "换锁", "statement": "已消除"}
	for _, k := range []struct {
		call
		want int
	}{
		{call{login: "trainee", method: "POST", path: "/dangers", body: object{"place": "前台", "what": "屏幕朝外", "severity": "worst", "found": day}}, http.StatusUnprocessableEntity},
		{call{login: "trainee", method: "POST", path: "/dangers", body: object{"place": "前台", "what": "屏幕朝外", "severity": "major", "found": day}}, http.StatusUnprocessableEntity}, // in the future
		{call{login: "outsider", method: "PUT", path: one + "/assignment", body: assignment}, http.StatusForbidden},
		{call{login: "security", method: "PUT", path: one + "/assignment", body: object{"responsible": nowhere, "due": day, "severity": "major"}}, http.StatusUnprocessableEntity},
		{call{login: "security", method: "PUT", path: one + "/assignment", body: object{"responsible": o.IDs["handling"], "due": "2020-01-01", "severity": "major"}}, http.StatusUnprocessableEntity},
		{call{login: "security", method: "POST", path: one + "/mending", body: mending}, http.StatusForbidden},
		{call{login: "security", method: "PUT", path: one + "/assignment", body: assignment}, http.StatusNoContent},
		{call{login: "handling", method: "POST", path: one + "/mending", body: mending}, http.StatusNoContent},
		{call{login: "handling", method: "POST", path: one + "/check", body: object{"passed": true}}, http.StatusForbidden},
		{call{login: "director", method: "POST", path: one + "/check", body: object{"passed": false}}, http.StatusUnprocessableEntity}, // no reason
		{call{login: "director", method: "POST", path: one + "/check", body: object{"passed": true}}, http.StatusNoContent},
		{call{login: "director", method: "POST", path: one + "/check", body: object{"passed": true}}, http.StatusForbidden},
	} {
		if a := o.send(k.call); a.status != k.want {
			t.Errorf("%s %s as %s: %d, want %d: %s", k.method, k.path, k.login, a.status, k.want, a.body)
		}
	}
	if a := o.send(call{login: "outsider", method: "GET", path: one}); a.status != http.StatusOK || !strings.Contains(string(a.body), `"passed":true`) || !strings.Contains(string(a.body), day) {
		t.Errorf("the finder reads %d %s", a.status, a.body)
	}
	for _, k := range []call{{method: "GET"}, {method: "PUT", path: "/assignment", body: assignment}, {method: "POST", path: "/mending", body: mending}, {method: "POST", path: "/check", body: object{"passed": true}}} {
		for _, login := range []string{"lead", "trainee", "system"} {
			there, absent := k, k
			there.login, there.path = login, one+k.path
			absent.login, absent.path = login, "/dangers/"+nowhere+k.path
			a, b := o.send(there), o.send(absent)
			if a.status != http.StatusNotFound || b.status != a.status || !bytes.Equal(a.body, b.body) {
				t.Errorf("%s %s as %s: %d %s\n%d %s", k.method, k.path, login, a.status, a.body, b.status, b.body)
			}
		}
		if a := o.send(call{login: "lead", method: "GET", path: "/dangers"}); !strings.Contains(string(a.body), `"items":[]`) {
			t.Errorf("a stranger's register is %s", a.body)
		}
	}
}
