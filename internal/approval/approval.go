// Package approval keeps requests for leave (审批, clauses 7.1.2, 7.1.3, 7.2.4, 8.2, 10, 12): whoever may do something only with others'
// approval asks for it here. Whom to ask, and in which order, is the rules' own answer to the act (access.Decision.Route); nobody
// decides what they ask for themselves. What was approved is leave to do that act to that thing once, within its window: the door finds
// it, and the act that it permits uses it up, with both numbers in the ledger.
package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Term is the window of a request that names none, Longest the longest; Patience is how long a stage waits before others may decide it,
// too: a director for the lead, the committee for a director, a director for the committee.
const (
	Term     = 7 * 24 * time.Hour
	Longest  = 90 * 24 * time.Hour
	Patience = 48 * time.Hour
)

// longText is the most that people type into a field, in characters.
const longText = 200

// State is how a request stands.
type State string

const (
	Pending   State = "pending"
	Approved  State = "approved"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Lapsed    State = "lapsed" // not decided, or not used, within its window
	Used      State = "used"
)

// States lists them in the order in which pages offer them.
var States = []State{Pending, Approved, Refused, Withdrawn, Lapsed, Used}

var stateNames = map[State]string{Pending: "待审批", Approved: "已批准，可以使用", Refused: "未获批准", Withdrawn: "已撤回", Lapsed: "已逾期", Used: "已使用"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// of is the state as the rules know it.
func (s State) of() access.State {
	switch s {
	case Pending:
		return access.Pending
	case Approved:
		return access.Approved
	default:
		return access.Over
	}
}

// Request is one request with its route. Persons are ids.
type Request struct {
	ID           string
	Year, Serial int
	Act          access.Act
	Kind         access.Kind
	Thing        string // id
	Matter       string // id; empty: none
	Level        classification.Level
	Owner        string // who answered for the thing when it was asked for
	Applicant    string
	Barred       string // who decides nothing of it besides
	Asked        time.Time
	Since, Until time.Time
	State        State
	Stage        int // where it stands, from 1
	StageSince   time.Time
	Ended        time.Time // refused, withdrawn or used
	Entry        uint64    // number in the ledger of the act that used it
	Purpose      string
	Scope        string
	Measures     string
	Seats        []Seat

	Decides bool // the reader decides now
}

// Number is what people call the request: year and serial.
func (q Request) Number() string { return fmt.Sprintf("%d-%05d", q.Year, q.Serial) }

// Waits are the seats that have still to decide at the stage where it stands.
func (q Request) Waits() []Seat {
	return slices.DeleteFunc(slices.Clone(q.Seats), func(s Seat) bool { return q.State != Pending || s.Stage != q.Stage || s.Decision != "" })
}

// Escalated reports whether others may decide the stage where it stands by now.
func (q Request) Escalated(now time.Time) bool {
	return q.State == Pending && !now.Before(q.StageSince.Add(Patience))
}

// People are the ids of everybody whom the request names.
func (q Request) People() []string {
	all := []string{q.Applicant}
	for _, s := range q.Seats {
		if s.DecidedBy != "" {
			all = append(all, s.DecidedBy)
		}
		if s.InsteadOf != "" {
			all = append(all, s.InsteadOf)
		}
	}
	return all
}

// Seat is one approval that a request needs.
type Seat struct {
	ID         string
	Stage      int
	Capacities access.Seat
	Decision   Decision // empty: none yet
	Decided    time.Time
	DecidedBy  string
	Capacity   string // in which it was decided
	InsteadOf  string // the director by whose delegation
	Opinion    string
}

// Decision is what was said at a seat.
type Decision string

const (
	Yes Decision = "yes"
	No  Decision = "no"
)

var decisionNames = map[Decision]string{Yes: "批准", No: "不批准"}

// Name is the decision in Chinese.
func (d Decision) Name() string { return decisionNames[d] }

// Room is where requests are kept. It is safe for concurrent use.
type Room struct {
	people                            *person.Roster
	tell                              Tell // nil: nobody is told
	purpose, scope, measures, opinion *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster) *Room {
	return &Room{people: people, purpose: keys.Field("approval.purpose"), scope: keys.Field("approval.scope"), measures: keys.Field("approval.measures"),
		opinion: keys.Field("approval_seat.opinion")}
}

// Ask is what somebody asks for. Without From it may be used at once, without Until for a Term.
type Ask struct {
	Purpose  string
	Scope    string // which part, how many; may be empty
	Measures string // how it is kept safe; may be empty
	From     time.Time
	Until    time.Time
	Barred   string // somebody who may decide nothing of it besides the caller: who goes along
}

// Request asks the caller's leave. The Grant is one of Door.Ask, which says for which act, to what and whom to ask.
func (r *Room) Request(g *guard.Grant, a Ask) (id string, err error) {
	tx := g.Tx(access.RequestApproval)
	if a, err = a.clean(tx.Now); err != nil {
		return "", err
	}
	thing, facts, me := g.Thing(), g.Facts(), g.Who().Person
	year := tx.Now.In(matter.Beijing).Year()
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO approval_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = approval_serial.last + 1 RETURNING last`, int64(year))
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	if _, err = tx.Exec(`INSERT INTO approval (id, year, serial, act, kind, thing, matter, level, owner, applicant, barred, asked, since, until, state, stage, stage_since, ended, entry, sealed_purpose, sealed_scope, sealed_measures)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $17, $11, $12, $13, 'pending', 1, $11, 0, 0, $14, $15, $16)`, id, int64(year), serial, string(g.Asked()), string(thing.Kind), thing.ID,
		facts.Thing.Matter, int64(facts.Thing.Level), facts.Thing.Owner, me, tx.Now.UnixMilli(), a.From.UnixMilli(), a.Until.UnixMilli(), r.purpose.SealText(id, a.Purpose),
		r.scope.SealText(id, a.Scope), r.measures.SealText(id, a.Measures), a.Barred); err != nil {
		return "", err
	}
	for i, stage := range g.Route() {
		for _, seat := range stage {
			row := tx.NewID()
			if _, err := tx.Exec(`INSERT INTO approval_seat (id, approval, stage, capacities, decision, decided, decided_by, capacity, instead_of, sealed_opinion) VALUES ($1, $2, $3, $4, '', 0, '', '', '', $5)`,
				row, id, int64(i+1), strings.Join(seat, "|"), r.opinion.SealText(row, "")); err != nil {
				return "", err
			}
		}
	}
	g.Note("approval", id)
	g.Step(access.RequestApproval, guard.Thing{Kind: access.Approval, ID: id}, facts.Thing.Matter, map[string]any{"for": string(g.Asked())})
	return id, r.waiting(tx, id)
}

func (a Ask) clean(now time.Time) (Ask, error) {
	if a.From.IsZero() {
		a.From = now
	}
	if a.Until.IsZero() {
		a.Until = a.From.Add(Term)
	}
	for _, f := range []struct {
		value       *string
		name, label string
		needed      bool
	}{{&a.Purpose, "purpose", "用途", true}, {&a.Scope, "scope", "范围", false}, {&a.Measures, "measures", "保密措施", false}} {
		*f.value = strings.TrimSpace(*f.value)
		switch {
		case *f.value == "" && f.needed:
			return a, problem.New(problem.Invalid, "请填写%s", f.label).In(f.name)
		case utf8.RuneCountInString(*f.value) > longText || !utf8.ValidString(*f.value) || strings.ContainsAny(*f.value, "\r\n\x00"):
			return a, problem.New(problem.Invalid, "%s须为一行，最多 %d 个字", f.label, longText).In(f.name)
		}
	}
	switch {
	case a.From.Before(now.Add(-24 * time.Hour)):
		return a, problem.New(problem.Invalid, "开始日不能早于今天").In("from")
	case !a.Until.After(a.From) || !a.Until.After(now):
		return a, problem.New(problem.Invalid, "截止日不能早于开始日").In("until")
	case a.Until.Sub(now) > Longest:
		return a, problem.New(problem.Invalid, "使用期限最长 %d 天", int(Longest.Hours())/24).In("until")
	}
	return a, nil
}
