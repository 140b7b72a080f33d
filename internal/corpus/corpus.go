// Package corpus writes the demonstration firm: its people, clients and matters, and about three hundred materials of the kinds
// that a Chinese law firm receives. Everything is invented. Cities, courts, banks and companies do not exist, identity numbers
// pass their checksum but stand in region 99, which has never been given out, telephone numbers are unassigned and mail
// addresses end in .example. The same program always writes the same bytes: no clock, no network, no file is read.
package corpus

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
)

// Present is the day on which the material stands: dates in the texts lie before it, and ages count back from it.
var Present = time.Date(2026, 11, 20, 18, 0, 0, 0, beijing)

var beijing = time.FixedZone("UTC+8", 8*60*60)

// Office is the demonstration firm as the demonstration sets it up.
type Office struct {
	Name    string // full name
	Short   string
	City    string
	Address string
	Phone   string
	Domain  string // of its mail addresses
	Persons []Person
	Clients []Client
	Matters []Matter
	Walls   []Wall
}

// Person is one member of the firm.
type Person struct {
	Login      string // pinyin
	Name       string
	Title      string // 高级合伙人, 实习律师 …
	Department string
	Posts      []access.Post
	Licence    string // number of the practising certificate; empty for those who do not practise
	Mail       string
	Phone      string
}

// Client is whom the firm acts for.
type Client struct {
	Key            string // names the client inside this package
	Kind           string // "company" or "person"
	Name           string
	Short          string
	Identity       string // 统一社会信用代码 or 身份证号
	Representative string // 法定代表人; empty for a person
	Address        string
	Phone          string
}

// Party is somebody named in a matter, with one of the roles of package matter.
type Party struct {
	Role           string
	Kind           string // "company", "person" or "authority"
	Name           string
	Short          string
	Identity       string // empty for an authority
	Representative string
	Address        string
	Client         bool // this party is the client
}

// Member is a person's place in a matter's team.
type Member struct {
	Login     string
	Duty      string // "lead", "handling" or "assisting"
	Clearance classification.Level
	Listed    bool // on the need-to-know list for top secret
}

// Matter is one mandate.
type Matter struct {
	Number   string // 2026-民-0147; the product gives out its own
	Kind     string // code of package matter: "civil", "merger" …
	Cause    string // 案由
	Title    string
	Summary  string
	Client   Client
	Parties  []Party
	Team     []Member      // the lead stands first
	OpenedAt time.Duration // before Present
	Closed   bool

	story *story
}

// Lead is the login of the lead lawyer.
func (m Matter) Lead() string { return m.Team[0].Login }

// Wall keeps one person from one matter.
type Wall struct {
	Matter string // number
	Login  string
	SetBy  string
	Reason string
}

// State is what became of the level that a document was proposed at.
type State string

const (
	Proposed State = "proposed" // waits for its reviewer
	Filed    State = "filed"    // filed as proposed
	Raised   State = "raised"   // filed one level higher
	Lowered  State = "lowered"  // filed one level lower
)

// Document is one material as it arrives at the firm.
type Document struct {
	Name        string // the file's name as it came; some tell what a name must not tell (clause 7.2.2)
	Title       string // neutral
	Type        string // 起诉状, 银行流水 …
	Kinds       []classification.Category
	Level       classification.Level // as proposed
	Final       classification.Level // as filed; the proposed one while it waits
	Reason      string               // why that level
	Review      string               // why the reviewer decided so; empty while it waits
	Proposer    string               // login
	Reviewer    string               // login, never the proposer's
	State       State
	ReceivedAt  time.Duration // before Present
	ClientAsked bool          // the client asked for secrecy

	write func() []byte
}

// Bytes writes the file's content. It costs a few milliseconds to a tenth of a second.
func (d Document) Bytes() []byte { return d.write() }

// Sample is a file that the product must refuse.
type Sample struct {
	Name string
	Text string // UTF-8
	PDF  []byte
}
