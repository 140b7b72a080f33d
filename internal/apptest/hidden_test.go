package apptest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// strangers are persons who may not know of the matter, of what is in it, or, the trainee, of what is above their level.
var strangers = []string{"outsider", "walled", "director", "system", "security", "trainee"}

// asked is a request whose address, query and body name things by what stands for them, as {matter} does.
type asked struct {
	method, path string
	form         url.Values // of pages
	json         []byte     // of operations
	header       http.Header
}

func (a asked) String() string { return a.method + " " + a.path }

// with writes ids for what stands for them, everywhere.
func (a asked) with(ids map[string]string) asked {
	fill := filled(ids)
	b := asked{method: a.method, path: fill.Replace(a.path), json: []byte(fill.Replace(string(a.json))), header: a.header}
	if a.form != nil {
		b.form = url.Values{}
		for name, values := range a.form {
			for _, v := range values {
				b.form.Add(fill.Replace(name), fill.Replace(v))
			}
		}
	}
	return b
}

// placeholder is what stands for an id.
var placeholder = regexp.MustCompile(`\{([a-z_-]+)\}`)

// known are the things that a stranger may know of all the same, by what stands for them in addresses.
var known = map[string][]string{
	"director": {"approval", "list", "incident", "device", "medium", "person", "gone", "reminder", "case", "danger", "mended", "unassigned"}, // decides, reads the registers, leads the firm
	"system":   {"device", "medium"},
	"security": {"incident", "device", "medium", "plan", "pledge", "person", "gone", "reminder", "case", "danger", "mended", "unassigned"},
	"outsider": {"danger", "mended", "unassigned"},                      // who found them
	"trainee":  {"matter", "material", "waiting", "meeting", "sending"}, // of the team, up to 秘密级: of other materials' levels, but not of those of the list
}

// told are the addresses at which a post is told of what it may otherwise not know, because it decides it: walls (clause 16), holds (12),
// the write-off of a carrier (9.1), the release of originals of 绝密级 (10).
var told = map[string]*regexp.Regexp{
	"director": regexp.MustCompile(`/walls(/|$)|/keeping/(hold|lift)$|/hold$|/write-off$|/materials/{top}/release|/hold/lift`),
	"security": regexp.MustCompile(`/walls(/|$)|/keeping/hold$|/hold$`),
}

// elsewhere are ids of nothing, of the same form, for what a person may not know. Persons are no secret, but what is on record of one is:
// in the place of one of whom much is on record stands one of whom nothing is.
func (o *office) elsewhere(login string, ids map[string]string) map[string]string {
	none := maps.Clone(ids)
	for name := range ids {
		if strings.HasPrefix(name, "own") || name == "colleague" || slices.Contains(known[login], name) {
			continue
		}
		raw := make([]byte, 16)
		_, _ = rand.Read(raw)
		raw[6], raw[8] = raw[6]&0x0f|0x70, raw[8]&0x3f|0x80
		none[name] = fmt.Sprintf("%x-%x-%x-%x-%x", raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:])
	}
	if none["person"] != ids["person"] {
		none["person"], none["gone"] = o.ids["keeper"], o.ids["keeper"]
	}
	return none
}

// roster is a person's own page, which everybody may read, and what comes back to it.
var roster = regexp.MustCompile(`^/people/{(person|gone)}(/second)?$|^/api/v1/persons/{(person|gone)}$`)

// hides reports whether there is something in the address that the person may not know.
func hides(login string, a asked) bool {
	if r := told[login]; r != nil && r.MatchString(a.path) || roster.MatchString(a.path) {
		return false
	}
	return slices.ContainsFunc(placeholder.FindAllStringSubmatch(a.path, -1), func(m []string) bool {
		return !slices.Contains(known[login], m[1]) && !strings.HasPrefix(m[1], "own")
	})
}

// prober asks as one person and gives answers in which ids and the time are left out.
type prober struct {
	o      *office
	login  string
	client *http.Client
}

func (o *office) prober(login string) *prober {
	jar, _ := cookiejar.New(nil)
	c := *o.server.Client()
	c.Jar = jar
	p := &prober{o, login, &c}
	answer, err := c.PostForm(o.server.URL+"/login", url.Values{"login": {login}, "password": {password}})
	must(o.t, err)
	if _, page := read(o.t, answer); !strings.Contains(page, "测试"+login) {
		o.t.Fatalf("%s cannot log in", login)
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return p
}

// answer is what the person is told, with the ids left out.
func (p *prober) answer(a asked, ids map[string]string) (status int, said string) {
	t := p.o.t
	t.Helper()
	a = a.with(ids)
	var body io.Reader
	switch {
	case a.form != nil:
		body = strings.NewReader(a.form.Encode())
	case len(a.json) > 0:
		body = bytes.NewReader(a.json)
	}
	r, err := http.NewRequest(a.method, p.o.server.URL+a.path, body)
	must(t, err)
	for k, v := range a.header {
		r.Header[k] = v
	}
	if a.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.HasPrefix(a.path, "/api/") {
		r.Header.Set("Authorization", "Bearer "+p.o.tokens[p.login])
	}
	got, err := p.client.Do(r)
	must(t, err)
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	must(t, err)
	got.Header.Del("Date")
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(got.Header)) {
		fmt.Fprintf(&all, "%s: %q\n", name, got.Header[name])
	}
	all.WriteByte('\n')
	all.Write(raw)
	return got.StatusCode, anyID.ReplaceAllString(all.String(), "ID")
}

