package matter

import (
	"errors"
	"fmt"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/screening"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Get opens the matter's page: everything about the matter but its materials.
func (b *Book) Get(g *guard.Grant) (Matter, error) {
	tx, id := g.Tx(access.ViewMatter), g.Only(access.Matter)
	m, err := b.whole(tx, id)
	if err != nil {
		return Matter{}, err
	}
	if m.Team, err = team(tx, id); err != nil {
		return Matter{}, err
	}
	m.Walls, err = b.walls(tx, id)
	return m, err
}

// Filter narrows and pages a list of matters. The zero value is the first page of all.
type Filter struct {
	Search string // part of a title, a client's or a party's name, or the number
	Kind   Kind
	State  access.State
	Sort   string // "opened" (newest first, default), "number", "number-desc", "opened-asc"
	Offset int
	Limit  int // 1…200; 0 is 50. An export reads up to MaxExport at once
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// Page is one page of matters and whether more follow.
type Page struct {
	Matters []Matter // without parties, team and walls
	More    bool
}

// IDs are the ids of the page's matters.
func (p Page) IDs() (ids []string) {
	for _, m := range p.Matters {
		ids = append(ids, m.ID)
	}
	return ids
}

var matterOrders = map[string]string{"": "m.opened DESC, m.id DESC", "opened": "m.opened DESC, m.id DESC", "opened-asc": "m.opened, m.id",
	"number": "m.year, m.serial", "number-desc": "m.year DESC, m.serial DESC"}

// List gives the matters that the caller's teams open, to be shown or to be exported. SQL narrows; the rules confirm each row.
func (b *Book) List(g *guard.Grant, f Filter) (Page, error) {
	tx, most := g.Tx(access.UseSystem, access.ExportRegister), 200
	if g.Act() == access.ExportRegister {
		most = MaxExport
	}
	order, ok := matterOrders[f.Sort]
	if !ok {
		return Page{}, problem.New(problem.Invalid, "不能按这一列排序").In("sort")
	}
	limit := f.Limit
	if limit <= 0 || limit > most {
		limit = 50
	}
	query := selectMatter + ` JOIN member b ON b.matter = m.id WHERE b.person = $1 AND b.since <= $2 AND (b.until = 0 OR b.until > $2)
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = m.id AND w.person = $1 AND w.lifted = 0)`
	args := []any{g.Who().Person, tx.Now.UnixMilli()}
	narrow := func(clause string, arg any) {
		args = append(args, arg)
		query += fmt.Sprintf(" AND "+clause, len(args))
	}
	if f.Kind != "" {
		narrow("m.kind = $%d", string(f.Kind))
	}
	if f.State != "" {
		narrow("m.state = $%d", string(f.State))
	}
	if f.Search != "" {
		b.narrowBySearch(f.Search, narrow)
	}
	args = append(args, limit+1, max(f.Offset, 0))
	query += fmt.Sprintf(" ORDER BY %s LIMIT $%d OFFSET $%d", order, len(args)-1, len(args))
	rows, err := store.List(tx, b.scan, query, args...)
	if err != nil {
		return Page{}, err
	}
	page := Page{More: len(rows) > limit}
	for _, m := range rows[:min(limit, len(rows))] {
		where, err := Relation(tx, m.ID, g.Who().Person)
		if err != nil {
			return Page{}, err
		}
		if g.May(access.ViewMatter, access.Resource{Kind: access.Matter, ID: m.ID, Matter: m.ID, State: m.State, Owner: m.Lead, Exists: true}, where) {
			page.Matters = append(page.Matters, m)
		}
	}
	return page, nil
}

// narrowBySearch matches a number typed as it is written, or every bigram of the text.
func (b *Book) narrowBySearch(s string, narrow func(string, any)) {
	if NumberLike(s) {
		narrow("m.number LIKE $%d", s+"%")
		return
	}
	for _, token := range b.index.Bigrams(s) {
		narrow("EXISTS (SELECT 1 FROM matter_token t WHERE t.matter = m.id AND t.token = $%d)", token)
	}
}

// NumberLike reports whether a search text is the beginning of a number (2026-…) rather than words.
func NumberLike(s string) bool {
	if len(s) < 4 {
		return false
	}
	for _, r := range s[:4] {
		if r < '0' || r > '9' {
			return false
		}
	}
	return len(s) == 4 || s[4] == '-'
}

const selectMatter = `SELECT m.id, m.number, m.kind, m.sealed_title, m.sealed_summary, m.state, m.lead, m.opened,
	c.id, c.kind, c.sealed_name, c.sealed_identity FROM matter m JOIN client c ON c.id = m.client`

func (b *Book) scan(r store.Row) (m Matter, err error) {
	var kind string
	var title, summary, name, identity []byte
	var opened int64
	if err := r.Scan(&m.ID, &m.Number, &kind, &title, &summary, &m.State, &m.Lead, &opened,
		&m.Client.ID, &m.Client.Kind, &name, &identity); err != nil {
		return m, err
	}
	m.Kind, m.Opened = Kind(kind), instant(opened)
	return m, errors.Join(
		unseal(b.fields.title, m.ID, title, &m.Title), unseal(b.fields.summary, m.ID, summary, &m.Summary),
		unseal(b.fields.clientName, m.Client.ID, name, &m.Client.Name), unseal(b.fields.clientIdentity, m.Client.ID, identity, &m.Client.Identity))
}

func unseal(f *vault.Field, row string, sealed []byte, into *string) (err error) {
	*into, err = f.OpenText(row, sealed)
	return err
}

const selectClient = `SELECT id, kind, sealed_name, sealed_identity FROM client`

func (b *Book) scanClient(r store.Row) (c Client, err error) {
	var name, identity []byte
	if err := r.Scan(&c.ID, &c.Kind, &name, &identity); err != nil {
		return c, err
	}
	return c, errors.Join(unseal(b.fields.clientName, c.ID, name, &c.Name), unseal(b.fields.clientIdentity, c.ID, identity, &c.Identity))
}

func (b *Book) parties(tx *store.Tx, matter string) ([]Party, error) {
	return store.List(tx, func(r store.Row) (p Party, err error) {
		var name, identity []byte
		if err := r.Scan(&p.ID, &p.Role, &name, &identity); err != nil {
			return p, err
		}
		return p, errors.Join(unseal(b.fields.partyName, p.ID, name, &p.Name), unseal(b.fields.partyIdentity, p.ID, identity, &p.Identity))
	}, `SELECT id, role, sealed_name, sealed_identity FROM party WHERE matter = $1 ORDER BY id`, matter)
}

func (b *Book) addParty(tx *store.Tx, matter string, p Party) error {
	id := tx.NewID()
	_, err := tx.Exec(`INSERT INTO party (id, matter, role, sealed_name, sealed_identity) VALUES ($1, $2, $3, $4, $5)`,
		id, matter, p.Role, b.fields.partyName.SealText(id, p.Name), b.fields.partyIdentity.SealText(id, p.Identity))
	return err
}

func team(tx *store.Tx, matter string) ([]Member, error) {
	return store.List(tx, func(r store.Row) (m Member, err error) {
		var duty string
		var clearance, listed, since, until int64
		err = r.Scan(&m.ID, &m.Person, &duty, &clearance, &listed, &since, &until, &m.GrantedBy)
		m.Duty, m.Clearance, m.Listed = Duty(duty), classification.Level(clearance), listed == 1
		m.Since, m.Until = instant(since), instant(until)
		return m, err
	}, `SELECT id, person, duty, clearance, listed, since, until, granted_by FROM member
	    WHERE matter = $1 AND (until = 0 OR until > $2) ORDER BY CASE duty WHEN 'lead' THEN 1 WHEN 'handling' THEN 2 ELSE 3 END, since`,
		matter, tx.Now.UnixMilli())
}

func (b *Book) walls(tx *store.Tx, matter string) ([]Wall, error) {
	return store.List(tx, func(r store.Row) (w Wall, err error) {
		var reason []byte
		var since int64
		if err := r.Scan(&w.ID, &w.Person, &reason, &w.SetBy, &since); err != nil {
			return w, err
		}
		w.Since = instant(since)
		return w, unseal(b.fields.wallReason, w.ID, reason, &w.Reason)
	}, `SELECT id, person, sealed_reason, set_by, since FROM wall WHERE matter = $1 AND lifted = 0 ORDER BY since`, matter)
}

// indexNames writes the search tokens of a new matter: its title and the names in it.
func (b *Book) indexNames(tx *store.Tx, id string) error {
	m, err := store.Get(tx, b.scan, selectMatter+` WHERE m.id = $1`, id)
	if err != nil {
		return err
	}
	parties, err := b.parties(tx, id)
	if err != nil {
		return err
	}
	texts := []string{m.Title, m.Client.Name}
	for _, p := range parties {
		texts = append(texts, p.Name)
	}
	for _, t := range texts {
		for _, token := range b.index.Bigrams(t) {
			if _, err := tx.Exec(`INSERT INTO matter_token (token, matter) VALUES ($1, $2) ON CONFLICT DO NOTHING`, token, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// Terms are what a file name in this matter must not tell (clause 7.2.2): the names and numbers of its client and parties.
func (b *Book) Terms(tx *store.Tx, id string) ([]screening.Term, error) {
	m, err := store.Get(tx, b.scan, selectMatter+` WHERE m.id = $1`, id)
	if err != nil {
		return nil, err
	}
	parties, err := b.parties(tx, id)
	if err != nil {
		return nil, err
	}
	terms := []screening.Term{{Kind: screening.Name, Text: m.Client.Name}, {Kind: screening.Number, Text: m.Client.Identity}}
	for _, p := range parties {
		terms = append(terms, screening.Term{Kind: screening.Name, Text: p.Name}, screening.Term{Kind: screening.Number, Text: p.Identity})
	}
	return terms, nil
}

// NextMaterial takes the matter's next material serial and gives the parts of its number.
func NextMaterial(tx *store.Tx, id string) (year int, matterSerial, serial int64, err error) {
	type numbers struct{ year, matter, serial int64 }
	n, err := store.Get(tx, func(r store.Row) (n numbers, err error) { err = r.Scan(&n.year, &n.matter, &n.serial); return n, err },
		`UPDATE matter SET materials = materials + 1 WHERE id = $1 RETURNING year, serial, materials`, id)
	return int(n.year), n.matter, n.serial, err
}

// Serial is the year and the serial of a matter, which the numbers of its carriers begin with.
func Serial(tx *store.Tx, id string) (year int, serial int64, err error) {
	type number struct {
		year   int
		serial int64
	}
	n, err := store.Get(tx, func(r store.Row) (n number, err error) { err = r.Scan(&n.year, &n.serial); return n, err }, `SELECT year, serial FROM matter WHERE id = $1`, id)
	return n.year, n.serial, err
}

// Heading is the little that the desk, lists and records show of a matter to those who may know it.
type Heading struct{ ID, Number, Title string }

// Headings looks up numbers and titles for rows that were already confirmed.
func (b *Book) Headings(tx *store.Tx, ids []string) (map[string]Heading, error) {
	found := make(map[string]Heading, len(ids))
	for _, id := range ids {
		if _, done := found[id]; done || id == "" {
			continue
		}
		h, err := store.Get(tx, func(r store.Row) (h Heading, err error) {
			var title []byte
			if err := r.Scan(&h.ID, &h.Number, &title); err != nil {
				return h, err
			}
			return h, unseal(b.fields.title, h.ID, title, &h.Title)
		}, `SELECT id, number, sealed_title FROM matter WHERE id = $1`, id)
		if errors.Is(err, store.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[id] = h
	}
	return found, nil
}

// Numbers gives the numbers of matters; ids that are none are left out.
func (b *Book) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	return store.Lookup(tx, `SELECT number FROM matter WHERE id = $1`, ids)
}

// Identities gives every matter's age identity as text, for recovery by the holder of the root key; of what is damaged, in damage, why it
// does not open. It stands outside the door: no face reaches it.
func (b *Book) Identities(tx *store.Tx) (identities map[string]string, damage map[string]error, err error) {
	ids, err := store.List(tx, func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err }, `SELECT id FROM matter WHERE length(sealed_key) > 0`)
	identities, damage = make(map[string]string, len(ids)), map[string]error{}
	for _, id := range ids {
		key, err := b.Key(tx, id)
		if err != nil {
			damage[id] = err
			continue
		}
		identities[id] = key.Identity()
	}
	return identities, damage, err
}

// Leads are the ids of a matter's lead lawyers at work on it now; none for no matter.
func Leads(tx *store.Tx, id string) ([]string, error) {
	return store.List(tx, func(r store.Row) (person string, err error) { err = r.Scan(&person); return person, err },
		`SELECT person FROM member WHERE matter = $1 AND duty = 'lead' AND since <= $2 AND (until = 0 OR until > $2) ORDER BY since`, id, tx.Now.UnixMilli())
}
