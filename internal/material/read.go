package material

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Get is the material's own page.
func (s *Shelf) Get(g *guard.Grant) (Material, error) {
	return s.get(g.Tx(access.View), g.Only(access.Material))
}

// One is a material, for rooms that do something with it under an act of their own, which decides whether the caller may know it.
func (s *Shelf) One(tx *store.Tx, id string) (Material, error) { return s.get(tx, id) }

func (s *Shelf) get(tx *store.Tx, id string) (Material, error) {
	return store.Get(tx, s.scan, selectMaterial+` WHERE m.id = $1`, id)
}

// Filter narrows, sorts and pages a list. The zero value is the first page of all, newest first.
type Filter struct {
	Matter  string // only this matter's
	Search  string // part of a title, or the beginning of a number
	Level   classification.Level
	State   access.State
	Kind    classification.Category
	Ground  string // "none", "personal", "sensitive"; "unasked": nobody was asked; "baseless": personal information on no basis; "": all
	Waiting bool   // only those that wait for the caller's review
	Sort    string // "received" (newest first, default), "received-asc", "number", "number-desc", "level" (highest first), "level-asc"
	Offset  int
	Limit   int // 1…200; 0 is 50. An export reads up to MaxExport at once
}

// MaxExport is how many rows one export holds: what a transaction may read without keeping others waiting.
const MaxExport = 10_000

// Row is a material in a list.
type Row struct {
	ID, Matter, Number, Title string
	Kinds                     classification.Set
	Level                     classification.Level
	State                     access.State
	Proposer, Reviewer, Owner string
	Received                  time.Time
	Type                      filetype.Type
	Pages                     int
	Size                      int64
	Personal                  classification.Personal
	Basis                     classification.Basis
}

// Page is one page of a list and whether more follow.
type Page struct {
	Rows []Row
	More bool
}

var orders = map[string]string{"": "m.received DESC, m.id DESC", "received": "m.received DESC, m.id DESC", "received-asc": "m.received, m.id",
	"number": "m.number", "number-desc": "m.number DESC", "level": "m.level DESC, m.received DESC, m.id DESC", "level-asc": "m.level, m.received DESC, m.id DESC"}

// List gives the materials that the caller may view: of one matter under a grant to list it or to export its register, or of every
// matter under the grant to use the system or to export from all. SQL narrows by team, level, wall and state; the rules confirm each row, so that a list never shows
// what View would refuse.
func (s *Shelf) List(g *guard.Grant, f Filter) (Page, error) {
	tx := g.Tx(access.ListMaterials, access.UseSystem, access.ExportRegister)
	if g.Act() == access.ListMaterials || g.Thing().Kind == access.Matter {
		f.Matter = g.Only(access.Matter)
	}
	most := 200
	if g.Act() == access.ExportRegister {
		most = MaxExport
	}
	rows, limit, err := s.confirmables(tx, f, most, g.Who().Person)
	if err != nil {
		return Page{}, err
	}
	page := Page{More: len(rows) > limit}
	for _, r := range rows[:min(limit, len(rows))] {
		thing := access.Resource{Kind: access.Material, ID: r.ID, Matter: r.Matter, Level: r.Level, State: r.State, Proposer: r.Proposer,
			Reviewer: r.Reviewer, Owner: r.Owner, Personal: r.Personal, Basis: r.Basis, Exists: true}
		if g.May(access.View, thing, r.where) {
			page.Rows = append(page.Rows, r.Row)
		}
	}
	return page, nil
}

// recently is how far back a list of the newest looks first.
const recently = 90 * 24 * time.Hour

// confirmables gives a page of candidates and, if there are more, one beyond it. Somebody who sees very much gets the newest
// without a look at all the rest: what is recent stands before what is not, so a page that is full of it is the page.
func (s *Shelf) confirmables(tx *store.Tx, f Filter, most int, person string) (rows []confirmable, limit int, err error) {
	looks := []int64{0}
	if f.Matter == "" && (f.Sort == "" || f.Sort == "received") {
		looks = []int64{tx.Now.Add(-recently).UnixMilli(), 0}
	}
	for _, since := range looks {
		q, err := s.listQuery(f, most, person, tx.Now.UnixMilli(), since)
		if err != nil {
			return nil, 0, err
		}
		limit = q.limit
		if rows, err = store.List(tx, s.scanRow(person), q.text, q.args...); err != nil || len(rows) > limit {
			return rows, limit, err
		}
	}
	return rows, limit, nil
}

