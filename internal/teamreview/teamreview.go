// Package teamreview has leads look through their teams twice a year (团队复核; clauses 3.1, 8.2). The security administrator opens a
// round with a day, or it opens by itself when half a year has passed: from then on every place in a team, but the lead's, ends on that day unless the lead keeps it. The end is a date
// that the door reads, so that what nobody kept lapses by itself.
package teamreview

import (
	"errors"
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

// Bounds of a round, and after how long the next is due.
const (
	Shortest = 7 * 24 * time.Hour
	Longest  = 90 * 24 * time.Hour
	Every    = 182 * 24 * time.Hour
	Answer   = 30 * 24 * time.Hour // of a round that opens by itself
)

// Decision on a place; empty: none yet.
type Decision string

const (
	Kept    Decision = "kept"
	Removed Decision = "removed"
)

// Round is one review of all teams, or of one person's places.
type Round struct {
	ID       string
	Opened   time.Time
	OpenedBy string // name
	Due      time.Time
	Of       string // name of the person whose posts changed; empty: everybody
}

// Row is one person's place in one team in a round.
type Row struct {
	Round, Place, Matter, Number string // Number is the matter's
	Person, Name                 string
	Duty                         matter.Duty
	Level                        classification.Level
	Decision                     Decision
	By                           string // name of who decided
	At                           time.Time
	Reason                       string
	Due                          time.Time
	Changed                      bool // the place ended before it was decided: changed on the team's page, or by a wall
}

// Lapsed reports whether nobody kept the place in time.
func (r Row) Lapsed(now time.Time) bool { return r.Decision == "" && !r.Changed && !now.Before(r.Due) }

// Room is where teams are reviewed. It is safe for concurrent use.
type Room struct {
	people  *person.Roster
	matters *matter.Book
	reason  *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, people *person.Roster, matters *matter.Book) *Room {
	return &Room{people: people, matters: matters, reason: keys.Field("team_review.reason")}
}

// Open begins a round until due, which is between a week and ninety days from now. Only one runs at a time. The act is openTeamReview.
func (r *Room) Open(g *guard.Grant, due time.Time) (places int64, err error) {
	tx := g.Tx(access.OpenTeamReview)
	now := tx.Now
	if due.Before(now.Add(Shortest-24*time.Hour)) || due.After(now.Add(Longest)) {
		return 0, problem.New(problem.Invalid, "截止日须在 %d 到 %d 天之内", 7, 90).In("due")
	}
	last, err := r.last(tx)
	switch {
	case err == nil && now.Before(last.Due):
		return 0, problem.New(problem.Conflict, "上一轮复核还没有截止")
	case err != nil && !errors.Is(err, store.ErrNone):
		return 0, err
	}
	return r.begin(g, "", due)
}

// OpenDue begins the round that is due (see AnyDue) and gives leads Answer. The act is manageSystem, by the program itself.
func (r *Room) OpenDue(g *guard.Grant) (places int64, err error) {
	tx := g.Tx(access.ManageSystem)
	if due, err := r.AnyDue(tx); err != nil || !due { // another process was first
		return 0, err
	}
	return r.begin(g, "", tx.Now.Add(Answer))
}

// OpenFor has every lead confirm the places of a person whose posts have just changed, until due: what nobody confirms ends by itself. The
// act is appoint on the person.
func (r *Room) OpenFor(g *guard.Grant, due time.Time) (places int64, err error) {
	g.Tx(access.Appoint)
	return r.begin(g, g.Only(access.Person), due)
}

// begin opens a round about everybody, or about one person.
func (r *Room) begin(g *guard.Grant, of string, due time.Time) (places int64, err error) {
	tx := g.Tx()
	now, id := tx.Now, tx.NewID()
	if _, err := tx.Exec(`INSERT INTO team_round (id, opened, opened_by, due, person) VALUES ($1, $2, $3, $4, $5)`, id, now.UnixMilli(), g.Who().Person, due.UnixMilli(), of); err != nil {
		return 0, err
	}
	places, err = tx.Exec(`INSERT INTO team_review (round, place, matter, person, until_before, decision, decided, decided_by)
		SELECT $1, b.id, b.matter, b.person, b.until, '', 0, '' FROM member b JOIN matter m ON m.id = b.matter
		WHERE b.person <> m.lead AND b.since <= $2 AND (b.until = 0 OR b.until > $3) AND ($4 = '' OR b.person = $4)`, id, now.UnixMilli(), due.UnixMilli(), of)
	if err != nil {
		return 0, err
	}
	g.Note("round", id)
	g.Note("due", due)
	g.Note("places", places)
	_, err = tx.Exec(`UPDATE member SET until = $2 WHERE id IN (SELECT place FROM team_review WHERE round = $1)`, id, due.UnixMilli())
	return places, err
}

// Places are the ids of rows' places.
func Places(rows []Row) (ids []string) {
	for _, row := range rows {
		ids = append(ids, row.Place)
	}
	return ids
}

// Choices are what a lead says of places by their ids: of each one by one, of as many as the lead has looked at.
type Choices struct {
	Keep, Remove []string
	Why          string // of what is removed
}

// Decide confirms or removes the named places of a matter's team: who is kept has the end they had before, who is removed loses the place at
// once. Whoever is not named waits, and lapses on the round's day. After that day it is too late. The act is reviewTeam.
func (r *Room) Decide(g *guard.Grant, c Choices) error {
	tx, in := g.Tx(access.ReviewTeam), g.Only(access.Matter)
	rows, err := r.pending(tx, in)
	if err != nil {
		return err
	}
	c.Why = strings.TrimSpace(c.Why)
	switch {
	case len(rows) == 0:
		return problem.New(problem.Conflict, "本案没有待复核的人员，或者复核已经截止；需要时请在团队页重新加入")
	case len(c.Keep)+len(c.Remove) == 0:
		return problem.New(problem.Invalid, "请逐人选择保留或者移出；没有选择的，到期自动失去本案权限")
	case len(c.Remove) > 0 && c.Why == "":
		return problem.New(problem.Invalid, "请写明移出的理由").In("reason")
	case utf8.RuneCountInString(c.Why) > 300 || !utf8.ValidString(c.Why):
		return problem.New(problem.Invalid, "%s过长：最多 %d 个字", "理由", 300).In("reason")
	}
	for i, place := range slices.Concat(c.Keep, c.Remove) {
		at := slices.IndexFunc(rows, func(row Row) bool { return row.Place == place })
		if at < 0 { // or named twice
			return problem.New(problem.Conflict, "名单刚刚变动，请重新核对")
		}
		if err := r.decide(g, tx, in, rows[at], i >= len(c.Keep), c.Why); err != nil {
			return err
		}
		rows = slices.Delete(rows, at, at+1)
	}
	return nil
}

func (r *Room) decide(g *guard.Grant, tx *store.Tx, in string, row Row, remove bool, why string) error {
	decision, end, sealed := Kept, `(SELECT until_before FROM team_review WHERE round = $2 AND place = $1)`, []byte(nil)
	args := []any{row.Place, row.Round}
	if remove {
		decision, end, sealed = Removed, `$2`, r.reason.SealText(row.Round+row.Place, why)
		args = []any{row.Place, tx.Now.UnixMilli()}
	}
	if _, err := tx.Exec(`UPDATE member SET until = `+end+` WHERE id = $1`, args...); err != nil {
		return err
	}
	g.Step(access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, in, map[string]any{"person": row.Person, "review": string(decision)})
	if remove {
		if err := r.people.Changed(g, person.Change{Kind: person.PlaceChanged, Person: row.Person, Matter: in, What: person.What{WasDuty: string(row.Duty), WasLevel: row.Level, Why: why}}); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`UPDATE team_review SET decision = $3, decided = $4, decided_by = $5, sealed_reason = $6 WHERE round = $1 AND place = $2`,
		row.Round, row.Place, string(decision), tx.Now.UnixMilli(), g.Who().Person, sealed)
	return err
}
