// Package demo makes the demonstration firm: package corpus invents its people, matters and papers, and this package lets those
// people act. Everything that stands in the demonstration firm came about through the one door, as it would in a real one, at
// times spread over the past year; nothing is written past it.
package demo

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/corpus"
	"mijuan/internal/demo/press"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/vault"
)

// Account is one person's log-in, for whoever looks around.
type Account struct {
	Name     string `json:"name"`
	Post     string `json:"post"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Token    string `json:"token"` // for the API, as bearer token
}

// Clock is the clock of the firm while its past is made: it stands until it is set, and then runs.
type Clock struct {
	mu    sync.Mutex
	fixed time.Time
}

// Past is a clock that stands before everything that the firm's past holds. The store never goes back in time, so the house must
// be created on such a clock.
func Past(present time.Time) *Clock { return &Clock{fixed: present.AddDate(-3, 0, 0)} }

// Now is the demonstration's time, or the time of day once the past is made.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed.IsZero() {
		return time.Now()
	}
	return c.fixed
}

// forward sets the clock; it never goes back. The zero time lets it run.
func (c *Clock) forward(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.IsZero() || t.After(c.fixed) {
		c.fixed = t
	}
}

// RootKeyFile is the name of the demonstration firm's root key in its data directory. A real firm keeps it elsewhere.
const RootKeyFile = "root.key"

// scansDir is the folder of its scanners' folders, in the data directory.
const scansDir = "scans"

// Settings are the demonstration firm's.
func Settings(data string, clock *Clock) (house.Settings, error) {
	path := filepath.Join(data, RootKeyFile)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(data, 0o700); err != nil {
			return house.Settings{}, err
		}
		key := make([]byte, vault.KeySize)
		if _, err := rand.Read(key); err != nil {
			return house.Settings{}, err
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
			return house.Settings{}, err
		}
	}
	root, err := vault.RootFromFile(path)
	return house.Settings{Data: data, Root: root, Now: clock.Now, Scans: filepath.Join(data, scansDir)}, err
}

// builder makes the firm's past.
type builder struct {
	ctx      context.Context
	h        *house.House
	clock    *Clock
	present  time.Time
	firm     corpus.Office
	ids      map[string]string // person's id by login
	matters  map[string]string // matter's id by the corpus's number
	accounts []Account
	outings  int // carriers taken off the premises
	lendings int // carriers lent outside the team
	sendings int // carriers sent out of the firm
	late     int // loans that are overdue
	copied   int // originals copied
	printed  int // materials asked for on paper
	fetched  int // originals taken out
	press    *press.Press
	printer  string // ids of the devices
	copier   string
	scanner  string
}

var console = guard.Who{Via: guard.CLI}

// Build fills an empty house that runs on the clock, and gives the accounts. present is the end of the past.
func Build(ctx context.Context, h *house.House, clock *Clock, present time.Time, progress func(done, total uint64)) ([]Account, error) {
	b := &builder{ctx: ctx, h: h, clock: clock, present: present, firm: corpus.Firm(), ids: map[string]string{}, matters: map[string]string{}}
	defer clock.forward(time.Time{})
	var err error
	if b.press, err = press.Start(filepath.Join(h.Settings.Data, pressDir), 0); err != nil {
		return nil, err
	}
	defer b.press.Close()
	events := b.past()
	clock.forward(events[0].at.Add(-30 * 24 * time.Hour))
	if err := h.SetName(ctx, b.firm.Name); err != nil {
		return nil, err
	}
	if err := b.people(); err != nil {
		return nil, fmt.Errorf("people of the demonstration firm: %w", err)
	}
	retrained := false
	for i, e := range events {
		if !retrained && e.at.After(present.Add(-60*24*time.Hour)) {
			clock.forward(present.Add(-60 * 24 * time.Hour))
			if err := errors.Join(b.train(len(b.firm.Persons)-1, "regular", ""), b.publishPledge(), b.publishCriteria(), b.renewPasswords()); err != nil { // the last one is overdue
				return nil, err
			}
			retrained = true
		}
		clock.forward(e.at)
		if err := e.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", e.what, err)
		}
		progress(uint64(i+1), uint64(len(events)))
	}
	clock.forward(present)
	return b.accounts, b.tokens()
}

// event is something that happened in the firm's past.
type event struct {
	at   time.Time
	what string
	do   func() error
}

func (b *builder) past() []event {
	var all []event
	add := func(before time.Duration, what string, do func() error) {
		all = append(all, event{b.present.Add(-before), what, do})
	}
	for _, m := range b.firm.Matters {
		add(m.OpenedAt, "open "+m.Number, func() error { return b.open(m) })
		for i, d := range corpus.Materials(m) {
			r := &receipt{matter: m, document: d}
			add(d.ReceivedAt, "receive "+d.Title, func() error { return b.receive(r) })
			if d.State != corpus.Proposed {
				add(max(d.ReceivedAt-5*time.Hour, time.Minute), "review "+d.Title, func() error { return b.review(r) })
			}
			if d.State == corpus.Filed {
				b.prints(add, r)
			}
			if workedOn(i, d) {
				b.fetches(add, r)
			}
			if i%4 == 0 && d.State != corpus.Proposed {
				add(max(d.ReceivedAt-26*time.Hour, 30*time.Second), "look at "+d.Title, func() error { return b.look(r) })
			}
		}
	}
	for _, w := range b.firm.Walls {
		m := b.find(w.Matter)
		add(m.OpenedAt-time.Hour, "wall in "+w.Matter, func() error { return b.wall(m, w) })
	}
	b.leavings(add)
	b.measures(add)
	b.dangers(add)
	b.carriers(add)
	b.stock(add)
	b.meetings(add)
	b.destructions(add)
	b.devices(add)
	b.printings(add)
	b.scans(add)
	b.takeTopSecretOut(add)
	b.media(add)
	b.teamReviews(add)
	b.delegations(add)
	b.rights(add)
	b.trainingEvents(add)
	slices.SortStableFunc(all, func(x, y event) int { return cmp.Compare(x.at.UnixNano(), y.at.UnixNano()) })
	return all
}

func (b *builder) find(number string) corpus.Matter {
	i := slices.IndexFunc(b.firm.Matters, func(m corpus.Matter) bool { return m.Number == number })
	return b.firm.Matters[i]
}

// who is a person at the office.
func (b *builder) who(login string) guard.Who {
	return guard.Who{Person: b.ids[login], Via: guard.Web, Addr: "192.168.8." + fmt.Sprint(10+slices.IndexFunc(b.firm.Persons, func(p corpus.Person) bool { return p.Login == login })), Strong: true}
}

// people invites everyone, lets them make their log-ins, and records training and pledges.
func (b *builder) people() error {
	for _, p := range b.firm.Persons {
		var id, link string
		err := b.h.Door.Do(b.ctx, console, access.Appoint, guard.Firm, func(g *guard.Grant) (err error) {
			id, link, err = b.h.People.Invite(g, person.Invitation{Login: p.Login, Details: person.Details{Name: p.Name, Department: p.Department, Licence: p.Licence}, Posts: p.Posts})
			return err
		})
		if err != nil {
			return err
		}
		b.ids[p.Login] = id
		password := newPassword()
		if _, err := b.h.People.Accept(b.ctx, link, person.Acceptance{Password: password}, person.From{Addr: "192.168.8.1"}); err != nil {
			return err
		}
		if err := b.starts(id, len(b.accounts)); err != nil {
			return err
		}
		b.accounts = append(b.accounts, Account{Name: p.Name, Post: string(p.Posts[0]), Login: p.Login, Password: password})
	}
	return b.train(len(b.firm.Persons), "joining", "joining")
}

// starts says when somebody joined the firm: the first long ago, the last of late.
func (b *builder) starts(id string, nth int) error {
	return b.h.Door.Do(b.ctx, console, access.Appoint, guard.Thing{Kind: access.Person, ID: id}, func(g *guard.Grant) error {
		day := g.Tx().Now.AddDate(-15+nth*14/len(b.firm.Persons), -(nth*7)%12, -(nth*11)%28)
		return b.h.Directory.SetStarts(g, day.Format(time.DateOnly), "建所登记")
	})
}

// signers is how many signed the new pledge with a key of their own, which takes a while to make; the others signed on paper.
const signers = 5

// renewPasswords lets everyone log in and choose a new password, as the rules ask after half a year, and sign the new pledge.
func (b *builder) renewPasswords() error {
	for i, a := range b.accounts {
		from := person.From{Addr: "192.168.8.1"}
		e, err := b.h.People.Enter(b.ctx, a.Login, a.Password, from)
		if err != nil {
			return fmt.Errorf("%s logs in: %w", a.Login, err)
		}
		if e.Stage == person.NeedPassword {
			b.accounts[i].Password = newPassword()
			if e, err = b.h.People.Renew(b.ctx, e.Token, a.Password, b.accounts[i].Password, from); err != nil {
				return fmt.Errorf("%s renews a password: %w", a.Login, err)
			}
		}
		switch {
		case i == len(b.accounts)-1: // has not signed the new edition
		case i < signers:
			err = b.signPledge(a.Login, e.Token, b.accounts[i].Password)
		default:
			err = b.h.Door.Do(b.ctx, console, access.Appoint, b.personThing(a.Login), func(g *guard.Grant) error {
				return b.h.People.RecordPledge(g, "yearly", g.Tx().Now, "集中培训签到表及纸质承诺书，存行政部")
			})
		}
		if err != nil {
			return fmt.Errorf("%s and the new pledge: %w", a.Login, err)
		}
		if err := b.h.People.Leave(b.ctx, e.Token, from); err != nil {
			return err
		}
	}
	return nil
}

// newPassword is random, and can be typed.
func newPassword() string {
	raw := make([]byte, 6)
	_, _ = rand.Read(raw) // never fails: the program stops first
	s := hex.EncodeToString(raw)
	return "Mj-" + s[:4] + "-" + s[4:8] + "-" + s[8:]
}

// train records training and a pledge on paper, if there is one, of the first n persons.
func (b *builder) train(n int, kind, pledge string) error {
	for _, p := range b.firm.Persons[:n] {
		thing := guard.Thing{Kind: access.Person, ID: b.ids[p.Login]}
		err := b.h.Door.Do(b.ctx, console, access.Appoint, thing, func(g *guard.Grant) error {
			now := g.Tx().Now
			if err := b.h.People.RecordTraining(g, kind, now, "集中培训签到表及纸质承诺书，存行政部"); err != nil || pledge == "" {
				return err
			}
			return b.h.People.RecordPledge(g, pledge, now, "集中培训签到表及纸质承诺书，存行政部")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) tokens() error {
	for i, a := range b.accounts {
		thing := guard.Thing{Kind: access.Person, ID: b.ids[a.Login]}
		err := b.h.Door.Do(b.ctx, b.who(a.Login), access.ManageOwnAccount, thing, func(g *guard.Grant) (err error) {
			_, b.accounts[i].Token, err = b.h.People.CreateToken(g, person.NewToken{Name: "demo", Scopes: person.Scopes(), For: 365 * 24 * time.Hour})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) open(m corpus.Matter) error {
	o := matter.Opening{Kind: matter.Kind(m.Kind), Title: m.Title, Summary: m.Summary,
		Client: matter.Client{Kind: m.Client.Kind, Name: m.Client.Name, Identity: m.Client.Identity}}
	for _, p := range m.Parties {
		o.Parties = append(o.Parties, matter.Party{Role: p.Role, Name: p.Name, Identity: p.Identity})
	}
	for _, t := range m.Team {
		o.Team = append(o.Team, matter.Member{Person: b.ids[t.Login], Duty: matter.Duty(t.Duty), Clearance: t.Clearance, Listed: t.Listed})
	}
	return b.h.Door.Do(b.ctx, b.who(m.Lead()), access.OpenMatter, guard.Firm, func(g *guard.Grant) error {
		id, err := b.h.Matters.Open(g, o)
		b.matters[m.Number] = id
		return err
	})
}

func (b *builder) wall(m corpus.Matter, w corpus.Wall) error {
	thing := guard.Thing{Kind: access.Matter, ID: b.matters[m.Number]}
	return b.h.Door.Do(b.ctx, b.who(m.Lead()), access.SetWall, thing, func(g *guard.Grant) error {
		return b.h.Matters.SetWall(g, matter.Wall{Person: b.ids[w.Login], Reason: w.Reason})
	})
}

// reader gives a document's bytes.
func reader(d corpus.Document) (*bytes.Reader, int64) {
	raw := d.Bytes()
	return bytes.NewReader(raw), int64(len(raw))
}
