// Package directory is where the roster comes from (名册来源; clauses 2, 8.2): lists of people as xlsx or CSV, which are looked
// at before anything is written, and the firm's own directory of people, which speaks SCIM. Both end in the acts that a
// security administrator would do by hand: appoint, on the firm for new people, on each person for a change; other posts for who is on
// the roster already are a request, which somebody else approves. Nobody changes themselves, and a list is taken whole or not at all.
//
// A list that is looked at is kept sealed until it is confirmed; the confirmation names the state of the roster and of the
// list that the plan was made from, and is refused when either has moved on.
package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/rights"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// listFor is how long a list waits to be confirmed.
const listFor = 24 * time.Hour

// Room is the roster's sources. It is safe for concurrent use.
type Room struct {
	people         *person.Roster
	rights         *rights.Room
	list, external *vault.Field
	externals      *vault.Index
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster, changes *rights.Room) *Room {
	return &Room{people: people, rights: changes, list: keys.Field("directory_list.list"), external: keys.Field("directory_entry.external"), externals: keys.Index("directory_entry.external")}
}

// Look keeps a list to be looked at and gives its id. Nothing of the roster changes. The act is appoint on the firm.
func (r *Room) Look(g *guard.Grant, l List) (id string, err error) {
	tx := g.Tx(access.Appoint)
	g.Only(access.Firm)
	raw, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(`DELETE FROM directory_list WHERE person = $1 OR at < $2`, g.Who().Person, tx.Now.Add(-listFor).UnixMilli()); err != nil {
		return "", err
	}
	id = tx.NewID()
	g.Note("list", map[string]any{"looked": l.Hash, "rows": len(l.Rows)})
	_, err = tx.Exec(`INSERT INTO directory_list (id, person, at, sealed_list) VALUES ($1, $2, $3, $4)`, id, g.Who().Person, tx.Now.UnixMilli(), r.list.Seal(id, raw))
	return id, err
}

// Plan tells what each row of a list that waits would do now. The act is appoint on the firm.
func (r *Room) Plan(g *guard.Grant, id string) (Plan, error) {
	tx := g.Tx(access.Appoint)
	g.Only(access.Firm)
	sealed, err := store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err },
		`SELECT sealed_list FROM directory_list WHERE id = $1 AND person = $2 AND at > $3`, id, g.Who().Person, tx.Now.Add(-listFor).UnixMilli())
	if errors.Is(err, store.ErrNone) {
		return Plan{}, problem.New(problem.Absent, "这份名单已经导入，或者已经过期；请重新上传")
	}
	if err != nil {
		return Plan{}, err
	}
	raw, err := r.list.Open(id, sealed)
	if err != nil {
		return Plan{}, err
	}
	var l List
	if err := json.Unmarshal(raw, &l); err != nil {
		return Plan{}, err
	}
	now, err := r.roster(g)
	if err != nil {
		return Plan{}, err
	}
	return plan(l, now, g.Who().Person, tx.Now), nil
}

// Vet is a problem unless a licence number is well formed and nobody's yet; empty is none. The act is appoint or syncRoster on the firm.
func (r *Room) Vet(g *guard.Grant, licence string) error {
	if licence = strings.TrimSpace(licence); licence == "" {
		return nil
	}
	return r.vet(g, licence, "")
}

// vet is Vet for who has the number already.
func (r *Room) vet(g *guard.Grant, licence, of string) error {
	if err := checkLicence(licence, g.Tx(access.Appoint, access.SyncRoster).Now); err != nil {
		return err
	}
	all, err := r.people.Everyone(g)
	for _, p := range all {
		if p.Licence == licence && p.ID != of {
			return problem.New(problem.Invalid, "执业证号已经登记在 %s 名下", p.Login).In(string(Licence))
		}
	}
	return err
}

// Correct brings what the roster says of a person right: name, department, licence number; the address for mail stays.
// The act is appoint on the person.
func (r *Room) Correct(g *guard.Grant, d person.Details, why string) error {
	g.Tx(access.Appoint)
	id := g.Only(access.Person)
	p, err := r.people.One(g.Tx(), id)
	if err != nil {
		return err
	}
	d.Name, d.Department, d.Licence, d.Mail = strings.TrimSpace(d.Name), strings.TrimSpace(d.Department), strings.TrimSpace(d.Licence), p.Mail
	if d == (person.Details{Name: p.Name, Department: p.Department, Licence: p.Licence, Mail: p.Mail}) {
		return problem.New(problem.Invalid, "登记没有变化").In("name")
	}
	if d.Licence != "" && d.Licence != p.Licence {
		if err := r.vet(g, d.Licence, id); err != nil {
			return err
		}
	}
	return r.people.ChangeDetails(g, d, why)
}

