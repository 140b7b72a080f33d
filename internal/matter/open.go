package matter

import (
	"fmt"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Opening is what a lawyer fills in to open a matter. The opener becomes the lead unless the team names another lead.
type Opening struct {
	Kind    Kind
	Title   string // 案由或项目名
	Summary string
	Client  Client // with ID: a known client; without: a new one
	Parties []Party
	Team    []Member
	Walls   []Wall
}

// Open registers a matter and gives its id.
func (b *Book) Open(g *guard.Grant, o Opening) (string, error) {
	tx := g.Tx(access.OpenMatter)
	if err := o.check(g.Who().Person); err != nil {
		return "", err
	}
	if err := o.checkStaff(g); err != nil {
		return "", err
	}
	client, err := b.client(tx, o.Client)
	if err != nil {
		return "", err
	}
	id := tx.NewID()
	number, year, serial, err := b.number(tx, o.Kind)
	if err != nil {
		return "", err
	}
	sealedKey, recipient, err := b.keys.NewMatterKey(id)
	if err != nil {
		return "", fmt.Errorf("make the matter's key: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO matter (id, number, year, serial, kind, client, sealed_title, sealed_summary, lead, state, opened, sealed_key, recipient)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, id, number, year, serial, string(o.Kind), client.ID,
		b.fields.title.SealText(id, o.Title), b.fields.summary.SealText(id, o.Summary), o.lead(), string(Open), tx.Now.UnixMilli(),
		sealedKey, recipient); err != nil {
		return "", err
	}
	if err := b.fill(tx, id, g.Who().Person, o); err != nil {
		return "", err
	}
	g.Note("number", number)
	g.Step(access.OpenMatter, guard.Thing{Kind: access.Matter, ID: id}, id, map[string]any{"number": number, "lead": o.lead()})
	return id, b.indexNames(tx, id)
}

func (b *Book) fill(tx *store.Tx, id, by string, o Opening) error {
	for _, p := range o.Parties {
		if err := b.addParty(tx, id, p); err != nil {
			return err
		}
	}
	for _, m := range o.Team {
		if err := addMember(tx, id, by, m); err != nil {
			return err
		}
	}
	for _, w := range o.Walls {
		if err := b.addWall(tx, id, by, w); err != nil {
			return err
		}
	}
	return nil
}

func (o *Opening) lead() string {
	for _, m := range o.Team {
		if m.Duty == Lead {
			return m.Person
		}
	}
	return ""
}

// check cleans the form and says the first thing wrong with it.
func (o *Opening) check(opener string) (err error) {
	if _, ok := o.Kind.char(); !ok {
		return problem.New(problem.Invalid, "请选择案件类别").In("kind")
	}
	if o.Title, err = line("title", "案由或项目名", o.Title, 200, true); err != nil {
		return err
	}
	if o.Summary, err = line("summary", "说明", o.Summary, 4000, false); err != nil {
		return err
	}
	if o.lead() == "" {
		o.Team = append([]Member{{Person: opener, Duty: Lead, Clearance: classification.TopSecret, Listed: true}}, o.Team...)
	}
	for i := range o.Parties {
		if err := o.Parties[i].check(); err != nil {
			return err
		}
	}
	return o.checkPeople()
}

func (o *Opening) checkPeople() error {
	seen := map[string]bool{}
	leads := 0
	for _, m := range o.Team {
		if err := m.check(); err != nil {
			return err
		}
		if seen[m.Person] {
			return problem.New(problem.Invalid, "同一个人在团队里出现了两次").In("team")
		}
		seen[m.Person] = true
		if m.Duty == Lead {
			leads++
		}
	}
	if leads != 1 {
		return problem.New(problem.Invalid, "一个案件须有且只有一名主办律师").In("team")
	}
	for _, w := range o.Walls {
		if seen[w.Person] {
			return problem.New(problem.Invalid, "隔离墙上的人不能同时在团队里").In("walls")
		}
	}
	return nil
}

func (o *Opening) checkStaff(g *guard.Grant) error {
	for _, m := range o.Team {
		if err := g.Staff(m.Person, "team"); err != nil {
			return err
		}
	}
	for _, w := range o.Walls {
		if err := g.Staff(w.Person, "walls"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Party) check() (err error) {
	if !slices.Contains(Roles, p.Role) {
		return problem.New(problem.Invalid, "请选择当事人的身份").In("parties")
	}
	if p.Name, err = line("parties", "当事人名称", p.Name, 200, true); err != nil {
		return err
	}
	p.Identity, err = line("parties", "证件号码", p.Identity, 64, false)
	return err
}

func (m Member) check() error {
	if m.Person == "" {
		return problem.New(problem.Invalid, "请选择团队成员").In("team")
	}
	if _, ok := DutyNames[m.Duty]; !ok {
		return problem.New(problem.Invalid, "请选择成员的职责").In("team")
	}
	if !m.Clearance.Valid() {
		return problem.New(problem.Invalid, "请选择成员可以知悉的密级").In("team")
	}
	return nil
}

// client finds the named client or registers a new one.
func (b *Book) client(tx *store.Tx, c Client) (Client, error) {
	if c.ID != "" {
		known, err := b.clientByID(tx, c.ID)
		if err != nil {
			return Client{}, err
		}
		return known, nil
	}
	var err error
	if c.Name, err = line("client", "客户名称", c.Name, 200, true); err != nil {
		return Client{}, err
	}
	if c.Identity, err = line("client", "证件号码", c.Identity, 64, false); err != nil {
		return Client{}, err
	}
	if c.Kind != "person" {
		c.Kind = "company"
	}
	token := b.index.Token(c.Name)
	known, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM client WHERE name_token = $1 AND kind = $2 ORDER BY created LIMIT 1`, token, c.Kind)
	if err != nil {
		return Client{}, err
	}
	if len(known) == 1 {
		c.ID = known[0]
		return c, nil
	}
	c.ID = tx.NewID()
	_, err = tx.Exec(`INSERT INTO client (id, kind, sealed_name, sealed_identity, name_token, created) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.ID, c.Kind, b.fields.clientName.SealText(c.ID, c.Name), b.fields.clientIdentity.SealText(c.ID, c.Identity), token, tx.Now.UnixMilli())
	return c, err
}

// number gives out the next number of the year; the serial runs through all kinds so that it alone names the matter.
func (b *Book) number(tx *store.Tx, kind Kind) (number string, year int, serial int64, err error) {
	year = tx.Now.In(Beijing).Year()
	serial, err = store.Get(tx, func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err },
		`INSERT INTO matter_serial (year, last) VALUES ($1, 1)
		 ON CONFLICT (year) DO UPDATE SET last = matter_serial.last + 1 RETURNING last`, year)
	char, _ := kind.char()
	return fmt.Sprintf("%d-%s-%04d", year, char, serial), year, serial, err
}

// Beijing is the firm's clock on the wall: numbers and registers count days by it.
var Beijing = time.FixedZone("UTC+8", 8*60*60)
