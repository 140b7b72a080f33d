package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
)

// TestCarriersOnPages: an original is registered with its receipt, handed to the custodian who confirms, found by its number, lent
// and given back to the client; a stranger to the matter sees nothing of it.
func TestCarriersOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	at := "/matters/" + matter + "/carriers"
	handling, keeper, outsider := o.loggedIn("handling"), o.loggedIn("keeper"), o.loggedIn("outsider")
	form := url.Values{"title": {"股权转让协议"}, "form": {"paper"}, "level": {"secret"}, "pages": {"12"}, "copies": {"2"}, "origin": {"client"}, "from": {"客户法务部 周女士"}, "place": {"三楼档案室 A 柜"}}
	if a := handling.post(at+"/new", url.Values{"title": {"股权转让协议"}, "form": {"paper"}}); !strings.Contains(a.body, "请填写交件人") || !strings.Contains(a.body, "股权转让协议") {
		t.Errorf("an incomplete form: %d", a.status)
	}
	a := handling.post(at+"/new", form)
	if !strings.Contains(a.body, "已登记并编号") || !strings.Contains(a.body, "打开回执") {
		t.Fatalf("registering: %d", a.status)
	}
	link := regexp.MustCompile(`href="(/matters/[^"]+/receipt\?batch=[^"]+)"`).FindStringSubmatch(a.body)
	ids := regexp.MustCompile(`href="/carriers/([0-9a-f-]{36})">(\d{4}-\d{4}-0001-0[12]-\d)<`).FindAllStringSubmatch(a.body, -1)
	if link == nil || len(ids) < 2 {
		t.Fatalf("no receipt or no numbers: %v %v", link, ids)
	}
	if a := handling.get(link[1]); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("the receipt: %d", a.status)
	}
	for _, path := range []string{strings.Replace(link[1], "receipt", "labels", 1), "/carriers/" + ids[0][1] + "/label"} {
		if a := handling.get(path); a.status != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") {
			t.Errorf("%s: %d", path, a.status)
		}
		if a := outsider.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s for an outsider: %d", path, a.status)
		}
	}
	if a := handling.get("/carriers/" + ids[0][1] + "/label?stock=50x30"); a.status != http.StatusOK || !strings.Contains(a.body, "/MediaBox [0 0 141.73 85.04]") {
		t.Errorf("the label of a label printer: %d", a.status)
	}
	if a := handling.get("/carriers/" + ids[0][1] + "/label?stock=1x1"); a.status == http.StatusOK {
		t.Error("a label of no known size is printed")
	}
	if a := keeper.get("/carriers/" + ids[0][1] + "/label"); a.status != http.StatusOK {
		t.Errorf("the custodian's label: %d", a.status)
	}
	if a := outsider.get(link[1]); a.status != http.StatusNotFound {
		t.Errorf("the receipt for an outsider: %d", a.status)
	}
	one, number := "/carriers/"+ids[0][1], ids[0][2]
	for _, path := range []string{one, at} {
		if a := outsider.get(path); a.status != http.StatusNotFound {
			t.Errorf("an outsider at %s: %d", path, a.status)
		}
	}
	free := number[:5] + "0099" + number[9:] // a matter that is not there
	for d := range 10 {
		if n := free[:len(free)-1] + strconv.Itoa(d); carrier.ValidNumber(n) {
			free = n
		}
	}
	unknown, known := outsider.get("/carriers?q="+free), outsider.get("/carriers?q="+number)
	if strings.ReplaceAll(unknown.body, free, number) != known.body {
		t.Errorf("an outsider tells a number that is there from one that is not: %d %d", unknown.status, known.status)
	}
	for _, d := range "0123456789" {
		if wrong := number[:len(number)-1] + string(d); wrong != number {
			if a := handling.get("/carriers?q=" + wrong); !strings.Contains(a.body, "的校验码不对") {
				t.Error("a wrong check digit is not told")
			}
		}
	}
	for _, typed := range []string{strings.ReplaceAll(number, "-", ""), strings.ReplaceAll(number, "0", "O"), "https://10.0.0.1/carriers?q=" + number} {
		if a := handling.get("/carriers?q=" + url.QueryEscape(typed)); !strings.Contains(a.body, "移交或出借") {
			t.Errorf("%s does not lead to its carrier", typed)
		}
	}
	if a := handling.get("/carriers?q=" + number); !strings.Contains(a.body, "移交或出借") {
		t.Error("the number does not lead to its carrier")
	}
	step := func(b *browser, deed string, form url.Values, want string) {
		t.Helper()
		if a := b.post(one+"/"+deed, form); !strings.Contains(a.body, want) {
			t.Fatalf("%s: %d, no %q", deed, a.status, want)
		}
	}
	step(handling, "offer", url.Values{"to": {o.IDs["outsider"]}}, "不在这个案件的团队里")
	step(handling, "offer", url.Values{"to": {o.IDs["keeper"]}}, "等待对方确认")
	if !strings.Contains(keeper.get("/").body, "有 1 份载体移交给您") {
		t.Error("the custodian's first page says nothing")
	}
	step(keeper, "take", nil, "移交或出借")
	step(keeper, "offer", url.Values{"to": {o.IDs["lead"]}, "due": {"2020-01-01"}, "note": {"开庭"}}, "归还期限须在今天之后")
	step(keeper, "return", url.Values{"note": {"客户法务部 周女士"}}, "已归还客户")
	if a := handling.get(at); !strings.Contains(a.body, "在管 1 + 归还客户 1") {
		t.Error("the balance is not shown")
	}
	if a := handling.get(one + "/label"); a.status != http.StatusNotFound {
		t.Errorf("the label of what has ended: %d", a.status)
	}
	for _, format := range []string{"pdf", "xlsx"} {
		if a := handling.get("/carriers?format=" + format); a.status != http.StatusOK {
			t.Errorf("the register as %s: %d", format, a.status)
		}
	}
	if a := o.loggedIn("auditor").get("/carriers"); !strings.Contains(a.body, number) || strings.Contains(a.body, "股权转让协议") {
		t.Error("the auditor sees a title, or no number")
	}
}

