package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// callers are at work at once.
const callers = 32

// firm is a firm, open.
type firm struct {
	*house.House
	database server   // the running PostgreSQL, if the firm is on one
	people   []string // ids: seven in ten are lawyers
	tokens   []string // API tokens of the people, in their order
	matters  []made
	filed    []filed
}

// made is a matter with its team, as places in people; the first leads.
type made struct {
	ID   string
	Team []int
}

type filed struct {
	ID     string
	Matter int
}

// catalogue is what of the firm stands beside its data, for the next run.
type catalogue struct {
	People, Tokens []string
	Matters        []made
	Materials      []filed
}

const rootKey = "the benchmark firm's root passphrase"

func settings(data string) (house.Settings, error) {
	self, err := os.Executable()
	return house.Settings{Data: data, Root: vault.RootFromPassphrase([]byte(rootKey)), Worker: []string{self, "render-worker"},
		Hashing: person.Cost{Time: 1, Memory: 64, Lanes: 1}, Office: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, err
}

// size is how many people, matters and materials the firm has.
func (b *bench) size() (people, matters, materials int) {
	if b.large {
		return 1000, 5000, 100_000
	}
	return 20, 10, 100
}

// open opens the large firm on an engine; it is made the first time.
func (b *bench) open(ctx context.Context, engine store.Engine) (_ *firm, err error) {
	if f := b.firms[engine]; f != nil {
		return f, nil
	}
	place := b.dir
	if engine == store.PostgreSQL {
		place = b.beside
	}
	people, _, materials := b.size()
	s, err := settings(filepath.Join(place, fmt.Sprintf("firm-%s-%d-%d", engine, people, materials)))
	if err != nil {
		return nil, err
	}
	f := &firm{}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	known, err := f.recall(s.Data)
	if err == nil && engine == store.PostgreSQL {
		f.database, err = b.postgres(ctx, !known)
		s.Database = f.database.url
	}
	if err == nil && known {
		f.House, err = house.Open(ctx, s)
	} else if err == nil {
		err = f.found(ctx, b, s)
	}
	if err != nil {
		return nil, err
	}
	if b.firms == nil {
		b.firms = map[store.Engine]*firm{}
	}
	b.firms[engine] = f
	return f, nil
}

// recall reads the catalogue of a firm that was made before. What a broken attempt left is removed.
func (f *firm) recall(data string) (bool, error) {
	raw, err := os.ReadFile(filepath.Join(data, "catalogue.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, os.RemoveAll(data)
	}
	var c catalogue
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	f.people, f.tokens, f.matters, f.filed = c.People, c.Tokens, c.Matters, c.Materials
	return true, err
}

func (f *firm) close() (err error) {
	if f.House != nil {
		err = f.House.Close()
		f.House = nil
	}
	return errors.Join(err, f.database.end())
}

// leave closes the firm of an engine, so that the program can serve it.
func (b *bench) leave(engine store.Engine) error {
	f := b.firms[engine]
	delete(b.firms, engine)
	return f.House.Close()
}

func (b *bench) close() (err error) {
	for _, f := range b.firms {
		err = errors.Join(err, f.close())
	}
	b.firms = nil
	return err
}

// found makes the firm: people and matters by the acts by which they come to be, materials in bulk.
func (f *firm) found(ctx context.Context, b *bench, s house.Settings) (err error) {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return err
	}
	if f.House, err = house.Create(ctx, s); err != nil {
		return err
	}
	start := time.Now()
	people, matters, materials := b.size()
	f.people, f.tokens = make([]string, people), make([]string, people)
	if err := atOnce(people, func(i int) error { return f.hire(ctx, i) }); err != nil {
		return err
	}
	f.matters = make([]made, matters)
	if err := atOnce(matters, func(i int) error { return f.take(ctx, i) }); err != nil {
		return err
	}
	if err := f.seed(ctx, materials/matters); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "made a firm of %d people, %d matters, %d materials in %v\n", people, matters, len(f.filed), time.Since(start).Round(time.Second))
	raw, err := json.Marshal(catalogue{f.people, f.tokens, f.matters, f.filed})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Data, "catalogue.json"), raw, 0o600)
}

