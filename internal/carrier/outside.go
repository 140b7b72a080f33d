package carrier

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Outside is a request to lend a carrier to somebody outside the matter's team (clause 10). Persons are ids.
type Outside struct {
	approval.Request
	Borrower string
	Due      time.Time
}

// AskOutside asks for leave to lend the carrier to somebody outside the team, who decides nothing of it. The Grant is one of Door.Ask for
// lendOutside.
func (c *Cabinet) AskOutside(g *guard.Grant, h Handing) (leave string, err error) {
	tx, it, err := c.acted(g, access.RequestApproval)
	if err != nil {
		return "", err
	}
	if h, err = c.outward(tx, it, h); err != nil {
		return "", err
	}
	open, err := c.Outsides(tx, it.ID)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(open, func(o Outside) bool { return o.Applicant == g.Who().Person && o.Stands() }) {
		return "", problem.New(problem.Conflict, "这份载体已有一件外借申请在办理")
	}
	until := tx.Now.Add(approval.Term)
	if h.Due.Before(until) {
		until = h.Due
	}
	if leave, err = c.approvals.Request(g, approval.Ask{Purpose: h.Note, Until: until, Barred: h.To}); err != nil {
		return "", err
	}
	g.Note("to", h.To)
	g.Note("due", h.Due)
	_, err = tx.Exec(`INSERT INTO lending (approval, carrier, borrower, due) VALUES ($1, $2, $3, $4)`, leave, it.ID, h.To, h.Due.UnixMilli())
	return leave, err
}

// LendOutside offers the carrier to the person whom the approval names, until the day that it names; without one (the lead's own, where the
// rules want none) to h. The act is lendOutside, which uses the approval up.
func (c *Cabinet) LendOutside(g *guard.Grant, h Handing) error {
	tx, it, err := c.acted(g, access.LendOutside)
	if err != nil {
		return err
	}
	leave := g.Permit()
	if leave != "" {
		asked, err := c.Outsides(tx, it.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(asked, func(o Outside) bool { return o.ID == leave })
		if i < 0 {
			return problem.New(problem.Conflict, "这项批准不是为外借办理的，请重新申请")
		}
		h = Handing{To: asked[i].Borrower, Due: asked[i].Due, Note: asked[i].Purpose}
	}
	if h, err = c.outward(tx, it, h); err != nil {
		return err
	}
	g.Note("to", h.To)
	if _, err := tx.Exec(`UPDATE carrier SET state = 'offered', offered_to = $2, offered_due = $3, offered_outside = 1, offered_leave = $4 WHERE id = $1`, it.ID, h.To, h.Due.UnixMilli(), leave); err != nil {
		return err
	}
	return c.moved(tx, it.ID, Move{Deed: OfferedTo, By: g.Who().Person, From: it.Holder, To: h.To, Due: h.Due, Note: h.Note})
}

// outward is a problem unless the carrier may be lent like that to somebody outside the team.
func (c *Cabinet) outward(tx *store.Tx, it Carrier, h Handing) (Handing, error) {
	err := it.passable()
	if err != nil {
		return h, err
	}
	h.Note, err = words(h.Note, "note", "用途", longField, true)
	switch {
	case err != nil:
		return h, err
	case it.Lender != "":
		return h, problem.New(problem.Conflict, "这份载体是借来的，只能归还给出借人；出借人不在时请主办律师办理").In("to")
	case h.To == "" || h.To == it.Holder:
		return h, problem.New(problem.Invalid, "请选择接收人，不能是现在的保管人").In("to")
	case !h.Due.After(tx.Now) || h.Due.After(tx.Now.Add(LoanMost)):
		return h, problem.New(problem.Invalid, "归还期限须在今天之后，最长 %d 天", int(LoanMost.Hours()/24)).In("due")
	}
	if err := c.outsider(tx, it, h.To, "to"); err != nil {
		return h, err
	}
	if c.fit(tx, it, h.To, "to") == nil {
		return h, problem.New(problem.Conflict, "此人可以知悉本案，不用申请，直接移交或出借即可").In("to")
	}
	return h, nil
}

// outsider is a problem unless a person may hold the carrier by an approval: anybody at work but the three administrators, and nobody who
// stands behind the matter's wall.
func (c *Cabinet) outsider(tx *store.Tx, it Carrier, to, field string) error {
	p, err := c.people.One(tx, to)
	administers := func(post access.Post) bool {
		return post == access.SystemAdmin || post == access.SecurityAdmin || post == access.Auditor
	}
	switch {
	case problem.Is(err, problem.Absent) || err == nil && p.Status != person.Active:
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In(field)
	case err != nil:
		return err
	case slices.ContainsFunc(p.Posts, administers):
		return problem.New(problem.Conflict, "系统管理员、安全管理员和审计员不接触案件内容，不能借阅").In(field)
	}
	is, err := matter.Relation(tx, it.Matter, to)
	if err == nil && is.Walled {
		err = problem.New(problem.Conflict, "接收人在这个案件的隔离墙上").In(field)
	}
	return err
}

// Stands reports whether the request waits or may be used.
func (o Outside) Stands() bool { return o.State == approval.Pending || o.State == approval.Approved }

// Outsides are the requests to lend a carrier outside, the last first. Whether the reader may know, the caller's act decides.
func (c *Cabinet) Outsides(tx *store.Tx, carrier string) (all []Outside, err error) {
	type row struct {
		leave, borrower string
		due             int64
	}
	rows, err := store.List(tx, func(r store.Row) (x row, err error) { err = r.Scan(&x.leave, &x.borrower, &x.due); return x, err },
		`SELECT approval, borrower, due FROM lending WHERE carrier = $1 ORDER BY approval DESC`, carrier)
	for _, x := range rows {
		q, err := c.approvals.One(tx, x.leave)
		if err != nil {
			return nil, err
		}
		all = append(all, Outside{Request: q, Borrower: x.borrower, Due: instant(x.due)})
	}
	return all, err
}

// OutsidesOf is Outsides for the page of a carrier: for who may know what it holds. The act is viewCarrier.
func (c *Cabinet) OutsidesOf(g *guard.Grant) ([]Outside, error) {
	tx, it, err := c.acted(g, access.ViewCarrier)
	if where, me := g.Facts().Where, g.Who().Person; err != nil || !it.knows(where, me) || it.onLoan(where, me) {
		return nil, err
	}
	return c.Outsides(tx, it.ID)
}
