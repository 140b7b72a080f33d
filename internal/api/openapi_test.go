package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/course"
)

// contract is the served description, read by a library of others.
type contract struct {
	*openapi3.T
	router routers.Router
	good   map[string]bool // operations that were seen to succeed as described
	bad    map[string]bool // and to fail as described
}

func (o *office) contract() *contract {
	o.T.Helper()
	a := o.send(call{method: "GET", path: "/openapi.json"})
	doc, err := openapi3.NewLoader().LoadFromData(a.body)
	must(o.T, err)
	must(o.T, doc.Validate(context.Background()))
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		o.T.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	doc.Servers = openapi3.Servers{{URL: o.Server.URL + "/api/v1"}}
	router, err := legacy.NewRouter(doc)
	must(o.T, err)
	return &contract{doc, router, map[string]bool{}, map[string]bool{}}
}

// operations lists "GET /path" by operation id.
func (c *contract) operations() map[string]string {
	all := map[string]string{}
	for path, item := range c.Paths.Map() {
		for method, op := range item.Operations() {
			all[op.OperationID] = method + " " + path
		}
	}
	return all
}

// try sends a call, holds request and answer against the description and gives the answer.
func (c *contract) try(o *office, k call) answer {
	o.T.Helper()
	r := o.request(k)
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		o.T.Fatalf("%s %s is not described: %v", k.method, k.path, err)
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	asked := openapi3filter.ValidateRequest(context.Background(), in)
	a := o.deliver(o.request(k))
	if asked != nil && a.status < 400 {
		o.T.Errorf("%s: a request that is not as described was taken: %v", route.Operation.OperationID, asked)
	}
	if a.status >= 400 {
		wantProblem(o.T, route.Operation.OperationID, a)
	}
	if strings.Contains(a.header.Get("Content-Type"), "json") {
		out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)), Options: options}
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			o.T.Errorf("%s: the answer %d is not as described: %v\n%s", route.Operation.OperationID, a.status, err, a.body)
		}
	} else if route.Operation.Responses.Status(a.status) == nil {
		o.T.Errorf("%s: the answer %d is not described", route.Operation.OperationID, a.status)
	}
	if a.status < 400 {
		c.good[route.Operation.OperationID] = true
	} else {
		c.bad[route.Operation.OperationID] = true
	}
	return a
}

// wantProblem looks at an error's form (RFC 9457); HEAD has no body to look at.
func wantProblem(t testing.TB, what string, a answer) {
	t.Helper()
	p := a.problem()
	if what == "find-upload" { // HEAD has no body
		p.Status, p.Detail, p.Title, p.Type = a.status, "-", "-", "-"
	}
	if a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status || p.Detail == "" || p.Title == "" || p.Type == "" {
		t.Errorf("%s: %d is no problem of ours: %s %s", what, a.status, a.header.Get("Content-Type"), a.body)
	}
	if a.status == http.StatusForbidden && (p.Clause == "" || !slices.Contains(p.Clauses, p.Clause)) {
		t.Errorf("%s: a refusal without its clause: %s", what, a.body)
	}
}

// work is what the walk works on.
type work struct {
	o        *office
	c        *contract
	matter   string
	material string // filed, two pages
	waiting  string // not reviewed yet
	copy     string // carrier: the material's original, fetched by lead
	upload   string // not filed yet
	second   string // likewise
	campaign string
	pledge   string   // signed by outsider
	carriers []string // held by handling, of the matter
	measure  string   // a warning of handling, opened by security
	slip     string   // of carriers[3], waits for the director
	order    string   // of a copy of it, likewise
	medium   string
	danger   string   // found by outsider
	leaves   []string // requests of handling to fetch the material's original
}

const nowhere = "01999999-9999-7999-8999-999999999999"

var tusHeaders = map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}

