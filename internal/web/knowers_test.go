package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mijuan/internal/access"
)

// TestKnowersOnPages: the register of who knew top secret lists what its reader may know, page after page, narrows by matter, person and day, and
// goes along as a file with its columns on paper.
func TestKnowersOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	lead, keeper, handling, auditor := o.loggedIn("lead"), o.loggedIn("keeper"), o.loggedIn("handling"), o.loggedIn("auditor")
	if a := lead.get("/carriers/known"); a.status != http.StatusOK || !strings.Contains(a.body, "没有绝密级的知悉记录") {
		t.Errorf("the empty register: %d", a.status)
	}
	form := url.Values{"title": {"证人名单"}, "form": {"paper"}, "level": {"top_secret"}, "pages": {"2"}, "copies": {"60"}, "origin": {"client"}, "from": {"周慎言"}, "place": {"三楼档案室 A 柜"}}
	if a := lead.post("/matters/"+in+"/carriers/new", form); !strings.Contains(a.body, "已登记并编号") {
		t.Fatalf("registering: %d", a.status)
	}
	number := regexp.MustCompile(`\d{4}-\d{4}-\d{4}-\d{2}-\d`)
	seen := map[string]int{}
	path := "/carriers/known?matter=" + in
	for page := range 3 {
		a := lead.get(path)
		for _, n := range number.FindAllString(a.body, -1) {
			seen[n]++
		}
		older := regexp.MustCompile(`href="([^"]*after=[^"]*)"[^>]*>\s*较早`).FindStringSubmatch(a.body)
		if first := strings.Contains(a.body, "回到第一页"); first != (page > 0) {
			t.Errorf("page %d leads back to the first: %v", page, first)
		}
		if older == nil {
			break
		}
		path = strings.ReplaceAll(older[1], "&amp;", "&")
	}
	if len(seen) != 60 {
		t.Errorf("the pages show %d of 60", len(seen))
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("%s stands %s times", n, strconv.Itoa(times))
		}
	}
	for query, finds := range map[string]bool{"": true, "?person=" + o.IDs["lead"]: true, "?person=" + o.IDs["handling"]: false, "?date_to=2020-01-01": false, "?manner=taken": false, "?manner=registered": true} {
		if a := lead.get("/carriers/known" + query); strings.Contains(a.body, "证人名单") != finds {
			t.Errorf("%s finds it: %v", query, !finds)
		}
	}
	if a := keeper.get("/carriers/known"); strings.Contains(a.body, "证人名单") || !number.MatchString(a.body) {
		t.Error("the custodian reads a title, or nothing")
	}
	if a := auditor.get("/carriers/known"); strings.Contains(a.body, "证人名单") || !number.MatchString(a.body) {
		t.Error("the auditor reads a title, or nothing")
	}
	if a := handling.get("/carriers/known"); number.MatchString(a.body) || strings.Contains(a.body, in) {
		t.Error("who is off the list reads of it, or may narrow to the matter")
	}
	rows := lead.sheet("/carriers/known?format=xlsx", "知悉人")
	if who, by := cell(rows, "证人名单", "知悉人"), cell(rows, "证人名单", "批准人"); len(rows) != 61 || who != "测试lead" || by != "测试lead" {
		t.Errorf("%d rows: %q knew, by %q", len(rows), who, by)
	}
	if rows := lead.sheet("/matters/"+in+"/carriers/loans?of=known&format=xlsx", "知悉人"); len(rows) != 61 {
		t.Errorf("%d rows of the matter", len(rows))
	}
	if a := lead.get("/matters/" + in + "/carriers/loans"); !strings.Contains(a.body, "证人名单") || !strings.Contains(a.body, "/carriers/known?matter="+in) {
		t.Error("the matter's page does not lead to the rest")
	}
	if a := lead.get("/carriers/known?format=pdf"); a.status != http.StatusOK {
		t.Errorf("as PDF: %d", a.status)
	}
}
