// Package media keeps the register of removable media (移动存储介质; clause 7.2.4) and what is exported to them. A stick, disk or disc is
// registered by the serial number that computers see, rated by the security administrator, lent for a term and checked by somebody
// else when it comes back; one that is not on the register is nobody's to use. Materials go onto it as an encrypted container, and
// only with all three: a clean scan of every original, the approval that the rules ask for, and a registered medium in the exporter's
// hands. From then on the medium is a carrier of the matter (package carrier) until its wiping was checked, so that the copy ledger
// counts it with the paper. The record of a medium outlives it.
package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/antivirus"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Forms are what a medium can be, in the order in which forms offer them.
var Forms = []carrier.Form{carrier.Stick, carrier.Disk, carrier.Optical}

// Wipe is how what was on a medium was destroyed.
type Wipe string

// Wipes lists them in the order in which forms offer them. Unused is for a medium to which nothing was written.
var Wipes = []Wipe{"overwrite", "secure_erase", "crush", Unused}

// Unused says that there was nothing to wipe.
const Unused Wipe = "unused"

var wipeNames = map[Wipe]string{"overwrite": "覆写清除", "secure_erase": "安全擦除", "crush": "粉碎", Unused: "没有写入资料"}

// Name is the wiping in Chinese.
func (w Wipe) Name() string { return wipeNames[w] }

// What is a step in a medium's life.
type What string

const (
	Registered What = "registered"
	Rated      What = "rated"
	Lent       What = "lent"
	Exported   What = "exported"
	Checked    What = "checked" // came back, and its wiping was checked
	Kept       What = "kept"    // somebody else answers for it
	Scrapped   What = "scrapped"
)

var whatNames = map[What]string{Registered: "登记", Rated: "核定密级", Lent: "借出", Exported: "写入资料", Checked: "归还并核对清除", Kept: "变更责任人", Scrapped: "注销"}

// Name is the step in Chinese.
func (w What) Name() string { return whatNames[w] }

// State is how a medium stands.
type State string

const (
	OnShelf State = "shelf"
	OnLoan  State = "loan"
	Loaded  State = "loaded" // holds material: it is a carrier
	Gone    State = "gone"   // its carrier was given away, destroyed or written off
	Ended   State = "ended"
)

// States lists them in the order in which pages offer them.
var States = []State{OnShelf, OnLoan, Loaded, Gone, Ended}

var stateNames = map[State]string{OnShelf: "在库", OnLoan: "借出", Loaded: "装有资料", Gone: "已不在所内", Ended: "已注销"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Medium is one medium, as it stands. Persons are ids.
type Medium struct {
	ID              string
	Number          int64 // see Label
	Form            carrier.Form
	Vendor, Product string // USB ids, lower-case hexadecimal; empty: not a USB device
	Model, Serial   string
	Level           classification.Level // the highest that may lie on it; zero: none
	Keeper          string               // who answers for it
	Holder          string               // in whose hands it is
	UsedBy          string               // who used it last and was not checked since
	Carrier         string               // id; empty: it holds no material
	State           State
	Due             time.Time // of the loan; zero: not lent
	Loan            string    // id of the open loan
	Registered      time.Time

	Events []Event // of One: the oldest first
	Loans  []Loan  // of One and List: the last first
}

// Label is the number as people write it.
func (m Medium) Label() string { return fmt.Sprintf("JZ-%04d", m.Number) }

// Overdue reports whether it should be back.
func (m Medium) Overdue(now time.Time) bool { return !m.Due.IsZero() && now.After(m.Due) }

// Event is a step in a medium's life. Persons are ids.
type Event struct {
	At   time.Time
	By   string
	What What
	Detail
}

// Detail is what is kept of a step. What does not belong to it is empty.
type Detail struct {
	Keeper  string               `json:"keeper,omitempty"`
	Person  string               `json:"person,omitempty"` // who borrows it
	Level   classification.Level `json:"level,omitempty"`
	Due     int64                `json:"due,omitempty"`
	Device  string               `json:"device,omitempty"`
	Wipe    Wipe                 `json:"wipe,omitempty"`
	Witness string               `json:"witness,omitempty"`
	Export  string               `json:"export,omitempty"` // number
	Reason  string               `json:"reason,omitempty"`
}

// Loan is one time that a medium was in somebody's hands (借用). Persons are ids.
type Loan struct {
	ID, Medium, Person       string
	Lent, Due, Returned      time.Time // Returned zero: still out
	LentBy, Checker          string
	Wipe                     Wipe
	Purpose, Device, Found   string
	Exports, Clean, Infected int // exports made, and how their scans ended
}

// Room is where media and exports are kept. It is safe for concurrent use.
type Room struct {
	Parts
	model, serial, detail              *vault.Field
	loanPurpose, loanDevice, loanFound *vault.Field
	exportPurpose, passphrase, virus   *vault.Field
	serials                            *vault.Index
}

// Parts are what the room needs.
type Parts struct {
	Door      *guard.Door
	People    *person.Roster
	Shelf     *material.Shelf
	Carriers  *carrier.Cabinet
	Approvals *approval.Room
	Scanner   *antivirus.Scanner // nil: nothing can be exported
}

// New makes the room.
func New(keys *vault.Keyring, p Parts) *Room {
	return &Room{Parts: p, model: keys.Field("medium.model"), serial: keys.Field("medium.serial"), detail: keys.Field("medium_event.detail"), serials: keys.Index("medium.serial"),
		loanPurpose: keys.Field("medium_loan.purpose"), loanDevice: keys.Field("medium_loan.device"), loanFound: keys.Field("medium_loan.found"),
		exportPurpose: keys.Field("media_export.purpose"), passphrase: keys.Field("media_export.passphrase"), virus: keys.Field("media_export_item.name")}
}

// event writes a step of a medium's life, in the register and in the ledger.
func (r *Room) event(g *guard.Grant, id string, what What, d Detail) error {
	tx := g.Tx()
	row := tx.NewID()
	raw, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encode a medium's step: %w", err)
	}
	g.Note("medium", id)
	g.Note("what", string(what))
	if g.Thing().Kind != access.Medium {
		g.Step(g.Act(), guard.Thing{Kind: access.Medium, ID: id}, "", map[string]any{"what": what})
	}
	_, err = tx.Exec(`INSERT INTO medium_event (id, medium, at, by_person, what, sealed_detail) VALUES ($1, $2, $3, $4, $5, $6)`, row, id, tx.Now.UnixMilli(), g.Who().Person, string(what), r.detail.Seal(row, raw))
	return err
}

// staff is problem.Invalid, in the named field, unless the id is somebody at work.
func (r *Room) staff(tx *store.Tx, id, field string) error {
	p, err := r.People.One(tx, id)
	if id == "" || problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	return err
}

// line cleans a short text of a form's field.
func line(s, field, label string, most int, needed bool) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && needed:
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > most || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", problem.New(problem.Invalid, "%s须为一行，最多 %d 个字", label, most).In(field)
	}
	return s, nil
}

// absent turns no row into the answer that nothing was found.
func absent(err error, format string) error {
	if errors.Is(err, store.ErrNone) {
		return problem.New(problem.Absent, format)
	}
	return err
}

func isForm(f carrier.Form) bool { return slices.Contains(Forms, f) }

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
