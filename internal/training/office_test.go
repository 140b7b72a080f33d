package training_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/course"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/internal/training"
	"mijuan/internal/vault"
	"mijuan/policy"
)

var (
	rules = sync.OnceValues(func() (*access.Rules, error) { return access.Load(policy.FS) })
	keys  = sync.OnceValues(func() (*vault.Keyring, error) {
		k, _, err := vault.NewKeyring(vault.RootFromPassphrase([]byte("a passphrase for these tests")))
		return k, err
	})
	noon    = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	console = guard.Who{Via: guard.CLI}
)

const day = 24 * time.Hour

// office is a firm behind the real door, at an hour that tests move.
type office struct {
	t      *testing.T
	db     *store.DB
	door   *guard.Door
	ledger *ledger.Ledger
	people *person.Roster
	school *training.School
	clock  atomic.Int64
	ids    map[string]string
}

// each runs f on both engines, in a firm with a security administrator, a trainee and two lawyers; nobody but the administrator is
// trained, and everybody is pledged.
func each(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			f(t, newOffice(t, engine))
		})
	}
}

func newOffice(t *testing.T, engine store.Engine) *office {
	t.Helper()
	o := &office{t: t, ids: map[string]string{}}
	o.clock.Store(noon.UnixMilli())
	where := storetest.Options(t, engine)
	where.Now = func() time.Time { return time.UnixMilli(o.clock.Load()) }
	o.db = storetest.Reopen(t, where)
	k, err := keys()
	o.must(err)
	r, err := rules()
	o.must(err)
	detail := k.Field("ledger.detail")
	o.ledger, err = ledger.New(o.db, ledger.Options{Origin: "test", Seed: k.LedgerSeed(), Seal: detail.Seal, Open: detail.Open})
	o.must(err)
	o.door = guard.New(guard.Options{DB: o.db, Ledger: o.ledger, Rules: r, Office: func(string) bool { return true }})
	o.people, err = person.New(o.db, o.door, k, person.Settings{Cost: person.Cost{Time: 1, Memory: 64, Lanes: 1}})
	o.must(err)
	o.door.Persons(o.people.Principal)
	o.door.Register(access.Person, o.people.Load)
	o.school = training.New(o.people, func() []access.Clause { return o.door.Rules().Clauses() }, k)
	o.join("security", access.SecurityAdmin)
	o.join("trainee", access.Trainee)
	o.join("lawyer", access.Lawyer)
	o.join("partner", access.Lawyer, access.Director)
	o.teach("security")
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// want fails the test unless err is a problem of the kind whose sentence holds the words.
func (o *office) want(err error, kind problem.Kind, words string) {
	o.t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != kind || !strings.Contains(p.Public(), words) {
		o.t.Fatalf("got %v, want kind %d with %q", err, kind, words)
	}
}

func (o *office) pass(d time.Duration) { o.clock.Add(d.Milliseconds()) }

func (o *office) now() time.Time { return time.UnixMilli(o.clock.Load()).UTC() }

func (o *office) who(login string) guard.Who {
	return guard.Who{Person: o.ids[login], Session: "s", Via: guard.Web, Addr: "10.0.0.1", Strong: true}
}

func (o *office) thing(login string) guard.Thing {
	return guard.Thing{Kind: access.Person, ID: o.ids[login]}
}

func (o *office) join(login string, posts ...access.Post) {
	o.t.Helper()
	var link string
	o.must(o.door.Do(context.Background(), console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		o.ids[login], link, err = o.people.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: "测试" + login}, Posts: posts})
		return err
	}))
	_, err := o.people.Accept(context.Background(), link, person.Acceptance{Password: "Lantern-7-harbour"}, person.From{Addr: "10.0.0.1"})
	o.must(err)
	o.must(o.door.Do(context.Background(), console, access.Appoint, o.thing(login), func(g *guard.Grant) error {
		return o.people.RecordPledge(g, "joining", g.Tx().Now, "纸质记录存档")
	}))
}

