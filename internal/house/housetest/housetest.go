// Package housetest opens a firm at work for tests: a real house in a temporary directory, its staff with passwords and API
// tokens, and short ways to give it matters and materials through the door. Handlers are mounted by the tests themselves.
package housetest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/render/rendertest"
	"mijuan/internal/server"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/vault"
)

// Password is everybody's.
const Password = "Correct-Horse-9"

// Staff is who works in the firm; all are trained and pledged.
var Staff = map[string][]access.Post{
	"lead": {access.Lawyer}, "handling": {access.Lawyer}, "trainee": {access.Trainee}, "outsider": {access.Lawyer}, "walled": {access.Lawyer},
	"director": {access.Director}, "system": {access.SystemAdmin}, "security": {access.SecurityAdmin}, "auditor": {access.Auditor},
}

// Main is the TestMain of packages that use a house: the test binary is also the renderer's worker.
func Main(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "render-worker" {
		os.Exit(render.WorkerMain(os.Stdin, os.Stdout))
	}
	code := m.Run()
	DropModels()
	os.Exit(code)
}

// Office is an open firm.
type Office struct {
	T      testing.TB
	House  *house.House
	Server *httptest.Server  // after Serve
	IDs    map[string]string // persons by login
	Tokens map[string]string // API tokens by login, with every scope
}

// Clock is a time that runs, and that tests move on.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// Forward moves it on.
func (c *Clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// Settings are those of a small firm in a directory of the test's own. With MIJUAN_TEST_ENGINE=postgres its database is PostgreSQL and its
// objects lie in an S3 bucket, so that tests which do not care run on either.
func Settings(t testing.TB) house.Settings {
	t.Helper()
	s := house.Settings{Data: t.TempDir(), Root: Root(t), Worker: rendertest.Worker(), Workers: 1,
		Cache:   rendertest.Code(),
		Hashing: person.Cost{Time: 1, Memory: 64, Lanes: 1},
		Office:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if os.Getenv("MIJUAN_TEST_ENGINE") == store.PostgreSQL.String() {
		s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
	}
	return s
}

// Root is a root key of digits: a passphrase takes its time on purpose.
func Root(t testing.TB) *vault.Root {
	t.Helper()
	file := filepath.Join(t.TempDir(), "root.key")
	Must(t, os.WriteFile(file, []byte(strings.Repeat("5a", vault.KeySize)), 0o600))
	root, err := vault.RootFromFile(file)
	Must(t, err)
	return root
}

// Must ends the test on an error.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// JSON is v as JSON; nil and texts are taken as they are.
func JSON(t testing.TB, v any) []byte {
	t.Helper()
	switch b := v.(type) {
	case nil:
		return nil
	case string:
		return []byte(b)
	}
	raw, err := json.Marshal(v)
	Must(t, err)
	return raw
}

// Hire takes somebody on: invited, joined, trained and pledged, with a token.
func (o *Office) Hire(login string, posts ...access.Post) {
	o.T.Helper()
	var link string
	console := guard.Who{Via: guard.CLI}
	o.do(console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		o.IDs[login], link, err = o.House.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: "测试" + login}, Posts: posts})
		return err
	})
	_, err := o.House.People.Accept(context.Background(), link, person.Acceptance{Password: Password}, person.From{Addr: "127.0.0.1"})
	Must(o.T, err)
	thing := guard.Thing{Kind: access.Person, ID: o.IDs[login]}
	o.do(console, access.Appoint, thing, func(g *guard.Grant) error {
		return o.House.People.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
	})
	o.do(console, access.Appoint, thing, func(g *guard.Grant) error {
		return o.House.People.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
	})
	o.Tokens[login], _ = o.Token(login, time.Hour, person.Scopes()...)
}

