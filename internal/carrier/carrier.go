// Package carrier keeps the register of carriers (涉密载体登记簿; clauses 3.3, 7.1.1, 10): every physical thing that holds material has
// a number that is used once and exactly one holder, who passes it on only when the other side confirms. It ends by going back to
// the client or by being written off, and its record outlives it. In each matter
//
//	registered = held + returned + destroyed + sent + lost
//
// holds at any moment (Balance).
package carrier

import (
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/incident"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// Form is what a carrier is (类别).
type Form string

const (
	Paper    Form = "paper"
	Copy     Form = "copy"    // of a paper
	Printed  Form = "printed" // from a material of the firm's store
	Disk     Form = "disk"
	Stick    Form = "stick"
	Optical  Form = "optical"
	Phone    Form = "phone"
	Evidence Form = "evidence" // a thing that is evidence itself
	Another  Form = "other"

	Fetched Form = "fetched" // an original that left the store as a file; nobody registers one by hand
)

// Forms lists those that can be registered, in the order in which pages offer them.
var Forms = []Form{Paper, Copy, Printed, Disk, Stick, Optical, Phone, Evidence, Another}

var formNames = map[Form]string{Paper: "纸质原件", Copy: "纸质复印件", Printed: "打印件", Disk: "硬盘", Stick: "优盘", Optical: "光盘", Phone: "手机", Evidence: "物证", Another: "其他", Fetched: "电子副本"}

// Name is the form in Chinese.
func (f Form) Name() string { return formNames[f] }

// Unit is what its quantity counts: pages of paper, else pieces.
func (f Form) Unit() string {
	if f == Paper || f == Copy || f == Printed {
		return "页"
	}
	return "件"
}

// Origin is where a carrier came from (来源).
type Origin string

const (
	Client    Origin = "client"
	Court     Origin = "court"
	Opponent  Origin = "opponent"
	Made      Origin = "made" // in the firm
	Elsewhere Origin = "elsewhere"
)

// Origins lists them in the order in which pages offer them.
var Origins = []Origin{Client, Court, Opponent, Made, Elsewhere}

var originNames = map[Origin]string{Client: "客户交来", Court: "法院、仲裁或机关", Opponent: "对方当事人", Made: "本所制作", Elsewhere: "其他来源"}

// Name is the origin in Chinese.
func (o Origin) Name() string { return originNames[o] }

// Fate is how a carrier ended (去向).
type Fate string

const (
	Returned  Fate = "returned"
	Destroyed Fate = "destroyed"
	Sent      Fate = "sent"
	Lost      Fate = "lost" // written off
)

// Fates lists them.
var Fates = []Fate{Returned, Destroyed, Sent, Lost}

var fateNames = map[Fate]string{Returned: "已归还客户", Destroyed: "已销毁", Sent: "已外发", Lost: "已核销"}

// Name is the fate in Chinese.
func (f Fate) Name() string { return fateNames[f] }

// Deed is what was done to a carrier.
type Deed string

const (
	Registered Deed = "registered"
	OfferedTo  Deed = "offered"
	Taken      Deed = "taken"
	Declined   Deed = "declined"
	Withdrawn  Deed = "withdrawn"
	Placed     Deed = "placed"
	GivenBack  Deed = "returned"
	WrittenOff Deed = "lost"
	WentOut    Deed = "out"
	CameBack   Deed = "back"
	Shredded   Deed = "destroyed"
	Filled     Deed = "filled" // more was written to a medium
	WipedOut   Deed = "wiped"  // a medium was wiped
	Recalled   Deed = "recalled"

	Accompanied Deed = "along"  // somebody else goes along outside
	SentOut     Deed = "sent"   // sent out of the firm for good
	Relent      Deed = "relent" // it goes back to somebody else than who lent it
	Erased      Deed = "erased" // a fetched copy was deleted

	FetchedAgain Deed = "again"  // by who holds it
	NotSent      Deed = "unsent" // not a byte of what was fetched has left; by nobody
)

var deedNames = map[Deed]string{Registered: "登记", OfferedTo: "移交", Taken: "接收", Declined: "拒收", Withdrawn: "收回移交", Placed: "变更存放", GivenBack: "归还客户", WrittenOff: "核销", WentOut: "带出", CameBack: "带回核对", Shredded: "销毁", Filled: "写入", WipedOut: "清除核对", Recalled: "催还", Accompanied: "更换同行人", Relent: "更换出借人", SentOut: "外发", Erased: "确认删除", FetchedAgain: "再次取用", NotSent: "文件没有送达，没有形成副本"}

// Name is the deed in Chinese.
func (d Deed) Name() string { return deedNames[d] }

// Carrier is one numbered thing as those who may know it see it.
type Carrier struct {
	ID, Matter, Number string
	Serial, Copy       int
	Batch              string
	Form               Form
	Origin             Origin
	Level              classification.Level
	Pages              int    // of paper; of other forms, pieces
	Title              string // empty for who keeps it without knowing the matter
	Known              bool   // Title, From, Reference and Use are there
	From               string // who delivered it
	Reference          string // the sender's own number of it (来文字号); empty: none
	Place              string // room, cabinet, shelf
	Use                string
	Approval           string // id of the request by which the firm made it; empty: none was needed
	Material           string // id of the material that it was made from; empty: none
	Source             string // id of the carrier that it was copied from; empty: none
	State              access.State
	Holder             string // person's id
	Since              time.Time
	Lender             string    // person's id; empty: not lent
	Due                time.Time // zero: not lent
	OfferedTo          string    // person's id
	OfferedDue         time.Time // zero: for good
	OfferedOutside     bool      // to somebody who is not of the team
	LentOutside        bool      // the same of who has borrowed it
	Fate               Fate
	Ended              time.Time
	Registered         time.Time
	RegisteredBy       string // person's id
}

// Overdue reports whether it should have gone back to its lender.
func (c Carrier) Overdue(now time.Time) bool {
	return c.State != access.Ended && !c.Due.IsZero() && now.After(c.Due)
}

// Move is one thing that happened to a carrier; persons are ids.
type Move struct {
	Deed         Deed
	By, From, To string
	Due          time.Time // of a loan
	Note         string
	At           time.Time
}

// Cabinet is where the register is kept. It is safe for concurrent use.
type Cabinet struct {
	people                        *person.Roster
	approvals                     *approval.Room
	matters                       *matter.Book
	incidents                     *incident.Room
	title, from, place, use, note *vault.Field
	reference                     *vault.Field
	gap                           *vault.Field

	outPlace, outPurpose, outFound *vault.Field
	signer, ink, absent            *vault.Field // of deliveries

	recipient, organisation, basis, receipt *vault.Field // of sendings
}

// New makes the cabinet.
func New(keys *vault.Keyring, people *person.Roster, matters *matter.Book, approvals *approval.Room, incidents *incident.Room) *Cabinet {
	return &Cabinet{people: people, approvals: approvals, matters: matters, incidents: incidents, title: keys.Field("carrier.title"), from: keys.Field("carrier.from"), reference: keys.Field("carrier.reference"), place: keys.Field("carrier.place"),
		use: keys.Field("carrier.use"), note: keys.Field("carrier_move.note"), gap: keys.Field("carrier_gap.reason"),
		outPlace: keys.Field("take_out.place"), outPurpose: keys.Field("take_out.purpose"), outFound: keys.Field("take_out.found"),
		signer: keys.Field("intake.signer"), ink: keys.Field("intake.ink"), absent: keys.Field("intake.absent"),
		recipient: keys.Field("sending.recipient"), organisation: keys.Field("sending.organisation"), basis: keys.Field("sending.basis"), receipt: keys.Field("sending.receipt")}
}

// Limits of what people type, in characters, and of a registration.
const (
	longTitle  = 120
	longField  = 200
	mostCopies = 200
	mostPages  = 100_000
)

// LoanMost is the longest loan.
const LoanMost = 90 * 24 * time.Hour

// words cleans what was typed into a field.
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

// knows reports whether somebody may know what a carrier holds: as a member of the team whose clearance reaches, or because they
// hold it or, within the team, are about to. A borrower outside the team knows it while holding it.
func (c Carrier) knows(where access.Circumstances, person string) bool {
	return person != "" && (c.Holder == person && c.State != access.Ended || c.OfferedTo == person && !c.OfferedOutside) ||
		where.Member && c.Level <= where.Clearance && (c.Level < classification.TopSecret || where.Listed)
}
