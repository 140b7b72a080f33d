// Package leaving is how people leave their post, out of the firm or for another post in it (离岗交接; clauses 3.3, 6.3, 23). What somebody answers for is computed from the
// records each time it is asked for and kept nowhere: matters led, materials owned, levels to review, carriers held, devices, uploads not filed, requests and
// duties that are not over, the leaving pledge. Each is handed to a successor or written off with a reason; a witness (监交人) signs the list; then everything by which the
// person got in closes in one act. Nothing closes while something is outstanding: the door reads the state as a fact.
package leaving

import (
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/danger"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/hand"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/meeting"
	"mijuan/internal/output"
	"mijuan/internal/person"
	"mijuan/internal/pledge"
	"mijuan/internal/retention"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Kind is what an item of the hand-over is.
type Kind string

const (
	Lead          Kind = "lead"          // a matter led
	Materials     Kind = "materials"     // materials of a matter that the person answers for
	Reviews       Kind = "reviews"       // levels in a matter that wait for the person's review
	Carriers      Kind = "carriers"      // carriers of a matter that the person holds, until somebody has taken them
	Devices       Kind = "devices"       // devices that the person answers for
	Media         Kind = "media"         // removable media that the person answers for or has been lent
	Uploads       Kind = "uploads"       // files brought into a matter and not filed
	Pledge        Kind = "pledge"        // the leaving pledge, not signed yet
	Stock         Kind = "stock"         // rounds of stock-taking that the person opened and nobody has closed
	Witnessing    Kind = "witnessing"    // hand-overs of others that the person is to witness
	Administrator Kind = "administrator" // nobody else could do the security administrator's work
	Orders        Kind = "orders"        // printing, copying and scanning that the person asked for and that is not over
	Requests      Kind = "requests"      // other requests for leave of the person's own that are not over
	Decisions     Kind = "decisions"     // requests of others that wait for the person
	Destructions  Kind = "destructions"  // destruction lists on which the person appraises, destroys or watches
	Alongs        Kind = "alongs"        // take-outs on which the person goes along
	Repairs       Kind = "repairs"       // devices whose repair the person watches
	Lent          Kind = "lent"          // carriers of a matter that the person lent and that are to come back to the person
	Meetings      Kind = "meetings"      // meetings of a matter that the person convened and nobody has closed
	Dangers       Kind = "dangers"       // hidden dangers that the person is to mend and nobody has confirmed
)

// Kinds lists them in the order of the list.
var Kinds = []Kind{Lead, Materials, Reviews, Carriers, Lent, Alongs, Meetings, Devices, Repairs, Dangers, Media, Destructions, Decisions, Orders, Requests, Uploads, Pledge, Stock, Witnessing, Administrator}

var kindNames = map[Kind]string{Lead: "主办案件", Materials: "负责的资料", Reviews: "待审核的定密", Carriers: "保管的载体", Devices: "负责的设备", Media: "名下的移动介质", Uploads: "未备案的上传", Pledge: "离岗承诺书未签署",
	Stock: "未结束的盘点", Witnessing: "须监交的离岗", Administrator: "唯一的安全管理员",
	Orders: "未办结的输出申请", Requests: "未了结的审批申请", Decisions: "待本人审批的申请", Destructions: "销毁清册中的职责", Alongs: "同行的外带", Repairs: "监督维修的设备", Lent: "借出待收回的载体", Meetings: "召集的会议未结束", Dangers: "负责整改的隐患"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// Handed reports whether items of the kind go to a successor; Forgiven, whether they can be written off: what somebody must answer for
// (3.3) is never let go.
func (k Kind) Handed() bool {
	return k == Lead || k == Materials || k == Reviews || k == Carriers || k == Devices || k == Media || k == Destructions || k == Alongs || k == Repairs || k == Lent || k == Meetings || k == Dangers
}
func (k Kind) Forgiven() bool { return k == Uploads || k == Pledge }

// Dropped reports whether items of the kind end by one step without a successor: what is asked for is withdrawn, what waits for the person's
// decision is passed up.
func (k Kind) Dropped() bool { return k == Orders || k == Requests || k == Decisions }

// Item is something outstanding.
type Item struct {
	Kind   Kind
	Matter string // id; empty: of no matter
	Number string // of the matter
	N      int    // materials, reviews or uploads; otherwise 1
	Top    classification.Level
	Pieces []Piece // of materials and reviews below top secret, carriers, devices, repairs and media, in an open leaving as it is shown: to be split; the first of many
	Walled bool    // the caller stands behind the matter's wall and is not told which it is
}

// Piece is one thing of an item.
type Piece struct{ ID, Label, State string }

// Done is an item that was handed over or written off.
type Done struct {
	Item
	Successor string // person's id; empty: written off
	Name      string // the successor's
	Reason    string // of a write-off
	By        string // name of who did it
	At        time.Time
	Sheet     string // SHA-256 of the signed sheet of a write-off
}

// Departure is one leaving.
type Departure struct {
	ID, Person, Name string
	Posts            []access.Post // when it began
	Begun            time.Time
	BegunBy          string // name
	LastDay          time.Time
	Reason           string
	Witness          string // id
	WitnessName      string
	Witnessed        time.Time // zero: not yet
	Sheet            string    // SHA-256 of the signed hand-over sheet
	Pledged          time.Time // the leaving pledge; zero: not yet
	Done             []Done
	Closed           time.Time        // zero: open
	ClosedBy         string           // name
	Cancelled        bool             // the person stays
	Ended            Ended            // with the closing; of an open leaving: what would end now
	Moves            []access.Post    // the posts that the person moves to within the firm; none: leaves it
	Outstanding      []Item           // of an open one
	Passed           []carrier.Passed // carriers that others have taken since it began; To is a name
}

// Cleared reports whether it can be closed.
func (d Departure) Cleared() bool { return len(d.Outstanding) == 0 && !d.Witnessed.IsZero() }

// Ended is what ended when a leaving was closed.
type Ended struct {
	person.Ended
	Places   int   `json:"places"`   // in teams
	Releases int64 `json:"releases"` // leaves to fetch originals
}

// Parts are what the room needs.
type Parts struct {
	DB        *store.DB
	Door      *guard.Door
	People    *person.Roster
	Matters   *matter.Book
	Shelf     *material.Shelf
	Carriers  *carrier.Cabinet
	Devices   *device.Register
	Media     *media.Room
	Meetings  *meeting.Room
	Dangers   *danger.Room
	Output    *output.Room
	Approvals *approval.Room
	Retention *retention.Room
	Pledges   *pledge.Room
	Hand      *hand.Desk
}

// Room is where people leave. It is safe for concurrent use.
type Room struct {
	Parts
	reason, ended, itemReason *vault.Field
}

// New makes the room. Register its Load with the door instead of the roster's.
func New(keys *vault.Keyring, p Parts) *Room {
	return &Room{Parts: p, reason: keys.Field("departure.reason"), ended: keys.Field("departure.ended"), itemReason: keys.Field("departure_item.reason")}
}

// Load is the door's loader of persons as things: the roster's, and how their hand-over stands.
func (r *Room) Load(tx *store.Tx, who guard.Who, thing guard.Thing) (access.Resource, access.Circumstances, error) {
	p, where, err := r.People.Load(tx, who, thing)
	if err != nil || !p.Exists {
		return p, where, err
	}
	over, err := takenOver(tx, thing.ID, who.Person)
	if err != nil {
		return p, where, err
	}
	where.Successor = len(over) > 0
	d, err := openRow(tx, thing.ID)
	if errors.Is(err, store.ErrNone) {
		return p, where, nil
	}
	if err != nil {
		return p, where, err
	}
	where.Assigned = d.witness == who.Person && who.Person != ""
	p.State = access.Leaving
	if d.witnessed == 0 {
		return p, where, nil
	}
	rest, err := r.outstanding(tx, thing.ID, &d)
	if err == nil && len(rest) == 0 {
		p.State = access.Cleared
	}
	return p, where, err
}