// Token makes a further token for somebody and gives it with its id.
func (o *Office) Token(login string, term time.Duration, scopes ...access.Act) (token, id string) {
	o.T.Helper()
	o.do(o.Who(login), access.ManageOwnAccount, guard.Thing{Kind: access.Person, ID: o.IDs[login]}, func(g *guard.Grant) error {
		made, secret, err := o.House.People.CreateToken(g, person.NewToken{Name: "test", Scopes: scopes, For: term})
		token, id = secret, made.ID
		return err
	})
	return token, id
}

// Who is somebody in a browser in the firm's rooms.
func (o *Office) Who(login string) guard.Who {
	return guard.Who{Person: o.IDs[login], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
}

func (o *Office) do(who guard.Who, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
	o.T.Helper()
	Must(o.T, o.House.Door.Do(context.Background(), who, act, thing, f))
}

// Serve puts the handler behind an HTTPS server that closes with the test.
func (o *Office) Serve(h http.Handler) {
	o.Server = httptest.NewTLSServer(server.Harden(h))
	o.T.Cleanup(o.Server.Close)
}

// OpenMatter opens a matter: lead may know everything in it, handling up to 机密级, trainee 秘密级; walled is behind a wall.
func (o *Office) OpenMatter(title, client string) (id string) {
	o.T.Helper()
	place := func(login string, duty matter.Duty, level classification.Level, listed bool) matter.Member {
		return matter.Member{Person: o.IDs[login], Duty: duty, Clearance: level, Listed: listed}
	}
	o.do(o.Who("lead"), access.OpenMatter, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Matters.Open(g, matter.Opening{Kind: "civil", Title: title, Client: matter.Client{Kind: "company", Name: client},
			Parties: []matter.Party{{Role: "被告", Name: client + "的对方"}},
			Team: []matter.Member{place("lead", "lead", classification.TopSecret, true), place("handling", "handling", classification.Secret, false),
				place("trainee", "assisting", classification.Confidential, false)},
			Walls: []matter.Wall{{Person: o.IDs["walled"], Reason: "利益冲突"}}})
		return err
	})
	return id
}

// Upload brings a file in as handling and gives the upload's id.
func (o *Office) Upload(in, name, content string) (id string) {
	o.T.Helper()
	u, p, err := o.House.Shelf.Begin(context.Background(), o.Who("handling"), in, material.Declaration{Name: name, Size: int64(len(content)), NotStateSecret: true})
	Must(o.T, err)
	_, err = o.House.Shelf.Pour(context.Background(), p, u, strings.NewReader(content), nil)
	Must(o.T, err)
	return u.ID
}

// Receive brings a file in and files it, to be reviewed by lead.
func (o *Office) Receive(in, name, title, content string, level classification.Level) (id string) {
	o.T.Helper()
	upload := o.Upload(in, name, content)
	o.do(o.Who("handling"), access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
		ids, err := o.House.Shelf.File(g, []material.Filing{{Upload: upload, Title: title, Kinds: classification.SetOf(classification.CasePaper), Level: level, Reason: "含诉讼策略",
			Reviewer: o.IDs["lead"]}})
		if err == nil {
			id = ids[0]
		}
		return err
	})
	return id
}

// RegisterCarriers puts copies of a paper at 机密级 on the register, held by handling, and gives their ids.
func (o *Office) RegisterCarriers(in string, copies int) (ids []string) {
	o.T.Helper()
	o.do(o.Who("handling"), access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
		for range copies {
			batch, err := o.House.Carriers.Register(g, carrier.Registration{Title: "股权转让协议", Form: carrier.Paper, Origin: carrier.Client, Level: classification.Secret, Pages: 12, Copies: 1, From: "客户经办人", Place: "三楼档案室 A01 柜"})
			if err != nil {
				return err
			}
			id, err := o.House.Carriers.FirstOf(g, batch)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids
}

// Review files a proposed level, as lead.
func (o *Office) Review(id string, level classification.Level) {
	o.T.Helper()
	o.do(o.Who("lead"), access.Review, guard.Thing{Kind: access.Material, ID: id, Level: level}, func(g *guard.Grant) error { return o.House.Shelf.Review(g, "同意") })
}
