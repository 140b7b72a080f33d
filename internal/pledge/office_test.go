package pledge_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

var must = housetest.Must

const firmName = "江澜衡砚律师事务所"

var desk = person.From{Addr: "127.0.0.1", Agent: "test browser"}

// office is a firm at work whose clock tests move on.
type office struct {
	t     *testing.T
	h     *house.House
	clock *housetest.Clock
	room  *pledge.Room
	ids   map[string]string
	in    map[string]string // sessions by login
}

// each runs f on a firm with a security administrator, an auditor and a lawyer, on both engines.
func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, found(t, engine, "")) })
	}
}

// one runs f on the embedded engine alone: making keys takes time, and what f tries is not the database.
func one(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	f(t, found(t, store.SQLite, ""))
}

func found(t *testing.T, engine store.Engine, tsa string) *office {
	t.Helper()
	s := housetest.Settings(t)
	o := &office{t: t, clock: &housetest.Clock{}, ids: map[string]string{}, in: map[string]string{}}
	s.Now, s.TSA = o.clock.Now, tsa
	if engine == store.PostgreSQL {
		s.Database = storetest.Options(t, engine).URL
	}
	var err error
	o.h, err = house.Create(t.Context(), s)
	must(t, err)
	t.Cleanup(func() { o.h.Close() })
	must(t, o.h.SetName(t.Context(), firmName))
	o.room = o.h.Pledges
	for login, post := range map[string]access.Post{"security": access.SecurityAdmin, "auditor": access.Auditor, "lawyer": access.Lawyer} {
		o.join(login, post)
		o.must(o.do(guard.Who{Via: guard.CLI}, access.Appoint, thing(o.ids[login]), func(g *guard.Grant) error {
			return o.h.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
		}))
	}
	return o
}

const password = "Lantern-7-harbour"

// join takes somebody on who is trained and has signed nothing.
func (o *office) join(login string, post access.Post) {
	o.t.Helper()
	console := guard.Who{Via: guard.CLI}
	var link string
	o.must(o.do(console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		o.ids[login], link, err = o.h.People.Invite(g, person.Invitation{Login: login, Posts: []access.Post{post},
			Details: person.Details{Name: "欧阳" + login, Department: "争议解决部", Licence: "13101201010123456"}})
		return err
	}))
	e, err := o.h.People.Accept(o.t.Context(), link, person.Acceptance{Password: password}, desk)
	o.must(err)
	o.in[login] = e.Token
	o.must(o.do(console, access.Appoint, thing(o.ids[login]), func(g *guard.Grant) error {
		return o.h.People.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
	}))
}

// enter logs somebody in anew.
func (o *office) enter(login, password string) {
	o.t.Helper()
	e, err := o.h.People.Enter(o.t.Context(), login, password, desk)
	o.must(err)
	o.in[login] = e.Token
}

func thing(id string) guard.Thing { return guard.Thing{Kind: access.Person, ID: id} }

func (o *office) who(login string) guard.Who {
	return guard.Who{Person: o.ids[login], Session: "s", Via: guard.Web, Addr: "127.0.0.1", Strong: true}
}

func (o *office) do(who guard.Who, act access.Act, thing guard.Thing, f func(*guard.Grant) error) error {
	return o.h.Door.Do(context.Background(), who, act, thing, f)
}

func (o *office) must(err error) { o.t.Helper(); must(o.t, err) }

// wants fails unless err is a problem of the kind.
func (o *office) wants(err error, kind problem.Kind, about string) {
	o.t.Helper()
	if problem.KindOf(err) != kind {
		o.t.Fatalf("%s: got %v, want a problem of kind %d", about, err, kind)
	}
}

func (o *office) asked(login string) (all []pledge.Due) {
	o.t.Helper()
	o.must(o.do(o.who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { all, err = o.room.Asked(g); return err }))
	return all
}

// signing is what somebody gives who signs the first that they are asked for.
func (o *office) signing(login string) pledge.Signing {
	o.t.Helper()
	all := o.asked(login)
	if len(all) == 0 {
		o.t.Fatalf("%s is asked for nothing", login)
	}
	d := all[0]
	return pledge.Signing{Kind: d.Kind, Version: d.Version, Digest: pledge.Digest(d.Text),
		Consent: hand.Consent{Session: o.in[login], Confirmation: person.Confirmation{Password: password}, From: desk}}
}

func (o *office) sign(login string) pledge.Pledge {
	o.t.Helper()
	p, err := o.room.Sign(o.t.Context(), o.who(login), o.signing(login))
	o.must(err)
	return p
}

func (o *office) fetch(login, id string) ([]byte, error) {
	o.t.Helper()
	c, err := o.room.Fetch(o.t.Context(), o.who(login), id)
	if err != nil {
		return nil, err
	}
	return c.PDF, c.Close(o.t.Context(), int64(len(c.PDF)), nil)
}

// works is an act of somebody that needs training and pledge.
func (o *office) works(login string) error {
	return o.do(o.who(login), access.ReadRoster, guard.Firm, func(*guard.Grant) error { return nil })
}

func (o *office) list(login string, f pledge.Filter) (page pledge.Page) {
	o.t.Helper()
	o.must(o.do(o.who(login), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) { page, err = o.room.List(g, f); return err }))
	return page
}

func (o *office) missing(login string) (all []person.Person) {
	o.t.Helper()
	o.must(o.do(o.who(login), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) { all, err = o.room.Missing(g); return err }))
	return all
}

// publish sets a new edition whose texts say so.
func (o *office) publish(in time.Duration) (version int, err error) {
	o.t.Helper()
	texts := map[pledge.Kind]string{}
	for _, k := range pledge.Kinds {
		texts[k] = "# 新版" + k.Name() + "\n\n1. 保守客户秘密。\n"
	}
	err = o.do(o.who("security"), access.SetPledge, guard.Firm, func(g *guard.Grant) (err error) {
		version, err = o.room.Publish(g, texts, g.Tx().Now.Add(in))
		return err
	})
	return version, err
}

// entries are those of the ledger about a thing, newest first.
func (o *office) entries(q ledger.Query) (all []ledger.Entry) {
	o.t.Helper()
	q.Limit = 50
	o.must(o.h.DB.Read(o.t.Context(), func(tx *store.Tx) (err error) { all, err = o.h.Ledger.Query(tx, q); return err }))
	return all
}

func (o *office) count(query string, args ...any) (n int64) {
	o.t.Helper()
	o.must(o.h.DB.Read(o.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }, query, args...)
		return err
	}))
	return n
}

// words is the text of a PDF without white space.
func words(t *testing.T, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	must(t, os.WriteFile(path, pdf, 0o600))
	out, err := exec.Command("pdftotext", path, "-").Output()
	must(t, err)
	return strings.Join(strings.Fields(string(out)), "")
}

// stamps is a stamping authority that gives a status and nothing else.
func stamps(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}
