// Package matter holds mandates (案件、项目): client, parties, team with need-to-know list, and walls. Every material belongs to
// a matter (clause 2) and whoever knows it does so because of the matter's team (3.1). Names are sealed columns, found by keyed
// tokens; each matter has its own age identity, to which its materials are sealed.
package matter

import (
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/problem"
	"mijuan/internal/vault"
)

// Kind is the kind of mandate (案由类别). Its character stands in the matter's number: 2026-民-0147.
type Kind string

// Kinds lists the kinds with their Chinese names, in the order in which forms offer them.
var Kinds = []struct {
	Code Kind
	Char string
	Name string
}{
	{"civil", "民", "民事诉讼"}, {"arbitration", "仲", "仲裁"}, {"criminal", "刑", "刑事辩护"}, {"administrative", "行", "行政案件"},
	{"labour", "劳", "劳动争议"}, {"family", "家", "婚姻家事"}, {"merger", "并", "并购重组"}, {"investment", "投", "投融资"},
	{"property", "知", "知识产权"}, {"insolvency", "破", "破产清算"}, {"compliance", "合", "合规与调查"}, {"counsel", "顾", "常年法律顾问"},
	{"other", "非", "其他非诉"},
}

func (k Kind) char() (string, bool) {
	for _, known := range Kinds {
		if known.Code == k {
			return known.Char, true
		}
	}
	return "", false
}

// Name is the Chinese name of the kind.
func (k Kind) Name() string {
	for _, known := range Kinds {
		if known.Code == k {
			return known.Name
		}
	}
	return string(k)
}

// Duty is what a person does in a matter's team.
type Duty string

const (
	Lead      Duty = "lead"      // 主办律师
	Handling  Duty = "handling"  // 承办律师
	Assisting Duty = "assisting" // 协办、助理
)

// DutyNames are the Chinese names.
var DutyNames = map[Duty]string{Lead: "主办律师", Handling: "承办律师", Assisting: "协办人员"}

// Roles are a party's roles in a matter, in the order in which forms offer them.
var Roles = []string{"委托人", "原告", "被告", "第三人", "申请人", "被申请人", "上诉人", "被上诉人", "被害人", "对方当事人", "目标公司", "收购方", "出让方", "债权人", "债务人", "其他"}

// State of a matter.
const (
	Open   = access.State("open")
	Closed = access.State("closed")
)

// ClientKinds are what a client can be, with their Chinese names.
var ClientKinds = map[string]string{"company": "单位", "person": "个人"}

// Client is whom the firm acts for.
type Client struct {
	ID       string
	Kind     string // "company" or "person"
	Name     string
	Identity string // 统一社会信用代码 or 身份证号; may be empty
}

// Party is somebody named in the matter.
type Party struct {
	ID       string
	Role     string
	Name     string
	Identity string
}

// Member is one person's place in the team. Until is zero while no end is set.
type Member struct {
	ID        string
	Person    string
	Duty      Duty
	Clearance classification.Level
	Listed    bool // on the need-to-know list for 绝密级
	Since     time.Time
	Until     time.Time
	GrantedBy string
}

// Wall keeps a person from a matter whatever else the person holds (信息隔离墙, clause 16).
type Wall struct {
	ID     string
	Person string
	Reason string
	SetBy  string
	Since  time.Time
}

// Matter is one mandate as its team sees it.
type Matter struct {
	ID      string
	Number  string
	Kind    Kind
	Title   string
	Summary string
	State   access.State
	Lead    string
	Opened  time.Time
	Client  Client
	Parties []Party
	Team    []Member
	Walls   []Wall
	Version int // how often its data were edited; an Editing names the one it began with
}

// Book is the register of matters.
type Book struct {
	keys   *vault.Keyring
	fields fields
	index  *vault.Index
	opened opened
}

type fields struct {
	clientName, clientIdentity, title, summary, partyName, partyIdentity, wallReason, change, closing *vault.Field
}

// New makes the book over the firm's keys.
func New(keys *vault.Keyring) *Book {
	return &Book{keys: keys, index: keys.Index("matter.search"), fields: fields{
		clientName: keys.Field("client.name"), clientIdentity: keys.Field("client.identity"),
		title: keys.Field("matter.title"), summary: keys.Field("matter.summary"),
		partyName: keys.Field("party.name"), partyIdentity: keys.Field("party.identity"), wallReason: keys.Field("wall.reason"),
		change: keys.Field("matter.change"), closing: keys.Field("matter_closing.reason"),
	}}
}

// line checks one line of text that a person typed and gives it trimmed.
func line(field, label, s string, max int, required bool) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case required && s == "":
		return "", problem.New(problem.Invalid, "请填写%s", label).In(field)
	case utf8.RuneCountInString(s) > max:
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", label, max).In(field)
	case !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x1b"):
		return "", problem.New(problem.Invalid, "%s里有不能使用的字符", label).In(field)
	}
	return s, nil
}