// anyID is an id in a text.
var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// route is a row of the tables of the pages, with the handler's name.
type route struct{ method, pattern, handler string }

// pageRoutes are the rows that have a parameter, as they stand in the sources.
func pageRoutes(t *testing.T) (all []route) {
	t.Helper()
	files, err := filepath.Glob("../web/*.go")
	must(t, err)
	short := regexp.MustCompile(`(?m)^\t+(get|post|fetching)\("([^"]+)", (?:server\.\w+, )?f\.(\w+)\)`)
	long := regexp.MustCompile(`\{Method: http\.Method(\w+), Pattern: "([^"]+)",[^}]*Handle: (?:f\.)?(\w+)\}`)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		must(t, err)
		for _, m := range append(short.FindAllStringSubmatch(string(raw), -1), long.FindAllStringSubmatch(string(raw), -1)...) {
			method := strings.ToUpper(m[1])
			if method == "FETCHING" {
				method = "GET"
			}
			if strings.Contains(strings.ReplaceAll(m[2], "{$}", ""), "{") {
				all = append(all, route{method, m[2], m[3]})
			}
		}
	}
	for _, method := range []string{"POST", "HEAD", "GET", "PATCH", "DELETE"} { // the uploads of package tus, which the pages and the API share
		pattern := "/matters/{matter}/uploads/{upload}"
		if method == "POST" {
			pattern = "/matters/{matter}/uploads"
		}
		all = append(all, route{method, pattern, ""})
	}
	if len(all) < 100 {
		t.Fatalf("only %d routes were found", len(all))
	}
	return all
}

// deeds are the words that a handler takes for {deed}.
func deeds(t *testing.T, handler string) (all []string) {
	t.Helper()
	files, err := filepath.Glob("../web/*.go")
	must(t, err)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		must(t, err)
		_, body, found := strings.Cut(string(raw), "\nfunc (f *face) "+handler+"(")
		if !found {
			continue
		}
		body, _, _ = strings.Cut(body, "\n}\n")
		for _, m := range regexp.MustCompile(`(?:case |[\t{ ])"([a-z-]+)":`).FindAllStringSubmatch(body, -1) {
			all = append(all, m[1])
		}
	}
	if slices.Sort(all); len(all) == 0 {
		t.Errorf("no deeds of %s were found", handler)
	}
	return slices.Compact(all)
}

// TestHiddenEverywhere walks every address with a parameter, of the pages and of the API, as persons who may not know what it names: once
// with the id of what is there and once with an id of the same form of nothing. Status, headers and body are the same, byte for byte.
func TestHiddenEverywhere(t *testing.T) {
	o, ids := secrets(t)
	requests := append(pages(t), operations(t, o, ids)...)
	requests = append(requests, within(requests)...)
	complete(t, requests, ids)
	looked := 0
	for _, login := range strangers {
		p, none := o.prober(login), o.elsewhere(login, ids)
		for _, a := range requests {
			if !hides(login, a) {
				continue
			}
			looked++
			status, there := p.answer(a, ids)
			other, absent := p.answer(a, none)
			if status != other || there != absent {
				t.Errorf("%s %s: %d, and of nothing %d\n%s", login, a, status, other, differing(there, absent))
			}
		}
	}
	t.Logf("%d requests", looked)
}

// differing is where two texts part.
func differing(a, b string) string {
	length := regexp.MustCompile("Content-Length.*\n") // as long as what follows
	a, b = length.ReplaceAllString(a, ""), length.ReplaceAllString(b, "")
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-60)
	return fmt.Sprintf("  %.240q\n  %.240q", a[from:], b[from:])
}

