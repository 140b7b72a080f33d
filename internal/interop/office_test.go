package interop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/cli"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/server"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clock is the office's time; tests move it on.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// office is a firm with one auditor, served.
type office struct {
	t       testing.TB
	h       *house.House
	server  *httptest.Server
	clock   *clock
	auditor guard.Who
	token   string
}

func open(t testing.TB, engine store.Engine, witnesses ...ledger.Witness) *office {
	t.Helper()
	o := &office{t: t, clock: &clock{}}
	s := house.Settings{Data: t.TempDir(), Root: vault.RootFromPassphrase([]byte("the office's root passphrase")), Origin: "ledger.firm.example", Witnesses: witnesses,
		Now: o.clock.now, Worker: rendertest.Worker(), Workers: 1, Cache: rendertest.Code(), Hashing: person.Cost{Time: 1, Memory: 64, Lanes: 1}}
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	var err error
	o.h, err = house.Create(t.Context(), s)
	must(t, err)
	t.Cleanup(func() { o.h.Close() })
	o.server = httptest.NewTLSServer(server.Harden(cli.Faces(o.h, func(*http.Request) string { return "127.0.0.1" })))
	t.Cleanup(o.server.Close)
	o.invite()
	return o
}

// invite appoints the auditor, who takes a token.
func (o *office) invite() {
	o.t.Helper()
	var id, link string
	console := guard.Who{Via: guard.CLI}
	o.do(console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = o.h.People.Invite(g, person.Invitation{Login: "auditor", Details: person.Details{Name: "测试"}, Posts: []access.Post{access.Auditor}})
		return err
	})
	_, err := o.h.People.Accept(o.t.Context(), link, person.Acceptance{Password: "Correct-Horse-9"}, person.From{Addr: "127.0.0.1"})
	must(o.t, err)
	thing := guard.Thing{Kind: access.Person, ID: id}
	o.do(console, access.Appoint, thing, func(g *guard.Grant) error {
		return o.h.People.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
	})
	o.do(console, access.Appoint, thing, func(g *guard.Grant) error {
		return o.h.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
	})
	o.auditor = guard.Who{Person: id, Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	o.do(o.auditor, access.ManageOwnAccount, thing, func(g *guard.Grant) (err error) {
		_, o.token, err = o.h.People.CreateToken(g, person.NewToken{Name: "test", Scopes: person.Scopes(), For: time.Hour})
		return err
	})
}

func (o *office) do(who guard.Who, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
	o.t.Helper()
	must(o.t, o.h.Door.Do(context.Background(), who, act, thing, f))
}

// work adds n entries to the ledger.
func (o *office) work(n int) {
	o.t.Helper()
	for range n {
		o.do(o.auditor, access.ReadRules, guard.Firm, func(*guard.Grant) error { return nil })
	}
}

// client is an HTTP client that shows the token, if asked to.
func (o *office) client(token string) *http.Client {
	c := *o.server.Client()
	c.Transport = bearer{c.Transport, token}
	return &c
}

type bearer struct {
	next  http.RoundTripper
	token string
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}
