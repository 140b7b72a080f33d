// Package device is the register of devices that client material passes: printers, copiers, scanners, computers (设备登记; clauses
// 3.3, 7.1.2, 8.7). Each has a number, a place and a person who answers for it; the security administrator says up to which level
// it may be used; it is repaired under somebody's eyes and scrapped only with a record of how it was wiped and who saw it. The
// record of a device outlives it.
package device

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Kind is what a device is.
type Kind string

// Kinds lists them in the order in which forms offer them.
var Kinds = []Kind{"printer", "copier", "scanner", "multi", "desktop", "laptop", "storage", "other"}

var kindNames = map[Kind]string{"printer": "打印机", "copier": "复印机", "scanner": "扫描仪", "multi": "多功能一体机", "desktop": "台式计算机", "laptop": "便携式计算机",
	"storage": "存储设备", "other": "其他设备"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// State is how a device stands.
type State string

const (
	InUse    State = "use"
	InRepair State = "repair"
	Scrapped State = "scrapped"
)

var stateNames = map[State]string{InUse: "在用", InRepair: "维修中", Scrapped: "已报废"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// Wipe is how what a device remembers was destroyed.
type Wipe string

// Wipes lists them in the order in which forms offer them.
var Wipes = []Wipe{"overwrite", "degauss", "crush", "none"}

var wipeNames = map[Wipe]string{"overwrite": "覆写清除", "degauss": "消磁", "crush": "粉碎存储部件", "none": "没有存储部件"}

// Name is the wiping in Chinese.
func (w Wipe) Name() string { return wipeNames[w] }

// What is a step in a device's life.
type What string

const (
	Registered What = "registered"
	Moved      What = "moved"   // another place or another person who answers for it
	Cleared    What = "cleared" // the highest level was set
	Reached    What = "reached" // the address at which it answers was set
	Sent       What = "sent"    // to be repaired
	Returned   What = "returned"
	Wiped      What = "scrapped"
	Watched    What = "watched" // somebody else watches the repair
)

var whatNames = map[What]string{Registered: "登记", Moved: "变更", Cleared: "核定密级", Reached: "登记地址", Sent: "送修", Returned: "修复收回", Wiped: "报废", Watched: "更换监修人"}

// Name is the step in Chinese.
func (w What) Name() string { return whatNames[w] }

// Device is one device, as it stands.
type Device struct {
	ID         string
	Number     int64 // see Label
	Kind       Kind
	Model      string
	Serial     string
	Place      string
	Level      classification.Level // the highest that may pass it; zero: none
	Keeper     string               // id of who answers for it
	KeeperName string
	State      State
	Registered time.Time
	Events     []Event // of Of and List: the oldest first
}

// Label is the number as people write it.
func (d Device) Label() string { return fmt.Sprintf("SB-%04d", d.Number) }

// Event is a step in a device's life.
type Event struct {
	At   time.Time
	By   string // name
	What What
	Detail
}

// Detail is what is kept of a step. What does not belong to it is empty.
type Detail struct {
	Place   string               `json:"place,omitempty"`
	Keeper  string               `json:"keeper,omitempty"` // id; read as a name
	Level   classification.Level `json:"level,omitempty"`
	Vendor  string               `json:"vendor,omitempty"`
	Witness string               `json:"witness,omitempty"` // id of who watched the repair or saw the wiping; read as a name
	Wipe    Wipe                 `json:"wipe,omitempty"`
	Address string               `json:"address,omitempty"` // at which a printer answers
	Pin     string               `json:"pin,omitempty"`
	Reason  string               `json:"reason,omitempty"`
}

// Register is the firm's devices. It is safe for concurrent use.
type Register struct {
	people                       *person.Roster
	model, serial, place, detail *vault.Field
	address                      *vault.Field
	serials                      *vault.Index
}

// New makes the register.
func New(keys *vault.Keyring, people *person.Roster) *Register {
	return &Register{people: people, model: keys.Field("device.model"), serial: keys.Field("device.serial"), place: keys.Field("device.place"),
		detail: keys.Field("device_event.detail"), serials: keys.Index("device.serial"), address: keys.Field("device_address.address")}
}

// Thing is the kind under which the ledger names a device: with it, one device's own history can be read there.
const Thing access.Kind = "Device"

// event writes a step of a device's life, in the register and in the ledger.
func (r *Register) event(g *guard.Grant, id string, what What, d Detail) error {
	tx := g.Tx()
	row := tx.NewID()
	sealed, err := sealJSON(r.detail, row, d)
	if err != nil {
		return err
	}
	g.Note("device", id)
	g.Note("what", string(what))
	g.Step(g.Act(), guard.Thing{Kind: Thing, ID: id}, "", map[string]any{"what": what})
	_, err = tx.Exec(`INSERT INTO device_event (id, device, at, by_person, what, sealed_detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		row, id, tx.Now.UnixMilli(), g.Who().Person, string(what), sealed)
	return err
}

// one reads a device that is in one of the states, or says why nothing can be done with it.
func (r *Register) one(tx *store.Tx, id string, states ...State) (Device, error) {
	d, err := store.Get(tx, r.scan, selectDevice+` WHERE id = $1`, id)
	switch {
	case errors.Is(err, store.ErrNone):
		return d, problem.New(problem.Absent, "没有这台设备")
	case err == nil && len(states) > 0 && !slices.Contains(states, d.State):
		return d, problem.New(problem.Conflict, "这台设备现在是“%s”，不能这样办理", d.State.Name())
	}
	return d, err
}

// staff is problem.Invalid, in the named field, unless the id is somebody at work.
func (r *Register) staff(tx *store.Tx, id, field string) error {
	if id == "" {
		return problem.New(problem.Invalid, "请从名单里选择").In(field)
	}
	p, err := r.people.One(tx, id)
	if problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active {
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	}
	return err
}

// line cleans a short text of a form's field.
func line(s, field, label string, most int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > most || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, most).In(field)
	}
	return s, nil
}
