package api_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mijuan/internal/cli"
	"mijuan/internal/house/housetest"
)

// TestWrongRequests: methods, addresses, content types, sizes and JSON that are wrong are told so as problems; nothing is an
// error of ours.
func TestWrongRequests(t *testing.T) {
	w := newWork(t)
	m, x := "/matters/"+w.matter, "/materials/"+w.material
	huge := `{"title":"` + strings.Repeat("长", 1<<20) + `"}`
	for name, c := range map[string]struct {
		call
		want []int
	}{
		"method":                {call{method: "PATCH", path: "/matters"}, []int{405}},
		"method of an upload":   {call{method: "PUT", path: m + "/uploads/" + w.upload}, []int{405}},
		"method nobody knows":   {call{method: "BREW", path: x}, []int{405}},
		"address":               {call{method: "GET", path: "/nothing"}, []int{404}},
		"address below":         {call{method: "GET", path: x + "/nothing/at/all"}, []int{404}},
		"no body":               {call{method: "PUT", path: x + "/title"}, []int{400, 422}},
		"empty body":            {call{method: "PUT", path: x + "/title", body: ""}, []int{400, 422}},
		"no JSON":               {call{method: "PUT", path: x + "/title", body: "title"}, []int{400, 422}},
		"half JSON":             {call{method: "PUT", path: x + "/title", body: `{"title":`}, []int{400, 422}},
		"two JSONs":             {call{method: "PUT", path: x + "/title", body: `{"title":"a"}{"title":"b"}`}, []int{400, 422}},
		"other JSON":            {call{method: "PUT", path: x + "/title", body: `["a"]`}, []int{422}},
		"other type":            {call{method: "PUT", path: x + "/title", body: `{"title":7}`}, []int{422}},
		"null":                  {call{method: "PUT", path: x + "/title", body: `null`}, []int{400, 422}},
		"null member":           {call{method: "PUT", path: x + "/title", body: `{"title":null}`}, []int{422}},
		"unknown member":        {call{method: "PUT", path: x + "/title", body: `{"title":"a","owner":"me"}`}, []int{422}},
		"deep JSON":             {call{method: "PUT", path: x + "/title", body: strings.Repeat(`{"title":`, 50_000)}, []int{400, 413, 422}},
		"not UTF-8":             {call{method: "PUT", path: x + "/title", body: "{\"title\":\"\xff\xfe\"}"}, []int{400, 422, 204}},
		"NUL":                   {call{method: "PUT", path: x + "/title", body: `{"title":"a\u0000b"}`}, []int{400, 422, 204}},
		"huge":                  {call{method: "PUT", path: x + "/title", body: huge}, []int{413}},
		"form":                  {call{method: "PUT", path: x + "/title", body: "title=a", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, []int{415}},
		"XML":                   {call{method: "PUT", path: x + "/title", body: "<title/>", header: map[string]string{"Content-Type": "application/xml"}}, []int{415}},
		"enum":                  {call{method: "GET", path: "/materials?level=cosmic"}, []int{422}},
		"number":                {call{method: "GET", path: "/materials?limit=many"}, []int{422}},
		"too many":              {call{method: "GET", path: "/materials?limit=100000"}, []int{422}},
		"negative":              {call{method: "GET", path: "/materials?offset=-1"}, []int{422}},
		"overflow":              {call{method: "GET", path: "/ledger?before=99999999999999999999999"}, []int{422}},
		"largest":               {call{login: "auditor", method: "GET", path: "/ledger?before=18446744073709551615"}, []int{200, 422}},
		"bad escape in query":   {call{method: "GET", path: "/materials?q=%zz"}, []int{200, 400, 422}},
		"long search":           {call{method: "GET", path: "/materials?q=" + strings.Repeat("a", 101)}, []int{422}},
		"long id":               {call{method: "GET", path: "/materials/" + strings.Repeat("a", 65)}, []int{404, 422}},
		"odd id":                {call{method: "GET", path: "/materials/%00%ff'%22"}, []int{404, 422}},
		"id with a slash":       {call{method: "GET", path: "/materials/..%2f..%2fetc%2fpasswd"}, []int{404, 422}},
		"date":                  {call{login: "security", method: "PUT", path: "/training/campaigns/" + w.campaign + "/due", body: `{"due":"yesterday","grace_days":0}`}, []int{422}},
		"date far away":         {call{login: "security", method: "PUT", path: "/training/campaigns/" + w.campaign + "/due", body: `{"due":"9999-12-31T23:59:59Z","grace_days":0}`}, []int{422}},
		"date long ago":         {call{login: "security", method: "PUT", path: "/training/campaigns/" + w.campaign + "/due", body: `{"due":"0001-01-01T00:00:00Z","grace_days":0}`}, []int{422}},
		"empty list":            {call{method: "POST", path: m + "/materials", body: `[]`}, []int{404, 422, 403}},
		"page 0":                {call{method: "GET", path: x + "/pages/0"}, []int{422}},
		"page -1":               {call{method: "GET", path: x + "/pages/-1"}, []int{422}},
		"page beyond":           {call{method: "GET", path: x + "/pages/99999"}, []int{422}},
		"page NaN":              {call{method: "GET", path: x + "/pages/NaN"}, []int{422}},
		"page overflow":         {call{method: "GET", path: x + "/pages/99999999999999999999"}, []int{422}},
		"width 0":               {call{method: "GET", path: x + "/pages/1?width=0"}, []int{422}},
		"width beyond":          {call{method: "GET", path: x + "/pages/1?width=4001"}, []int{422}},
		"upload without size":   {call{login: "handling", method: "POST", path: m + "/uploads", header: tusHeaders}, []int{422}},
		"upload of less than 0": {call{login: "handling", method: "POST", path: m + "/uploads", header: withHeaders("Upload-Length", "-1")}, []int{422}},
		"upload too large":      {call{login: "handling", method: "POST", path: m + "/uploads", header: withHeaders("Upload-Length", "9223372036854775807", "Upload-Metadata", metadata)}, []int{413, 422}},
		"upload with odd name":  {call{login: "handling", method: "POST", path: m + "/uploads", header: withHeaders("Upload-Length", "1", "Upload-Metadata", "filename !!!")}, []int{422}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.login == "" {
				c.login = "lead"
			}
			a := w.o.send(c.call)
			ok := false
			for _, s := range c.want {
				ok = ok || a.status == s
			}
			if !ok {
				t.Errorf("%d, want %v: %.300s", a.status, c.want, a.body)
			}
			if a.status >= 400 {
				wantProblem(t, name, a)
			}
			if a.status == 405 && a.header.Get("Allow") == "" {
				t.Error("it does not say which methods it takes")
			}
		})
	}
	if a := w.o.send(call{login: "handling", method: "POST", path: m + "/uploads", header: map[string]string{"Tus-Resumable": "0.2.2"}}); a.status != http.StatusPreconditionFailed {
		t.Errorf("another version of tus: %d", a.status)
	}
}

