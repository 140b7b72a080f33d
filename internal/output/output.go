// Package output is where material comes on paper and paper comes in (打印、复印、扫描; clause 7.1.2). Whoever wants a copy asks for it; the
// rules say who approves; then a release number is shown once, with which an operator releases it at a device that is cleared for the
// level. Pages are made here, marked, each copy with its carrier's number and a code of its own, and go from memory to the printer. A
// number is given before a sheet leaves and is explained whatever comes of it: an operator counts every copy, what is spoiled is
// shredded, and who collects a good one holds a registered carrier from that second. What a dead process left half sent is found at
// the printer again, or a person says what became of it: nothing is printed twice in silence. A scanner's files are sealed into the
// matter of the request that waits at it.
package output

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/render"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Kind is what is done.
type Kind string

const (
	Print Kind = "print"
	Copy  Kind = "copy"
	Scan  Kind = "scan"
)

// Kinds lists them in the order in which pages offer them.
var Kinds = []Kind{Print, Copy, Scan}

var kindNames = map[Kind]string{Print: "打印", Copy: "复印", Scan: "扫描"}

// Name is the kind in Chinese.
func (k Kind) Name() string { return kindNames[k] }

// act is what the rules call it, and to what it is done.
func (k Kind) act() access.Act {
	return map[Kind]access.Act{Print: access.PrintMaterial, Copy: access.CopyCarrier, Scan: access.ScanCarrier}[k]
}

// Purpose is what it is for (用途).
type Purpose string

// Purposes lists them in the order in which forms offer them.
var Purposes = []Purpose{"court", "filing", "review", "client", "meeting", "evidence", "archive", "other"}

var purposeNames = map[Purpose]string{"court": "开庭使用", "filing": "立案、递交材料", "review": "审阅修改", "client": "与客户核对、签署", "meeting": "会议使用", "evidence": "证据交换", "archive": "归档", "other": "其他"}

// Name is the purpose in Chinese.
func (p Purpose) Name() string { return purposeNames[p] }

// State is how a request stands.
type State string

const (
	Asked     State = "asked"     // waits for approval
	Approved  State = "approved"  // may be begun; never stored
	Ready     State = "ready"     // the release number waits
	Locked    State = "locked"    // too many wrong numbers; never stored
	Working   State = "working"   // released: pages come, or are counted and collected
	Done      State = "done"      // everything is collected or void
	Refused   State = "refused"   // never stored
	Withdrawn State = "withdrawn" // by the requester
	Lapsed    State = "lapsed"    // never stored
)

// States lists them in the order in which pages offer them.
var States = []State{Asked, Approved, Ready, Locked, Working, Done, Refused, Withdrawn, Lapsed}

var stateNames = map[State]string{Asked: "待审批", Approved: "已批准，待领放行码", Ready: "待放行", Locked: "放行码已锁定", Working: "办理中", Done: "已办结", Refused: "未获批准", Withdrawn: "已撤回", Lapsed: "已逾期"}

// Name is the state in Chinese.
func (s State) Name() string { return stateNames[s] }

// CopyState is what became of one numbered copy.
type CopyState string

const (
	Queued    CopyState = "queued"  // its number is given; nothing left
	Making    CopyState = "making"  // its pages are being made; nothing left
	Sending   CopyState = "sending" // it may be leaving
	Sent      CopyState = "sent"    // the printer has it
	Printed   CopyState = "printed" // the printer, or the operator of a copier, says it is done: to be counted
	Failed    CopyState = "failed"  // the printer gave it up: to be counted
	Unknown   CopyState = "unknown" // nobody knows: to be looked for and counted
	Out       CopyState = "out"     // counted and whole: waits to be collected
	Collected CopyState = "collected"
	Void      CopyState = "void" // did not come out whole; what did is shredded
)

var copyNames = map[CopyState]string{Queued: "未发送", Making: "制作页面", Sending: "正在发送", Sent: "打印中", Printed: "待清点", Failed: "打印机中止，待清点", Unknown: "下落不明，待核实", Out: "待领取", Collected: "已领取", Void: "已作废"}

// Name is the state in Chinese.
func (s CopyState) Name() string { return copyNames[s] }

// countable are the states in which an operator says what came out.
var countable = []CopyState{Printed, Failed, Unknown}

