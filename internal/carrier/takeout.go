package carrier

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// SlipTerm is how long a slip waits to be decided and used; TakeOutMost how long a carrier may stay away.
const (
	SlipTerm    = 7 * 24 * time.Hour
	TakeOutMost = 30 * 24 * time.Hour
)

// Measure is how a carrier is kept safe outside (外带保密措施; clause 7.1.3).
type Measure string

const (
	OnPerson    Measure = "on_person"
	Unread      Measure = "unread"
	Locked      Measure = "locked"
	NotLeft     Measure = "not_left"
	TwoTogether Measure = "two_together"
)

// Measures lists them in the order of the slip.
var Measures = []Measure{OnPerson, Unread, Locked, NotLeft, TwoTogether}

var measureNames = map[Measure]string{OnPerson: "由本人随身携带，不托运、不转交", Unread: "不在公共场所翻阅、谈论", Locked: "装入带锁的箱包或者密封袋", NotLeft: "不留在车内、酒店或者他人处", TwoTogether: "两人同行，不单独携带"}

// Name is the measure in Chinese.
func (m Measure) Name() string { return measureNames[m] }

// MeasuresFor are those that a level asks for.
func MeasuresFor(l classification.Level) []Measure { return Measures[:min(len(Measures), 2*int(l))] }

// SlipState is how a slip stands.
type SlipState string

const (
	SlipOpen      SlipState = "open"
	SlipApproved  SlipState = "approved"
	SlipRefused   SlipState = "refused"
	SlipWithdrawn SlipState = "withdrawn"
	SlipLapsed    SlipState = "lapsed"
	SlipOut       SlipState = "out"
	SlipBack      SlipState = "back"
	SlipLost      SlipState = "lost" // written off outside
)

var slipNames = map[SlipState]string{SlipOpen: "待审批", SlipApproved: "待带出", SlipRefused: "未获批准", SlipWithdrawn: "已撤回", SlipLapsed: "审批已失效", SlipOut: "外带中", SlipBack: "已带回", SlipLost: "未带回，已核销"}

// Name is the state in Chinese.
func (s SlipState) Name() string { return slipNames[s] }

// Slip is leave to take a carrier off the premises (外带审批单).
type Slip struct {
	ID           string
	Year, Serial int
	Carrier      string // id
	Number       string // the carrier's
	Title        string // the carrier's; empty for who may not know it
	Level        classification.Level
	Pages        int // that left, or that the carrier has while it has not
	Matter       string
	Applicant    string // id
	Companion    string // id; empty: nobody
	Approval     string // id of the request for leave
	Place        string
	Purpose      string
	Measures     []Measure
	Asked        time.Time
	Lapses, Due  time.Time
	State        SlipState
	Decided      time.Time
	DecidedBy    string // id
	Opinion      string
	Left, Back   time.Time
	CheckedBy    string // id
	PagesBack    int
	Missing      string          // pages that did not come back, in ranges; empty: none
	Found        string          // what the check found
	Seats        []approval.Seat // of the request for leave

	Known bool // the reader may open the carrier

	holder string
}

// Label is what people call the slip: year and serial.
func (s Slip) Label() string { return fmt.Sprintf("%d-%04d", s.Year, s.Serial) }

// Stands reports whether the slip waits, may be used, or is in use.
func (s Slip) Stands() bool {
	return s.State == SlipOpen || s.State == SlipApproved || s.State == SlipOut
}

// Overdue reports whether the carrier should be back.
func (s Slip) Overdue(now time.Time) bool { return s.State == SlipOut && now.After(s.Due) }

// Short reports whether less came back than went.
func (s Slip) Short() bool { return s.State == SlipBack && s.PagesBack != s.Pages }

