package api_test

import (
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/classification"
)

// TestMatterLedgerHides: whoever may not know a material or a carrier does not read of it in the matter's ledger, nor in its balance.
func TestMatterLedgerHides(t *testing.T) {
	o := found(t)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	material := o.Receive(in, "a.txt", "代理词", "内容", classification.Secret)
	o.Review(material, classification.Secret)
	open := o.Receive(in, "b.txt", "证据目录", "目录", classification.Confidential)
	o.Review(open, classification.Confidential)
	carrier := o.RegisterCarriers(in, 1)[0]
	for login, knows := range map[string]bool{"lead": true, "handling": true, "auditor": true, "trainee": false} {
		body := string(o.send(call{login: login, method: "GET", path: "/matters/" + in + "/ledger?limit=200"}).body)
		for _, hidden := range []string{material, carrier} {
			if strings.Contains(body, hidden) != knows {
				t.Errorf("%s reads of %s: %v, want %v", login, hidden, !knows, knows)
			}
		}
		if !strings.Contains(body, open) {
			t.Errorf("%s does not read of what all may know", login)
		}
	}
	for login, count := range map[string]string{"lead": `"registered":1`, "trainee": `"registered":0`} {
		if body := string(o.send(call{login: login, method: "GET", path: "/matters/" + in + "/carriers/balance"}).body); !strings.Contains(body, count) {
			t.Errorf("%s: %s", login, body)
		}
	}
	// What is left out leaves no page short: the trainee comes to the opening of the matter, one line at a time.
	before, pages := "", 0
	for ; pages < 60; pages++ {
		a := o.send(call{login: "trainee", method: "GET", path: "/matters/" + in + "/ledger?limit=1" + before})
		seq := regexp.MustCompile(`"seq":(\d+)`).FindStringSubmatch(string(a.body))
		if seq == nil {
			t.Fatalf("page %d is empty: %s", pages, a.body)
		}
		if strings.Contains(string(a.body), "openMatter") {
			break
		}
		before = "&before=" + seq[1]
	}
	if pages < 5 || pages == 60 {
		t.Errorf("%d pages to the beginning", pages)
	}
}
