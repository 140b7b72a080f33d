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
	if o.Title, o.Summary, err = describe(o.Kind, o.Title, o.Summary); err != nil {
		return err
	}
	if o.lead() == "" {
		o.Team = append([]Member{{Person: opener, Duty: Lead, Clearance: classification.TopSecret, Listed: true}}, o.Team...)
	}
	if err := checkParties(o.Parties); err != nil {
		return err
	}
	return o.checkPeople()
}

// describe checks what a matter is about and gives it cleaned.
func describe(kind Kind, title, summary string) (string, string, error) {
	if _, ok := kind.char(); !ok {
		return "", "", problem.New(problem.Invalid, "请选择案件类别").In("kind")
	}
	title, err := line("title", "案由或项目名", title, 200, true)
	if err != nil {
		return "", "", err
	}
	summary, err = line("summary", "说明", summary, 4000, false)
	return title, summary, err
}

func checkParties(parties []Party) error {
	if len(parties) > MaxParties {
		return problem.New(problem.TooLarge, "一个案件最多登记 %d 名当事人", MaxParties).In("parties")
	}
	for i := range parties {
		if err := parties[i].check(); err != nil {
			return err
		}
	}
	return nil
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
		if err := m.fit(g, "team"); err != nil {
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

// check cleans a client that is told by name.
func (c *Client) check() (err error) {
	if c.Name, err = line("client", "客户名称", c.Name, 200, true); err != nil {
		return err
	}
	if c.Identity, err = line("client_identity", "证件号码", c.Identity, 64, false); err != nil {
		return err
	}
	if c.Kind != "person" {
		c.Kind = "company"
	}
	return nil
}

// client finds the client told by kind, name and identity, or registers a new one. Only one that is the same in all
// three is taken for the same: whoever types a name learns nothing of a client that another matter has.
func (b *Book) client(tx *store.Tx, c Client) (Client, error) {
	if err := c.check(); err != nil {
		return Client{}, err
	}
	token := b.index.Token(c.Name)
	known, err := store.List(tx, b.scanClient, selectClient+` WHERE name_token = $1 AND kind = $2 ORDER BY created, id`, token, c.Kind)
	if err != nil {
		return Client{}, err
	}
	for _, k := range known {
		if k.Name == c.Name && k.Identity == c.Identity {
			return k, nil
		}
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
