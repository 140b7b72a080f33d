package apptest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"mijuan/internal/house"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// answer is what the API said to a request that may have gone wrong.
type answer struct {
	status int
	header http.Header
	body   []byte
	broken error // the connection ended before the answer was whole
}

// ask makes a request as somebody, whatever becomes of it.
func (o *office) ask(login, method, path string, body io.Reader, header ...string) answer {
	r, err := http.NewRequest(method, o.server.URL+"/api/v1"+path, body)
	if err != nil {
		return answer{broken: err}
	}
	r.Header.Set("Authorization", "Bearer "+o.tokens[login])
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := o.server.Client().Do(r)
	if err != nil {
		return answer{broken: err}
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header, raw, err}
}

// tell is ask with a JSON body.
func (o *office) tell(login, method, path string, body any) answer {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{broken: err}
	}
	return o.ask(login, method, path, bytes.NewReader(raw), "Content-Type", "application/json")
}

// sentence is what a problem says to the person.
func (a answer) sentence() string {
	var p struct{ Detail string }
	if json.Unmarshal(a.body, &p) != nil || a.header.Get("Content-Type") != "application/problem+json" {
		return ""
	}
	return p.Detail
}

// refused wants a problem of the status that says the words.
func (a answer) refused(t testing.TB, what string, status int, words string) {
	t.Helper()
	if a.broken != nil || a.status != status || !strings.Contains(a.sentence(), words) {
		t.Errorf("%s: %d %.300s, %v; want %d that says %q", what, a.status, a.body, a.broken, status, words)
	}
}

// done wants the status.
func (a answer) done(t testing.TB, what string, status int) {
	t.Helper()
	if a.broken != nil || a.status != status {
		t.Errorf("%s: %d %.300s, %v; want %d", what, a.status, a.body, a.broken, status)
	}
}

// original wants a material's bytes whole.
func (o *office) original(t testing.TB, login, material string, content []byte) {
	t.Helper()
	if a := o.ask(login, "GET", "/materials/"+material+"/original", nil); a.status != http.StatusOK || a.broken != nil || !bytes.Equal(a.body, content) {
		t.Errorf("the original: %d, %d of %d bytes, %v", a.status, len(a.body), len(content), a.broken)
	}
}

// page wants a page's image.
func (o *office) page(t testing.TB, login, material string, n int) {
	t.Helper()
	a := o.ask(login, "GET", fmt.Sprintf("/materials/%s/pages/%d?width=160", material, n), nil)
	a.done(t, fmt.Sprintf("page %d", n), http.StatusOK)
	if !bytes.HasPrefix(a.body, []byte("\xff\xd8")) {
		t.Errorf("page %d is no image", n)
	}
}

// line is an entry of the ledger as the API gives it.
type line struct {
	Seq     uint64
	At      time.Time
	Actor   string
	Act     string
	Outcome string
	Notes   map[string]any
}

// history is what was done to a material, newest first.
func (o *office) history(t testing.TB, material string) []line {
	t.Helper()
	var page struct{ Items []line }
	a := o.ask("auditor", "GET", "/materials/"+material+"/history?limit=500", nil)
	a.done(t, "history", http.StatusOK)
	must(t, json.Unmarshal(a.body, &page))
	return page.Items
}

// verdict is what the verification of the ledger found.
type verdict struct {
	OK    bool
	Size  uint64
	Seq   uint64
	Cause string
}

func (o *office) verify(t testing.TB) (v verdict) {
	t.Helper()
	a := o.ask("auditor", "POST", "/ledger/verification", nil)
	a.done(t, "verification", http.StatusOK)
	if a.status == http.StatusOK {
		must(t, json.Unmarshal(a.body, &v))
	}
	return v
}

// sound wants a ledger in which nothing is wrong.
func (o *office) sound(t testing.TB) {
	t.Helper()
	if v := o.verify(t); !v.OK {
		t.Errorf("the ledger: %+v", v)
	}
}

// onEngine is the settings of a firm on the engine.
func onEngine(t testing.TB, engine store.Engine) house.Settings {
	t.Helper()
	s := settings(t, t.TempDir())
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	return s
}

// one reads one value of the database.
func one[T any](t testing.TB, h *house.House, query string, args ...any) (value T) {
	t.Helper()
	must(t, h.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
		value, err = store.Get(tx, func(r store.Row) (v T, err error) { err = r.Scan(&v); return v, err }, query, args...)
		return err
	}))
	return value
}

// begin declares a file of so many bytes and sends what body gives of it.
func (o *office) begin(login, matter, name string, size int64, body io.Reader) answer {
	return o.ask(login, "POST", "/matters/"+matter+"/uploads", body, "Tus-Resumable", "1.0.0", "Upload-Length", fmt.Sprint(size), "Content-Type", "application/offset+octet-stream",
		"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name))+",not_state_secret "+base64.StdEncoding.EncodeToString([]byte("yes")))
}

// await waits for something that will come about by itself.
func await(t testing.TB, what string, there func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not come", what)
		}
	}
}
