// Package danger keeps hidden dangers (隐患, clause 3.4): whoever finds one writes it down, the security officer names who mends it and by
// when, that person says what was done, and somebody else goes and looks (复查): confirms it or sends it back with a reason. Each round
// stays on record. A danger names no client material; what is a leak already belongs to the register of incidents.
package danger

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/device"
	"mijuan/internal/vault"
)

// Severity is how bad it would be (隐患级别).
type Severity string

const (
	General Severity = "general"
	Major   Severity = "major"
)

// Severities lists them.
var Severities = []Severity{General, Major}

var severityNames = map[Severity]string{General: "一般隐患", Major: "重大隐患"}

// Name is the severity in Chinese.
func (s Severity) Name() string { return severityNames[s] }

// State is how a danger stands, in the words of the rules.
type State = access.State

// States lists them in the order of a danger's life.
var States = []State{access.Found, access.Mending, access.Mended, access.Confirmed}

// Danger is one. Persons are ids.
type Danger struct {
	ID, Number  string
	Severity    Severity
	Found       time.Time // the day, at its beginning
	Registered  time.Time
	Finder      string
	Device      string // id; empty: it concerns none
	State       State
	Responsible string    // empty: nobody yet
	Due         time.Time // the last day, at its beginning; zero: none yet
	MendedBy    string    // who said last that it is mended; empty: nobody yet
	Place, What string
	Demand      string  // what the security officer asks for; may be empty
	Named       []Named // who was to mend it, the first first; not in lists
	Rounds      []Round // the oldest first; in lists the last alone
}

// Named is one time that somebody was named to mend it.
type Named struct {
	At          time.Time
	By          string
	Responsible string
	Due         time.Time
	Instead     string // who left and handed it over; empty: by order of the security officer
}

// Round is one time that it was said to be mended.
type Round struct {
	N         int // from 1
	Mended    time.Time
	MendedBy  string
	Measures  string
	Statement string    // what the measures came to
	Checked   time.Time // zero: not yet
	CheckedBy string
	Passed    bool
	Opinion   string // of who checked; a reason where it was sent back
}

// Overdue reports whether it should have been mended by now: its last day is over.
func (d Danger) Overdue(now time.Time) bool {
	return d.State == access.Mending && !now.Before(d.Due.AddDate(0, 0, 1))
}

// Last is the last round; the zero Round where there is none.
func (d Danger) Last() Round {
	if len(d.Rounds) == 0 {
		return Round{}
	}
	return d.Rounds[len(d.Rounds)-1]
}

// SentBack reports whether it is to be mended again.
func (d Danger) SentBack() bool {
	last := d.Last()
	return d.State == access.Mending && !last.Checked.IsZero() && !last.Passed
}

// People are the ids of everybody whom it names.
func (d Danger) People() (all []string) {
	ids := []string{d.Finder, d.Responsible, d.MendedBy}
	for _, n := range d.Named {
		ids = append(ids, n.By, n.Responsible, n.Instead)
	}
	for _, r := range d.Rounds {
		ids = append(ids, r.MendedBy, r.CheckedBy)
	}
	for _, id := range ids {
		if id != "" {
			all = append(all, id)
		}
	}
	return all
}

// Room is where dangers are kept. It is safe for concurrent use.
type Room struct {
	devices                      *device.Register
	place, what, demand          *vault.Field
	measures, statement, opinion *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, devices *device.Register) *Room {
	return &Room{devices: devices, place: keys.Field("danger.place"), what: keys.Field("danger.what"), demand: keys.Field("danger.demand"),
		measures: keys.Field("danger_round.measures"), statement: keys.Field("danger_round.statement"), opinion: keys.Field("danger_round.opinion")}
}
