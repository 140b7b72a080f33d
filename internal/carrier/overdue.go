package carrier

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Chase is what waits for somebody of loans that are due or wanted back.
type Chase struct {
	Mine   []Loan // borrowed by them
	Lent   []Loan // by them
	Led    []Loan // of matters that they lead, late for LeadAfter
	Office int    // late for OfficerAfter, of whoever watches over the firm
}

// watches are the posts that see the list of what is long overdue.
var watches = []access.Post{access.SecurityAdmin, access.Custodian, access.Auditor}

// Chase tells the caller which loans are to be brought or got back. The act is useSystem.
func (c *Cabinet) Chase(g *guard.Grant) (x Chase, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	rows, err := store.List(tx, c.scanLoan, selectLoan+` WHERE l.over = 0 AND (l.due < $1 OR l.recalled > 0) AND (l.borrower = $2 OR l.lender = $2 OR
		l.matter IN (SELECT b.matter FROM member b WHERE b.person = $2 AND b.duty = 'lead' AND b.since <= $1 AND (b.until = 0 OR b.until > $1))) ORDER BY l.due, l.id`, tx.Now.UnixMilli(), me)
	if err != nil {
		return x, err
	}
	all, err := c.readable(g, rows)
	for _, l := range all {
		switch {
		case l.Borrower == me:
			x.Mine = append(x.Mine, l)
		case l.Lender == me && l.Late(tx.Now):
			x.Lent = append(x.Lent, l)
		case l.Lender != me && l.Late(tx.Now.Add(-LeadAfter)):
			x.Led = append(x.Led, l)
		}
	}
	if err != nil || !slices.ContainsFunc(watches, func(p access.Post) bool { return slices.Contains(g.Facts().Who.Posts, p) }) {
		return x, err
	}
	x.Office, err = store.Get(tx, func(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err },
		`SELECT COUNT(*) FROM loan l WHERE `+longOverdue, tx.Now.Add(-OfficerAfter).UnixMilli(), me)
	return x, err
}

const longOverdue = `l.over = 0 AND l.due < $1 AND l.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $2 AND w.lifted = 0)`

// Overdue is a loan as the list of what is long overdue tells of it: nothing of what the carrier holds. Persons are ids.
type Overdue struct {
	Number, Matter   string
	Level            classification.Level
	Copy             int
	Borrower, Lender string
	At, Due          time.Time
	Recalled         bool
}

// LongOverdue is the security officer's list: loans that are late for OfficerAfter, the latest first, but for those of matters behind whose
// wall the reader stands. The act is readOverdue.
func (c *Cabinet) LongOverdue(g *guard.Grant, offset, limit int) (all []Overdue, more bool, err error) {
	tx := g.Tx(access.ReadOverdue)
	all, err = store.List(tx, func(row store.Row) (o Overdue, err error) {
		var level, copy, at, due, recalled int64
		err = row.Scan(&o.Number, &o.Matter, &level, &copy, &o.Borrower, &o.Lender, &at, &due, &recalled)
		o.Level, o.Copy, o.At, o.Due, o.Recalled = classification.Level(level), int(copy), instant(at), instant(due), recalled > 0
		return o, err
	}, `SELECT c.number, c.matter, c.level, c.copy, l.borrower, l.lender, l.at, l.due, l.recalled FROM loan l JOIN carrier c ON c.id = l.carrier WHERE `+longOverdue+` ORDER BY l.due, l.id LIMIT $3 OFFSET $4`,
		tx.Now.Add(-OfficerAfter).UnixMilli(), g.Who().Person, int64(limit+1), int64(offset))
	if more = len(all) > limit; more {
		all = all[:limit]
	}
	return all, more, err
}
