package person

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
	"mijuan/policy"
)

// office is a firm with one security administrator, an hour that tests move, and the real door.
type office struct {
	*Roster
	t     testing.TB
	db    *store.DB
	door  *guard.Door
	clock *atomic.Int64 // ms
	admin string        // the security administrator's id
	set   Settings
	where store.Options

	ledgerOf *ledger.Ledger
}

var (
	rules = sync.OnceValues(func() (*access.Rules, error) { return access.Load(policy.FS) })
	keys  = sync.OnceValues(func() (*vault.Keyring, error) {
		k, _, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("a passphrase for these tests")))
		return k, err
	})
	quick   = Cost{Time: 1, Memory: 64, Lanes: 1}
	noon    = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	desk    = From{Addr: "192.168.7.20", Agent: "test browser"}
	console = guard.Who{Via: guard.CLI}
)

const goodPassword = "Lantern-7-harbour"

// each runs f on a fresh office on both engines.
func each(t *testing.T, set Settings, f func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			f(t, newOffice(t, engine, set))
		})
	}
}

func newOffice(t testing.TB, engine store.Engine, set Settings) *office {
	t.Helper()
	clock := &atomic.Int64{}
	clock.Store(noon.UnixMilli())
	where := storetest.Options(t, engine)
	where.Now = func() time.Time { return time.UnixMilli(clock.Load()) }
	if set.Cost == (Cost{}) {
		set.Cost = quick
	}
	o := &office{t: t, clock: clock, set: set, where: where}
	o.furnish()
	o.admin = o.join("yan.ruogu", "严若谷", access.SecurityAdmin)
	return o
}

// furnish opens the firm's database and wires a process to it.
func (o *office) furnish() {
	o.t.Helper()
	o.db = storetest.Reopen(o.t, o.where)
	k, err := keys()
	o.must(err)
	r, err := rules()
	o.must(err)
	detail := k.Field("ledger.detail")
	l, err := ledger.New(o.db, ledger.Options{Origin: "test", Seed: k.LedgerSeed(), Seal: detail.Seal, Open: detail.Open})
	o.must(err)
	o.door = guard.New(guard.Options{DB: o.db, Ledger: l, Rules: r, Office: func(string) bool { return true }})
	o.Roster, err = New(o.db, o.door, k, o.set)
	o.must(err)
	o.door.Persons(o.Principal)
	o.door.Register(access.Person, o.Load)
	o.ledgerOf = l
}

// beside is a second process on the same database.
func (o *office) beside() *office {
	other := *o
	other.furnish()
	return &other
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// pass moves the clock and waits until transactions see it: one that failed is answered while its group is still open, and who
// comes next may still share that group's time.
func (o *office) pass(d time.Duration) {
	want := o.clock.Add(d.Milliseconds())
	for range 10_000 {
		var seen int64
		if err := o.db.Update(context.Background(), func(tx *store.Tx) error { seen = tx.Now.UnixMilli(); return nil }); err != nil {
			o.t.Fatal(err)
		}
		if seen == want {
			return
		}
	}
	o.t.Fatal("transactions do not see the clock move")
}

func (o *office) now() time.Time { return time.UnixMilli(o.clock.Load()).UTC() }

func thingOf(person string) guard.Thing { return guard.Thing{Kind: access.Person, ID: person} }

// as passes the door as somebody with a second factor.
func (o *office) as(person string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) error {
	return o.door.Do(context.Background(), desk.who(person, "a session", true), act, thing, f)
}

// appoint is an act of the security administrator on a person.
func (o *office) appoint(person string, f func(*guard.Grant) error) error {
	return o.as(o.admin, access.Appoint, thingOf(person), f)
}

// own is an act of a person on the own account.
func (o *office) own(person string, f func(*guard.Grant) error) error {
	return o.as(person, access.ManageOwnAccount, thingOf(person), f)
}

// invite puts somebody on the roster.
func (o *office) invite(login, name string, posts ...access.Post) (id, link string) {
	o.t.Helper()
	o.must(o.door.Do(context.Background(), console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = o.Invite(g, Invitation{Login: login, Details: Details{Name: name, Department: "争议解决部"}, Posts: posts})
		return err
	}))
	return id, link
}