// TestTakeAll: what was offered at once is taken at once, after the tick that says it was checked.
func TestTakeAll(t *testing.T) {
	o := found(t)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	ids := o.RegisterCarriers(matter, 2)
	handling, lead := o.loggedIn("handling"), o.loggedIn("lead")
	for _, id := range ids {
		if a := handling.post("/carriers/"+id+"/offer", url.Values{"to": {o.IDs["lead"]}}); !strings.Contains(a.body, "等待对方确认") {
			t.Fatalf("offering: %d", a.status)
		}
	}
	if a := lead.get("/carriers?whose=mine&state=offered"); !strings.Contains(a.body, "移交给我的 2 份") {
		t.Error("there is no form to take both")
	}
	if a := lead.post("/carriers/take", url.Values{"carrier": ids}); !strings.Contains(a.body, "请先逐份核对实物") {
		t.Errorf("taken without the tick: %d", a.status)
	}
	lead.post("/carriers/take", url.Values{"carrier": ids, "checked": {"yes"}})
	if a := lead.get("/carriers?whose=mine&state=held"); strings.Count(a.body, "测试lead</td>") != 2 {
		t.Error("lead does not hold both")
	}
}

// TestLedgerFileHides: the matter's ledger as a file tells no more than its page.
func TestLedgerFileHides(t *testing.T) {
	o := found(t)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	o.RegisterCarriers(in, 1)
	number := regexp.MustCompile(`\d{4}-\d{4}-0001-01-\d`)
	for login, knows := range map[string]bool{"lead": true, "trainee": false} {
		a := o.loggedIn(login).get("/matters/" + in + "/ledger/file?format=csv")
		if a.status != http.StatusOK || number.MatchString(a.body) != knows {
			t.Errorf("%s: %d, tells of the carrier %v", login, a.status, !knows)
		}
	}
}
