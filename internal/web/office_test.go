package web_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
	"mijuan/internal/web"
)

func TestMain(m *testing.M) { housetest.Main(m) }

var must = housetest.Must

const (
	clientName = "澜川重工股份有限公司"
	firmName   = "江澜衡砚律师事务所"
)

// office is a firm whose pages are served.
type office struct {
	*housetest.Office
	matter string
	inside map[string]*browser // by login
}

func found(t testing.TB) *office {
	t.Helper()
	return foundWith(t, housetest.Settings(t))
}

func foundWith(t testing.TB, s house.Settings) *office {
	t.Helper()
	o := &office{Office: housetest.Found(t, s), inside: map[string]*browser{}}
	h := o.House
	must(t, h.SetName(t.Context(), firmName))
	o.Serve(web.New(web.Parts{Door: h.Door, People: h.People, Matters: h.Matters, Shelf: h.Shelf, Approvals: h.Approvals, Labels: h.Labels, Carriers: h.Carriers, Knowers: h.Knowers, Incidents: h.Incidents, Dangers: h.Dangers, Stock: h.Stock, Meetings: h.Meetings, Output: h.Output, Retention: h.Retention, Devices: h.Devices, Media: h.Media, TeamReviews: h.TeamReviews, Viewing: h.Viewing, Training: h.Training, Pledges: h.Pledges, Criteria: h.Criteria, Leaving: h.Leaving, Rights: h.Rights, Measures: h.Measures, Duty: h.Duty, Directory: h.Directory, Hand: h.Hand, Audit: h.Audit, Ledger: h.Ledger, Firm: h.Name,
		Version: "test", ClientIP: func(*http.Request) string { return "127.0.0.1" }}))
	o.matter = o.OpenMatter("股权转让纠纷", clientName)
	return o
}

// browser is somebody logged in.
type browser struct {
	o      *office
	client *http.Client
}

func (o *office) loggedIn(login string) *browser {
	o.T.Helper()
	if b, known := o.inside[login]; known {
		return b
	}
	jar, err := cookiejar.New(nil)
	must(o.T, err)
	c := *o.Server.Client()
	c.Jar = jar
	b := &browser{o, &c}
	if a := b.post("/login", url.Values{"login": {login}, "password": {housetest.Password}}); strings.Contains(a.body, `name="password"`) {
		o.T.Fatalf("%s cannot log in: %.300s", login, a.body)
	}
	o.inside[login] = b
	return b
}

type answer struct {
	status int
	header http.Header
	body   string
	path   string // where redirections led
}

func (b *browser) do(r *http.Request) answer {
	b.o.T.Helper()
	resp, err := b.client.Do(r)
	must(b.o.T, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(b.o.T, err)
	return answer{resp.StatusCode, resp.Header, string(raw), resp.Request.URL.Path}
}

func (b *browser) get(path string) answer {
	b.o.T.Helper()
	r, err := http.NewRequest(http.MethodGet, b.o.Server.URL+path, nil)
	must(b.o.T, err)
	return b.do(r)
}

func (b *browser) post(path string, form url.Values) answer {
	b.o.T.Helper()
	r, err := http.NewRequest(http.MethodPost, b.o.Server.URL+path, strings.NewReader(form.Encode()))
	must(b.o.T, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// entries are the newest of an act, newest first.
func (o *office) entries(act string, limit int) (all []ledger.Entry) {
	o.T.Helper()
	must(o.T, o.House.DB.Read(o.T.Context(), func(tx *store.Tx) (err error) {
		all, err = o.House.Ledger.Query(tx, ledger.Query{Act: act, Limit: limit, Detail: true})
		return err
	}))
	return all
}
