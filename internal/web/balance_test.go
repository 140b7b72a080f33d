package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
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
	if a := lead.get("/carriers/balance"); !strings.Contains(a.body, "全部合计") {
		t.Error("no line of the firm's total")
	}
	if sum := cell(keeper.sheet("/carriers/balance?format=xlsx", "发出"), "全部合计", "发出"); sum != "2" {
		t.Errorf("%q issued in all", sum)
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

// TestCopiesTree: a material's copies stand below what they were made from, with where each is and an equation of their own; who may not know the
// material finds no page.
func TestCopiesTree(t *testing.T) {
	o := found(t)
	material := o.Receive(o.matter, "代理词.txt", "代理词第二稿", "争议焦点", classification.Secret)
	o.Review(material, classification.Secret)
	lead, thing := o.Who("lead"), guard.Thing{Kind: access.Matter, ID: o.matter}
	take := func(source string, reserve func(tx *store.Tx) ([]carrier.Reserved, error)) (ids []string) {
		must(t, o.House.Door.Do(t.Context(), lead, access.CollectOutput, thing, func(g *guard.Grant) error {
			reserved, err := reserve(g.Tx())
			if err != nil {
				return err
			}
			var made []carrier.Making
			for _, r := range reserved {
				made = append(made, carrier.Making{Reserved: r, Form: carrier.Printed, Title: "代理词第二稿", Level: classification.Secret, Pages: 3, Place: "三楼", Material: material, Source: source})
			}
			ids, err = o.House.Carriers.TakeOn(g, made)
			return err
		}))
		return ids
	}
	prints := take("", func(tx *store.Tx) ([]carrier.Reserved, error) {
		return o.House.Carriers.Reserve(tx, o.matter, material, 2)
	})
	copied := take(prints[0], func(tx *store.Tx) ([]carrier.Reserved, error) { return o.House.Carriers.ReserveOf(tx, prints[0], 1) })
	must(t, o.House.Door.Do(t.Context(), lead, access.ReturnCarrier, guard.Thing{Kind: access.Carrier, ID: prints[1]}, func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户") }))
	one := "/materials/" + material
	if a := o.loggedIn("lead").get(one); !strings.Contains(a.body, one+"/copies") {
		t.Error("the material's page does not lead to its copies")
	}
	a := o.loggedIn("lead").get(one + "/copies")
	if !strings.Contains(a.body, "发出 3 ＝ 在管 2 ＋ 归还 1") {
		t.Errorf("the equation: %d", a.status)
	}
	first, below, second := strings.Index(a.body, prints[0]), strings.Index(a.body, copied[0]), strings.Index(a.body, prints[1])
	if first < 0 || below < first || second < below || !strings.Contains(a.body[first:below], "<ul>") {
		t.Errorf("the tree: %d %d %d", first, below, second)
	}
	for _, by := range []string{"trainee", "outsider"} {
		if a := o.loggedIn(by).get(one + "/copies"); a.status == http.StatusOK {
			t.Errorf("%s reads where the copies are", by)
		}
	}
}
