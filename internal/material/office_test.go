package material_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/blob"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/store"
	"mijuan/internal/vault"
	"mijuan/policy"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	os.Exit(m.Run())
}

// office is the regime's rooms over real parts; only the roster is a table of the test.
type office struct {
	t      *testing.T
	ctx    context.Context
	db     *store.DB
	dir    string // of the objects
	keys   *vault.Keyring
	ledger *ledger.Ledger
	door   *guard.Door
	book   *matter.Book
	shelf  *material.Shelf
	pages  *render.Pool
	matter string // lead: lead; handling: lawyer (机密级), trainee (秘密级)
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	o := &office{t: t, ctx: t.Context(), db: db, dir: t.TempDir()}
	var err error
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	digits := filepath.Join(t.TempDir(), "root.key") // a passphrase takes its time on purpose
	must(os.WriteFile(digits, []byte(strings.Repeat("5a", vault.KeySize)), 0o600))
	root, err := vault.RootFromFile(digits)
	must(err)
	o.keys, _, err = vault.NewKeyring(root)
	must(err)
	detail := o.keys.Field("ledger.detail")
	o.ledger, err = ledger.New(db, ledger.Options{Origin: "test", Seed: o.keys.LedgerSeed(), Seal: detail.Seal, Open: detail.Open})
	must(err)
	rules, err := access.Load(policy.FS)
	must(err)
	o.door = guard.New(guard.Options{DB: db, Ledger: o.ledger, Rules: rules, Office: func(a string) bool { return a == "10.0.0.1" }})
	o.door.Persons(func(_ *store.Tx, id string) (access.Principal, error) {
		p := access.Principal{ID: id, Active: true, Trained: true, Pledged: true, Posts: []access.Post{access.Lawyer}}
		switch id {
		case "director":
			p.Posts = []access.Post{access.Director}
		case "managing":
			p.Posts = []access.Post{access.Director, access.Lawyer}
		case "auditor":
			p.Posts = []access.Post{access.Auditor}
		case "security":
			p.Posts = []access.Post{access.SecurityAdmin}
		case "untrained":
			p.Trained = false
		case "stranger":
			return access.Principal{}, nil
		}
		return p, nil
	})
	blobs, err := blob.OpenDir(o.dir)
	must(err)
	pages, err := render.NewPool(render.Options{Command: rendertest.Worker(), Workers: 1, CacheDir: rendertest.Code()})
	must(err)
	t.Cleanup(func() { pages.Close() })
	o.book, o.pages = matter.New(o.keys), pages
	o.shelf = material.New(o.door, o.book, o.keys, blobs, pages, nil)
	o.door.Register(access.Matter, o.book.Load)
	o.door.Register(access.Material, o.shelf.Load)
	o.matter = o.open(matter.Opening{Kind: "civil", Title: "股权转让纠纷", Client: matter.Client{Kind: "company", Name: "澜川重工股份有限公司"},
		Parties: []matter.Party{{Role: "被告", Name: "云麓投资合伙企业"}},
		Team: []matter.Member{{Person: "lead", Duty: matter.Lead, Clearance: classification.TopSecret, Listed: true},
			{Person: "lawyer", Duty: matter.Handling, Clearance: classification.Secret}, {Person: "trainee", Duty: matter.Assisting, Clearance: classification.Confidential}},
		Walls: []matter.Wall{{Person: "walled", Reason: "曾代理对方"}}})
	return o
}

func who(id string) guard.Who {
	return guard.Who{Person: id, Session: "s", Via: guard.Web, Addr: "10.0.0.1", Strong: true}
}

func (o *office) open(opening matter.Opening) (id string) {
	o.t.Helper()
	err := o.door.Do(o.ctx, who("lead"), access.OpenMatter, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.book.Open(g, opening)
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

func (o *office) thing(id string) guard.Thing { return guard.Thing{Kind: access.Material, ID: id} }

func (o *office) mat() guard.Thing { return guard.Thing{Kind: access.Matter, ID: o.matter} }

// want fails the test unless err is of the kind; 0 wants success.
func (o *office) want(err error, kind problem.Kind, what string) {
	o.t.Helper()
	if problem.KindOf(err) != kind || kind == 0 && err != nil {
		o.t.Fatalf("%s: %v (kind %d), want kind %d", what, err, problem.KindOf(err), kind)
	}
}