// AskOut asks for leave to take the carrier off the premises and gives the request's id. The Grant is one of Door.Ask for takeOut.
func (c *Cabinet) AskOut(g *guard.Grant, s Slip) (leave string, err error) {
	tx, it, err := c.acted(g, access.RequestApproval)
	if err != nil {
		return "", err
	}
	if err := it.passable(); err != nil {
		return "", err
	}
	if s.Place, err = words(s.Place, "place", "去处", longField, true); err != nil {
		return "", err
	}
	if s.Purpose, err = words(s.Purpose, "purpose", "用途", longField, true); err != nil {
		return "", err
	}
	needed := MeasuresFor(it.Level)
	switch {
	case !s.Due.After(tx.Now) || s.Due.After(tx.Now.Add(TakeOutMost)):
		return "", problem.New(problem.Invalid, "带回期限须在今天之后，最长 %d 天", int(TakeOutMost.Hours()/24)).In("due")
	case slices.ContainsFunc(needed, func(m Measure) bool { return !slices.Contains(s.Measures, m) }):
		return "", problem.New(problem.Invalid, "这一密级的各项措施都须落实，请逐项确认").In("measures")
	case it.Level == classification.TopSecret && s.Companion == "":
		return "", problem.New(problem.Invalid, "绝密级须两人同行，请选择同行人").In("companion")
	}
	if s.Companion != "" {
		if err := c.companion(tx, it, s.Companion, g.Who().Person); err != nil {
			return "", err
		}
	}
	open, err := c.slips(tx, ` WHERE t.carrier = $1 AND t.applicant = $2 AND t.back_at = 0`, it.ID, g.Who().Person)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(open, Slip.Stands) {
		return "", problem.New(problem.Conflict, "这份载体已有一张外带审批单在办理")
	}
	names, words := make([]string, len(needed)), make([]string, len(needed))
	for i, m := range needed {
		names[i], words[i] = string(m), m.Name()
	}
	until := tx.Now.Add(SlipTerm)
	if s.Due.Before(until) {
		until = s.Due
	}
	leave, err = c.approvals.Request(g, approval.Ask{Purpose: s.Purpose, Scope: s.Place, Measures: strings.Join(words, "；"), Until: until, Barred: s.Companion})
	if err != nil {
		return "", err
	}
	year := tx.Now.In(matter.Beijing).Year()
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err },
		`INSERT INTO take_out_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = take_out_serial.last + 1 RETURNING last`, int64(year))
	if err != nil {
		return "", err
	}
	id := tx.NewID()
	g.Note("slip", id)
	g.Note("due", s.Due)
	_, err = tx.Exec(`INSERT INTO take_out (id, year, serial, carrier, approval, applicant, companion, measures, asked, due, left_at, back_at,
		checked_by, pages_back, sealed_place, sealed_purpose, sealed_found) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, '', 0, $11, $12, $13)`,
		id, int64(year), serial, it.ID, leave, g.Who().Person, s.Companion, strings.Join(names, ","), tx.Now.UnixMilli(), s.Due.UnixMilli(),
		c.outPlace.SealText(id, s.Place), c.outPurpose.SealText(id, s.Purpose), c.outFound.SealText(id, ""))
	return leave, err
}

// companion is a problem unless somebody else who may know the carrier goes along.
func (c *Cabinet) companion(tx *store.Tx, it Carrier, who, holder string) error {
	p, err := c.people.One(tx, who)
	switch {
	case problem.Is(err, problem.Absent) || err == nil && (p.Status != person.Active || who == holder):
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In("companion")
	case err != nil:
		return err
	}
	if err := matter.MayHold(tx, it.Matter, who, it.Level, "companion"); err != nil {
		return problem.New(problem.Invalid, "同行人须在本案团队里，可以知悉这一密级").In("companion")
	}
	return nil
}

// Promise is what the taker promises on going out (外带承诺; clause 7.1.3), on the page and on paper.
const Promise = "本人承诺：只为上述用途使用，落实上列各项保密措施，不复制、不转交他人；在期限内带回交他人逐页核对；遗失或者可能泄密的，立即报告安全管理员。"

// GoOut takes the carrier off the premises, by the slip whose approval the act uses up, once the taker has given the promise; who goes along
// may still. The act is takeOut.
func (c *Cabinet) GoOut(g *guard.Grant, promised bool) error {
	tx, it, err := c.acted(g, access.TakeOut)
	if err != nil {
		return err
	}
	if !promised {
		return problem.New(problem.Invalid, "请先阅读并作出承诺").In("promised")
	}
	found, err := c.slips(tx, ` WHERE t.carrier = $1 AND t.approval = $2 AND t.left_at = 0`, it.ID, g.Permit())
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return problem.New(problem.Conflict, "没有可以使用的审批单：未获批准，或者已经过期")
	}
	s := found[0]
	if s.Companion != "" && c.companion(tx, it, s.Companion, it.Holder) != nil {
		return problem.New(problem.Conflict, "同行人已不在岗，或者不能再知悉本案，请重新申请")
	}
	g.Note("slip", s.ID)
	g.Note("promised", true)
	if _, err := tx.Exec(`UPDATE take_out SET left_at = $2, pages = $3 WHERE id = $1`, s.ID, tx.Now.UnixMilli(), int64(it.Pages)); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE carrier SET state = 'out' WHERE id = $1`, it.ID); err != nil {
		return err
	}
	if err := wentAlong(tx, s, s.Companion); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: WentOut, By: g.Who().Person, From: it.Holder, To: it.Holder, Due: s.Due, Note: s.Place})
}
