package person

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/mail"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// invitationFor is how long a one-time link waits to be used.
const invitationFor = 72 * time.Hour

// Details are what the roster says of a person, apart from log-in and posts.
type Details struct {
	Name       string
	Department string
	Licence    string // 执业证号
	Mail       string // address for notices; empty: none
}

// Invitation is a new person.
type Invitation struct {
	Login string
	Details
	Posts []access.Post
}

// Invite puts a person on the roster and gives the secret part of the one-time link, which is shown once and holds for 72
// hours. The act is appoint or syncRoster on the firm.
func (r *Roster) Invite(g *guard.Grant, i Invitation) (id, link string, err error) {
	if id, err = r.Enrol(g, i); err != nil {
		return "", "", err
	}
	link, err = newLink(g.Tx(), id)
	return id, link, err
}

// enter writes a new person's row.
func (r *Roster) enter(g *guard.Grant, i Invitation) (id string, err error) {
	tx := g.Tx()
	if err := i.Details.check(); err != nil {
		return "", err
	}
	posts, administrator, err := splitPosts(i.Posts)
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	err = taken(tx, func() error {
		_, err := tx.Exec(`INSERT INTO person (id, login_token, sealed_login, sealed_name, sealed_department, sealed_licence, posts, administrator,
			status, unnamed, trained_until, pledge, pledged, joined, password_set, totp_step, sealed_mail)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'invited', 0, 0, 0, 0, 0, 0, 0, $9)`, id, r.index.logins.Token(i.Login),
			r.seal.login.SealText(id, i.Login), r.seal.name.SealText(id, i.Name), r.seal.department.SealText(id, i.Department),
			r.seal.licence.SealText(id, i.Licence), posts, administrator, r.sealedMail(id, i.Mail))
		return err
	})
	if err != nil {
		return "", err
	}
	g.Note("invited", id)
	g.Step(g.Act(), guard.Thing{Kind: access.Person, ID: id}, "", map[string]any{"change": "invited", "posts": i.Posts})
	if err := r.Changed(g, Change{Kind: PostsChanged, Person: id, What: What{After: i.Posts}}); err != nil {
		return "", err
	}
	return id, r.indexPerson(tx, Person{ID: id, Login: i.Login, Name: i.Name, Department: i.Department})
}

// The first security administrator, until somebody takes the account.
const (
	firstLogin = "security-admin"
	firstName  = "首位安全管理员"
)

// Bootstrap makes the one-time link of the first security administrator, who gives name and login when accepting. The firm
// must be empty, or have nobody yet but that one: then the link is a new one. Training and pledge are recorded as the
// founder's, since nobody is there to record them. The act is appoint on the firm, from the console.
func (r *Roster) Bootstrap(g *guard.Grant) (link string, err error) {
	tx := g.Tx(access.Appoint)
	g.Only(access.Firm)
	others, err := count(tx, `SELECT COUNT(*) FROM person WHERE unnamed = 0 OR joined > 0`)
	if err != nil {
		return "", err
	}
	if others > 0 {
		return "", problem.New(problem.Conflict, "本所已经有人员，请由安全管理员邀请")
	}
	first, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT id FROM person`)
	if err != nil {
		return "", err
	}
	if len(first) == 0 {
		id, err := r.enter(g, Invitation{Login: firstLogin, Details: Details{Name: firstName}, Posts: []access.Post{access.SecurityAdmin}})
		if err != nil {
			return "", err
		}
		if err := qualify(g, id, founding(tx.Now)); err != nil {
			return "", err
		}
		if _, err := tx.Exec(`UPDATE person SET unnamed = 1 WHERE id = $1`, id); err != nil {
			return "", err
		}
		first = []string{id}
	}
	return newLink(tx, first[0])
}

// newLink makes a person's one-time link; an older one stops working.
func newLink(tx *store.Tx, person string) (link string, err error) {
	if _, err := tx.Exec(`DELETE FROM invitation WHERE person = $1 AND used = 0`, person); err != nil {
		return "", err
	}
	link = randomText()
	_, err = tx.Exec(`INSERT INTO invitation (hash, person, expires, used) VALUES ($1, $2, $3, 0)`, hashOf("link", link), person,
		tx.Now.Add(invitationFor).UnixMilli())
	return link, err
}

// taken runs a write of a login and says so when somebody has it already.
func taken(tx *store.Tx, write func() error) error {
	err := tx.Savepoint(write)
	if store.Taken(err) {
		return problem.New(problem.Conflict, "这个登录名已经有人用了").In("login")
	}
	return err
}

// indexPerson makes a person findable by name, login and department.
func (r *records) indexPerson(tx *store.Tx, p Person) error {
	if _, err := tx.Exec(`DELETE FROM person_gram WHERE person = $1`, p.ID); err != nil {
		return err
	}
	tokens := r.grams(p.Name, p.Login, p.Department)
	for len(tokens)%gramsAtOnce != 0 { // few lengths are few statements to prepare
		tokens = append(tokens, tokens[0])
	}
	values, args := make([]string, len(tokens)), []any{p.ID}
	for i, token := range tokens {
		args = append(args, token)
		values[i] = fmt.Sprintf("($%d, $1)", i+2)
	}
	if len(tokens) == 0 {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO person_gram (token, person) VALUES `+strings.Join(values, ", ")+` ON CONFLICT DO NOTHING`, args...)
	return err
}

// gramsAtOnce is of what the number of rows that are written at once is a multiple.
const gramsAtOnce = 16

// grams are the tokens under which texts are found: each pair of neighbouring characters and each character.
func (r *records) grams(texts ...string) (tokens [][]byte) {
	for _, t := range texts {
		tokens = append(tokens, r.index.names.Bigrams(t)...)
		for _, c := range t {
			tokens = append(tokens, r.index.names.Bigrams(string(c))...)
		}
	}
	return tokens
}

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)

// checkLogin gives a login in the form in which it is kept.
func checkLogin(login string) (string, error) {
	login = normal(login)
	if !loginForm.MatchString(login) {
		return "", problem.New(problem.Invalid, "登录名由 2 至 64 个小写字母、数字和 . _ - @ 组成，以字母或数字开头").In("login")
	}
	return login, nil
}

func (d *Details) check() (err error) {
	if d.Name, err = line("name", "姓名", d.Name, 40, true); err != nil {
		return err
	}
	if d.Department, err = line("department", "部门", d.Department, 60, false); err != nil {
		return err
	}
	if d.Licence, err = line("licence", "执业证号", d.Licence, 40, false); err != nil {
		return err
	}
	d.Mail, err = mail.Address(d.Mail)
	return err
}

// line checks one line of text that a person typed and gives it trimmed.
func line(field, label, s string, most int, required bool) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case required && s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > most:
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, most).In(field)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable):
		return "", problem.New(problem.Invalid, "%s里有不能使用的字符", label).In(field)
	}
	return s, nil
}

// unprintable are control characters and those that turn the direction of a line.
func unprintable(r rune) bool {
	return r < ' ' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
