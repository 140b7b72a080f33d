// Package incident keeps incidents (泄密事件, clause 21). Nobody has to think of opening one: what may be a leak (a carrier that was taken
// out and stays away, pages that did not come back, a carrier that was written off) makes a draft in the very act that showed it, with all
// that is known by then. The security officer completes it and closes it with an opinion or dismisses it with a reason. It names carriers
// by number and tells no titles; besides the officer, directors and the lead of the matter read it.
package incident

import (
	"fmt"
	"time"

	"mijuan/internal/classification"
	"mijuan/internal/vault"
)

// Cause is what showed that there may be a leak (情形).
type Cause string

const (
	Overdue Cause = "overdue" // taken out and not back long after its day
	Missing Cause = "missing" // less came back than went
	Lost    Cause = "lost"    // written off
	Unfound Cause = "unfound" // missed in a stock-taking, or when the sets of a meeting were collected, and not found
)

// Causes lists them.
var Causes = []Cause{Overdue, Missing, Lost, Unfound}

var causeNames = map[Cause]string{Overdue: "外带逾期", Missing: "带回缺页", Lost: "遗失核销", Unfound: "未能找到"}

// Name is the cause in Chinese.
func (c Cause) Name() string { return causeNames[c] }

// State is how an incident stands.
type State string

const (
	Draft     State = "draft"
	Closed    State = "closed"
	Dismissed State = "dismissed" // no leak
)

// States lists them.
var States = []State{Draft, Closed, Dismissed}

var stateNames = map[State]string{Draft: "待处置", Closed: "已结案", Dismissed: "已排除"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Account is what people write of an incident, in the columns of the register.
type Account struct {
	Place       string // where it was found
	Others      string // persons concerned besides those who are named already
	Manner      string // how it came about
	Harm        string
	Containment string
	Remedies    string
	Notices     string // who was told, and when
}

// Incident is one. Persons are ids.
type Incident struct {
	ID           string
	Year, Serial int
	Cause        Cause
	Matter       string // id
	Carrier      string // id
	Slip         string // id of the take-out, the loan or the round of stock-taking that showed it; empty: none
	Subject      string // the carrier's number
	Level        classification.Level
	Found        time.Time
	FoundBy      string // empty: the program
	Owner        string // who answered for the carrier
	Companion    string // who went along; empty: nobody
	State        State
	Revised      time.Time // zero: as the program drafted it
	RevisedBy    string
	Settled      time.Time // zero: a draft
	SettledBy    string
	Account
	Opinion string // of a closed one; the reason of a dismissed one
}

// Number is what people call it: year and serial.
func (i Incident) Number() string { return fmt.Sprintf("%d-%03d", i.Year, i.Serial) }

// People are the ids of everybody whom it names.
func (i Incident) People() (all []string) {
	for _, id := range []string{i.FoundBy, i.Owner, i.Companion, i.RevisedBy, i.SettledBy} {
		if id != "" {
			all = append(all, id)
		}
	}
	return all
}

// Room is where incidents are kept. It is safe for concurrent use.
type Room struct {
	place, others, manner, harm, containment, remedies, notices, opinion *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring) *Room {
	field := func(name string) *vault.Field { return keys.Field("incident." + name) }
	return &Room{place: field("place"), others: field("others"), manner: field("manner"), harm: field("harm"), containment: field("containment"), remedies: field("remedies"), notices: field("notices"), opinion: field("opinion")}
}
