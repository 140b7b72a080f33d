package carrier

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/store"
)

// Nudge is that somebody is to see to a loan or a take-out. It tells nothing of what was lent or taken out.
type Nudge struct {
	Person string // id
	About  string // id of the loan or the slip
	Out    bool   // a take-out
	Due    time.Time
	Wanted bool // a loan that is not late yet, but recalled
}

// Nudges are whom of the people what is late concerns: the same whom Chase and SlipsLate tell. It is for notices to those it names.
func (c *Cabinet) Nudges(tx *store.Tx, people []person.Person) (all []Nudge, err error) {
	if all, err = loanNudges(tx, people); err != nil {
		return nil, err
	}
	slips, err := c.lateSlips(tx, 0)
	if err != nil {
		return nil, err
	}
	for _, s := range slips {
		for _, p := range people {
			where, err := matter.Relation(tx, s.Matter, p.ID)
			if err != nil {
				return nil, err
			}
			if own, told := s.concerns(where, p.ID, p.Has(access.SecurityAdmin), tx.Now); own || told {
				all = append(all, Nudge{Person: p.ID, About: s.ID, Out: true, Due: s.Due})
			}
		}
	}
	return all, nil
}

// lateLoan is a loan that is due or wanted back.
type lateLoan struct {
	id, borrower, lender, matter string
	due                          time.Time
	leads                        []string
}

func loanNudges(tx *store.Tx, people []person.Person) (all []Nudge, err error) {
	loans, err := store.List(tx, func(row store.Row) (l lateLoan, err error) {
		var due int64
		err = row.Scan(&l.id, &l.borrower, &l.lender, &l.matter, &due)
		l.due = instant(due)
		return l, err
	}, `SELECT l.id, l.borrower, l.lender, l.matter, l.due FROM loan l WHERE l.over = 0 AND (l.due < $1 OR l.recalled > 0) ORDER BY l.due, l.id`, tx.Now.UnixMilli())
	if err != nil {
		return nil, err
	}
	for _, l := range loans {
		if l.leads, err = store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
			`SELECT b.person FROM member b WHERE b.matter = $1 AND b.duty = 'lead' AND b.since <= $2 AND (b.until = 0 OR b.until > $2)`, l.matter, tx.Now.UnixMilli()); err != nil {
			return nil, err
		}
		for _, p := range people {
			concerned, err := l.concerns(tx, p)
			if err != nil {
				return nil, err
			}
			if concerned {
				all = append(all, Nudge{Person: p.ID, About: l.id, Due: l.due, Wanted: l.due.After(tx.Now)})
			}
		}
	}
	return all, nil
}

func (l lateLoan) concerns(tx *store.Tx, p person.Person) (bool, error) {
	late := func(by time.Duration) bool { return tx.Now.After(l.due.Add(by)) }
	switch {
	case l.borrower == p.ID, l.lender == p.ID && late(0), slices.Contains(l.leads, p.ID) && late(LeadAfter):
		return true, nil
	case late(OfficerAfter) && slices.ContainsFunc(watches, p.Has):
		where, err := matter.Relation(tx, l.matter, p.ID)
		return err == nil && !where.Walled, err
	}
	return false, nil
}
