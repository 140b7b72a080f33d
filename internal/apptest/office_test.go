package apptest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/server"
	"mijuan/internal/vault"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	if os.Getenv("MIJUAN_COMMAND") != "" {
		os.Exit(commandLine())
	}
	if os.Getenv("MIJUAN_CRASH") != "" {
		os.Exit(crashChild())
	}
	if os.Getenv("MIJUAN_CHILD") != "" {
		os.Exit(child())
	}
	code := m.Run()
	housetest.DropModels()
	os.Exit(code)
}

// office is a firm at work behind an HTTPS server.
type office struct {
	t      testing.TB
	h      *house.House
	server *httptest.Server
	ids    map[string]string // persons by login
	tokens map[string]string // API tokens by login
}

const password = "Correct-Horse-9"

// staff is who works in the office; everybody is trained and pledged.
var staff = map[string][]access.Post{
	"lead": {access.Lawyer}, "handling": {access.Lawyer}, "trainee": {access.Trainee}, "outsider": {access.Lawyer}, "walled": {access.Lawyer},
	"director": {access.Director}, "system": {access.SystemAdmin}, "security": {access.SecurityAdmin}, "auditor": {access.Auditor},
	"keeper": {access.Custodian},
}

func settings(t testing.TB, data string) house.Settings {
	t.Helper()
	key := rootKey(data)
	must(t, os.WriteFile(key, []byte(strings.Repeat("5a", vault.KeySize)), 0o600))
	root, err := vault.RootFromFile(key)
	must(t, err)
	return house.Settings{Data: data, Root: root, Worker: rendertest.Worker(), Workers: 1, Cache: rendertest.Code(),
		Hashing: person.Cost{Time: 1, Memory: 64, Lanes: 1},
		Office:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

// rootKey is where a firm's root key stands: digits, for a passphrase takes its time on purpose.
func rootKey(data string) string {
	return filepath.Join(filepath.Dir(data), filepath.Base(data)+".root-key")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// found makes a firm with its staff.
func found(t testing.TB, s house.Settings) *office {
	t.Helper()
	h, err := house.Create(context.Background(), s)
	must(t, err)
	o := &office{t: t, h: h, ids: map[string]string{}, tokens: map[string]string{}}
	t.Cleanup(func() { h.Close() })
	for login, posts := range staff {
		o.hire(login, posts...)
	}
	o.server = open(t, h)
	return o
}

// hire takes somebody on, trained and pledged, with a token.
func (o *office) hire(login string, posts ...access.Post) {
	t, h := o.t, o.h
	t.Helper()
	console := guard.Who{Via: guard.CLI}
	var id, link string
	must(t, h.Door.Do(t.Context(), console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = h.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: "测试" + login}, Posts: posts})
		return err
	}))
	_, err := h.People.Accept(t.Context(), link, person.Acceptance{Password: password}, person.From{Addr: "127.0.0.1"})
	must(t, err)
	thing := guard.Thing{Kind: access.Person, ID: id}
	for _, act := range []func(*guard.Grant) error{
		func(g *guard.Grant) error {
			return h.People.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
		},
		func(g *guard.Grant) error {
			return h.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
		},
	} {
		must(t, h.Door.Do(t.Context(), console, access.Appoint, thing, act))
	}
	must(t, h.Door.Do(t.Context(), guard.Who{Person: id, Via: guard.Web, Strong: true}, access.ManageOwnAccount, thing, func(g *guard.Grant) (err error) {
		_, o.tokens[login], err = h.People.CreateToken(g, person.NewToken{Name: "test", Scopes: person.Scopes(), For: time.Hour})
		return err
	}))
	o.ids[login] = id
}

// open puts a house behind an HTTPS server.
func open(t testing.TB, h *house.House) *httptest.Server {
	s := httptest.NewTLSServer(server.Harden(cli.Faces(h, func(r *http.Request) string { return "127.0.0.1" })))
	t.Cleanup(s.Close)
	return s
}

// browser is a person's browser.
type browser struct {
	t      testing.TB
	client *http.Client
	base   string
}

func (o *office) browser() *browser {
	jar, _ := cookiejar.New(nil)
	c := *o.server.Client()
	c.Jar = jar
	return &browser{o.t, &c, o.server.URL}
}

// loggedIn is the browser of somebody who has logged in.
func (o *office) loggedIn(login string) *browser {
	o.t.Helper()
	b := o.browser()
	if status, page := b.post("/login", url.Values{"login": {login}, "password": {password}}); status != http.StatusOK || !strings.Contains(page, "测试"+login) {
		o.t.Fatalf("%s cannot log in: %d %.300s", login, status, page)
	}
	return b
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	r, err := b.client.Get(b.base + path)
	must(b.t, err)
	return read(b.t, r)
}

