package apptest

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"mijuan/internal/access"
	"mijuan/internal/house/housetest"
)

// control is one field of a form.
type control struct {
	name, kind, value string
	options           []string // of a choice, without the empty one
}

// webForm is a form as a page shows it.
type webForm struct {
	login, page, action, method string
	controls                    []control
}

var ids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// shape is the form without its ids: what it is, whichever thing it is about.
func (f webForm) shape() string {
	names := []string{}
	for _, c := range f.controls {
		names = append(names, c.name)
	}
	slices.Sort(names)
	u, _ := url.Parse(f.action)
	return f.method + " " + ids.ReplaceAllString(u.Path, "ID") + " " + strings.Join(slices.Compact(names), ",")
}

// crawler walks the pages as one person.
type crawler struct {
	w      *writer
	login  string
	client *http.Client
	seen   map[string]bool
	forms  map[string]webForm
}

func (w *writer) browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	c := *w.Server.Client()
	c.Jar = jar
	return &c
}

func (w *writer) loggedIn(login string) *http.Client {
	w.T.Helper()
	c := w.browser()
	answer, err := c.PostForm(w.Server.URL+"/login", url.Values{"login": {login}, "password": {housetest.Password}})
	must(w.T, err)
	must(w.T, answer.Body.Close())
	return c
}

// walk reads the pages and then those to which they lead, so that a page that is named stands for all of its pattern.
func (c *crawler) walk(paths ...string) {
	for len(paths) > 0 {
		next := c.read(paths[0])
		paths = append(paths[1:], next...)
	}
}

// read reads a page and gives its links.
func (c *crawler) read(path string) (links []string) {
	u, err := url.Parse(path)
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "/assets/") || strings.Contains(u.Path, "/original") {
		return nil
	}
	key := ids.ReplaceAllString(u.Path, "ID")
	if c.seen[key] || len(c.seen) > 120 {
		return nil
	}
	c.seen[key] = true
	r, err := http.NewRequest("GET", c.w.Server.URL+u.RequestURI(), nil)
	must(c.w.T, err)
	status, page := c.w.send(c.client, r)
	if status != http.StatusOK {
		return nil
	}
	root, err := html.Parse(strings.NewReader(string(page)))
	if err != nil {
		return nil
	}
	var hrefs []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "form" {
			c.keep(u, n)
		}
		for _, name := range []string{"href", "hx-get"} {
			if v := attribute(n, name); v != "" && (n.Data == "a" || name == "hx-get") {
				hrefs = append(hrefs, v)
			}
		}
	}
	for _, l := range hrefs {
		if next, err := u.Parse(l); err == nil && next.Host == "" {
			links = append(links, next.String())
		}
	}
	return links
}