// atOnce runs f for each number below n, by as many as there are callers.
func atOnce(n int, f func(i int) error) error {
	var next atomic.Int64
	var wait sync.WaitGroup
	errs := make([]error, callers)
	for c := range callers {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[c] == nil; i = int(next.Add(1)) - 1 {
				errs[c] = f(i)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

var console = guard.Who{Via: guard.CLI}

// who is somebody at a desk of the firm.
func (f *firm) who(i int) guard.Who {
	return guard.Who{Person: f.people[i], Via: guard.Web, Addr: "127.0.0.1", Strong: true}
}

func (f *firm) hire(ctx context.Context, i int) error {
	post := access.Lawyer
	if i%10 >= 7 {
		post = []access.Post{access.Trainee, access.Assistant, access.Administration}[i%10-7]
	}
	var err error
	f.people[i], f.tokens[i], err = f.takeOn(ctx, fmt.Sprintf("person-%04d", i), fmt.Sprintf("同事%04d", i), post)
	return err
}

// takeOn takes somebody on: invited, joined, trained and pledged, with a token.
func (f *firm) takeOn(ctx context.Context, login, name string, post access.Post) (id, token string, err error) {
	var link string
	err = f.Door.Do(ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		id, link, err = f.People.Invite(g, person.Invitation{Login: login, Details: person.Details{Name: name}, Posts: []access.Post{post}})
		return err
	})
	if err != nil {
		return "", "", err
	}
	if _, err := f.People.Accept(ctx, link, person.Acceptance{Password: "Correct-Horse-9"}, person.From{Addr: "127.0.0.1"}); err != nil {
		return "", "", err
	}
	thing := guard.Thing{Kind: access.Person, ID: id}
	err = f.Door.Do(ctx, console, access.Appoint, thing, func(g *guard.Grant) error {
		return errors.Join(f.People.RecordTraining(g, "joining", time.Time{}, "纸质记录存档"), f.People.RecordPledge(g, "joining", time.Time{}, "纸质记录存档"))
	})
	who := guard.Who{Person: id, Via: guard.Web, Addr: "127.0.0.1", Strong: true}
	return id, token, errors.Join(err, f.Door.Do(ctx, who, access.ManageOwnAccount, thing, func(g *guard.Grant) (err error) {
		_, token, err = f.People.CreateToken(g, person.NewToken{Name: "bench", Scopes: person.Scopes(), For: 366 * 24 * time.Hour})
		return err
	}))
}

// take opens a matter with a team of six. Two lawyers lead a twentieth of all matters each, five more a fiftieth.
func (f *firm) take(ctx context.Context, i int) error {
	random := rand.New(rand.NewPCG(7, uint64(i)))
	lawyer := func() int { n := random.IntN(len(f.people)); return n - n%10 + n%7 }
	lead := lawyer()
	switch i % 10 {
	case 0:
		lead = i / 10 % 2
	case 5:
		lead = 2 + i/10%5
	}
	m := &f.matters[i]
	m.Team = []int{lead}
	levels := []classification.Level{classification.TopSecret, classification.TopSecret, classification.Secret, classification.Secret, classification.Confidential, classification.Confidential}
	o := matter.Opening{Kind: "civil", Title: fmt.Sprintf("合同纠纷第 %d 件", i), Client: matter.Client{Name: fmt.Sprintf("客户%04d有限公司", i)}}
	for at, level := range levels {
		n := lead
		for k := 0; at > 0 && slices.Contains(m.Team, n) && k < 50; k++ {
			if n = random.IntN(len(f.people)); at == 1 {
				n = lawyer()
			}
		}
		if at > 0 && slices.Contains(m.Team, n) {
			continue
		}
		duty := matter.Assisting
		if at == 0 {
			duty = matter.Lead
		} else {
			m.Team = append(m.Team, n)
			if at == 1 {
				duty = matter.Handling
			}
		}
		o.Team = append(o.Team, matter.Member{Person: f.people[n], Duty: duty, Clearance: level, Listed: at < 2})
	}
	return f.Door.Do(ctx, f.who(lead), access.OpenMatter, guard.Firm, func(g *guard.Grant) (err error) {
		m.ID, err = f.Matters.Open(g, o)
		return err
	})
}
