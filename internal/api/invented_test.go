package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestInventedPersons: a duty is given to a person of the roster or to nobody; what else is typed in a person's place is told so and
// kept nowhere.
func TestInventedPersons(t *testing.T) {
	w := newWork(t)
	m, x, ids := "/matters/"+w.matter, "/materials/"+w.material, w.o.IDs
	for _, who := range []string{nowhere, "云麓科技有限公司", "", "a\x00b", strings.Repeat("甲", 60)} {
		member := object{"person": who, "duty": "lead", "clearance": "secret"}
		opening := object{"kind": "civil", "title": "合同纠纷", "client": object{"name": "云麓科技有限公司", "kind": "company"}}
		team, walls := object{"team": []object{member}}, object{"walls": []object{{"person": who, "reason": "冲突"}}}
		for k, v := range opening {
			team[k], walls[k] = v, v
		}
		calls := []call{
			{login: "lead", method: "POST", path: "/matters", body: team},
			{login: "lead", method: "POST", path: "/matters", body: walls},
			{login: "handling", method: "POST", path: m + "/materials", body: []object{{"upload": w.upload, "kinds": []string{"case_paper"}, "level": "confidential", "reason": "一般", "reviewer": who}}},
			{login: "handling", method: "POST", path: x + "/proposals", body: object{"level": "confidential", "reason": "已公开", "reviewer": who}},
			{login: "lead", method: "POST", path: x + "/releases", body: object{"person": who, "until": w.o.clock.Now().Add(time.Hour), "reason": "出庭"}},
		}
		if who != "" && !strings.Contains(who, "\x00") {
			calls = append(calls, call{login: "lead", method: "PUT", path: m + "/team/" + who, body: object{"person": ids["lead"], "duty": "assisting", "clearance": "secret", "reason": "协助"}},
				call{login: "lead", method: "PUT", path: m + "/walls/" + who, body: object{"reason": "冲突"}})
		}
		for _, k := range calls {
			if a := w.o.send(k); a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s %s names %q: %d %s", k.method, k.path, who, a.status, a.body)
			}
		}
	}
}
