// Package continuing keeps the duty that outlives a post in view (离任后的义务, clause 23): for everybody who left it tells when they
// are to be reminded again, and keeps each reminder as a letter (提醒函) that the one who sends it signed with their own key, so
// that the firm can show years later what it told whom and when. The duty itself has no end; reminding may be ended with a reason.
package continuing

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/leaving"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Manner is how a reminder reaches somebody.
type Manner string

const (
	ByPost   Manner = "post"
	ByMail   Manner = "mail"
	InPerson Manner = "person"
	Ending   Manner = "ending" // no letter: it was decided to remind no more
)

// Manners lists those of a letter, in the order in which forms offer them.
var Manners = []Manner{ByPost, ByMail, InPerson}

var mannerNames = map[Manner]string{ByPost: "邮寄", ByMail: "电子邮件", InPerson: "当面交付", Ending: "不再提醒"}

// Name is the manner in Chinese.
func (m Manner) Name() string { return mannerNames[m] }

// Spans are the months that may lie between two reminders.
var Spans = []int{6, 12, 24}

// firstAfter is how many months after the leaving the first reminder is due.
const firstAfter = 12

// longest is the most characters that a note may have.
const longest = 300

// Reminder is one that was made.
type Reminder struct {
	ID       string
	At       time.Time
	By       string // name
	Manner   Manner
	Note     string    // where it was sent; why reminding ended
	Document string    // SHA-256 of the letter; empty: an ending
	Next     time.Time // a date; zero: never
}

// Duty is the duty of one who left.
type Duty struct {
	Person, Name string
	Posts        []access.Post
	LastDay      time.Time // a date
	Closed       time.Time
	Pledged      time.Time // the leaving pledge; zero: written off
	Reminders    []Reminder
	Next         time.Time // a date; zero: never
}

// Due reports whether the person is to be reminded by now.
func (d Duty) Due(now time.Time) bool { return !d.Next.IsZero() && !today(now).Before(d.Next) }

// Parts are what the room needs.
type Parts struct {
	Door    *guard.Door
	People  *person.Roster
	Pledges *pledge.Room
	Hand    *hand.Desk
}

// Room is where reminders are made and kept. It is safe for concurrent use.
type Room struct {
	Parts
	note *vault.Field
}

// New makes the room.
func New(keys *vault.Keyring, p Parts) *Room {
	return &Room{Parts: p, note: keys.Field("leaver_reminder.note")}
}

// Sending is a reminder as it is asked for.
type Sending struct {
	Manner Manner
	Note   string
	Months int // until the next: one of Spans
}

// Send makes the letter to somebody who left, signed by the caller, and keeps it. It is composed, signed and stamped outside every
// transaction. The act is remindLeaver on the person.
func (r *Room) Send(ctx context.Context, who guard.Who, leaver string, s Sending, c hand.Consent, firm string) error {
	note, err := s.check()
	if err != nil {
		return err
	}
	thing := guard.Thing{Kind: access.Person, ID: leaver}
	var d Duty
	if err := r.Door.Do(ctx, who, access.RemindLeaver, thing, func(g *guard.Grant) (err error) {
		g.Note("prepares", true)
		d, err = r.of(g.Tx(), leaver)
		return err
	}); err != nil {
		return err
	}
	sheet, err := r.Hand.Sign(ctx, who, c, func(by hand.Signer) (hand.Paper, error) {
		return hand.Paper{Letter: d.letter(firm, s.Manner, by), Reason: "离任保密义务提醒"}, nil
	})
	if err != nil {
		return err
	}
	return r.Door.Do(ctx, who, access.RemindLeaver, thing, func(g *guard.Grant) error {
		if _, err := r.of(g.Tx(), leaver); err != nil {
			return err
		}
		if err := r.Hand.Keep(g, sheet); err != nil {
			return err
		}
		return r.insert(g, s.Manner, note, sheet.SHA256, today(g.Tx().Now).AddDate(0, s.Months, 0).Format(time.DateOnly))
	})
}

func (s Sending) check() (string, error) {
	switch {
	case !slices.Contains(Manners, s.Manner):
		return "", problem.New(problem.Invalid, "请选择送达方式").In("manner")
	case !slices.Contains(Spans, s.Months):
		return "", problem.New(problem.Invalid, "请选择下次提醒的时间").In("months")
	}
	return line(s.Note, "送达地址")
}

// End stops reminding somebody; the duty stays. A later letter begins it again. The act is remindLeaver.
func (r *Room) End(g *guard.Grant, why string) error {
	tx, leaver := g.Tx(access.RemindLeaver), g.Only(access.Person)
	why, err := line(why, "理由")
	if err != nil {
		return err
	}
	d, err := r.of(tx, leaver)
	if err == nil && d.Next.IsZero() {
		err = problem.New(problem.Conflict, "已经不再提醒此人")
	}
	if err != nil {
		return err
	}
	return r.insert(g, Ending, why, "", "")
}

func (r *Room) insert(g *guard.Grant, m Manner, note, document, next string) error {
	tx := g.Tx()
	row := tx.NewID()
	g.Note("reminder", row)
	g.Note("manner", string(m))
	g.Note("next", next)
	_, err := tx.Exec(`INSERT INTO leaver_reminder (id, person, at, by_person, manner, sealed_note, document, next) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		row, g.Only(access.Person), tx.Now.UnixMilli(), g.Who().Person, string(m), r.note.SealText(row, note), document, next)
	return err
}

// of is the duty of one who left; of anybody else it is problem.Conflict.
func (r *Room) of(tx *store.Tx, leaver string) (Duty, error) {
	gone, err := leaving.GoneOne(tx, leaver)
	if errors.Is(err, store.ErrNone) {
		return Duty{}, problem.New(problem.Conflict, "此人没有离岗，不需要提醒")
	}
	if err != nil {
		return Duty{}, err
	}
	return r.whole(tx, gone)
}

// line cleans a short text of a form.
func line(s, label string) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In("note")
	case utf8.RuneCountInString(s) > longest || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, longest).In("note")
	}
	return s, nil
}

// china is the zone in which days are counted and documents tell the time.
var china = time.FixedZone("UTC+8", 8*60*60)

// today is the date of an instant, as dates are read from rows.
func today(now time.Time) time.Time {
	y, m, d := now.In(china).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
