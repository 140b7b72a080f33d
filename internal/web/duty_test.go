package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
)

// TestDutyOnPages: the security administrator sends a signed letter to one who left, takes it down and ends reminding.
func TestDutyOnPages(t *testing.T) {
	o := found(t)
	o.Hire("goer", access.Assistant)
	housetest.Must(t, o.House.SetName(t.Context(), "江澜衡砚律师事务所"))
	security := o.loggedIn("security")
	at := "/people/" + o.IDs["goer"] + "/duty"
	if a := security.get(at); !strings.Contains(a.body, "此人没有离岗") {
		t.Errorf("before leaving: %d", a.status)
	}
	o.HandOver("goer")
	housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("security"), access.CloseLeaving, guard.Thing{Kind: access.Person, ID: o.IDs["goer"]}, func(g *guard.Grant) error {
		_, err := o.House.Leaving.Close(g)
		return err
	}))
	if a := o.loggedIn("lead").get(at); a.status != http.StatusForbidden {
		t.Errorf("a colleague: %d", a.status)
	}
	step := func(deed string, form url.Values, want string) {
		t.Helper()
		if a := security.post(at+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Errorf("%s: %d, no %q", deed, a.status, want)
		}
	}
	letter := url.Values{"manner": {"post"}, "note": {"滨江路 8 号"}, "months": {"12"}, "password": {"wrong"}}
	step("remind", letter, "密码不对")
	letter.Set("password", housetest.Password)
	letter.Set("note", " ")
	step("remind", letter, "请填写送达地址")
	letter.Set("note", "滨江路 8 号")
	step("remind", letter, "滨江路 8 号")
	link := regexp.MustCompile(`href="(` + at + `/[^"]+)"`).FindStringSubmatch(security.get(at).body)
	if link == nil {
		t.Fatal("no letter to take down")
	}
	if a := security.get(link[1]); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the letter: %d", a.status)
	}
	if a := o.loggedIn("lead").get(link[1]); a.status != http.StatusForbidden {
		t.Errorf("the letter to a colleague: %d", a.status)
	}
	step("end", url.Values{"note": {"定居国外，无法送达"}}, "定居国外")
	if a := security.get("/duty"); !strings.Contains(a.body, "测试goer") || !strings.Contains(a.body, "不再提醒") {
		t.Errorf("the register: %d", a.status)
	}
	if a := security.get("/duty?state=due"); strings.Contains(a.body, "测试goer") {
		t.Error("who is reminded no more is due")
	}
	if a := security.get("/duty?format=xlsx"); a.status != http.StatusOK {
		t.Errorf("the register as a file: %d", a.status)
	}
}
