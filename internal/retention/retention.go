// Package retention keeps things as long as they must be kept and destroys them when they may be (保管期限与销毁; clauses 7.1.4, 12). A
// period runs from the closing of the matter. What has expired, or is asked for, goes on a list (销毁清册) that somebody else appraises item
// by item, the lead and the director approve, and the appointed person carries out before two witnesses, all of whom sign the
// certificate. A legal hold on anything of the list stops it at its next step. Of electronic material the keys go first, in the same
// transaction as the record; the sealed bytes follow.
package retention

import (
	_ "embed" // the defaults
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/ledger"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Parts are what the room needs.
type Parts struct {
	DB        *store.DB
	Door      *guard.Door
	People    *person.Roster
	Matters   *matter.Book
	Shelf     *material.Shelf
	Carriers  *carrier.Cabinet
	Hand      *hand.Desk
	Ledger    *ledger.Ledger
	Approvals *approval.Room
}

// Room is where things are kept and destroyed. It is safe for concurrent use.
type Room struct {
	Parts
	hold, lift, reason, opinion, place, title, waste *vault.Field
}

// New makes the room. Register its Load with the door.
func New(keys *vault.Keyring, p Parts) *Room {
	return &Room{Parts: p, hold: keys.Field("legal_hold.reason"), lift: keys.Field("legal_hold.lift"), reason: keys.Field("destruction.reason"), opinion: keys.Field("destruction.opinion"),
		place: keys.Field("destruction.place"), title: keys.Field("destruction_item.title"), waste: keys.Field("waste.note")}
}

// Class is how long things of a kind are kept (保管期限).
type Class struct {
	Code  string `json:"code"`
	Name  string `json:"name"`  // in Chinese
	Basis string `json:"basis"` // in Chinese: what asks for it
	// Months after the closing of the matter; 0: for good. No firm keeps for less than Least.
	Months int  `json:"months"`
	Least  int  `json:"least"`
	Law    bool `json:"law"` // Least is of a law, and holds in open matters too
}

// Method is a way of destroying things that one can touch; Most is the highest level that it is fit for (DIN 66399, ISO/IEC 21964).
type Method struct {
	Code   string               `json:"code"`
	Media  string               `json:"media"` // paper, device
	Name   string               `json:"name"`
	Detail string               `json:"detail"`
	Most   classification.Level `json:"-"`
	Level  int                  `json:"most"`
}

// Media of methods.
const (
	OfPaper  = "paper"
	OfDevice = "device"
)

type defaults struct {
	Default    string            `json:"default"`
	Kinds      map[string]string `json:"kinds"` // of matters
	BackupDays int               `json:"backup_days"`
	Classes    []Class           `json:"classes"`
}

//go:embed periods.json
var periodsFile []byte

//go:embed methods.json
var methodsFile []byte

var periods = read[defaults](periodsFile)

// Methods lists the ways of destroying.
var Methods = func() []Method {
	all := read[[]Method](methodsFile)
	for i := range all {
		all[i].Most = classification.Level(all[i].Level)
	}
	return all
}()

// BackupsFor is how long backups are kept that were made before a destruction.
var BackupsFor = time.Duration(periods.BackupDays) * 24 * time.Hour

func read[T any](raw []byte) (out T) {
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err) // a file of the program
	}
	return out
}

// MethodOf finds a method; the zero value is none.
func MethodOf(code string) Method {
	for _, m := range Methods {
		if m.Code == code {
			return m
		}
	}
	return Method{}
}

// Ref names something that can be kept, held and destroyed: a matter, a material or a carrier.
type Ref struct {
	Kind access.Kind
	ID   string
}

// words cleans a line that somebody typed.
func words(s, field, label string, most int, needed bool) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && needed:
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > most || !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00"):
		return "", problem.New(problem.Invalid, "%s须为一行，最多 %d 个字", label, most).In(field)
	}
	return s, nil
}

var errAbsent = problem.New(problem.Absent, "没有找到，或者您无权知悉")

// atWork is somebody active of the roster, to be named in a form's field.
func (r *Room) atWork(tx *store.Tx, in, id, field string) (person.Person, error) {
	if id == "" {
		return person.Person{}, problem.New(problem.Invalid, "请从名单里选择").In(field)
	}
	p, err := r.People.One(tx, id)
	if problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return p, problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	if err != nil {
		return p, err
	}
	if slices.ContainsFunc([]access.Post{access.SystemAdmin, access.SecurityAdmin, access.Auditor}, p.Has) {
		return p, problem.New(problem.Invalid, "系统管理员、安全管理员和审计员不参与销毁，请另选").In(field)
	}
	is, err := matter.Relation(tx, in, id)
	if err == nil && is.Walled {
		err = problem.New(problem.Conflict, "此人在这个案件的隔离墙上，请另选").In(field)
	}
	return p, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// none turns the store's answer for no row into the problem for people.
func none(err error) error {
	if errors.Is(err, store.ErrNone) {
		return errAbsent
	}
	return err
}