// teach records a training outside the program.
func (o *office) teach(login string) {
	o.t.Helper()
	o.must(o.door.Do(context.Background(), console, access.Appoint, o.thing(login), func(g *guard.Grant) error {
		return o.people.RecordTraining(g, "joining", g.Tx().Now, "纸质记录存档")
	}))
}

// study passes the door as a learner.
func study[O any](o *office, login string, f func(*guard.Grant) (O, error)) (out O, err error) {
	err = o.door.Do(context.Background(), o.who(login), access.Study, o.thing(login), func(g *guard.Grant) (err error) { out, err = f(g); return err })
	return out, err
}

// manage passes the door as the security administrator.
func manage[O any](o *office, f func(*guard.Grant) (O, error)) (out O, err error) {
	err = o.door.Do(context.Background(), o.who("security"), access.ManageTraining, guard.Firm, func(g *guard.Grant) (err error) { out, err = f(g); return err })
	return out, err
}

func (o *office) finish(login, lesson string) error {
	_, err := study(o, login, func(g *guard.Grant) (int, error) { return 0, o.school.Finish(g, lesson) })
	return err
}

func (o *office) open(login, lesson string) (training.Page, error) {
	return study(o, login, func(g *guard.Grant) (training.Page, error) { return o.school.Read(g, lesson) })
}

func (o *office) mine(login string) training.Standing {
	o.t.Helper()
	s, err := study(o, login, o.school.Mine)
	o.must(err)
	return s
}

// read reads the whole course as somebody.
func (o *office) read(login string) {
	o.t.Helper()
	for _, l := range o.mine(login).Version.Course.Lessons {
		_, err := o.open(login, l.Key)
		o.must(err)
		o.pass(time.Duration(l.Body.Seconds) * time.Second)
		o.must(o.finish(login, l.Key))
	}
}

// right finds the right answers to a sheet in the text of the course.
func right(c *course.Course, s course.Sheet) (all course.Answers) {
	for _, item := range s.Items {
		stem := strings.Index(c.Text(), "\n\n"+strings.ReplaceAll(item.Stem, "\n", "\n\n")+"\n\n- [")
		rest, _, _ := strings.Cut(c.Text()[stem:], "解析：")
		var chosen []int
		for i, option := range item.Options {
			if strings.Contains(rest, "- [x] "+option+"\n") {
				chosen = append(chosen, i)
			}
		}
		all = append(all, chosen)
	}
	return all
}

// sit draws a test and hands it in: right, or with nothing answered.
func (o *office) sit(login string, knows bool) (training.Result, error) {
	o.t.Helper()
	if _, err := study(o, login, o.school.Draw); err != nil {
		return training.Result{}, err
	}
	paper, err := study(o, login, o.school.Paper)
	o.must(err)
	var answers course.Answers
	if knows {
		answers = right(o.mine(login).Version.Course, paper.Sheet)
	}
	return study(o, login, func(g *guard.Grant) (training.Result, error) { return o.school.Mark(g, paper.ID, answers) })
}

// learn reads, sits and passes.
func (o *office) learn(login string) {
	o.t.Helper()
	o.read(login)
	r, err := o.sit(login, true)
	o.must(err)
	if r.State != training.Passed || r.Percent() != 100 {
		o.t.Fatalf("%s: %s with %d of %d", login, r.State.Name(), r.Score, r.Of)
	}
}

// may reports what the door answers to ordinary work.
func (o *office) may(login string) bool {
	o.t.Helper()
	err := o.door.Do(context.Background(), o.who(login), access.ReadRoster, guard.Firm, func(*guard.Grant) error { return nil })
	if d, refused := guard.AsRefusal(err); refused {
		if !slices.ContainsFunc(d.Reasons, func(r access.Reason) bool { return r.Step == "train" }) {
			o.t.Fatalf("%s is refused for another reason: %v", login, d.Reasons)
		}
		return false
	}
	o.must(err)
	return true
}

// entries are the newest of an act.
func (o *office) entries(act access.Act) (all []ledger.Entry) {
	o.t.Helper()
	o.must(o.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = o.ledger.Query(tx, ledger.Query{Act: string(act), Limit: 50, Detail: true})
		return err
	}))
	return all
}