type query struct {
	text  string
	args  []any
	limit int
}

// teamOpens are the materials that the person sees as a member of a team: at the level, of 绝密级 those whose list has the name, once the
// review is over; and those whose review concerns the person. What is left out later than here would be missed on a page or in a number.
const teamOpens = `FROM member b JOIN material m ON m.matter = b.matter
	WHERE b.person = $1 AND b.since <= $2 AND (b.until = 0 OR b.until > $2)
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = b.matter AND w.person = $1 AND w.lifted = 0)
		AND (b.clearance >= m.level AND (m.level < 3 OR b.listed = 1) AND (m.state <> $3 OR b.duty = 'lead')
			OR m.state = $3 AND (m.reviewer = $1 OR m.proposer = $1))`

// Counts is how many materials of each matter the caller sees in its list.
func (s *Shelf) Counts(g *guard.Grant, matters []string) (map[string]int, error) {
	tx, counts := g.Tx(access.UseSystem, access.ViewMatter, access.ExportRegister), make(map[string]int, len(matters))
	for _, id := range matters {
		n, err := store.Get(tx, func(r store.Row) (n int, err error) { err = r.Scan(&n); return n, err },
			`SELECT COUNT(*) `+teamOpens+` AND b.matter = $4`, g.Who().Person, tx.Now.UnixMilli(), string(Proposed), id)
		if err != nil {
			return nil, err
		}
		counts[id] = n
	}
	return counts, nil
}

// The first three arguments are the person, the time and the state "proposed". A row is a candidate when a team opens it, or when its
// review concerns the person. Teams come first: a person is in few of the firm's, so the
// list costs what the person may see and not what the firm holds. Candidates are narrow and read from an index; the rows are read
// when the page is cut. %[1]s are further columns that the order needs, %[2]s further conditions.
const candidates = `SELECT m.id AS id, m.received AS received, m.level AS level, b.duty AS duty, b.clearance AS clearance, b.listed AS listed%[1]s
	` + teamOpens + `%[2]s
	UNION ALL
	SELECT m.id, m.received, m.level, '', 0, 0%[1]s
	FROM material m
	WHERE m.reviewer = $1 AND m.state = $3
		AND NOT EXISTS (SELECT 1 FROM member b WHERE b.matter = m.matter AND b.person = $1 AND b.since <= $2 AND (b.until = 0 OR b.until > $2))
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = m.matter AND w.person = $1 AND w.lifted = 0)%[2]s`

const rowColumns = `SELECT m.id, m.matter, m.number, m.sealed_title, m.kinds, m.level, m.state, m.proposer, m.reviewer, m.owner, m.received,
	v.type, v.pages, v.size, m.personal, m.basis, c.duty, c.clearance, c.listed`

func (s *Shelf) listQuery(f Filter, most int, person string, now, since int64) (query, error) {
	order, ok := orders[f.Sort]
	if !ok {
		return query{}, problem.New(problem.Invalid, "不能按这一列排序").In("sort")
	}
	q := query{args: []any{person, now, string(Proposed)}, limit: f.Limit}
	if q.limit <= 0 || q.limit > most {
		q.limit = 50
	}
	narrow := func(clause string, arg any) {
		q.args = append(q.args, arg)
		q.text += " AND " + fmt.Sprintf(clause, len(q.args))
	}
	if f.Matter != "" {
		narrow("m.matter = $%d", f.Matter)
	}
	if since != 0 {
		narrow("m.received >= $%d", since)
	}
	if f.Level != 0 {
		narrow("m.level = $%d", int64(f.Level))
	}
	if f.State != "" {
		narrow("m.state = $%d", string(f.State))
	}
	if f.Kind != 0 {
		narrow("(m.kinds / $%[1]d) %% 2 = 1", int64(1)<<(f.Kind-1))
	}
	if err := narrowGround(f.Ground, narrow); err != nil {
		return query{}, err
	}
	if f.Waiting {
		q.text += " AND m.state = $3 AND m.reviewer = $1"
	}
	switch {
	case f.Search == "":
	case matter.NumberLike(f.Search):
		narrow("m.number LIKE $%d", strings.NewReplacer("%", "", "_", "").Replace(f.Search)+"%")
	default:
		for _, token := range s.titles.Bigrams(f.Search) {
			narrow("EXISTS (SELECT 1 FROM material_token t WHERE t.material = m.id AND t.token = $%d)", token)
		}
	}
	q.args = append(q.args, q.limit+1, max(f.Offset, 0))
	further := ""
	if strings.Contains(order, "number") {
		further = ", m.number AS number"
	}
	q.text = fmt.Sprintf("%s FROM (SELECT * FROM (%s) m ORDER BY %s LIMIT $%d OFFSET $%d) c JOIN material m ON m.id = c.id JOIN version v ON v.material = m.id AND v.n = 1 ORDER BY %s",
		rowColumns, fmt.Sprintf(candidates, further, q.text), order, len(q.args)-1, len(q.args), order)
	return q, nil
}