// Invite puts a new person on the roster by hand; starts is the day of joining the firm, if it is known. Asked says that some of the posts
// wait for an approval (see rights.Room.Enter). The act is appoint or syncRoster on the firm.
func (r *Room) Invite(g *guard.Grant, i person.Invitation, starts string) (id, link string, asked bool, err error) {
	if err := r.Vet(g, i.Licence); err != nil {
		return "", "", false, err
	}
	if starts = strings.TrimSpace(starts); starts != "" {
		if starts, err = readDay(starts, g.Tx().Now); err != nil {
			return "", "", false, err
		}
	}
	if id, link, asked, err = r.rights.Enter(g, i, true); err != nil || starts == "" {
		return id, link, asked, err
	}
	return id, link, asked, writeStarts(g.Tx(), id, starts)
}

// Link is the one-time link of a new person.
type Link struct{ Name, Login, Link string }

// Import does what the plan in the named state says: all of it, as one act, each person a step of it. links asks for one-time
// links, which are shown once. A roster or a list that has moved on since is problem.Conflict. The act is appoint on the firm.
func (r *Room) Import(g *guard.Grant, id, state string, links bool) (done Plan, made []Link, err error) {
	p, err := r.Plan(g, id)
	switch {
	case err != nil:
		return p, nil, err
	case p.State != state:
		return p, nil, problem.New(problem.Conflict, "名册在预演之后有了变动，请重新核对后再确认")
	case p.Count[Wrong] > 0:
		return p, nil, problem.New(problem.Conflict, "名单中有 %d 行有错，请改正后重新上传", p.Count[Wrong])
	case p.Count[Added]+p.Count[Changed] == 0:
		return p, nil, problem.New(problem.Conflict, "名单与名册一致，没有可以导入的内容")
	}
	for _, row := range p.Rows {
		link, err := r.apply(g, row, links)
		if err != nil {
			return p, nil, err
		}
		if link != "" {
			made = append(made, Link{row.details.Name, row.login, link})
		}
	}
	g.Note("list", map[string]any{"imported": p.Hash, "added": p.Count[Added], "changed": p.Count[Changed]})
	_, err = g.Tx().Exec(`DELETE FROM directory_list WHERE id = $1`, id)
	return p, made, err
}

// reason stands with each change in the register of rights.
const reason = "导入名册"

func (r *Room) apply(g *guard.Grant, row Verdict, links bool) (link string, err error) {
	id := row.Person
	switch row.Kind {
	case Added:
		i := person.Invitation{Login: row.login, Details: row.details, Posts: row.posts}
		id, link, _, err = r.rights.Enter(g, i, links)
	case Changed:
		_, err = r.revise(g, id, person.Revision{Details: &row.details, Posts: row.posts}, reason)
	default:
		return "", nil
	}
	if err != nil || row.starts == row.had {
		return link, err
	}
	if row.Kind == Changed {
		g.Step(access.Appoint, guard.Thing{Kind: access.Person, ID: id}, "", map[string]any{"change": "starts", "before": row.had, "after": row.starts})
	}
	return link, writeStarts(g.Tx(), id, row.starts)
}

// revise brings a person in line with a list; other posts are asked for (see rights.AskPosts).
func (r *Room) revise(g *guard.Grant, id string, v person.Revision, why string) (changed bool, err error) {
	posts := v.Posts
	v.Posts = nil
	if changed, err = r.people.Revise(g, id, v, why); err != nil || posts == nil {
		return changed, err
	}
	p, err := r.people.One(g.Tx(), id)
	if err != nil || person.SamePosts(p.Posts, posts) {
		return changed, err
	}
	if _, err = r.rights.AskPosts(g, id, posts, why); errors.Is(err, rights.ErrAsked) { // a list that comes again
		return changed, nil
	}
	return true, err
}

// member is a person with what the directory knows besides.
type member struct {
	person.Person
	starts string
}

// roster is everybody by log-in, and a state that changes with any of it.
type roster struct {
	byLogin map[string]member
	state   string
}

func (r *Room) roster(g *guard.Grant) (now roster, err error) {
	all, err := r.people.Everyone(g)
	if err != nil {
		return now, err
	}
	starts, err := r.AllStarts(g)
	if err != nil {
		return now, err
	}
	now.byLogin = make(map[string]member, len(all))
	h := sha256.New()
	e := json.NewEncoder(h)
	for _, p := range all {
		now.byLogin[p.Login] = member{p, starts[p.ID]}
		if err := e.Encode([]any{p.ID, p.Login, p.Name, p.Department, p.Licence, p.Posts, p.Status, starts[p.ID], p.Mail}); err != nil {
			return now, err
		}
	}
	now.state = hex.EncodeToString(h.Sum(nil))
	return now, nil
}

// postOf reads a post by its name in Chinese or English or by its code.
func postOf(word string) (access.Post, bool) {
	word = strings.ToLower(strings.Join(strings.FieldsFunc(word, func(c rune) bool { return c == ' ' || c == '_' || c == '-' }), ""))
	at := slices.IndexFunc(access.Posts, func(p access.Post) bool {
		return word == p.Name() || word == strings.ReplaceAll(string(p), "_", "")
	})
	if at < 0 {
		return "", false
	}
	return access.Posts[at], true
}
