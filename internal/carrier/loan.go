package carrier

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// RecallTerm is by when a borrower who is asked for a carrier brings it back. What is not brought back when it is due is the borrower's
// and the lender's task at once, the lead's after LeadAfter, and stands on the security officer's list after OfficerAfter.
const (
	RecallTerm   = 2 * 24 * time.Hour
	LeadAfter    = 3 * 24 * time.Hour
	OfficerAfter = 7 * 24 * time.Hour
)

// Loan is one time that a carrier was lent (借阅; clause 10). Persons are ids.
type Loan struct {
	ID, Carrier, Number, Matter string
	Title                       string // empty for who keeps it without knowing the matter
	Known                       bool   // Title, Purpose, Why and Condition are there
	Level                       classification.Level
	Copy                        int
	Borrower, Lender            string
	Outside                     bool   // the borrower is not of the matter's team
	Approval                    string // id of the request by which it was lent outside; empty: none was needed
	Purpose                     string
	At, Due                     time.Time
	Recalled                    time.Time // zero: it was not
	Why                         string    // it was recalled
	Over                        time.Time // zero: still lent
	End                         Deed      // how it was over: taken back, given to the client, written off
	Passed                      bool      // not back: somebody else took it over from the borrower
	Condition                   string    // in which it came back
}

// Late reports whether it should be back.
func (l Loan) Late(now time.Time) bool { return l.Over.IsZero() && now.After(l.Due) }

// lent keeps the loans of a carrier in step with its moves.
func lent(tx *store.Tx, move, carrier string, m Move) error {
	if !slices.Contains([]Deed{Taken, GivenBack, WrittenOff, Shredded, WipedOut, SentOut}, m.Deed) {
		return nil
	}
	if _, err := tx.Exec(`UPDATE loan SET over = $2, back = $3 WHERE carrier = $1 AND over = 0`, carrier, tx.Now.UnixMilli(), move); err != nil {
		return err
	}
	if m.Deed != Taken || m.Due.IsZero() {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO loan (id, carrier, matter, borrower, lender, outside, approval, at, due, offer, recall, recalled, over, back)
		SELECT $1, c.id, c.matter, $3, $4, c.offered_outside, c.offered_leave, $5, $6,
			COALESCE((SELECT o.id FROM carrier_move o WHERE o.carrier = c.id AND o.deed = 'offered' ORDER BY o.at DESC, o.id DESC LIMIT 1), ''), '', 0, 0, ''
		FROM carrier c WHERE c.id = $2`, move, carrier, m.To, m.From, tx.Now.UnixMilli(), m.Due.UnixMilli())
	return err
}

// Recall asks for what is lent, with why: it is due in RecallTerm, if it was not due before. The act is recallCarrier.
func (c *Cabinet) Recall(g *guard.Grant, why string) error {
	tx, it, err := c.acted(g, access.RecallCarrier)
	if err != nil {
		return err
	}
	if why, err = words(why, "note", "原因", longField, true); err != nil {
		return err
	}
	if it.Lender == "" {
		return problem.New(problem.Conflict, "这份载体没有借出")
	}
	due := tx.Now.Add(RecallTerm)
	if it.Due.Before(due) {
		due = it.Due
	}
	if err := c.moved(tx, it.ID, Move{Deed: Recalled, By: g.Who().Person, From: it.Lender, To: it.Holder, Due: due, Note: why}); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE loan SET due = $2, recalled = $3, recall = (SELECT m.id FROM carrier_move m WHERE m.carrier = $1 AND m.deed = 'recalled' ORDER BY m.at DESC, m.id DESC LIMIT 1)
		WHERE carrier = $1 AND over = 0 AND recalled = 0`, it.ID, due.UnixMilli(), tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "已经催还过，等待借阅人归还")
	}
	if err != nil {
		return err
	}
	g.Note("due", due)
	g.Note("borrower", it.Holder)
	_, err = tx.Exec(`UPDATE carrier SET due = $2 WHERE id = $1`, it.ID, due.UnixMilli())
	return err
}

