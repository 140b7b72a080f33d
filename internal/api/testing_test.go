package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"mijuan/internal/cli"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

var must = housetest.Must

type object map[string]any

// office is a firm whose faces are served.
type office struct {
	*housetest.Office
	clock *housetest.Clock
}

func found(t testing.TB, change ...func(*house.Settings)) *office {
	t.Helper()
	clock := &housetest.Clock{}
	s := housetest.Settings(t)
	s.Now = clock.Now
	for _, c := range change {
		c(&s)
	}
	o := &office{housetest.Found(t, s), clock}
	o.Serve(cli.Faces(o.House, func(*http.Request) string { return "127.0.0.1" }))
	return o
}

// call is one request to the API.
type call struct {
	login  string // whose token; "": none
	token  string // instead
	method string
	path   string // below the prefix
	body   any    // nil: none; string: as it is; else: as JSON
	header map[string]string
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem() (p struct {
	Type, Title, Detail, Clause, Step string
	Status                            int
	Clauses, Errors                   []string
}) {
	_ = json.Unmarshal(a.body, &p) // what is no problem has none of this
	return p
}

func (o *office) request(c call) *http.Request {
	o.T.Helper()
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(housetest.JSON(o.T, c.body))
	}
	r, err := http.NewRequest(c.method, o.Server.URL+"/api/v1"+c.path, body)
	must(o.T, err)
	if c.token == "" {
		c.token = o.Tokens[c.login]
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		r.Header.Set(k, v)
	}
	return r
}

func (o *office) send(c call) answer {
	o.T.Helper()
	return o.deliver(o.request(c))
}

func (o *office) deliver(r *http.Request) answer {
	o.T.Helper()
	resp, err := o.Server.Client().Do(r)
	must(o.T, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(o.T, err)
	if resp.StatusCode >= 500 {
		o.T.Errorf("%s %s: %d %s", r.Method, r.URL.Path, resp.StatusCode, raw)
	}
	return answer{resp.StatusCode, resp.Header, raw}
}