func (b *browser) post(path string, form url.Values) (int, string) {
	b.t.Helper()
	r, err := b.client.PostForm(b.base+path, form)
	must(b.t, err)
	return read(b.t, r)
}

func read(t testing.TB, r *http.Response) (int, string) {
	t.Helper()
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	must(t, err)
	return r.StatusCode, string(raw)
}

// call makes an API call and decodes the answer into out, if not nil.
func (o *office) call(login, method, path string, in, out any) int {
	o.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		must(o.t, err)
		body = strings.NewReader(string(raw))
	}
	r, err := http.NewRequest(method, o.server.URL+"/api/v1"+path, body)
	must(o.t, err)
	r.Header.Set("Authorization", "Bearer "+o.tokens[login])
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := o.server.Client().Do(r)
	must(o.t, err)
	status, raw := read(o.t, answer)
	if out != nil && status < 300 {
		if err := json.Unmarshal([]byte(raw), out); err != nil {
			o.t.Fatalf("%s %s: %v in %.200s", method, path, err, raw)
		}
	}
	if status >= 400 && testing.Verbose() {
		o.t.Logf("%s %s: %d %s", method, path, status, raw)
	}
	if status >= 500 {
		o.t.Errorf("%s %s: %d %s", method, path, status, raw)
	}
	return status
}

type object map[string]any

// openMatter opens a matter led by lead.
func (o *office) openMatter(title, client string) string {
	o.t.Helper()
	var made struct{ ID string }
	status := o.call("lead", "POST", "/matters", object{"kind": "civil", "title": title, "client": object{"name": client, "kind": "company"},
		"parties": []object{{"role": "被告", "name": client + "的对方"}},
		"team": []object{{"person": o.ids["lead"], "duty": "lead", "clearance": "top_secret", "listed": true}, {"person": o.ids["handling"], "duty": "handling", "clearance": "secret"},
			{"person": o.ids["trainee"], "duty": "assisting", "clearance": "confidential"}},
		"walls": []object{{"person": o.ids["walled"], "reason": "利益冲突"}}}, &made)
	if status != http.StatusOK {
		o.t.Fatalf("open a matter: %d", status)
	}
	return made.ID
}

// upload sends a file by tus in one request and gives its upload's id.
func (o *office) upload(login, matter, name string, content []byte) (string, int) {
	o.t.Helper()
	r, err := http.NewRequest("POST", o.server.URL+"/api/v1/matters/"+matter+"/uploads", strings.NewReader(string(content)))
	must(o.t, err)
	sum := sha256.Sum256(content)
	for k, v := range map[string]string{"Authorization": "Bearer " + o.tokens[login], "Tus-Resumable": "1.0.0", "Upload-Length": fmt.Sprint(len(content)),
		"Content-Type": "application/offset+octet-stream", "Upload-Checksum": "sha256 " + base64.StdEncoding.EncodeToString(sum[:]),
		"Upload-Metadata": "filename " + base64.StdEncoding.EncodeToString([]byte(name)) + ",not_state_secret " + base64.StdEncoding.EncodeToString([]byte("yes"))} {
		r.Header.Set(k, v)
	}
	answer, err := o.server.Client().Do(r)
	must(o.t, err)
	status, _ := read(o.t, answer)
	where := answer.Header.Get("Location")
	return where[strings.LastIndexByte(where, '/')+1:], status
}

// receive brings a file in and files it, to be reviewed by lead.
func (o *office) receive(matter, name, title string, content []byte, level string) string {
	o.t.Helper()
	upload, status := o.upload("handling", matter, name, content)
	if status != http.StatusCreated {
		o.t.Fatalf("upload %s: %d", name, status)
	}
	var ids []string
	if status := o.call("handling", "POST", "/matters/"+matter+"/materials", []object{{"upload": upload, "title": title, "kinds": []string{"case_paper"}, "level": level,
		"reason": "含诉讼策略", "reviewer": o.ids["lead"]}}, &ids); status != http.StatusOK {
		o.t.Fatalf("file %s: %d", name, status)
	}
	return ids[0]
}

func (o *office) review(material, level string) {
	o.t.Helper()
	if status := o.call("lead", "POST", "/materials/"+material+"/review", object{"level": level, "reason": "同意"}, nil); status != http.StatusNoContent {
		o.t.Fatalf("review: %d", status)
	}
}

var hidden = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{2}:[0-9]{2}:[0-9]{2}`)