// TestHeadersOnEveryAnswer: pages, API, tiles, files and errors all bear what keeps browsers from storing, framing and guessing.
func TestHeadersOnEveryAnswer(t *testing.T) {
	w := newWork(t)
	calls := append(w.successes(), w.staffing()...)
	for _, path := range []string{"/openapi.json", "/openapi.yaml", "/openapi-3.0.json", "/schemas/Problem.json", "/nothing", "/../../", "/../../login", "/../../nothing", "/../../materials/" + w.material,
		"/../../invite/x", "/../../ledger/log/checkpoint", "/../../ledger/log/nothing", "/../../ledger/log/tile/entries/000.p/1"} {
		calls = append(calls, call{login: "lead", method: "GET", path: path})
	}
	for _, k := range calls {
		r := w.o.request(k)
		r.URL.Path = strings.Replace(r.URL.Path, "/api/v1/../..", "", 1)
		a := w.o.deliver(r)
		for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'", "Strict-Transport-Security": "max-age=", "X-Content-Type-Options": "nosniff",
			"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := a.header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s %s: %s is %q", k.method, r.URL.Path, name, got)
			}
		}
		if a.header.Get("Cache-Control") != "no-store" && !strings.HasPrefix(r.URL.Path, "/ledger/log/") {
			t.Errorf("%s %s may be stored: %q", k.method, r.URL.Path, a.header.Get("Cache-Control"))
		}
		if strings.Contains(a.header.Get("Content-Security-Policy"), "unsafe") || len(a.header.Values("Set-Cookie")) > 0 && strings.HasPrefix(r.URL.Path, "/api/") {
			t.Errorf("%s %s: %v", k.method, r.URL.Path, a.header)
		}
	}
}

// bodies are well-formed requests to begin from.
func (w *work) bodies() (all []call) {
	for _, k := range append(w.successes(), w.staffing()...) {
		if k.method == "POST" || k.method == "PUT" {
			all = append(all, k)
		}
	}
	return all
}

// FuzzBodies: no body makes an operation fail in a way that is ours.
func FuzzBodies(f *testing.F) {
	w := newWork(f)
	h := cli.Faces(w.o.House, func(*http.Request) string { return "127.0.0.1" })
	calls := w.bodies()
	for i, k := range calls {
		raw := housetest.JSON(f, k.body)
		f.Add(uint8(i), raw)
		random := rand.New(rand.NewPCG(1, uint64(i)))
		for range 8 { // each seed's broken relatives are tried without -fuzz too
			f.Add(uint8(i), bent(random, raw))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		k := calls[int(which)%len(calls)]
		r := httptest.NewRequestWithContext(context.Background(), k.method, "/api/v1"+k.path, bytes.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+w.o.Tokens[k.login])
		r.Header.Set("Content-Type", "application/json")
		for name, v := range k.header {
			r.Header.Set(name, v)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code >= 500 || answer.Code >= 400 && answer.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", k.method, k.path, answer.Code, answer.Body)
		}
	})
}

// bent is the text with a few pieces of JSON in wrong places.
func bent(random *rand.Rand, raw []byte) []byte {
	raw = bytes.Clone(raw)
	pieces := []string{`"`, `{`, `}`, `[`, `]`, `null`, `1e999`, `-0`, `\u0000`, `\ud800`, "\xff", `true`, `,`, `:`, `"9999-99-99"`, "绝密★"}
	for range 1 + random.IntN(3) {
		if len(raw) == 0 {
			return raw
		}
		at, piece := random.IntN(len(raw)), pieces[random.IntN(len(pieces))]
		end := min(len(raw), at+random.IntN(4))
		raw = append(raw[:at:at], append([]byte(piece), raw[end:]...)...)
	}
	return raw
}