func withHeaders(more ...string) map[string]string {
	all := map[string]string{}
	for k, v := range tusHeaders {
		all[k] = v
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

// metadata is a.txt, and no state secret.
const metadata = "filename YS50eHQ=,not_state_secret eWVz"

// successes calls each operation as somebody who may.
func (w *work) successes() []call {
	m, x, ids := "/matters/"+w.matter, "/materials/"+w.material, w.o.IDs
	return []call{
		{login: "lead", method: "GET", path: "/matters?limit=1&sort=number&state=open&q=" + url.QueryEscape("股权")},
		{login: "lead", method: "POST", path: "/matters", body: object{"kind": "civil", "title": "合同纠纷", "summary": "概要", "client": object{"name": "云麓科技有限公司", "kind": "company", "identity": "91310000MA1K35AB0C"},
			"parties": []object{{"role": "被告", "name": "某某", "identity": "1"}}, "team": []object{{"person": ids["handling"], "duty": "handling", "clearance": "secret", "until": "2099-01-02T03:04:05Z"}},
			"walls": []object{{"person": ids["walled"], "reason": "冲突"}}}},
		{login: "lead", method: "GET", path: m},
		{login: "lead", method: "PUT", path: m, body: object{"version": 0, "kind": "arbitration", "title": "股权回购仲裁", "summary": "概要", "client": object{"name": "澜川重工股份有限公司", "kind": "company"},
			"parties": []object{{"role": "被申请人", "name": "北岭咨询有限公司", "identity": "2"}}}},
		{login: "lead", method: "PUT", path: m + "/team/" + ids["outsider"], body: object{"person": ids["outsider"], "duty": "assisting", "clearance": "confidential", "reason": "协助"}},
		{login: "lead", method: "POST", path: m + "/team/" + ids["outsider"] + "/removal", body: object{"reason": "done"}},
		{login: "lead", method: "PUT", path: m + "/walls/" + ids["outsider"], body: object{"reason": "前雇主"}},
		{login: "lead", method: "DELETE", path: m + "/walls/" + ids["outsider"]},
		{login: "lead", method: "GET", path: "/materials?limit=2&offset=0&sort=level&level=secret&state=filed&personal=unasked&waiting=false"},
		{login: "lead", method: "GET", path: m + "/materials"},
		{login: "handling", method: "GET", path: m + "/intake"},
		{login: "handling", method: "POST", path: m + "/uploads", body: "第一页", header: withHeaders("Upload-Length", "9", "Upload-Metadata", metadata)},
		{login: "handling", method: "HEAD", path: m + "/uploads/" + w.upload, header: map[string]string{"Tus-Resumable": "1.0.0"}},
		{login: "handling", method: "GET", path: m + "/uploads/" + w.upload},
		{login: "handling", method: "DELETE", path: m + "/uploads/" + w.second, header: map[string]string{"Tus-Resumable": "1.0.0"}},
		{login: "handling", method: "POST", path: m + "/materials", body: []object{{"upload": w.upload, "title": "起诉状", "kinds": []string{"identity"}, "client_asked": true, "level": "confidential",
			"reason": "一般", "reviewer": ids["lead"], "personal": "sensitive", "basis": "separate_consent", "basis_note": "核实身份"}}},
		{login: "lead", method: "GET", path: x},
		{login: "lead", method: "GET", path: x + "/pages/1?width=160"},
		{login: "lead", method: "POST", path: "/materials/" + w.waiting + "/review", body: object{"level": "secret", "reason": "同意"}},
		{login: "handling", method: "POST", path: x + "/proposals", body: object{"level": "confidential", "reason": "已公开", "reviewer": ids["lead"]}},
		{login: "handling", method: "PUT", path: x + "/reviewer", body: object{"reviewer": ids["outsider"], "reason": "原审核人出差"}},
		{login: "lead", method: "PUT", path: x + "/basis", body: object{"personal": "personal", "basis": "law", "basis_note": "律师法第三十五条", "reason": "补填"}},
		{login: "lead", method: "PUT", path: x + "/title", body: object{"title": "代理意见"}},
		{login: "lead", method: "POST", path: x + "/releases", body: object{"person": ids["handling"], "until": w.o.clock.Now().Add(3600e9).UTC().Format("2006-01-02T15:04:05Z"), "reason": "出庭"}},
		{login: "lead", method: "GET", path: x + "/original"},
		{login: "lead", method: "GET", path: x + "/history?limit=3"},
		{login: "lead", method: "GET", path: m + "/ledger?limit=3&before=20"},
		{login: "auditor", method: "GET", path: "/persons/" + ids["lead"] + "/acts"},
		{login: "auditor", method: "GET", path: "/ledger?limit=5"},
		{login: "auditor", method: "POST", path: "/ledger/verification"},
		{login: "auditor", method: "POST", path: "/ledger/export"},
		{login: "lead", method: "GET", path: "/rules/clauses"},
		{login: "security", method: "GET", path: "/pledges?limit=3&kind=leaving&version=1&q=" + url.QueryEscape("测试") + "&person=" + ids["outsider"]},
		{login: "security", method: "GET", path: "/pledges/missing"},
		{login: "lead", method: "GET", path: "/pledges/editions"},
		{login: "lead", method: "GET", path: "/criteria"},
		{login: "auditor", method: "GET", path: "/pledges/" + w.pledge + "/document"},
		{login: "lead", method: "GET", path: "/me"},
		{login: "lead", method: "GET", path: "/me/training"},
		{login: "security", method: "GET", path: "/training/courses"},
		{login: "security", method: "GET", path: "/training/courses/1"},
		{login: "security", method: "GET", path: "/training/campaigns?limit=2"},
		{login: "security", method: "POST", path: "/training/campaigns", body: object{"title": "专项培训", "kind": "special", "posts": []string{"lawyer"}, "due": w.day(20), "grace_days": 3}},
		{login: "security", method: "GET", path: "/training/campaigns/" + w.campaign},
		{login: "security", method: "PUT", path: "/training/campaigns/" + w.campaign + "/due", body: object{"due": w.day(30), "grace_days": 0}},
		{login: "security", method: "POST", path: "/training/campaigns/" + w.campaign + "/withdrawal", body: object{"reason": "改期"}},
		{login: "security", method: "POST", path: "/training/courses", body: object{"text": strings.Replace(course.Default().Text(), "及格分：85", "及格分：90", 1), "required_from": w.day(40)}},
		{login: "security", method: "GET", path: "/training/register?limit=3&form=outside&result=passed&from=" + w.day(-9) + "&q=" + url.QueryEscape("测试")},
		{login: "handling", method: "POST", path: m + "/carriers", body: object{"title": "授权委托书", "form": "paper", "origin": "client", "level": "confidential", "pages": 2, "copies": 1, "from": "客户经办人", "place": "A01 柜", "use": "立案"}},
		{login: "lead", method: "GET", path: m + "/carriers/balance"},
		{login: "lead", method: "GET", path: "/carriers?limit=2&state=held&level=secret&form=paper&number=2&mine=false&overdue=false"},
		{login: "lead", method: "GET", path: "/carriers/" + w.carriers[0]},
		{login: "handling", method: "POST", path: "/carriers/" + w.carriers[0] + "/offer", body: object{"to": ids["lead"], "due": w.day(9), "note": "开庭"}},
		{login: "handling", method: "DELETE", path: "/carriers/" + w.carriers[0] + "/offer"},
		{login: "handling", method: "POST", path: "/carriers/" + w.carriers[0] + "/offer", body: object{"to": ids["lead"]}},
		{login: "lead", method: "POST", path: "/carriers/" + w.carriers[0] + "/refusal", body: object{"reason": "页数不符"}},
		{login: "handling", method: "POST", path: "/carriers/" + w.carriers[0] + "/offer", body: object{"to": ids["lead"], "note": "复核"}},
		{login: "lead", method: "POST", path: "/carriers/" + w.carriers[0] + "/acceptance"},
		{login: "lead", method: "PUT", path: "/carriers/" + w.carriers[0] + "/place", body: object{"place": "B01 柜"}},
		{login: "handling", method: "POST", path: "/carriers/" + w.carriers[1] + "/return", body: object{"receiver": "客户经办人"}},
		{login: "director", method: "POST", path: "/carriers/" + w.carriers[2] + "/write-off", body: object{"reason": "搬迁时遗失"}},
		{login: "lead", method: "POST", path: "/carriers/" + w.copy + "/erasure"},
		{login: "lead", method: "GET", path: "/approvals?whose=for-me&limit=3&state=pending&act=fetchOriginal&level=secret"},
		{login: "lead", method: "GET", path: "/approvals/" + w.leaves[0]},
		{login: "handling", method: "POST", path: "/approvals/" + w.leaves[1] + "/withdrawal"},
		{login: "lead", method: "GET", path: "/take-outs?limit=3"},
		{login: "lead", method: "GET", path: "/carriers/" + w.carriers[3] + "/take-outs/" + w.slip},
		{login: "handling", method: "GET", path: "/output?limit=3&kind=copy&state=asked&mine=true"},
		{login: "handling", method: "GET", path: "/output/" + w.order},
		{login: "system", method: "GET", path: "/media?limit=3&form=stick&q=64"},
		{login: "system", method: "GET", path: "/media/" + w.medium},
		{login: "lead", method: "GET", path: "/retention/due"},
		{login: "lead", method: "PUT", path: m + "/hold", body: object{"reason": "法院保全裁定"}},
		{login: "lead", method: "PUT", path: x + "/hold", body: object{"reason": "法院保全裁定"}},
		{login: "lead", method: "PUT", path: "/carriers/" + w.carriers[3] + "/hold", body: object{"reason": "法院保全裁定"}},
		{login: "lead", method: "GET", path: "/retention/holds"},
		{login: "lead", method: "GET", path: m + "/keeping"},
		{login: "security", method: "GET", path: "/measures?open=true&limit=3"},
		{login: "director", method: "GET", path: "/persons/" + ids["handling"] + "/measures"},
		{login: "security", method: "GET", path: "/persons?limit=3&status=active&post=lawyer&q=" + url.QueryEscape("测试")},
	}
}

// day is some days from now.
func (w *work) day(n int) string {
	return w.o.clock.Now().UTC().AddDate(0, 0, n).Format("2006-01-02T15:04:05Z")
}

// staffing are the operations on accounts, which the console's posts do.
func (w *work) staffing() []call {
	who, goes := "/persons/"+w.o.IDs["trainee"], "/persons/"+w.o.IDs["handling"]
	day := w.o.clock.Now().UTC().Format("2006-01-02T15:04:05Z")
	return []call{
		{login: "security", method: "POST", path: "/persons", body: object{"login": "newcomer", "name": "新人", "department": "争议", "licence": "13101201911234567", "posts": []string{"trainee"}}},
		{login: "security", method: "PUT", path: who + "/posts", body: object{"posts": []string{"lawyer"}, "reason": "转正"}},
		{login: "security", method: "POST", path: who + "/suspension", body: object{"reason": "休假"}},
		{login: "security", method: "POST", path: who + "/restoration", body: object{"reason": "回来"}},
		{login: "director", method: "POST", path: who + "/measures", body: object{"measure": "praise", "facts": "发现并报告了一处隐患", "happened": day[:10]}},
		{login: "security", method: "POST", path: goes + "/measures/" + w.measure + "/opinions", body: object{"text": "情节轻微"}},
		{login: "handling", method: "POST", path: goes + "/measures/" + w.measure + "/reply", body: object{"text": "会后已经取回"}},
		{login: "director", method: "POST", path: goes + "/measures/" + w.measure + "/decision", body: object{"measure": "none", "why": "已经改正"}},
		{login: "handling", method: "POST", path: "/dangers", body: object{"place": "前台", "what": "显示器朝向来访者", "severity": "general", "found": day[:10]}},
		{login: "system", method: "POST", path: "/dangers", body: object{"place": "文印间", "what": "出纸口放着文件", "severity": "major", "found": day[:10]}},
		{login: "security", method: "GET", path: "/dangers?limit=2&state=found&severity=general&number=YH&late=false&mine=false"},
		{login: "outsider", method: "GET", path: "/dangers/" + w.danger},
		{login: "security", method: "PUT", path: "/dangers/" + w.danger + "/assignment", body: object{"responsible": w.o.IDs["lead"], "due": w.day(9)[:10], "severity": "major", "demand": "换锁"}},
		{login: "lead", method: "POST", path: "/dangers/" + w.danger + "/mending", body: object{"measures": "换了新锁", "statement": "旧钥匙已收回"}},
		{login: "auditor", method: "POST", path: "/dangers/" + w.danger + "/check", body: object{"passed": true, "opinion": "已看过"}},
		{login: "director", method: "POST", path: goes + "/leaving", body: object{"last_day": "2199-12-31", "reason": "本人辞职", "witness": w.o.IDs["auditor"]}},
		{login: "director", method: "PUT", path: goes + "/leaving/witness", body: object{"witness": w.o.IDs["system"]}},
		{login: "director", method: "POST", path: goes + "/leaving/handovers", body: object{"kind": "materials", "matter": w.matter, "materials": []string{w.waiting}, "successor": w.o.IDs["lead"]}},
		{login: "director", method: "POST", path: goes + "/leaving/withdrawals", body: object{"kind": "requests", "matter": w.matter}},
		{login: "security", method: "GET", path: goes + "/holdings"},
		{login: "security", method: "GET", path: "/leavings?open=true&limit=5"},
		{login: "director", method: "POST", path: goes + "/leaving/cancellation", body: object{"reason": "决定留任"}},
		{login: "security", method: "POST", path: "/persons/" + w.o.IDs["leaver"] + "/leaving/closing"},
	}
}

func newWork(t testing.TB) *work {
	o := found(t)
	w := &work{o: o, c: o.contract()}
	w.matter = o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	w.material = o.Receive(w.matter, "a.txt", "代理词", strings.Repeat("争议焦点在于回购条件。\n", 200), classification.Secret)
	o.Review(w.material, classification.Secret)
	w.copy = o.fetch(w.material)
	w.waiting = o.Receive(w.matter, "b.txt", "证据目录", "目录", classification.Secret)
	w.upload, w.second = o.Upload(w.matter, "c.txt", "起诉"), o.Upload(w.matter, "d.txt", "答辩")
	w.pledge = o.Sign("outsider")
	w.measure = o.measure()
	w.carriers = o.RegisterCarriers(w.matter, 4)
	w.slip, w.order, w.medium = o.askOut(w.carriers[3]), o.askCopy(w.carriers[3]), o.medium()
	w.leaves = []string{o.askOriginal(w.material), o.askOriginal(w.material), o.askOriginal(w.material)}
	o.Hire("leaver", access.Logistics)
	o.HandOver("leaver")
	w.campaign = o.campaign()
	w.danger = o.danger()
	return w
}

// TestContract calls every operation, as somebody who may and as somebody who may not, and holds every request and answer against
// the description. An operation that nobody calls fails.
func TestContract(t *testing.T) {
	w := newWork(t)
	for _, k := range append(w.successes(), w.staffing()...) {
		if a := w.c.try(w.o, k); a.status >= 300 {
			t.Errorf("%s %s as %s: %d %s", k.method, k.path, k.login, a.status, a.body)
		}
	}
	w.appendUpload()
	for _, k := range append(w.successes(), w.staffing()...) {
		k.login, k.token = "", "no-token-of-ours"
		if a := w.c.try(w.o, k); a.status != http.StatusUnauthorized {
			t.Errorf("%s %s with a wrong token: %d %s", k.method, k.path, a.status, a.body)
		}
	}
	w.appendUpload()
	for id, what := range w.c.operations() {
		if !w.c.good[id] {
			t.Errorf("nobody calls %s (%s)", id, what)
		}
		if !w.c.bad[id] {
			t.Errorf("nobody is refused %s (%s)", id, what)
		}
	}
}

// appendUpload sends a file in two pieces.
func (w *work) appendUpload() {
	w.o.T.Helper()
	begun := w.o.send(call{login: "handling", method: "POST", path: "/matters/" + w.matter + "/uploads",
		header: map[string]string{"Tus-Resumable": "1.0.0", "Upload-Length": "6", "Upload-Metadata": metadata}})
	where := strings.TrimPrefix(begun.header.Get("Location"), "/api/v1")
	if begun.status != http.StatusCreated || where == "" {
		w.o.T.Fatalf("begin: %d %s", begun.status, begun.body)
	}
	content, offset := "abcdef", 0
	for _, end := range []int{3, 6} { // what did not reach a whole piece may have to be sent again: the answer says from where
		a := w.c.try(w.o, call{login: "handling", method: "PATCH", path: where, body: content[offset:end], header: withHeaders("Upload-Offset", strconv.Itoa(offset))})
		at, err := strconv.Atoi(a.header.Get("Upload-Offset"))
		if a.status != http.StatusNoContent || err != nil || at > end {
			w.o.T.Fatalf("append: %d %s %v", a.status, a.body, err)
		}
		offset = at
	}
	if offset != len(content) {
		w.o.T.Errorf("the upload stands at %d", offset)
	}
	if a := w.c.try(w.o, call{login: "handling", method: "PATCH", path: where, body: "xyz", header: withHeaders("Upload-Offset", "2")}); a.status != http.StatusConflict {
		w.o.T.Errorf("append at a wrong place: %d %s", a.status, a.body)
	}
}

// TestRefusals: an outsider is refused every operation on a matter or material, an ordinary lawyer those on accounts and on the
// whole ledger; what is refused names its clause, what is hidden does not.
func TestRefusals(t *testing.T) {
	w := newWork(t)
	for _, k := range append(w.successes(), w.staffing()...) {
		switch {
		case strings.HasPrefix(k.path, "/matters/"), strings.HasPrefix(k.path, "/materials/"):
			k.login = "outsider"
		case k.login == "auditor", k.login == "security" && k.method != "GET":
			k.login = "lead"
		default:
			continue
		}
		if strings.Contains(k.path, "/acts") {
			k.login = "outsider"
		}
		if a := w.c.try(w.o, k); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("%s %s as %s: %d %s", k.method, k.path, k.login, a.status, a.body)
		}
	}
}
