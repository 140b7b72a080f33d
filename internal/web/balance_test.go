package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/store"
)

// TestBalanceOnPages: the balance of a matter that does not agree is told, a skipped number is explained by the custodian on its page, and strangers
// find neither; a material's page leads to where its copies went.
func TestBalanceOnPages(t *testing.T) {
	o := found(t)
	o.Hire("keeper", access.Custodian)
	matter := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	ids := o.RegisterCarriers(matter, 2)
	lead, keeper, outsider := o.loggedIn("lead"), o.loggedIn("keeper"), o.loggedIn("outsider")
	one := "/matters/" + matter + "/carriers/balance"
	if a := lead.get("/carriers/balance"); !strings.Contains(a.body, one) || !strings.Contains(a.body, ">平<") {
		t.Errorf("the balance: %d", a.status)
	}
	if a := lead.get("/carriers/balance?state=wrong"); strings.Contains(a.body, one) {
		t.Error("what agrees is shown as wrong")
	}
	for _, format := range []string{"xlsx", "pdf"} {
		if a := lead.get("/carriers/balance?format=" + format); a.status != http.StatusOK {
			t.Errorf("as %s: %d", format, a.status)
		}
	}
	number := ""
	if err := o.House.DB.Update(context.Background(), func(tx *store.Tx) error {
		reserved, err := o.House.Carriers.ReserveOf(tx, ids[0], 1)
		number = reserved[0].Number
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := keeper.get("/carriers/balance?state=wrong"); !strings.Contains(a.body, "1 个缺号没有说明") {
		t.Error("the skipped number is not told")
	}
	if a := keeper.get(one); !strings.Contains(a.body, number) || !strings.Contains(a.body, "没有说明") {
		t.Errorf("the page of the matter: %d", a.status)
	}
	if a := keeper.post(one, url.Values{"number": {number}}); !strings.Contains(a.body, "请填写原因") {
		t.Errorf("explained with nothing: %d", a.status)
	}
	if a := keeper.post(one, url.Values{"number": {number}, "reason": {"登记时误取号，没有实物"}}); !strings.Contains(a.body, "登记时误取号") || strings.Contains(a.body, ">没有说明<") {
		t.Errorf("explained: %d", a.status)
	}
	if a := outsider.get(one); a.status != http.StatusNotFound {
		t.Errorf("a stranger: %d", a.status)
	}
	if a := outsider.post(one, url.Values{"number": {number}, "reason": {"登记时误取号，没有实物"}}); a.status != http.StatusForbidden {
		t.Errorf("a stranger explains: %d", a.status)
	}
	if a := outsider.get("/carriers/balance"); strings.Contains(a.body, one) {
		t.Error("a stranger reads the balance")
	}
}
