package matter_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
	"mijuan/policy"
)

// office is the book behind the real door; only the roster is a table of the test.
type office struct {
	t      *testing.T
	ctx    context.Context
	db     *store.DB
	ledger *ledger.Ledger
	door   *guard.Door
	book   *matter.Book
	id     string // the matter that the office begins with
}

// posts is the roster. Whoever is not in it is nobody.
var posts = map[string]access.Post{"lead": access.Lawyer, "handling": access.Lawyer, "trainee": access.Trainee, "outsider": access.Lawyer,
	"walled": access.Lawyer, "next": access.Lawyer, "gone": access.Lawyer, "director": access.Director, "security": access.SecurityAdmin, "auditor": access.Auditor}

const (
	clientName, clientNumber = "澜川重工股份有限公司", "91330000MA2AB1234X"
	defendant                = "云麓投资合伙企业"
)

var rules = sync.OnceValues(func() (*access.Rules, error) { return access.Load(policy.FS) })

// each runs f on an office with one matter, on both engines.
func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) { f(t, newOffice(t, db)) })
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	o := &office{t: t, ctx: t.Context(), db: db}
	keys, _, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("a test's passphrase")))
	o.must(err)
	detail := keys.Field("ledger.detail")
	o.ledger, err = ledger.New(db, ledger.Options{Origin: "test", Seed: keys.LedgerSeed(), Seal: detail.Seal, Open: detail.Open})
	o.must(err)
	r, err := rules()
	o.must(err)
	o.door = guard.New(guard.Options{DB: db, Ledger: o.ledger, Rules: r, Office: func(string) bool { return true }})
	o.door.Persons(func(_ *store.Tx, id string) (access.Principal, error) {
		post, known := posts[id]
		if !known {
			return access.Principal{}, nil
		}
		return access.Principal{ID: id, Active: id != "gone", Trained: true, Pledged: true, Posts: []access.Post{post}}, nil
	})
	o.book = matter.New(keys)
	o.door.Register(access.Matter, o.book.Load)
	o.id, err = o.open("lead", opening())
	o.must(err)
	return o
}

// opening is led by lead, with handling (机密级) and trainee (秘密级), and walled behind the wall.
func opening() matter.Opening {
	return matter.Opening{Kind: "civil", Title: "股权转让纠纷", Summary: "一审准备",
		Client:  matter.Client{Kind: "company", Name: clientName, Identity: clientNumber},
		Parties: []matter.Party{{Role: "被告", Name: defendant}},
		Team: []matter.Member{{Person: "lead", Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true},
			{Person: "handling", Duty: matter.Handling, Clearance: classification.Secret}, {Person: "trainee", Duty: matter.Assisting, Clearance: classification.Confidential}},
		Walls: []matter.Wall{{Person: "walled", Reason: "曾代理对方"}}}
}

func who(id string) guard.Who {
	return guard.Who{Person: id, Session: "s", Via: guard.Web, Addr: "10.0.0.1", Strong: true}
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// want fails the test unless err is of the kind; 0 wants success.
func (o *office) want(err error, kind problem.Kind, what string) {
	o.t.Helper()
	if problem.KindOf(err) != kind || kind == 0 && err != nil {
		o.t.Fatalf("%s: %v (kind %d), want kind %d", what, err, problem.KindOf(err), kind)
	}
}

func (o *office) open(person string, opening matter.Opening) (id string, err error) {
	err = o.door.Do(o.ctx, who(person), access.OpenMatter, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.book.Open(g, opening)
		return err
	})
	return id, err
}

// do is an act of somebody on the office's matter.
func (o *office) do(person string, act access.Act, f func(*guard.Grant) error) error {
	return o.door.Do(o.ctx, who(person), act, guard.Thing{Kind: access.Matter, ID: o.id}, f)
}

func (o *office) assign(person string, m matter.Member) error {
	return o.do(person, access.ManageTeam, func(g *guard.Grant) error { return o.book.Assign(g, m) })
}

func (o *office) get(person string) (m matter.Matter, err error) {
	err = o.do(person, access.ViewMatter, func(g *guard.Grant) (err error) {
		m, err = o.book.Get(g)
		return err
	})
	return m, err
}

func (o *office) see(person string) matter.Matter {
	o.t.Helper()
	m, err := o.get(person)
	o.must(err)
	return m
}

// list gives the titles of the matters that somebody finds.
func (o *office) list(person string, f matter.Filter) (titles []string) {
	o.t.Helper()
	o.must(o.door.Do(o.ctx, who(person), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		page, err := o.book.List(g, f)
		for _, m := range page.Matters {
			titles = append(titles, m.Title)
		}
		return err
	}))
	return titles
}

// last is the newest entry of an act, with its notes.
func (o *office) last(act access.Act) (e ledger.Entry, notes map[string]any) {
	o.t.Helper()
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) error {
		found, err := o.ledger.Query(tx, ledger.Query{Act: string(act), Limit: 1, Detail: true})
		if err != nil || len(found) == 0 {
			o.t.Fatalf("no entry of %s: %v", act, err)
		}
		e = found[0]
		var d guard.Detail
		err = json.Unmarshal(e.Detail, &d)
		notes = d.Notes
		return err
	}))
	return e, notes
}

// rows counts what a query counts.
func (o *office) rows(query string, args ...any) (n int64) {
	o.t.Helper()
	o.must(o.db.Read(o.ctx, func(tx *store.Tx) (err error) {
		n, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err }, query, args...)
		return err
	}))
	return n
}

// tick waits until the store's clock has moved, so that what ended and what begins are told apart.
func (o *office) tick() {
	o.t.Helper()
	var first, now time.Time
	read := func(into *time.Time) {
		o.must(o.db.Update(o.ctx, func(tx *store.Tx) error { *into = tx.Now; return nil }))
	}
	for read(&first); !now.After(first); read(&now) {
		o.must(o.ctx.Err())
	}
}
