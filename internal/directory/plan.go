package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/person"
	"mijuan/internal/problem"
)

// Kind of a verdict.
type Kind string

// What a row of a list would do.
const (
	Wrong   Kind = "wrong"
	Added   Kind = "new"
	Changed Kind = "changed"
	Same    Kind = "same"
)

// Kinds lists them in the order in which people look at them.
var Kinds = []Kind{Wrong, Added, Changed, Same}

var kindNames = map[Kind]string{Wrong: "有错", Added: "新增", Changed: "变更", Same: "不变"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Change is what a row changes of a person. Posts are given by their codes, for each reader's language.
type Change struct {
	Column             Column
	Old, New           string
	OldPosts, NewPosts []access.Post
}

// Verdict is what a row would do.
type Verdict struct {
	Row
	Kind    Kind
	Person  string   // whom it changes
	Changes []Change // when it changes somebody
	Faults  []error  // problems, each in its column

	login       string
	details     person.Details
	posts       []access.Post
	starts, had string
}

// Plan is what a list would do to the roster.
type Plan struct {
	Hash  string // of the file
	State string // of list and roster: the confirmation must name it
	Rows  []Verdict
	Count map[Kind]int
}

// planner holds what the rows of one list are compared with.
type planner struct {
	now      roster
	self     string // person
	at       time.Time
	logins   map[string]int    // line that first had it
	licences map[string]int    // the same
	holders  map[string]string // of licences, by log-in
}

func plan(l List, now roster, self string, at time.Time) Plan {
	sum := sha256.Sum256([]byte(l.Hash + now.state))
	p := Plan{Hash: l.Hash, State: hex.EncodeToString(sum[:]), Count: map[Kind]int{}}
	with := planner{now: now, self: self, at: at, logins: map[string]int{}, licences: map[string]int{}, holders: map[string]string{}}
	for login, m := range now.byLogin {
		if m.Licence != "" {
			with.holders[m.Licence] = login
		}
	}
	for _, r := range l.Rows {
		v := with.judge(r)
		p.Count[v.Kind]++
		p.Rows = append(p.Rows, v)
	}
	return p
}

// judge compares a row with the roster. A cell that is empty leaves what there is.
func (w *planner) judge(r Row) Verdict {
	v := Verdict{Row: r, login: strings.ToLower(r.Cells[Login])}
	for _, c := range Columns {
		switch r.Wrong[c] {
		case "formula":
			v.fault(problem.New(problem.Invalid, "这一格是公式；请粘贴为数值").In(string(c)))
		case "merged":
			v.fault(problem.New(problem.Invalid, "这一格与别的格合并了；请拆开后逐格填写").In(string(c)))
		}
	}
	had, known := w.now.byLogin[v.login]
	v.Person, v.had = had.ID, had.starts
	or := func(c Column, before string) string {
		if s := r.Cells[c]; s != "" {
			return s
		}
		return before
	}
	v.details = person.Details{Name: or(Name, had.Name), Department: or(Department, had.Department), Licence: or(Licence, had.Licence), Mail: or(Mail, had.Mail)}
	v.starts, v.posts = had.starts, had.Posts
	v.readPosts()
	for _, err := range (person.Invitation{Login: v.login, Details: v.details, Posts: v.posts}).Wrong() {
		v.fault(err)
	}
	if day := r.Cells[Starts]; day != "" && day != had.starts {
		day, err := readDay(day, w.at)
		v.starts = day
		v.fault(err)
	}
	w.unique(&v, had.Licence)
	switch {
	case known && had.Status == person.Left:
		v.fault(problem.New(problem.Conflict, "此人已经离岗").In(string(Login)))
	case known:
		v.compare(had)
	}
	if len(v.Changes) > 0 && v.Person == w.self {
		v.fault(problem.New(problem.Conflict, "不能变更自己的岗位和权限").In(string(Login)))
	}
	switch {
	case len(v.Faults) > 0:
		v.Kind = Wrong
	case !known:
		v.Kind = Added
	case len(v.Changes) > 0:
		v.Kind = Changed
	default:
		v.Kind = Same
	}
	return v
}

// fault adds a problem; only the first of a column is told.
func (v *Verdict) fault(err error) {
	var p *problem.Error
	if !errors.As(err, &p) {
		return
	}
	for _, have := range v.Faults {
		if errors.As(have, &p) {
			field := p.Field
			if errors.As(err, &p); p.Field == field {
				return
			}
		}
	}
	v.Faults = append(v.Faults, err)
}

func (v *Verdict) readPosts() {
	posts, unknown := readPosts(v.Cells[Posts])
	if unknown != "" {
		v.fault(problem.New(problem.Invalid, "没有这个岗位：%s", unknown).In(string(Posts)))
	}
	if len(posts) > 0 {
		v.posts = posts
	}
}

// readPosts reads posts by name and tells the first that is none.
func readPosts(text string) (posts []access.Post, unknown string) {
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return strings.ContainsRune("、,，;；/|+\n", c) }) {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		p, known := postOf(word)
		switch {
		case known:
			posts = append(posts, p)
		case unknown == "":
			unknown = word
		}
	}
	return posts, unknown
}

// unique sees to it that a log-in and a licence stand once in the list and with one person on the roster.
func (w *planner) unique(v *Verdict, before string) {
	if first, twice := w.logins[v.login]; twice {
		v.fault(problem.New(problem.Invalid, "登录名与第 %d 行重复", first).In(string(Login)))
	} else if v.login != "" {
		w.logins[v.login] = v.Line
	}
	licence := v.details.Licence
	if licence == "" {
		return
	}
	if licence != before {
		v.fault(checkLicence(licence, w.at))
	}
	if first, twice := w.licences[licence]; twice {
		v.fault(problem.New(problem.Invalid, "执业证号与第 %d 行重复", first).In(string(Licence)))
		return
	}
	w.licences[licence] = v.Line
	if holder, held := w.holders[licence]; held && holder != v.login {
		v.fault(problem.New(problem.Invalid, "执业证号已经登记在 %s 名下", holder).In(string(Licence)))
	}
}

func (v *Verdict) compare(had member) {
	for _, c := range []Change{{Column: Name, Old: had.Name, New: v.details.Name}, {Column: Department, Old: had.Department, New: v.details.Department},
		{Column: Licence, Old: had.Licence, New: v.details.Licence}, {Column: Starts, Old: had.starts, New: v.starts}, {Column: Mail, Old: had.Mail, New: v.details.Mail}} {
		if c.Old != c.New {
			v.Changes = append(v.Changes, c)
		}
	}
	if !person.SamePosts(v.posts, had.Posts) {
		v.Changes = append(v.Changes, Change{Column: Posts, OldPosts: had.Posts, NewPosts: v.posts})
	}
}
