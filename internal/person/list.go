package person

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Query narrows, sorts and pages the roster.
type Query struct {
	Text   string      // in name, login or department
	Status Status      // empty: all but those who left
	Post   access.Post // empty: any
	Sort   string      // "name" (pinyin; the default), "login", "department", "status", "joined"
	Desc   bool
	Offset int
	Limit  int // 0: all
}

// Page is a part of the roster.
type Page struct {
	Persons []Person
	Total   int
}

// longestSearch is in characters.
const longestSearch = 40

// List shows the roster. The act is readRoster or exportRoster on the firm.
func (r *Roster) List(g *guard.Grant, q Query) (Page, error) {
	tx := g.Tx(access.ReadRoster, access.ExportRoster)
	order, ok := orders[q.Sort]
	if !ok {
		return Page{}, problem.New(problem.Invalid, "不能按这一列排序").In("sort")
	}
	if len([]rune(q.Text)) > longestSearch {
		return Page{}, problem.New(problem.Invalid, "%s过长：最多 %d 个字", "搜索词", longestSearch).In("q")
	}
	found, err := r.find(tx, q)
	if err != nil {
		return Page{}, err
	}
	found = slices.DeleteFunc(found, func(p Person) bool { return q.Post != "" && !p.Has(q.Post) || !p.matches(q.Text) })
	slices.SortStableFunc(found, order())
	if q.Desc {
		slices.Reverse(found)
	}
	page := Page{Total: len(found)}
	from := min(max(q.Offset, 0), len(found))
	to := len(found)
	if q.Limit > 0 {
		to = min(from+q.Limit, to)
	}
	page.Persons = found[from:to]
	return page, nil
}

// find narrows by the tokens of the text; what has them all nearly always has the text.
func (r *Roster) find(tx *store.Tx, q Query) ([]Person, error) {
	where, args := []string{`p.status <> $1`}, []any{string(Left)}
	if q.Status != "" {
		where[0], args[0] = `p.status = $1`, string(q.Status)
	}
	for word := range strings.FieldsSeq(q.Text) {
		for _, token := range r.index.names.Bigrams(word) {
			args = append(args, token)
			where = append(where, fmt.Sprintf(`EXISTS (SELECT 1 FROM person_gram g WHERE g.person = p.id AND g.token = $%d)`, len(args)))
		}
	}
	return store.List(tx, func(row store.Row) (Person, error) { return r.scanPerson(tx, row) },
		`SELECT `+personColumns+` FROM person p WHERE `+strings.Join(where, ` AND `)+` ORDER BY p.id`, args...)
}

func (p Person) matches(text string) bool {
	fold := func(s string) string { return strings.ToLower(norm.NFKC.String(s)) }
	in := fold(p.Name + "\n" + p.Login + "\n" + p.Department)
	for word := range strings.FieldsSeq(fold(text)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}

// orders compare by the named column and then by name.
var orders = map[string]func() func(a, b Person) int{
	"":           byName(func(a, b Person) int { return 0 }),
	"name":       byName(func(a, b Person) int { return 0 }),
	"login":      byName(func(a, b Person) int { return strings.Compare(a.Login, b.Login) }),
	"department": byName(func(a, b Person) int { return strings.Compare(a.Department, b.Department) }),
	"status": byName(func(a, b Person) int {
		return cmp.Compare(slices.Index(Statuses, a.Status), slices.Index(Statuses, b.Status))
	}),
	"joined": byName(func(a, b Person) int { return a.Joined.Compare(b.Joined) }),
}

// byName makes a fresh order each time: a collator serves one goroutine.
func byName(first func(a, b Person) int) func() func(a, b Person) int {
	return func() func(a, b Person) int {
		pinyin := collate.New(language.Chinese)
		return func(a, b Person) int {
			return cmp.Or(first(a, b), pinyin.CompareString(a.Name, b.Name), strings.Compare(a.Login, b.Login))
		}
	}
}

// Qualification is a training or a pledge as it was recorded.
type Qualification struct {
	Subject    string // "training" or "pledge"
	Kind       string // see KindNames
	At         time.Time
	Until      time.Time // of a training: when the next is due
	Version    int       // of a pledge
	RecordedBy string    // person; empty: the console
}

// Entry of one person on the roster. The act is readRoster on the firm. The person's Standing is there for whom the rules let
// appoint the person, and for the person.
func (r *Roster) Get(g *guard.Grant, id string) (p Person, history []Qualification, err error) {
	tx := g.Tx(access.ReadRoster)
	a, err := r.accountByID(tx, id)
	if err != nil {
		return p, nil, err
	}
	self := g.Who().Person == id
	thing := access.Resource{Kind: access.Person, ID: id, Exists: true}
	if self || g.May(access.Appoint, thing, access.Circumstances{}) {
		if a.Standing, err = r.standing(tx, a); err != nil {
			return p, nil, err
		}
	}
	history, err = qualifications(tx, id)
	return a.Person, history, err
}

func (r *Roster) standing(tx *store.Tx, a *account) (*Standing, error) {
	s := &Standing{Factors: a.Factors, Password: len(a.password) > 0}
	tries, err := readAttempts(tx, a.login)
	if err != nil {
		return nil, err
	}
	now := tx.Now.UnixMilli()
	if tries.lockedUntil > now {
		s.LockedUntil = instant(tries.lockedUntil)
	}
	link, err := count(tx, `SELECT COALESCE(MAX(expires), 0) FROM invitation WHERE person = $1 AND used = 0 AND expires > $2`, a.ID, now)
	if err != nil {
		return nil, err
	}
	s.Invitation = instant(link)
	by, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT by_person FROM invitation WHERE person = $1 AND used = 0 AND seconded = 0 AND expires > $2`, a.ID, now)
	if err != nil {
		return nil, err
	}
	for _, id := range by {
		if s.Unseconded, err = seconded(tx, a, id); err != nil {
			return nil, err
		}
	}
	live, err := count(tx, `SELECT COUNT(*) FROM session WHERE `+liveSessions, a.ID, now, tx.Now.Add(-r.set.Idle).UnixMilli())
	if err != nil {
		return nil, err
	}
	tokens, err := count(tx, `SELECT COUNT(*) FROM api_token WHERE person = $1 AND revoked = 0 AND expires > $2`, a.ID, now)
	if err != nil {
		return nil, err
	}
	s.Sessions, s.Tokens = int(live), int(tokens)
	s.Linked, err = r.linked(tx, a.ID)
	return s, err
}

func qualifications(tx *store.Tx, person string) ([]Qualification, error) {
	return store.List(tx, func(row store.Row) (q Qualification, err error) {
		var at, until int64
		err = row.Scan(&q.Subject, &q.Kind, &q.Version, &at, &until, &q.RecordedBy)
		q.At, q.Until = instant(at), instant(until)
		return q, err
	}, `SELECT subject, kind, version, at, until, recorded_by FROM qualification WHERE person = $1 ORDER BY at DESC, id DESC`, person)
}