type confirmable struct {
	Row
	where access.Circumstances
}

func (s *Shelf) scanRow(person string) func(store.Row) (confirmable, error) {
	return func(r store.Row) (c confirmable, err error) {
		var title []byte
		var kinds, level, received, pages, personal, clearance, listed int64
		var typ, duty string
		if err := r.Scan(&c.ID, &c.Matter, &c.Number, &title, &kinds, &level, &c.State, &c.Proposer, &c.Reviewer, &c.Owner, &received,
			&typ, &pages, &c.Size, &personal, &c.Basis, &duty, &clearance, &listed); err != nil {
			return c, err
		}
		c.Kinds, c.Level, c.Received = classification.Set(kinds), classification.Level(level), instant(received)
		c.Type, c.Pages, c.Personal = filetype.ByCode(typ), int(pages), classification.Personal(personal)
		c.where = access.Circumstances{Member: duty != "", Lead: duty == string(matter.Lead), Clearance: classification.Level(clearance),
			Listed: listed == 1, Assigned: c.State == Proposed && c.Reviewer == person}
		c.Title, err = s.fields.title.OpenText(c.ID, title)
		return c, err
	}
}

const selectMaterial = `SELECT m.id, m.matter, m.number, m.sealed_title, m.sealed_name, m.kinds, m.client_asked, m.level, m.state, m.proposer, m.reviewer,
	m.owner, m.received, m.personal, m.basis, m.sealed_ground, v.id, v.n, v.header, v.blob, v.size, v.type, v.pages, v.created, v.created_by
	FROM material m JOIN version v ON v.material = m.id AND v.n = 1`

func (s *Shelf) scan(r store.Row) (m Material, err error) {
	var title, name, ground []byte
	var kinds, asked, level, received, personal, n, pages, created int64
	var typ string
	v := &m.Version
	if err := r.Scan(&m.ID, &m.Matter, &m.Number, &title, &name, &kinds, &asked, &level, &m.State, &m.Proposer, &m.Reviewer,
		&m.Owner, &received, &personal, &m.Ground.Basis, &ground, &v.ID, &n, &v.header, &v.blob, &v.Size, &typ, &pages, &created, &v.By); err != nil {
		return m, err
	}
	m.Kinds, m.ClientAsked, m.Level = classification.Set(kinds), asked == 1, classification.Level(level)
	m.Received, v.N, v.Pages, v.Created, v.Type = instant(received), int(n), int(pages), instant(created), filetype.ByCode(typ)
	m.Ground.Personal = classification.Personal(personal)
	var unsealed [3]error
	m.Title, unsealed[0] = s.fields.title.OpenText(m.ID, title)
	m.Name, unsealed[1] = s.fields.name.OpenText(m.ID, name)
	if ground != nil {
		m.Ground.Note, unsealed[2] = s.fields.ground.OpenText(m.ID, ground)
	}
	return m, errors.Join(unsealed[:]...)
}

func insertTokens(tx *store.Tx, id string, tokens [][]byte) error {
	if len(tokens) == 0 {
		return nil
	}
	var values strings.Builder
	args := []any{id}
	for i, t := range tokens {
		if i > 0 {
			values.WriteString(", ")
		}
		args = append(args, t)
		fmt.Fprintf(&values, "($%d, $1)", len(args))
	}
	_, err := tx.Exec(`INSERT INTO material_token (token, material) VALUES `+values.String()+` ON CONFLICT DO NOTHING`, args...)
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Numbers gives the numbers of materials; ids that are none are left out.
func (s *Shelf) Numbers(tx *store.Tx, ids []string) (map[string]string, error) {
	return store.Lookup(tx, `SELECT number FROM material WHERE id = $1`, ids)
}
