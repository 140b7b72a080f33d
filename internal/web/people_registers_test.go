package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"mijuan/internal/access"
	"mijuan/internal/matter"
)

// sheet is a register as a workbook: its rows, without those above the headings.
func (b *browser) sheet(path, heading string) (rows [][]string) {
	b.o.T.Helper()
	a := b.get(path)
	f, err := excelize.OpenReader(strings.NewReader(a.body))
	if err != nil {
		b.o.T.Fatalf("%s: %d %v", path, a.status, err)
	}
	defer f.Close()
	all, err := f.GetRows(f.GetSheetName(0))
	must(b.o.T, err)
	at := slices.IndexFunc(all, func(row []string) bool { return slices.Contains(row, heading) })
	if at < 0 {
		b.o.T.Fatalf("%s: no heading %q in %v", path, heading, all)
	}
	return all[at:]
}

// cell is what stands under a heading in the row that begins with, or holds, a name.
func cell(rows [][]string, name, heading string) string {
	column := slices.Index(rows[0], heading)
	for _, row := range rows[1:] {
		if slices.Contains(row, name) && column >= 0 && column < len(row) {
			return row[column]
		}
	}
	return "?"
}

// TestPeopleRegisters: the registers of people as files, with the columns that the rules name.
func TestPeopleRegisters(t *testing.T) {
	o := found(t)
	security, director, lead := o.loggedIn("security"), o.loggedIn("director"), o.loggedIn("lead")
	at := "/people/" + o.IDs["handling"]
	if a := security.post(at+"/starts", url.Values{"starts": {"2019-03-01"}, "reason": {"补录"}}); a.status != http.StatusOK {
		t.Fatalf("the day of joining: %d", a.status)
	}
	roster := security.sheet("/people?format=xlsx", "入职日期")
	if day, opened := cell(roster, "测试handling", "入职日期"), cell(roster, "测试handling", "账号启用"); day != "2019-03-01" || opened == day || opened == "" {
		t.Errorf("joined %q, account opened %q", day, opened)
	}
	if duties := cell(roster, "测试lead", "职责"); !strings.Contains(duties, "主办案件 1") {
		t.Errorf("the lead answers for %q", duties)
	}

	// A record by hand says on what it rests, and the auditor reads who made it.
	if a := security.post(at+"/training", url.Values{"kind": {"regular"}}); !strings.Contains(a.body, "请填写依据") {
		t.Errorf("a training without a basis: %d", a.status)
	}
	for _, deed := range []string{"training", "pledge"} {
		if a := security.post(at+"/"+deed, url.Values{"kind": {map[string]string{"training": "regular", "pledge": "yearly"}[deed]}, "reason": {"一月集中学习签到表"}}); a.status != http.StatusOK {
			t.Errorf("%s: %d", deed, a.status)
		}
	}
	auditor := o.loggedIn("auditor")
	for path, heading := range map[string]string{"/training/register?format=xlsx": "结果", "/pledge/register?format=xlsx": "签名"} {
		if rows := auditor.sheet(path, heading); !slices.ContainsFunc(rows, func(row []string) bool {
			return strings.Contains(strings.Join(row, " "), "测试security登记：一月集中学习签到表")
		}) {
			t.Errorf("%s does not tell who recorded it: %v", path, rows)
		}
	}

	// 权限变更: the lead says why, and what changed without a request stands there too.
	team := url.Values{"person": {o.IDs["outsider"]}, "duty": {"assisting"}, "clearance": {"secret"}}
	if a := lead.post("/matters/"+o.matter+"/team", team); !strings.Contains(a.body, "请填写理由") {
		t.Errorf("a place without a reason: %d", a.status)
	}
	team.Set("reason", "协助开庭")
	if a := lead.post("/matters/"+o.matter+"/team", team); a.status != http.StatusOK {
		t.Errorf("a place: %d", a.status)
	}
	security.post("/people/"+o.IDs["walled"]+"/suspend", url.Values{"reason": {"长期休假"}})
	rows := security.sheet("/rights/register?format=xlsx", "原权限")
	if what := cell(rows, "测试outsider", "理由"); what != "协助开庭" {
		t.Errorf("the register: %q in %v", what, rows)
	}
	if what := cell(rows, "长期休假", "新权限"); what != "已停用" {
		t.Errorf("an account: %q", what)
	}
	if a := security.get("/rights/register?kind=account&q=" + url.QueryEscape("walled")); !strings.Contains(a.body, "长期休假") || strings.Contains(a.body, "协助开庭") {
		t.Error("the register, narrowed")
	}
	if a := lead.post("/rights", url.Values{"kind": {"posts"}, "posts": {"lawyer", "committee"}, "reason": {"增补委员"}}); !strings.Contains(a.body, "待审批") {
		t.Errorf("a request: %d", a.status)
	}
	if a := director.get("/rights"); !strings.Contains(a.body, "增补委员") {
		t.Error("the director is not asked")
	}

	// 审批授权
	day := time.Now().AddDate(0, 0, 9).Format(time.DateOnly)
	give := url.Values{"person": {o.IDs["lead"]}, "acts": {string(access.DecideRights)}, "since": {time.Now().In(matter.Beijing).Format(time.DateOnly)}, "until": {day}}
	if a := director.post("/delegations", give); !strings.Contains(a.body, "请填写事由") {
		t.Errorf("a delegation without a reason: %d", a.status)
	}
	give.Set("reason", "外出开庭")
	if a := director.post("/delegations", give); !strings.Contains(a.body, "生效中") || !strings.Contains(a.body, "外出开庭") {
		t.Errorf("a delegation: %d", a.status)
	}
	if a := o.loggedIn("outsider").get("/delegations"); !strings.Contains(a.body, "测试lead") || strings.Contains(a.body, "外出开庭") {
		t.Error("a colleague reads why the director is away, or not who stands in")
	}

	// 奖惩, 离岗交接
	director.post(at+"/measures/open", url.Values{"measure": {"warning"}, "happened": {time.Now().Format(time.DateOnly)}, "facts": {"把一份材料留在了会议室"}})
	if what := cell(director.sheet("/measures?format=xlsx&state=open", "提出"), "测试handling", "提出"); what != "警告" {
		t.Errorf("measures: %q", what)
	}
	if a := director.get("/measures?state=decided"); strings.Contains(a.body, "测试handling") {
		t.Error("an open case among those decided")
	}
	id := o.RegisterCarriers(o.matter, 1)
	director.post(at+"/leaving/begin", url.Values{"last_day": {day}, "reason": {"本人辞职"}, "witness": {o.IDs["auditor"]}})
	if a := director.post(at+"/leaving/list", url.Values{"item": {"carriers:" + o.matter}, "successor": {o.IDs["lead"]}}); a.status != http.StatusOK {
		t.Errorf("the carrier: %d", a.status)
	}
	lead.post("/carriers/"+id[0]+"/take", nil)
	if what := cell(director.sheet("/leaving?format=xlsx", "载体编号与接收人"), "测试handling", "载体编号与接收人"); !strings.Contains(what, "→ 测试lead") {
		t.Errorf("carriers in the register of leavings: %q", what)
	}
	if a := director.post(at+"/leaving/appoint", url.Values{"witness": {o.IDs["trainee"]}}); !strings.Contains(a.body, "现在是测试trainee") {
		t.Errorf("another witness: %d", a.status)
	}
	if a := security.get("/people/new"); !strings.Contains(a.body, "岗位与职责") {
		t.Error("nobody is told what a post may do")
	}
	if a := security.post("/people/new", url.Values{"login": {"another"}, "name": {"某人"}, "licence": {"123"}, "posts": {"lawyer"}}); !strings.Contains(a.body, "17 位数字") {
		t.Errorf("a wrong licence: %d", a.status)
	}
}
