package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/vault"
)

func worker() int { return render.WorkerMain(os.Stdin, os.Stdout) }

func errorsOf(errs ...error) error { return errors.Join(errs...) }

// callers are at work at once.
const callers = 32

// firm is the large firm, open.
type firm struct {
	*house.House
	people    []string // ids: seven in ten are lawyers
	tokens    []string // API tokens of the people, in their order
	matters   []made
	materials []filed
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

// open opens the large firm, which is made the first time.
func (b *bench) open(ctx context.Context) (*firm, error) {
	if b.firm != nil {
		return b.firm, nil
	}
	people, _, materials := b.size()
	data := filepath.Join(b.dir, fmt.Sprintf("firm-%d-%d", people, materials))
	s, err := settings(data)
	if err != nil {
		return nil, err
	}
	f := &firm{}
	raw, err := os.ReadFile(filepath.Join(data, "catalogue.json"))
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.RemoveAll(data); err != nil {
			return nil, err
		}
		err = f.found(ctx, b, s)
	} else if err == nil {
		var c catalogue
		if err = json.Unmarshal(raw, &c); err == nil {
			f.people, f.tokens, f.matters, f.materials = c.People, c.Tokens, c.Matters, c.Materials
			f.House, err = house.Open(ctx, s)
		}
	}
	if err != nil {
		return nil, err
	}
	b.firm = f
	return f, nil
}

func (b *bench) close() error {
	if b.firm == nil {
		return nil
	}
	f := b.firm
	b.firm = nil
	return f.Close()
}

// found makes the firm by the acts by which a firm comes to be.
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
	each := materials / matters
	f.materials = make([]filed, matters*each)
	if err := atOnce(matters, func(i int) error { return f.receive(ctx, i, f.materials[i*each:(i+1)*each], 1<<10) }); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "made a firm of %d people, %d matters, %d materials in %v\n", people, matters, len(f.materials), time.Since(start).Round(time.Second))
	raw, err := json.Marshal(catalogue{f.people, f.tokens, f.matters, f.materials})
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
	var link string
	err := f.Door.Do(ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
		f.people[i], link, err = f.People.Invite(g, person.Invitation{Login: fmt.Sprintf("person-%04d", i), Details: person.Details{Name: fmt.Sprintf("同事%04d", i)}, Posts: []access.Post{post}})
		return err
	})
	if err != nil {
		return err
	}
	if _, err := f.People.Accept(ctx, link, person.Acceptance{Password: "Correct-Horse-9"}, person.From{Addr: "127.0.0.1"}); err != nil {
		return err
	}
	thing := guard.Thing{Kind: access.Person, ID: f.people[i]}
	err = f.Door.Do(ctx, console, access.Appoint, thing, func(g *guard.Grant) error {
		return errors.Join(f.People.RecordTraining(g, "joining", time.Time{}), f.People.RecordPledge(g, "joining", time.Time{}))
	})
	return errors.Join(err, f.Door.Do(ctx, f.who(i), access.ManageOwnAccount, thing, func(g *guard.Grant) (err error) {
		_, f.tokens[i], err = f.People.CreateToken(g, person.NewToken{Name: "bench", Scopes: person.Scopes(), For: 366 * 24 * time.Hour})
		return err
	}))
}

// take opens a matter with a team of six. The first ten lawyers lead a tenth of all matters: somebody sees very much.
func (f *firm) take(ctx context.Context, i int) error {
	random := rand.New(rand.NewPCG(7, uint64(i)))
	lawyer := func() int { n := random.IntN(len(f.people)); return n - n%10 + n%7 }
	lead := lawyer()
	if i%10 == 0 {
		lead = i / 10 % min(10, len(f.people)) % 7
	}
	m := &f.matters[i]
	m.Team = []int{lead}
	levels := []classification.Level{classification.TopSecret, classification.TopSecret, classification.Secret, classification.Secret, classification.Confidential, classification.Confidential}
	o := matter.Opening{Kind: "civil", Title: fmt.Sprintf("合同纠纷第 %d 件", i), Client: matter.Client{Name: fmt.Sprintf("客户%04d有限公司", i)}}
	for at, level := range levels {
		n := lead
		for k := 0; at > 0 && contains(m.Team, n) && k < 50; k++ {
			if n = random.IntN(len(f.people)); at == 1 {
				n = lawyer()
			}
		}
		if at > 0 && contains(m.Team, n) {
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

func contains(all []int, n int) bool {
	for _, x := range all {
		if x == n {
			return true
		}
	}
	return false
}

// receive brings files into a matter: uploaded and proposed by the second of the team, reviewed by the lead, but one in ten.
func (f *firm) receive(ctx context.Context, i int, into []filed, size int64) error {
	m, who := f.matters[i], f.who(f.matters[i].Team[1])
	lead := f.matters[i].Team[0]
	content := make([]byte, size)
	random := rand.NewChaCha8([32]byte{byte(i), byte(i >> 8)})
	filings := make([]material.Filing, len(into))
	for n := range into {
		_, _ = random.Read(content)
		u, p, err := f.Shelf.Begin(ctx, who, m.ID, material.Declaration{Name: fmt.Sprintf("材料%02d.bin", n), Size: size, NotStateSecret: true})
		if err != nil {
			return err
		}
		if _, err := f.Shelf.Pour(ctx, p, u, bytes.NewReader(content), nil); err != nil {
			return err
		}
		filings[n] = material.Filing{Upload: u.ID, Title: fmt.Sprintf("往来材料之%d", n), Kinds: classification.SetOf(classification.CasePaper),
			Level: classification.Level(1 + n%3), Reason: "一般案件材料", Reviewer: f.people[lead]}
	}
	var ids []string
	err := f.Door.Do(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: m.ID}, func(g *guard.Grant) (err error) {
		ids, err = f.Shelf.File(g, filings)
		return err
	})
	if err != nil {
		return err
	}
	for n, id := range ids {
		into[n] = filed{id, i}
		if n%10 == 9 {
			continue
		}
		thing := guard.Thing{Kind: access.Material, ID: id, Level: filings[n].Level}
		if err := f.Door.Do(ctx, f.who(lead), access.Review, thing, func(g *guard.Grant) error { return f.Shelf.Review(g, "同意") }); err != nil {
			return err
		}
	}
	return nil
}