func (c *crawler) keep(page *url.URL, form *html.Node) {
	f := webForm{login: c.login, page: page.String(), method: strings.ToUpper(attribute(form, "method")), action: page.String()}
	for _, name := range []string{"action", "hx-post"} {
		if v := attribute(form, name); v != "" {
			f.action = v
		}
	}
	if attribute(form, "hx-post") != "" {
		f.method = "POST"
	}
	if action, err := page.Parse(f.action); err == nil {
		f.action = action.RequestURI()
	}
	for n := range form.Descendants() {
		name := ""
		if n.Type == html.ElementNode {
			name = attribute(n, "name")
		}
		if name == "" {
			continue
		}
		k := control{name: name, kind: n.Data, value: attribute(n, "value")}
		switch n.Data {
		case "input":
			k.kind = attribute(n, "type")
		case "select":
			for o := range n.Descendants() {
				if o.Type == html.ElementNode && o.Data == "option" && attribute(o, "value") != "" {
					k.options = append(k.options, attribute(o, "value"))
				}
			}
		}
		f.controls = append(f.controls, k)
	}
	if len(f.controls) > 0 {
		c.forms[f.shape()] = f
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// collect finds the forms of all pages that anybody sees.
func (w *writer) collect() []webForm {
	w.T.Helper()
	forms, pages := map[string]webForm{}, map[string]bool{}
	for _, login := range []string{"", "lead", "handling", "security", "director", "auditor", "trainee", "system", "keeper"} {
		c := &crawler{w, login, w.browser(), map[string]bool{}, map[string]webForm{}}
		if login != "" {
			c.client = w.loggedIn(login)
		}
		c.walk("/people/"+w.IDs["trainee"], "/people/"+w.IDs["handling"]+"/leaving", "/materials/"+w.material, "/matters/"+w.matter, "/", "/login", "/matters/"+w.matter+"/team",
			"/matters/"+w.matter+"/intake", "/people/new",
			"/matters/new", "/self", "/walls", "/ledger", "/rights", "/rights/register", "/delegations", "/measures", "/people/"+w.IDs["handling"]+"/measures", "/team-reviews", "/dangers/new", "/dangers/"+w.danger(access.Found), "/dangers/"+w.danger(access.Mending), "/dangers/"+w.danger(access.Mended))
		for shape, f := range c.forms {
			if _, known := forms[shape]; !known {
				forms[shape] = f
			}
		}
		for page := range c.seen {
			pages[page] = true
		}
	}
	w.T.Logf("%d pages, %d forms", len(pages), len(forms))
	var all []webForm
	for _, f := range forms {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b webForm) int { return strings.Compare(order(a), order(b)) })
	return all
}

// order puts what closes a session or an account last.
func order(f webForm) string {
	for _, word := range []string{"leave", "sessions", "password", "suspend", "reset", "restore", "revoke", "setup"} {
		if strings.Contains(f.action, word) {
			return "~" + f.shape()
		}
	}
	return f.shape()
}

// filled is the form with words: where says at which control, "" at all that are free text.
func (w *writer) filled(f webForm, where string) url.Values {
	values := url.Values{}
	what := "form " + f.shape() + " "
	for _, c := range f.controls {
		word := func() string { return w.p.word(what + c.name) }
		switch {
		case where == c.name:
			if !values.Has(c.name) {
				values.Set(c.name, word())
			}
		case len(c.options) > 0:
			values.Set(c.name, c.options[len(c.options)/2])
		case c.kind == "hidden", c.kind == "checkbox", c.kind == "radio", c.kind == "submit", c.kind == "button", c.kind == "select":
			values.Add(c.name, c.value)
		case c.kind == "date" && c.name == "found": // is not in the future
			values.Set(c.name, time.Now().Format(time.DateOnly))
		case c.kind == "date":
			values.Set(c.name, time.Now().AddDate(0, 0, 2).Format(time.DateOnly))
		case c.kind == "datetime-local":
			values.Set(c.name, time.Now().AddDate(0, 0, 2).Format("2006-01-02T15:04"))
		case c.kind == "number":
			values.Set(c.name, "1")
		case c.kind == "password":
			values.Set(c.name, housetest.Password)
		case where == "":
			values.Set(c.name, word())
		default:
			values.Set(c.name, "文字")
		}
	}
	return values
}

// submit sends the form as the person who saw it; a session that has ended is begun anew.
func (w *writer) submit(clients map[string]*http.Client, f webForm, values url.Values) int {
	w.T.Helper()
	if clients[f.login] == nil {
		clients[f.login] = w.browser()
		if f.login != "" {
			clients[f.login] = w.loggedIn(f.login)
		}
	}
	r, err := http.NewRequest("POST", w.Server.URL+f.action, strings.NewReader(values.Encode()))
	if f.method != "POST" {
		u, _ := url.Parse(f.action)
		r, err = http.NewRequest("GET", w.Server.URL+u.Path+"?"+values.Encode(), nil)
	}
	must(w.T, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, page := w.send(clients[f.login], r)
	if f.login != "" && strings.Contains(string(page), `name="password"`) && strings.Contains(string(page), `name="login"`) {
		clients[f.login] = nil
	}
	return status
}

// writeForms fills in every form that the pages show: with words in all its texts, and with a word in one control after another. It
// writes words into addresses and headers, too.
func (w *writer) writeForms() {
	w.T.Helper()
	clients, controls := map[string]*http.Client{}, map[string]bool{}
	forms := w.collect()
	for _, f := range forms {
		if status := w.submit(clients, f, w.filled(f, "")); status < 400 {
			w.good["form "+f.shape()]++
		} else {
			w.T.Logf("not taken: %d %s as %s", status, f.shape(), f.login)
		}
		tried := map[string]bool{}
		for _, c := range f.controls {
			if tried[c.name] {
				continue // one of several boxes
			}
			tried[c.name], controls[c.name] = true, true
			w.submit(clients, f, w.filled(f, c.name))
		}
	}
	if len(forms) < 25 || len(controls) < 50 {
		w.T.Errorf("only %d forms with %d controls were found", len(forms), len(controls))
	}
	for _, action := range []string{"/matters/new", "/people/new", "/matters/ID/walls", "/matters/ID/team", "/search", "/login", "/materials/ID/title", "/materials/ID/basis", "/materials/ID/propose", "/materials/ID/release", "/self/tokens", "/matters/search",
		"/materials/search", "/people/ID/suspend"} {
		if !slices.ContainsFunc(forms, func(f webForm) bool { return strings.HasPrefix(f.shape(), "POST "+action+" ") }) {
			w.T.Errorf("no page shows the form %s", action)
		}
	}
	w.writeAddresses()
}

// writeAddresses puts words where an address or a header is expected.
func (w *writer) writeAddresses() {
	w.T.Helper()
	lead := w.loggedIn("lead")
	for _, pattern := range []string{"/%s", "/matters/%s", "/materials/%s", "/materials/%s/page/1", "/materials/" + w.material + "/page/%s", "/materials/" + w.material + "/page/1?w=%s", "/people/%s", "/people/%s/acts", "/invite/%s",
		"/matters?q=%s&sort=%[1]s&before=%[1]s&lang=%[1]s", "/materials?q=%s&level=%[1]s", "/people?q=%s&post=%[1]s", "/ledger?act=%s&from=%[1]s&outcome=%[1]s", "/ledger/log/%s", "/ledger/log/tile/0/%s", "/ledger/log/tile/entries/%s",
		"/assets/%s", "/api/v1/%s", "/api/v1/materials/%s", "/api/v1/schemas/%s", "/login?next=%s"} {
		r, err := http.NewRequest("GET", w.Server.URL+fmt.Sprintf(pattern, w.p.word("address "+pattern)), nil)
		must(w.T, err)
		for _, h := range append(commonHeaders, "If-None-Match", "Accept", "Origin", "HX-Current-URL", "HX-Prompt") {
			if h != "Cookie" {
				r.Header.Set(h, w.p.word("header "+h))
			}
		}
		r.AddCookie(&http.Cookie{Name: "extra", Value: w.p.word("cookie extra")})
		for _, client := range []*http.Client{w.browser(), lead} {
			w.send(client, r.Clone(w.T.Context()))
		}
	}
	for _, cookie := range lead.Jar.Cookies(mustURL(w.T, w.Server.URL)) {
		r, err := http.NewRequest("GET", w.Server.URL+"/", nil)
		must(w.T, err)
		r.AddCookie(&http.Cookie{Name: cookie.Name, Value: w.p.word("cookie " + cookie.Name)})
		w.send(w.Server.Client(), r)
	}
}

// writeFiles brings in files of several kinds with words in their names and contents, by the pages' own uploads.
func (w *writer) writeFiles() {
	w.T.Helper()
	handling := w.loggedIn("handling")
	for _, ext := range []string{"txt", "pdf", "png", "docx", "eml", "zip", "bin", ""} {
		for _, secret := range []string{"", "绝密★长期\n"} {
			name := w.p.word("file name." + ext)
			content := string(sampleOf(ext, secret+w.p.word("file content."+ext)))
			r, err := http.NewRequest("POST", w.Server.URL+"/matters/"+w.matter+"/uploads", strings.NewReader(content))
			must(w.T, err)
			for k, v := range tusHeaders(strings.TrimSuffix(name+"."+ext, "."), len(content)) {
				r.Header.Set(k, v)
			}
			if status, page := w.send(handling, r); status >= 300 && secret == "" {
				w.T.Logf("%s was not taken: %d %.120s", ext, status, page)
			} else if status < 300 {
				w.good["file "+ext]++
			}
		}
	}
	if w.good["file txt"] == 0 || w.good["file pdf"] == 0 || w.good["file png"] == 0 {
		w.T.Errorf("the files were not taken: %v", w.good)
	}
}

// sampleOf is a small file of a kind with a text in it.
func sampleOf(ext, text string) []byte {
	switch ext {
	case "pdf":
		stream := "BT /F1 12 Tf 20 100 Td (" + text + ") Tj ET"
		return fmt.Appendf(nil, "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"+
			"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n5 0 obj<</Title(%s)>>endobj\ntrailer<</Root 1 0 R/Info 5 0 R>>\n%%%%EOF\n",
			len(stream), stream, text)
	case "png":
		return append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\nIDAT\x78\x9c\x63\xfa\x0f\x00\x01\x05\x01\x02\xcf\xa0\x2e\xcd\x00\x00\x00\x00IEND\xaeB`\x82"), text...)
	case "zip", "docx":
		return []byte("PK\x03\x04" + text)
	case "eml":
		return []byte("From: a@example.com\r\nSubject: " + text + "\r\n\r\n" + text)
	}
	return []byte(strings.Repeat(text+"\n", 40))
}