// within are the requests for what lies in something, asked within what outsider leads, and requests that name things beside the address.
func within(requests []asked) (all []asked) {
	for _, a := range requests {
		for name, own := range map[string]string{"/matters/{matter}/": "/matters/{own}/", "/carriers/{carrier}/": "/carriers/{own-carrier}/"} {
			if b := a; strings.Count(a.path, "{") > 1 && strings.Contains(a.path, name) && !strings.Contains(a.path, "{person}") && !strings.Contains(a.path, "{gone}") {
				b.path = strings.Replace(a.path, name, own, 1)
				all = append(all, b)
			}
		}
	}
	return append(all,
		asked{method: "GET", path: "/ask?act=fetchOriginal&thing={material}"},
		asked{method: "GET", path: "/ask?act=takeOut&thing={carrier}"},
		asked{method: "GET", path: "/rights?matter={matter}"},
		asked{method: "POST", path: "/ask?carrier={carrier}", form: url.Values{"act": {"takeOut"}, "thing": {"{carrier}"}, "purpose": {"开庭"}}},
		asked{method: "POST", path: "/approvals?for={asked}", form: url.Values{"approval": {"{asked}"}, "decision": {"yes"}}},
		asked{method: "POST", path: "/carriers/take?for={lent}", form: url.Values{"carrier": {"{lent}"}, "checked": {"yes"}}},
	)
}

// standing are what stands for a parameter in the addresses of a route; the name of the parameter itself, if nothing is here.
var standing = map[string][]string{"page": {"1"}, "number": {"1"}, "lesson": {"levels"}, "kind": {"material"}, "thing": {"{material}"}, "material": {"{material}", "{top}", "{waiting}"}, "round": {"{counting}", "{counted}"},
	"approval": {"{approval}", "{asked}"},
	"carrier":  {"{carrier}", "{lent}"}, "batch": {"{batch}", "{signed}"}, "person": {"{person}", "{gone}"}, "case": {"{case}"}}

// unhidden are parameters that name nothing anybody could hide: a one-time link, a step of one's own settings.
var unhidden = []string{"link", "change", "lesson"}

// pages are the requests of the pages' routes.
func pages(t *testing.T) (all []asked) {
	t.Helper()
	form := everyField(t)
	for _, r := range pageRoutes(t) {
		names := placeholder.FindAllStringSubmatch(r.pattern, -1)
		if slices.ContainsFunc(names, func(m []string) bool { return slices.Contains(unhidden, m[1]) }) {
			continue
		}
		paths := []string{r.pattern}
		for _, m := range names {
			var next []string
			options := standing[m[1]]
			if m[1] == "deed" {
				options = deeds(t, r.handler)
			} else if options == nil {
				options = []string{m[0]}
			}
			for _, path := range paths {
				for _, o := range options {
					next = append(next, strings.Replace(path, m[0], o, 1))
				}
			}
			paths = next
		}
		for _, path := range paths {
			a := asked{method: r.method, path: path}
			if r.method == "POST" {
				a.form = form
			}
			if strings.Contains(r.pattern, "/uploads") {
				a.form, a.header = nil, http.Header{}
				for k, v := range tusHeaders("a.txt", 6) {
					a.header.Set(k, v)
				}
				if r.method == "POST" || r.method == "PATCH" {
					a.json = []byte("内容")
				}
			}
			all = append(all, a)
			if r.method == "POST" && a.form != nil {
				a.form = url.Values{}
				all = append(all, a)
			}
		}
	}
	return all
}

// everyField is a form with every field that any page takes.
func everyField(t *testing.T) url.Values {
	t.Helper()
	form := url.Values{}
	files, err := filepath.Glob("../web/*.go")
	must(t, err)
	for _, path := range files {
		raw, err := os.ReadFile(path)
		must(t, err)
		for _, m := range regexp.MustCompile(`(?:Get\(|form\[|FormValue\(|ReasonOf\(form, )"([a-z_0-9]+)"`).FindAllStringSubmatch(string(raw), -1) {
			form.Set(m[1], plausible(m[1]))
		}
	}
	if len(form) < 60 {
		t.Fatalf("only %d fields", len(form))
	}
	return form
}

// plausible is a value that a field of the name takes.
func plausible(name string) string {
	switch name {
	case "to", "person", "witness", "witness1", "witness2", "reviewer", "keeper", "successor", "lead", "appraiser", "destroyer", "participants", "companion":
		return "{colleague}"
	case "level", "clearance":
		return "secret"
	case "due", "until", "last_day", "day", "required", "from":
		return "2031-01-02"
	case "happened", "starts":
		return "2020-01-02"
	case "serial", "pages", "copies", "good", "spoiled", "version", "n":
		return "1"
	case "checked", "promised", "read", "decision":
		return "yes"
	case "matter", "material", "carrier", "approval", "set", "copy", "case", "batch":
		return "{" + name + "}"
	case "thing", "materials":
		return "{material}"
	case "order":
		return "{output}"
	case "kind":
		return "material"
	case "item":
		return "requests:{matter}"
	case "password", "password1", "password2":
		return password
	case "duty":
		return "assisting"
	case "personal":
		return "personal"
	case "basis":
		return "contract"
	}
	return "文字"
}