// TakeBack confirms that what the caller has lent is in their hands again, whether or not the borrower has offered it, with its
// condition. The act is takeBackCarrier.
func (c *Cabinet) TakeBack(g *guard.Grant, condition string) error {
	tx, it, err := c.acted(g, access.TakeBackCarrier)
	if err != nil {
		return err
	}
	if condition, err = words(condition, "condition", "归还时状况", longField, true); err != nil {
		return err
	}
	me := g.Who().Person
	if err := c.fit(tx, it, me, ""); err != nil {
		return err
	}
	if err := c.worse(g, it, condition); err != nil {
		return err
	}
	g.Note("from", it.Holder)
	if _, err := tx.Exec(`UPDATE carrier SET holder = $2, since = $3, lender = '', due = 0 WHERE id = $1`, it.ID, me, tx.Now.UnixMilli()); err != nil {
		return err
	}
	return c.answer(tx, it, Move{Deed: Taken, By: me, From: it.Holder, To: me, Note: condition})
}

// Shortage is the condition (归还时状况) of what comes back with something missing; more may follow it.
const Shortage = "缺页、缺件"

// worse makes the draft of an incident where what was lent comes back with something missing. What was typed stays with the carrier.
func (c *Cabinet) worse(g *guard.Grant, it Carrier, condition string) error {
	if !strings.HasPrefix(condition, Shortage) {
		return nil
	}
	open, err := store.List(g.Tx(), func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT id FROM loan WHERE carrier = $1 AND over = 0`, it.ID)
	if err != nil || len(open) == 0 {
		return err
	}
	return c.incidents.Draft(g, incident.Sign{Cause: incident.Missing, Matter: it.Matter, Carrier: it.ID, Slip: open[0], Subject: it.Number, Level: it.Level, Owner: it.Holder,
		Account: incident.Account{Manner: fmt.Sprintf("载体 %s（%d %s）借出归还时有缺页、缺件；状况见载体的经过。", it.Number, it.Pages, it.Form.Unit())}})
}

// LoanState narrows the register of loans.
type LoanState string

const (
	LoanOpen     LoanState = "open"
	LoanLate     LoanState = "late"
	LoanRecalled LoanState = "recalled" // and not back yet
	LoanOver     LoanState = "over"
)

// LoanStates lists them in the order in which pages offer them.
var LoanStates = []LoanState{LoanOpen, LoanLate, LoanRecalled, LoanOver}

var loanStateNames = map[LoanState]string{LoanOpen: "借出", LoanLate: "逾期未还", LoanRecalled: "催还", LoanOver: "已归还"}

// Name is the state in Chinese.
func (s LoanState) Name() string { return loanStateNames[s] }

var loanStates = map[LoanState]string{LoanOpen: `l.over = 0`, LoanLate: `l.over = 0 AND l.due < $1`, LoanRecalled: `l.over = 0 AND l.recalled > 0`, LoanOver: `l.over > 0`}

// LoanFilter narrows, sorts and pages the register of loans. The zero value is the first page of all, the last first.
type LoanFilter struct {
	Matter  string // id
	Person  string // id of the borrower or the lender
	Number  string // of the carrier, its beginning
	State   LoanState
	Outside bool   // to people outside the team
	Sort    string // at, due or number; empty is at
	Up      bool   // from the smallest
	Offset  int
	Limit   int // 1…200; 0 is 50. An export reads up to MaxExport
}

// LoanPage is one page of the register and whether more follow.
type LoanPage struct {
	Loans []Loan
	More  bool
}

const selectLoan = `SELECT l.id, l.carrier, l.matter, l.borrower, l.lender, l.outside, l.approval, l.at, l.due, l.recalled, l.over, c.number, c.level, c.copy, c.sealed_title, c.state, c.holder, c.lender,
	l.offer, o.sealed_note, l.recall, r.sealed_note, l.back, COALESCE(b.deed, ''), COALESCE(b.to_person, ''), b.sealed_note
	FROM loan l JOIN carrier c ON c.id = l.carrier LEFT JOIN carrier_move o ON o.id = l.offer LEFT JOIN carrier_move r ON r.id = l.recall LEFT JOIN carrier_move b ON b.id = l.back`

// lending is a loan with what decides who may read it.
type lending struct {
	loan Loan
	it   Carrier
}

func (c *Cabinet) scanLoan(row store.Row) (x lending, err error) {
	l := &x.loan
	var level, copy, outside, at, due, recalled, over int64
	var title []byte
	var passed string
	var said [3]struct {
		move string
		note []byte
	}
	if err := row.Scan(&l.ID, &l.Carrier, &l.Matter, &l.Borrower, &l.Lender, &outside, &l.Approval, &at, &due, &recalled, &over, &l.Number, &level, &copy, &title, &x.it.State, &x.it.Holder, &x.it.Lender,
		&said[0].move, &said[0].note, &said[1].move, &said[1].note, &said[2].move, &l.End, &passed, &said[2].note); err != nil {
		return x, err
	}
	l.Level, l.Copy, l.Outside, l.Known = classification.Level(level), int(copy), outside == 1, true
	l.At, l.Due, l.Recalled, l.Over = instant(at), instant(due), instant(recalled), instant(over)
	l.Passed = l.End == Taken && passed != l.Lender
	x.it.ID, x.it.Matter, x.it.Level = l.Carrier, l.Matter, l.Level
	var errs [4]error
	l.Title, errs[0] = c.title.OpenText(l.Carrier, title)
	for i, to := range []*string{&l.Purpose, &l.Why, &l.Condition} {
		if said[i].move != "" {
			*to, errs[i+1] = c.note.OpenText(said[i].move, said[i].note)
		}
	}
	return x, errors.Join(errs[:]...)
}

// Loans is the register 借阅登记 as far as the caller may know the carriers. The act is useSystem or viewMatter, or exportRegister to take
// it along. SQL narrows, the rules confirm each row.
func (c *Cabinet) Loans(g *guard.Grant, f LoanFilter) (page LoanPage, err error) {
	tx, most := g.Tx(access.UseSystem, access.ExportRegister, access.ViewMatter), 200
	limit := f.Limit
	switch {
	case g.Act() == access.ExportRegister:
		limit = MaxExport
	case limit <= 0 || limit > most:
		limit = 50
	}
	w := c.reach(g, tx.Now)
	for _, equal := range []struct{ part, value string }{{"l.matter = $$", f.Matter}, {"$$ IN (l.borrower, l.lender)", f.Person}} {
		if equal.value != "" {
			w.add(equal.part, equal.value)
		}
	}
	if f.Number != "" {
		w.add("c.number >= $$", f.Number)
		w.add("c.number < $$", f.Number+"~")
	}
	if part := loanStates[f.State]; part != "" {
		w.parts = append(w.parts, part)
	}
	if f.Outside {
		w.parts = append(w.parts, "l.outside = 1")
	}
	n := len(w.args)
	rows, err := store.List(tx, c.scanLoan, selectLoan+" WHERE "+strings.Join(w.parts, " AND ")+f.order()+fmt.Sprintf(" LIMIT $%d OFFSET $%d", n+1, n+2), append(w.args, limit+1, max(f.Offset, 0))...)
	if err != nil {
		return page, err
	}
	page.More = len(rows) > limit
	page.Loans, err = c.readable(g, rows[:min(limit, len(rows))])
	return page, err
}

func (f LoanFilter) order() string {
	column, direction := map[string]string{"due": "l.due", "number": "c.number"}[f.Sort], " DESC"
	if column == "" {
		column = "l.at"
	}
	if f.Up {
		direction = ""
	}
	return " ORDER BY " + column + direction + ", l.id" + direction
}

// reach narrows loans to carriers that the caller may know: to those that custodians and auditors keep, else to the caller's matters and
// the caller's own, as far as the carrier itself is within reach.
func (c *Cabinet) reach(g *guard.Grant, now time.Time) conditions {
	me := g.Who().Person
	if slices.ContainsFunc(g.Facts().Who.Posts, keeps) {
		w := conditions{args: []any{now.UnixMilli()}, parts: []string{"CAST($1 AS BIGINT) > 0"}}
		w.add(`l.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $$ AND w.lifted = 0)`, me)
		return w
	}
	w := c.narrow(g, Filter{}, now)
	w.parts = []string{"EXISTS (SELECT 1 FROM carrier WHERE carrier.id = l.carrier AND " + strings.Join(w.parts, " AND ") + ")"}
	w.add(`(l.matter IN (SELECT b.matter FROM member b WHERE b.person = $$ AND b.since <= $1 AND (b.until = 0 OR b.until > $1)) OR l.borrower = $$ OR l.lender = $$)`, me)
	return w
}

// readable are the loans that the rules let the caller know, with their words for who may know what the carrier holds.
func (c *Cabinet) readable(g *guard.Grant, rows []lending) (all []Loan, err error) {
	relations := map[string]access.Circumstances{}
	for _, x := range rows {
		where, may, err := x.it.confirmed(g, relations)
		if err != nil {
			return nil, err
		}
		if !may {
			continue
		}
		if l := &x.loan; !x.it.knows(where, g.Who().Person) {
			l.Title, l.Purpose, l.Why, l.Condition, l.Known = "", "", "", "", false
		}
		all = append(all, x.loan)
	}
	return all, nil
}

// confirmed reports whether the rules let the caller know of a carrier, and what the caller is to its matter; relations keeps what was read.
func (it Carrier) confirmed(g *guard.Grant, relations map[string]access.Circumstances) (where access.Circumstances, may bool, err error) {
	where, read := relations[it.Matter]
	if !read {
		if where, err = matter.Relation(g.Tx(), it.Matter, g.Who().Person); err != nil {
			return where, false, err
		}
		relations[it.Matter] = where
	}
	thing := access.Resource{Kind: access.Carrier, ID: it.ID, Matter: it.Matter, Level: it.Level, State: it.State, Owner: it.Holder, Proposer: it.Lender, Exists: true}
	return where, g.May(access.ViewCarrier, heldNow(thing), where), nil
}

// LoanTo is the last loan of a carrier to somebody since a moment, if there is one. Whether the reader may know, the caller's act decides.
func (c *Cabinet) LoanTo(tx *store.Tx, carrier, borrower string, since time.Time) (l Loan, there bool, err error) {
	rows, err := store.List(tx, c.scanLoan, selectLoan+` WHERE l.carrier = $1 AND l.borrower = $2 AND l.at >= $3 ORDER BY l.at DESC, l.id DESC LIMIT 1`, carrier, borrower, since.UnixMilli())
	if err != nil || len(rows) == 0 {
		return l, false, err
	}
	return rows[0].loan, true, nil
}

// Sides are the matters and people of the loans that the caller may know, for filters: ids. The act is useSystem.
func (c *Cabinet) Sides(g *guard.Grant) (matters, people []string, err error) {
	tx := g.Tx(access.UseSystem)
	w := c.reach(g, tx.Now)
	rows, err := store.List(tx, func(row store.Row) (x lending, err error) {
		var level int64
		err = row.Scan(&x.it.Matter, &x.loan.Borrower, &x.loan.Lender, &x.it.ID, &level, &x.it.State, &x.it.Holder, &x.it.Lender)
		x.it.Level = classification.Level(level)
		return x, err
	}, `SELECT t.matter, t.borrower, t.lender, c.id, c.level, c.state, c.holder, c.lender FROM (SELECT l.matter, l.borrower, l.lender, MIN(l.carrier) AS carrier FROM loan l WHERE `+strings.Join(w.parts, " AND ")+
		` GROUP BY l.matter, l.borrower, l.lender) t JOIN carrier c ON c.id = t.carrier`, w.args...)
	relations := map[string]access.Circumstances{}
	for _, x := range rows {
		if _, may, err := x.it.confirmed(g, relations); err != nil {
			return nil, nil, err
		} else if !may {
			continue
		}
		matters, people = append(matters, x.it.Matter), append(people, x.loan.Borrower, x.loan.Lender)
	}
	return distinct(matters), distinct(people), err
}

func distinct(ids []string) []string { slices.Sort(ids); return slices.Compact(ids) }
