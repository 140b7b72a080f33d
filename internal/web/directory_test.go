package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"mijuan/internal/directory"
)

// list uploads a list of people.
func (b *browser) list(raw []byte) answer {
	b.o.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	file, err := w.CreateFormFile("file", "roster.csv")
	must(b.o.T, err)
	_, err = file.Write(raw)
	must(b.o.T, err)
	must(b.o.T, w.Close())
	r, err := http.NewRequest(http.MethodPost, b.o.Server.URL+"/people/import", &body)
	must(b.o.T, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// TestImportOnPages: the security administrator uploads, looks, mends, confirms, and gets the links once; nobody else.
func TestImportOnPages(t *testing.T) {
	o := found(t)
	security := o.loggedIn("security")
	says := func(a answer, all ...string) {
		t.Helper()
		for _, want := range all {
			if !strings.Contains(a.body, want) {
				t.Errorf("%s: %d, no %q", a.path, a.status, want)
			}
		}
	}
	says(security.get("/people"), `href="/people/import"`)
	if a := o.loggedIn("lead").get("/people/import"); a.status != http.StatusForbidden {
		t.Errorf("a lawyer looks: %d", a.status)
	}
	if a := o.loggedIn("lead").list([]byte("no list")); a.status != http.StatusForbidden {
		t.Errorf("a lawyer uploads: %d", a.status)
	}
	template := security.get("/people/import/template")
	if _, err := directory.Read([]byte(template.body)); err == nil || !strings.Contains(err.Error(), "名单里没有人") {
		t.Errorf("the template: %v", err)
	}
	says(security.list([]byte("x")), "第一行应当是表头")
	const heading = "姓名,登录名,部门,岗位\n"
	says(security.list([]byte(heading+"闻人语,wenrenyu,诉讼部,皇帝\n<b>甲</b>,jia,,律师")), "没有这个岗位：皇帝", "&lt;b&gt;甲", "请改正后重新上传")
	a := security.list([]byte(heading + "闻人语,wenrenyu,诉讼部,律师\n测试lead,lead,公司部,"))
	says(a, "新增 1，变更 1，不变 0，有错 0", "（空） → 公司部")
	form := url.Values{"links": {"1"}}
	for _, name := range []string{"list", "state"} {
		m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(a.body)
		if m == nil {
			t.Fatalf("no field %s", name)
		}
		form.Set(name, m[1])
	}
	if a := o.loggedIn("lead").post("/people/import/confirm", form); a.status != http.StatusForbidden {
		t.Errorf("a lawyer confirms: %d", a.status)
	}
	done := security.post("/people/import/confirm", form)
	says(done, "名册已导入", "wenrenyu", "/invite/")
	if a := security.post("/people/import/confirm", form); a.status != http.StatusNotFound {
		t.Errorf("confirmed again: %d", a.status)
	}
	says(security.get("/people"), "闻人语", "公司部")
}