// join invites somebody, accepts for them, and records training and pledge. Where a second factor is needed it is an
// authenticator, whose secret join keeps.
func (o *office) join(login, name string, posts ...access.Post) string {
	o.t.Helper()
	id, link := o.invite(login, name, posts...)
	o.must(o.door.Do(context.Background(), console, access.Appoint, thingOf(id), func(g *guard.Grant) error {
		if err := o.RecordTraining(g, "joining", time.Time{}, "纸质记录存档"); err != nil {
			return err
		}
		return o.RecordPledge(g, "joining", time.Time{}, "纸质记录存档")
	}))
	e, err := o.Accept(context.Background(), link, Acceptance{Password: goodPassword}, desk)
	o.must(err)
	if e.Stage == NeedSetUp {
		o.setUp(e.Token)
	}
	return id
}

// secrets are the authenticators' of the offices' people, by URL path.
var secrets sync.Map

// setUp sets up an authenticator and gives the entry.
func (o *office) setUp(token string) Entry {
	o.t.Helper()
	a, err := o.BeginTOTP(context.Background(), token, goodPassword, desk)
	o.must(err)
	e, err := o.ConfirmTOTP(context.Background(), token, codeOf(a.Secret, o.now()), desk)
	o.must(err)
	secrets.Store(e.Person.ID, a.Secret)
	return e
}

func (o *office) code(person string) string {
	secret, _ := secrets.Load(person)
	return codeOf(secret.(string), o.now())
}

func (o *office) enter(login, password string) (Entry, error) {
	return o.Enter(context.Background(), login, password, desk)
}

func (o *office) authenticate(token string) (guard.Who, Person, error) {
	return o.Authenticate(context.Background(), token, desk.Addr)
}

// login is a whole log-in with a password, and a code where one is needed.
func (o *office) login(login string) Entry {
	o.t.Helper()
	e, err := o.enter(login, goodPassword)
	o.must(err)
	if e.Stage == NeedFactor {
		e, err = o.VerifyCode(context.Background(), e.Token, o.code(e.Person.ID), desk)
		o.must(err)
	}
	return e
}

// record is an entry of the ledger, opened.
type record struct {
	ledger.Entry
	detail guard.Detail
}

// records gives the ledger's entries about a thing or by an actor, newest first.
func (o *office) entries(q ledger.Query) (all []record) {
	o.t.Helper()
	q.Detail = true
	if q.Limit == 0 {
		q.Limit = 100
	}
	o.must(o.db.Read(context.Background(), func(tx *store.Tx) error {
		found, err := o.ledgerOf.Query(tx, q)
		for _, e := range found {
			r := record{Entry: e}
			if err := json.Unmarshal(e.Detail, &r.detail); err != nil {
				return err
			}
			all = append(all, r)
		}
		return err
	}))
	return all
}

func (o *office) newest() record { o.t.Helper(); return o.entries(ledger.Query{Limit: 1})[0] }

func (o *office) exec(query string, args ...any) (rows int64, err error) {
	err = o.db.Update(context.Background(), func(tx *store.Tx) error {
		rows, err = tx.Exec(query, args...)
		return err
	})
	return rows, err
}

func (o *office) count(query string, args ...any) (n int64) {
	o.t.Helper()
	o.must(o.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		n, err = count(tx, query, args...)
		return err
	}))
	return n
}

// wants fails unless err is a problem of the kind.
func wants(t testing.TB, err error, kind problem.Kind, about string) {
	t.Helper()
	if problem.KindOf(err) != kind {
		t.Fatalf("%s: got %v, want a problem of kind %d", about, err, kind)
	}
}

func logins(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("person%02d", i)
	}
	return all
}
