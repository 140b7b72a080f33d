// Package rights is how rights change (权限变更; clauses 3.1, 8.2): somebody asks for other posts or for a place in a matter's team, with a
// reason; another approves or refuses; what was approved is carried out and what is no longer needed is taken away. A director, the
// committee or a director's delegate approves posts and the security administrator carries them out; a matter's lead grants places. Nobody
// approves what they asked for, nor what is for themselves. A request falls by itself after two weeks.
//
// Asking for a place tells nothing about the matter: to who may not know it, a number that does not exist, a wall and a lead's refusal are
// one answer, at the same moment.
package rights

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/teamreview"
	"mijuan/internal/vault"
)

// Term is how long a request waits to be decided, what was approved waits to be carried out, and leads have to confirm the places of who
// changed post. Most is how many requests a person may have open.
const (
	Term = 14 * 24 * time.Hour
	Most = 20
)

// ErrAsked says that the same is asked for already.
var ErrAsked = problem.New(problem.Conflict, "同样的申请已经在办理")

// Kind of a request.
type Kind string

const (
	Posts   Kind = "posts"   // 岗位
	Place   Kind = "place"   // 团队
	Account Kind = "account" // 账号: closed and opened, without a request
)

var kindNames = map[Kind]string{Posts: "岗位", Place: "团队", Account: "账号"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// State of a request.
type State string

const (
	Open      State = "open"
	Approved  State = "approved" // posts that wait to be carried out
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Lapsed    State = "lapsed"
	Done      State = "done"
)

var stateNames = map[State]string{Open: "待审批", Approved: "待办理", Refused: "未获批准", Withdrawn: "已撤回", Lapsed: "已逾期", Done: "已办理"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Wanted is what is asked for, and what stood before.
type Wanted struct {
	Posts  []access.Post        `json:"posts,omitempty"`
	Before []access.Post        `json:"before,omitempty"`
	Held   []access.Post        `json:"held,omitempty"`   // by the person, when it was asked for
	Number string               `json:"number,omitempty"` // of the matter, as typed
	Duty   matter.Duty          `json:"duty,omitempty"`
	Level  classification.Level `json:"level,omitzero"`
	Listed bool                 `json:"listed,omitempty"`
	Until  time.Time            `json:"until,omitzero"` // end of the place; zero: none

	Removed  bool                 `json:"removed,omitempty"` // from the team, by its lead
	WasDuty  matter.Duty          `json:"wasDuty,omitempty"`
	WasLevel classification.Level `json:"wasLevel,omitzero"`

	Was, Is person.Status `json:"-"` // of an account
}

// Request is one request.
type Request struct {
	ID                       string
	Kind                     Kind
	Person, Name             string
	Held                     []access.Post // by the person when this was asked for or done
	Applicant, ApplicantName string
	Matter                   string // id; empty: none, or none that the person may have
	Wanted                   Wanted
	Reason                   string
	Asked, Lapses            time.Time
	State                    State
	Decided                  time.Time
	DecidedBy                string // name
	Opinion                  string
	Done                     time.Time
	DoneBy                   string // name
}

// Room is where rights change. It is safe for concurrent use.
type Room struct {
	people                  *person.Roster
	matters                 *matter.Book
	leaving                 *leaving.Room
	reviews                 *teamreview.Room
	wanted, reason, opinion *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster, matters *matter.Book, leavings *leaving.Room, reviews *teamreview.Room) *Room {
	return &Room{people: people, matters: matters, leaving: leavings, reviews: reviews, wanted: keys.Field("right_request.wanted"), reason: keys.Field("right_request.reason"),
		opinion: keys.Field("right_request.opinion")}
}

// AskPosts asks for other posts for a person. Who has not come in yet gets them at once from who appoints, unless they are of
// person.Powers, and so does everybody where nobody could approve, as in a firm that is being set up; asked says which it was. The act is requestRights on the person, or appoint or
// syncRoster on the person or on the firm for a list of many.
func (r *Room) AskPosts(g *guard.Grant, of string, posts []access.Post, why string) (asked bool, err error) {
	tx := g.Tx(access.RequestRights, access.Appoint, access.SyncRoster)
	if g.Thing().Kind == access.Person && g.Only(access.Person) != of {
		return false, problem.New(problem.Invalid, "没有这个人，请从名单里选择")
	}
	if why, err = line("reason", "事由", why); err != nil {
		return false, err
	}
	p, err := r.people.One(tx, of)
	switch {
	case err != nil:
		return false, err
	case p.Status == person.Left:
		return false, problem.New(problem.Conflict, "此人已经离岗")
	case person.SamePosts(p.Posts, posts):
		return false, problem.New(problem.Invalid, "岗位没有变化").In("posts")
	}
	if err := person.CheckPosts(posts); err != nil {
		return false, err
	}
	if err := person.NoProgram(g, slices.Concat(p.Posts, posts)...); err != nil {
		return false, err
	}
	q := Request{Kind: Posts, Person: of, Wanted: Wanted{Posts: posts, Before: p.Posts, Held: p.Posts}, Reason: why}
	if g.Act() != access.RequestRights {
		switch direct, err := r.needless(tx, p, posts, g); {
		case err != nil:
			return false, err
		case direct && p.Joined.IsZero():
			_, err := r.people.Revise(g, of, person.Revision{Posts: posts}, why)
			return false, err
		case direct && g.Thing().Kind == access.Person: // many at once are asked for all the same
			q.Asked = tx.Now
			if err := r.carryOut(g, q); err != nil {
				return false, err
			}
			return false, r.people.Changed(g, person.Change{Kind: person.PostsChanged, Person: of, What: person.What{Before: p.Posts, After: posts, Why: why}})
		}
	}
	return true, r.ask(g, q)
}

// needless reports whether a change of posts needs no approval: of who has never come in (but see awaits), by the operator at the console, and where the firm
// has neither director nor committee besides the caller. One whose account is closed for a while, or who is the person concerned, is one:
// nobody gets rid of who approves by closing their accounts first.
func (r *Room) needless(tx *store.Tx, of person.Person, posts []access.Post, g *guard.Grant) (bool, error) {
	if g.Facts().Who.System {
		return true, nil
	}
	if of.Joined.IsZero() {
		waits, err := r.awaits(g, of.Posts, posts)
		return !waits, err
	}
	some, err := store.List(tx, scanText, `SELECT id FROM person WHERE status <> 'left' AND id <> $1
		AND ((',' || posts || ',') LIKE '%,director,%' OR (',' || posts || ',') LIKE '%,committee,%') LIMIT 1`, g.Who().Person)
	return len(some) == 0, err
}

// AskPlace asks for a place in the team of the matter of that number, for oneself. Whether there is such a matter is not told. The act is
// requestRights on oneself.
func (r *Room) AskPlace(g *guard.Grant, w Wanted, why string) (err error) {
	tx, me := g.Tx(access.RequestRights), g.Only(access.Person)
	if me != g.Who().Person {
		return problem.New(problem.Invalid, "加入团队由本人申请；主办律师可以直接把人加入团队")
	}
	if why, err = line("reason", "事由", why); err != nil {
		return err
	}
	if w.Number, err = line("number", "案号", w.Number); err != nil {
		return err
	}
	w.Posts, w.Before, w.Removed, w.WasDuty, w.WasLevel = nil, nil, false, "", 0
	switch {
	case w.Duty != matter.Handling && w.Duty != matter.Assisting:
		return problem.New(problem.Invalid, "请选择职责").In("duty")
	case !w.Level.Valid():
		return problem.New(problem.Invalid, "请选择密级").In("clearance")
	case !w.Until.IsZero() && !w.Until.After(tx.Now):
		return problem.New(problem.Invalid, "截止日不能早于今天").In("until")
	}
	to, err := store.List(tx, scanText, `SELECT m.id FROM matter m WHERE m.number = $1 AND m.state = 'open' AND m.lead <> $2
		AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = m.id AND w.person = $2 AND w.lifted = 0)`, w.Number, me)
	if err != nil {
		return err
	}
	p, err := r.people.One(tx, me)
	if err != nil {
		return err
	}
	w.Held = p.Posts
	q := Request{Kind: Place, Person: me, Wanted: w, Reason: why}
	if len(to) > 0 {
		q.Matter = to[0]
	}
	return r.ask(g, q)
}

// ask writes a request down. The same one twice is one.
func (r *Room) ask(g *guard.Grant, q Request) error {
	tx := g.Tx()
	open, err := r.list(tx, ` WHERE q.person = $1 AND q.kind = $2 AND q.done = 0 AND q.withdrawn = 0 AND q.lapses > $3 ORDER BY q.asked`, q.Person, string(q.Kind), tx.Now.UnixMilli())
	if err != nil {
		return err
	}
	pending := 0
	for _, o := range open {
		switch {
		case q.Kind == Posts && (o.State == Open || o.State == Approved) && person.SamePosts(o.Wanted.Posts, q.Wanted.Posts):
			return ErrAsked
		case q.Kind == Place && o.Wanted.Number == q.Wanted.Number:
			return problem.New(problem.Conflict, "这个案号的申请已经提交，请等候主办律师处理")
		}
		pending++
	}
	if pending >= Most {
		return problem.New(problem.Conflict, "待审批的申请已有 %d 项，请先等候处理或者撤回", Most)
	}
	id := tx.NewID()
	raw, err := json.Marshal(q.Wanted)
	if err != nil {
		return err
	}
	g.Note("request", id)
	g.Note("kind", string(q.Kind))
	if q.Kind == Posts {
		g.Note("posts", q.Wanted.Posts)
	}
	if _, err = tx.Exec(`INSERT INTO right_request (id, kind, person, applicant, matter, asked, lapses, withdrawn, decision, decided, decided_by, done, done_by, sealed_wanted, sealed_reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', 0, '', 0, '', $8, $9)`, id, string(q.Kind), q.Person, g.Who().Person, q.Matter, tx.Now.UnixMilli(), tx.Now.Add(Term).UnixMilli(),
		r.wanted.Seal(id, raw), r.reason.SealText(id, q.Reason)); err != nil {
		return err
	}
	if g.Thing().Kind == access.Firm {
		g.Step(access.RequestRights, guard.Thing{Kind: access.Person, ID: q.Person}, "", map[string]any{"request": id, "posts": q.Wanted.Posts})
	}
	return nil
}

// line cleans a line of text that must be there.
func line(field, name, s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", problem.New(problem.Invalid, "请填写%s", name).In(field)
	case n > 200 || !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' }):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", name, 200).In(field)
	}
	return s, nil
}

func scanText(row store.Row) (s string, err error) { return s, row.Scan(&s) }