// Order is one request. Persons and devices are ids.
type Order struct {
	ID           string
	Year, Serial int
	Kind         Kind
	Matter       string
	Material     string // empty: a carrier is copied or scanned
	Version      int
	Carrier      string
	Level        classification.Level
	Pages        string // as in 1-3,7; empty: all
	Sheets       int    // of one copy
	Copies       int
	Device       string
	Requester    string
	Purpose      Purpose
	Title, Note  string // empty for who may not know them
	Known        bool
	Filing       Filing
	Approval     string
	Approvers    []string
	State        State
	Asked, Ready time.Time
	Lapses       time.Time
	Operator     string
	Released     time.Time
	Ended        time.Time
	Each         []One

	tries int
	pin   []byte
}

// One is a numbered copy of an order.
type One struct {
	ID           string
	N            int
	Number       string
	Serial, Copy int
	Code         uint64
	State        CopyState
	Made         int      // pages that are ready to be sent
	Reasons      []string // what the printer says stands in the way
	Good         int
	Spoiled      int
	Why          string
	Settled      time.Time
	SettledBy    string
	Carrier      string
	Collector    string
	Collected    time.Time

	job   int
	until time.Time
}

// Missing is how many copies are still to be made: those that are void do not count.
func (o Order) Missing() int {
	n := o.Copies
	for _, c := range o.Each {
		if c.State != Void && c.State != Queued {
			n--
		}
	}
	return max(n, 0)
}

// count is how many copies are in one of the states.
func (o Order) count(states ...CopyState) (n int) {
	for _, c := range o.Each {
		if slices.Contains(states, c.State) {
			n++
		}
	}
	return n
}

// People are the ids of everybody whom an order names.
func (o Order) People() []string {
	all := append([]string{o.Requester, o.Operator}, o.Approvers...)
	for _, c := range o.Each {
		all = append(all, c.SettledBy, c.Collector)
	}
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}

// Limits.
const (
	MostCopies = 50
	MostSheets = 500 // of one copy
	ReadyTerm  = 24 * time.Hour
	ScanTerm   = 2 * time.Hour // that a scanner waits for files
	MostTries  = 5
	longNote   = 200
)

// Times that a printer is given.
type Patience struct {
	Poll   time.Duration // between two questions about a job: 2 s
	Silent time.Duration // before a printer that does not answer is given up: 10 min
	Send   time.Duration // for one document: 10 min
}

// Parts are what the room stands on.
type Parts struct {
	DB        *store.DB
	Door      *guard.Door
	People    *person.Roster
	Matters   *matter.Book
	Shelf     *material.Shelf
	Carriers  *carrier.Cabinet
	Devices   *device.Register
	Approvals *approval.Room
	Pages     *render.Pool
	Scans     string // folder of the scanners' folders; empty: none
	Patience  Patience
}

// Room is where output is asked for and done. It is safe for concurrent use.
type Room struct {
	Parts
	title, note, why, name *vault.Field
	pins, marks            *vault.Index

	ctx     context.Context // ends with the room
	stop    context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex
	at      map[string]bool // orders that this process works on
	seen    map[string]glimpse
}

// New makes the room. Close it before its parts.
func New(keys *vault.Keyring, p Parts) *Room {
	if p.Patience == (Patience{}) {
		p.Patience = Patience{Poll: 2 * time.Second, Silent: 10 * time.Minute, Send: 10 * time.Minute}
	}
	r := &Room{Parts: p, title: keys.Field("output.title"), note: keys.Field("output.note"), why: keys.Field("output_copy.why"), name: keys.Field("scan.name"),
		pins: keys.Index("output.pin"), marks: keys.Index("scan.mark"), at: map[string]bool{}, seen: map[string]glimpse{}}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Close ends what runs. What was being sent is found again by the next process.
func (r *Room) Close() {
	r.stop()
	r.running.Wait()
}

// work runs f for an order unless this process is at it already.
func (r *Room) work(id string, f func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at[id] || r.ctx.Err() != nil {
		return
	}
	r.at[id] = true
	r.running.Go(func() {
		defer func() { r.mu.Lock(); delete(r.at, id); r.mu.Unlock() }()
		if err := f(r.ctx); err != nil && r.ctx.Err() == nil {
			slog.Error("output", "id", id, "error", err)
		}
	})
}

// program is the program itself, that records what a printer said.
var program = guard.Who{Via: guard.Job}
