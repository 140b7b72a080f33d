package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
)

// TestCriteria: a member of the committee publishes from the form, which keeps what was typed; others read; they stand beside the choice.
func TestCriteria(t *testing.T) {
	o := found(t)
	o.Hire("member", access.Committee)
	in := o.OpenMatter("股权纠纷", "云麓科技有限公司")
	m := o.Receive(in, "a.txt", "起诉状", "起诉", classification.Secret)
	b := o.loggedIn("member")
	form := url.Values{"top_secret": {"并购底价"}, "secret": {""}, "confidential": {"往来事务"}}
	if a := b.post("/criteria", form); !strings.Contains(a.body, "请写明哪些资料属于机密级") || !strings.Contains(a.body, "并购底价") {
		t.Errorf("an empty level: %d %s", a.status, a.body)
	}
	form.Set("secret", "未公开的合同")
	if a := o.loggedIn("lead").post("/criteria", form); a.status != http.StatusForbidden || !strings.Contains(a.body, "定密标准由案件管理委员会制定") {
		t.Errorf("a lawyer published: %d", a.status)
	}
	if a := b.post("/criteria", form); a.path != "/criteria" || !strings.Contains(a.body, "第 2 版，现行") || !strings.Contains(a.body, "未公开的合同") {
		t.Errorf("published: %d %s", a.status, a.body)
	}
	lead := o.loggedIn("lead")
	if a := lead.get("/criteria?version=1"); !strings.Contains(a.body, "第 1 版，已被新版代替") || strings.Contains(a.body, "name=\"secret\"") {
		t.Errorf("the first edition: %s", a.body)
	}
	if a := lead.get("/materials/" + m); !strings.Contains(a.body, "定密标准（第 2 版）") || !strings.Contains(a.body, "未公开的合同") || !strings.Contains(a.body, `href="/criteria?version=1"`) {
		t.Errorf("beside the review: %s", a.body)
	}
}
