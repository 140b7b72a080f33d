package directory

import (
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Member is a person as the firm's directory sees one.
type Member struct {
	ID         string
	Login      string
	External   string // the directory's own id
	Name       string
	Department string
	Mail       string // address for notices
	Title      string // the posts by name
	Active     bool
	Modified   time.Time // by a directory or a list; zero: never
}

// Find narrows the members; the zero value finds all.
type Find struct {
	Login, External string
	Offset, Limit   int
}

// synced stands with each change in the register of rights.
const synced = "目录同步"

// Members lists people, those who left among them, the oldest first, and counts all that fit. The act is readRoster on the firm.
func (r *Room) Members(g *guard.Grant, f Find) (found []Member, total int, err error) {
	tx := g.Tx(access.ReadRoster)
	var all []person.Person
	switch {
	case f.External != "":
		id, err := r.holder(tx, f.External)
		if err != nil || id == "" {
			return nil, 0, err
		}
		p, err := r.people.One(g.Tx(), id)
		if err != nil {
			return nil, 0, err
		}
		all = []person.Person{p}
	case f.Login != "":
		p, err := r.people.ByLogin(g, f.Login)
		if err != nil {
			return nil, 0, err
		}
		all = []person.Person{p}
	default:
		if all, err = r.people.Everyone(g); err != nil {
			return nil, 0, err
		}
	}
	all = slices.DeleteFunc(all, func(p person.Person) bool { return p.ID == "" || f.Login != "" && !strings.EqualFold(p.Login, f.Login) })
	from := min(f.Offset, len(all))
	for _, p := range all[from:min(from+f.Limit, len(all))] {
		m, err := r.member(tx, p)
		if err != nil {
			return nil, 0, err
		}
		found = append(found, m)
	}
	return found, len(all), nil
}

// Member is one of them. The act is readRoster on the firm, or syncRoster.
func (r *Room) Member(g *guard.Grant, id string) (Member, error) {
	g.Tx(access.ReadRoster, access.SyncRoster)
	p, err := r.people.One(g.Tx(), id)
	if err != nil {
		return Member{}, err
	}
	return r.member(g.Tx(), p)
}

func (r *Room) member(tx *store.Tx, p person.Person) (Member, error) {
	names := make([]string, len(p.Posts))
	for i, post := range p.Posts {
		names[i] = post.Name()
	}
	m := Member{ID: p.ID, Login: p.Login, Name: p.Name, Department: p.Department, Mail: p.Mail, Title: strings.Join(names, "、"), Active: p.Status == person.Active || p.Status == person.Invited}
	var sealed []byte
	var modified int64
	_, err := store.Get(tx, func(row store.Row) (struct{}, error) { return struct{}{}, row.Scan(&sealed, &modified) },
		`SELECT sealed_external, modified FROM directory_entry WHERE person = $1`, p.ID)
	if errors.Is(err, store.ErrNone) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	m.Modified = time.UnixMilli(modified).UTC()
	if len(sealed) > 0 {
		m.External, err = r.external.OpenText(p.ID, sealed)
	}
	return m, err
}

// holder is the person whom a directory knows by an id of its own; empty: nobody.
func (r *Room) holder(tx *store.Tx, external string) (string, error) {
	id, err := store.Get(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT person FROM directory_entry WHERE external_token = $1`, r.externals.Token(external))
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	return id, err
}

// Add invites somebody whom the directory brings. A security administrator makes the one-time link on the person's page. The
// act is syncRoster on the firm.
func (r *Room) Add(g *guard.Grant, m Member) (Member, error) {
	posts, err := postsOf(m.Title)
	if err != nil {
		return m, err
	}
	if posts == nil {
		posts = []access.Post{access.Other}
	}
	id, _, _, err := r.rights.Enter(g, person.Invitation{Login: m.Login, Details: person.Details{Name: m.Name, Department: m.Department, Mail: m.Mail}, Posts: posts}, false)
	if err != nil {
		return m, err
	}
	if !m.Active {
		if _, err := r.people.Revise(g, id, person.Revision{Active: &m.Active}, synced); err != nil {
			return m, err
		}
	}
	if err := r.mark(g.Tx(), id, m.External); err != nil {
		return m, err
	}
	return r.Member(g, id)
}

// Change brings a person in line with what the directory says: change is given how the person stands and gives how it should
// be. Taking Active away ends sessions and tokens at once. The posts of person.Powers are none of a directory's. The
// act is syncRoster on the person.
func (r *Room) Change(g *guard.Grant, change func(Member) (Member, error)) (Member, error) {
	g.Tx(access.SyncRoster)
	id := g.Only(access.Person)
	p, err := r.people.One(g.Tx(), id)
	if err != nil {
		return Member{}, err
	}
	before, err := r.member(g.Tx(), p)
	if err != nil {
		return before, err
	}
	after, err := change(before)
	if err != nil {
		return before, err
	}
	if after == before {
		return before, nil
	}
	v := person.Revision{Details: &person.Details{Name: after.Name, Department: after.Department, Licence: p.Licence, Mail: after.Mail}}
	if after.Active != before.Active {
		v.Active = &after.Active
	}
	if after.Title != before.Title {
		if v.Posts, err = postsOf(after.Title); err != nil {
			return before, err
		}
		if v.Posts != nil && person.Power(p.Posts) {
			return before, person.NoProgram(g, p.Posts...)
		}
	}
	changed, err := r.revise(g, id, v, synced)
	if err != nil {
		return before, err
	}
	if changed || after.External != before.External {
		if err := r.mark(g.Tx(), id, after.External); err != nil {
			return before, err
		}
	}
	return r.Member(g, id)
}

// mark notes the directory's own id of a person.
func (r *Room) mark(tx *store.Tx, id, external string) error {
	var token, sealed any
	if external != "" {
		if len(external) > 256 {
			return problem.New(problem.Invalid, "%s过长：最多 %d 个字", "externalId", 256).In("externalId")
		}
		holder, err := r.holder(tx, external)
		if err != nil {
			return err
		}
		if holder != "" && holder != id {
			return problem.New(problem.Conflict, "这个 externalId 已经属于另一个人").In("externalId")
		}
		token, sealed = r.externals.Token(external), r.external.SealText(id, external)
	}
	_, err := tx.Exec(`INSERT INTO directory_entry (person, starts, external_token, sealed_external, modified) VALUES ($1, '', $2, $3, $4)
		ON CONFLICT (person) DO UPDATE SET external_token = excluded.external_token, sealed_external = excluded.sealed_external, modified = excluded.modified`,
		id, token, sealed, tx.Now.UnixMilli())
	return err
}

// postsOf reads a title as posts; an empty one is nil.
func postsOf(title string) ([]access.Post, error) {
	posts, unknown := readPosts(title)
	if unknown != "" {
		return nil, problem.New(problem.Invalid, "没有这个岗位：%s", unknown).In(string(Posts))
	}
	return posts, nil
}
