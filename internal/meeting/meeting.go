// Package meeting hands numbered papers out for a meeting and collects them afterwards (会议材料; clause 14). A set is a carrier of the matter for
// a named participant. Handing it out is lending it until the meeting's end, which the participant confirms; collecting it is taking it
// back, checked by its number: package carrier does both and keeps who holds what. What does not come back is a finding, and a meeting is
// closed only when every set is back or is settled with a reason.
package meeting

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Longest is how long a meeting may last, and Ahead how far ahead it may be prepared: together within the longest loan.
const (
	Longest = 7 * 24 * time.Hour
	Ahead   = 60 * 24 * time.Hour
)

// State is where a set is.
type State string

const (
	Prepared  State = "prepared"  // lies ready
	Offered   State = "offered"   // waits for the participant's confirmation
	Out       State = "out"       // in the participant's hands
	Missing   State = "missing"   // was not there when it was collected
	Collected State = "collected" // back, checked by number
	Settled   State = "settled"   // no longer waited for, with a reason
)

// States lists them in the order of a set's life.
var States = []State{Prepared, Offered, Out, Missing, Collected, Settled}

var stateNames = map[State]string{Prepared: "待发放", Offered: "待签收", Out: "已发放", Missing: "未收回", Collected: "已收回", Settled: "已处理"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Over reports whether nothing more has to be done about the set.
func (s State) Over() bool { return s == Collected || s == Settled }

// Meeting is one meeting. Persons are ids.
type Meeting struct {
	ID           string
	Year, Serial int
	Matter       string // id
	Title        string // empty for who keeps carriers without knowing the matter
	Place        string // likewise
	Convener     string
	Starts, Ends time.Time
	Closed       time.Time // zero: open
	ClosedBy     string
	Count        map[State]int
	Left         []string // numbers of the carriers that are not over
}

// Number is what people call it.
func (m Meeting) Number() string { return fmt.Sprintf("会-%d-%04d", m.Year, m.Serial) }

// Sets is how many it has.
func (m Meeting) Sets() (n int) {
	for _, k := range m.Count {
		n += k
	}
	return n
}

// Late reports whether its sets should have been collected.
func (m Meeting) Late(now time.Time) bool { return m.Closed.IsZero() && now.After(m.Ends) }

// Set is one numbered set. Persons are ids.
type Set struct {
	ID, Meeting     string
	N               int
	Carrier, Number string
	Title           string
	Level           classification.Level
	Copy            int
	Participant     string
	State           State
	Handed, Back    time.Time // zero: not
	Condition       string    // in which it came back
	Missed          time.Time // zero: it was not missing
	Finding         string
	Settled         time.Time
	SettledBy       string
	Reason          string
}

// Room is where meetings are kept. It is safe for concurrent use.
type Room struct {
	people                        *person.Roster
	carriers                      *carrier.Cabinet
	title, place, finding, reason *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster, carriers *carrier.Cabinet) *Room {
	return &Room{people: people, carriers: carriers, title: keys.Field("meeting.title"), place: keys.Field("meeting.place"), finding: keys.Field("meeting_set.finding"), reason: keys.Field("meeting_set.reason")}
}

// Plan is a meeting to come.
type Plan struct {
	Title, Place string
	Starts, Ends time.Time
}

// Convene opens a meeting, whose sets the caller answers for. The act is arrangeMeeting.
func (r *Room) Convene(g *guard.Grant, p Plan) (id string, err error) {
	tx, in := g.Tx(access.ArrangeMeeting), g.Only(access.Matter)
	if p.Title, err = words(p.Title, "title", "会议名称"); err != nil {
		return "", err
	}
	if p.Place, err = words(p.Place, "place", "地点"); err != nil {
		return "", err
	}
	switch {
	case p.Starts.IsZero() || p.Starts.After(tx.Now.Add(Ahead)):
		return "", problem.New(problem.Invalid, "请填写开始时间，最早提前 %d 天准备", int(Ahead.Hours()/24)).In("starts")
	case !p.Ends.After(p.Starts) || !p.Ends.After(tx.Now) || p.Ends.Sub(p.Starts) > Longest:
		return "", problem.New(problem.Invalid, "结束时间须晚于开始时间和现在，最长 %d 天", int(Longest.Hours()/24)).In("ends")
	}
	year := tx.Now.In(matter.Beijing).Year()
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO meeting_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = meeting_serial.last + 1 RETURNING last`, int64(year))
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	g.Note("meeting", id)
	_, err = tx.Exec(`INSERT INTO meeting (id, year, serial, matter, convener, starts, ends, created, closed, closed_by, sealed_title, sealed_place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '', $9, $10)`,
		id, int64(year), serial, in, g.Who().Person, p.Starts.UnixMilli(), p.Ends.UnixMilli(), tx.Now.UnixMilli(), r.title.SealText(id, p.Title), r.place.SealText(id, p.Place))
	return id, err
}

// Prepare sets copies of one title aside, one for each participant in their order, from those that lie ready. Who takes part and what may be
// lent to them is asked again when it is handed out. The act is arrangeMeeting.
func (r *Room) Prepare(g *guard.Grant, meeting string, serial int, participants []string) error {
	tx := g.Tx(access.ArrangeMeeting)
	m, err := r.open(g, meeting)
	if err != nil {
		return err
	}
	if len(participants) == 0 {
		return problem.New(problem.Invalid, "请勾选参会人").In("participants")
	}
	for _, p := range participants {
		if err := g.Staff(p, "participants"); err != nil {
			return err
		}
	}
	ready, err := r.Ready(g, m.Matter)
	if err != nil {
		return err
	}
	ready = slices.DeleteFunc(ready, func(it carrier.Carrier) bool { return it.Serial != serial })
	if len(ready) < len(participants) {
		return problem.New(problem.Conflict, "只有 %d 份可以发放，参会人有 %d 位：请先打印或复印", len(ready), len(participants))
	}
	last, err := store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }, `SELECT COALESCE(MAX(n), 0) FROM meeting_set WHERE meeting = $1`, m.ID)
	if err != nil {
		return err
	}
	for i, p := range participants {
		if matter.MayHold(tx, m.Matter, m.Convener, ready[i].Level, "") != nil { // who answers for the sets can know each of them
			return problem.New(problem.Conflict, "召集人不能知悉这份材料，请由可以知悉的人召集会议").In("serial")
		}
		if p == ready[i].Holder {
			return problem.New(problem.Conflict, "材料现在由参会人本人保管，不用发放；请由召集人或者保管员先收齐").In("participants")
		}
		id := tx.NewID()
		if _, err := tx.Exec(`INSERT INTO meeting_set (id, meeting, n, carrier, participant, prepared, missed, missed_by, sealed_finding, settled, settled_by, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, 0, '', $7, 0, '', $8)`,
			id, m.ID, int64(last+1+i), ready[i].ID, p, tx.Now.UnixMilli(), r.finding.SealText(id, ""), r.reason.SealText(id, "")); err != nil {
			return err
		}
		g.Step(access.ArrangeMeeting, guard.Thing{Kind: access.Carrier, ID: ready[i].ID}, m.Matter, map[string]any{"meeting": m.ID, "to": p})
	}
	g.Note("meeting", m.ID)
	g.Note("sets", len(participants))
	return nil
}

// Miss notes that a set was not there when it was to be collected, which is the draft of an incident. The act is arrangeMeeting.
func (r *Room) Miss(g *guard.Grant, meeting, set, finding string) error {
	missed, err := r.say(g, meeting, set, finding, "情况", []State{Offered, Out}, `UPDATE meeting_set SET missed = $2, missed_by = $3, sealed_finding = $4 WHERE id = $1`, r.finding)
	if err != nil {
		return err
	}
	return r.carriers.Unfound(g, missed.Carrier, set)
}

// Settle ends the waiting for a set that does not come back, or was never handed out. The act is arrangeMeeting.
func (r *Room) Settle(g *guard.Grant, meeting, set, reason string) error {
	_, err := r.say(g, meeting, set, reason, "处理情况", []State{Prepared, Out, Missing}, `UPDATE meeting_set SET settled = $2, settled_by = $3, sealed_reason = $4 WHERE id = $1`, r.reason)
	return err
}

func (r *Room) say(g *guard.Grant, meeting, set, said, label string, from []State, update string, field *vault.Field) (of Set, err error) {
	tx := g.Tx(access.ArrangeMeeting)
	m, err := r.open(g, meeting)
	if err != nil {
		return of, err
	}
	if said, err = words(said, "note", label); err != nil {
		return of, err
	}
	all, err := r.sets(tx, m.ID)
	if err != nil {
		return of, err
	}
	i := slices.IndexFunc(all, func(s Set) bool { return s.ID == set && within(g.Facts().Where)(s.Level) })
	switch {
	case i < 0:
		return of, absent()
	case !slices.Contains(from, all[i].State):
		return of, problem.New(problem.Conflict, "这一套现在是“%s”，不能这样办理", all[i].State.Name())
	}
	g.Note("meeting", m.ID)
	g.Step(access.ArrangeMeeting, guard.Thing{Kind: access.Carrier, ID: all[i].Carrier}, m.Matter, map[string]any{"meeting": m.ID, "said": label})
	_, err = tx.Exec(update, set, tx.Now.UnixMilli(), g.Who().Person, field.SealText(set, said))
	return all[i], err
}

// Close ends a meeting all of whose sets are back or settled. Its convener does, or a lead who may know every set. The act is arrangeMeeting.
func (r *Room) Close(g *guard.Grant, meeting string) error {
	tx := g.Tx(access.ArrangeMeeting)
	m, err := r.open(g, meeting)
	if err != nil {
		return err
	}
	all, err := r.sets(tx, m.ID)
	if err != nil {
		return err
	}
	var left []string
	where, mine := g.Facts().Where, m.Convener == g.Who().Person
	for _, s := range all {
		if !mine && !(where.Lead && within(where)(s.Level)) {
			return problem.New(problem.Conflict, "会议由召集人办结")
		}
		if !s.State.Over() {
			left = append(left, s.Number)
		}
	}
	if len(left) > 0 {
		return problem.New(problem.Conflict, "还有 %d 套没有收回或者处理：%s", len(left), strings.Join(left, "、"))
	}
	g.Note("meeting", m.ID)
	_, err = tx.Exec(`UPDATE meeting SET closed = $2, closed_by = $3 WHERE id = $1`, m.ID, tx.Now.UnixMilli(), g.Who().Person)
	return err
}

// open is a meeting of the act's matter that is not closed.
func (r *Room) open(g *guard.Grant, id string) (Meeting, error) {
	m, err := r.one(g.Tx(), id)
	switch {
	case err != nil:
		return m, err
	case m.Matter != g.Only(access.Matter):
		return m, absent()
	case !m.Closed.IsZero():
		return m, problem.New(problem.Conflict, "会议已经办结")
	}
	return m, nil
}

func absent() error { return problem.New(problem.Absent, "没有找到，或者您无权知悉") }

// words cleans what was typed into a field.
func words(s, field, label string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > 200 || !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00"):
		return "", problem.New(problem.Invalid, "%s须为一行，最多 %d 个字", label, 200).In(field)
	}
	return s, nil
}
