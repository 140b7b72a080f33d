package approval

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// sitter is somebody who might decide a request, with what decides whether they do.
type sitter struct {
	person access.Principal
	lead   bool // of the request's matter
}

// place is how somebody comes to decide at a seat: in which of its capacities, and instead of which director.
type place struct{ capacity, insteadOf string }

// applies is what of a request's applicant matters to who may decide it.
type applies struct{ lead, director bool }

// sits tells how somebody may decide a seat of a request at a time, if they may. A lead who asks is above nobody on the team, so that a
// director decides as lead; the committee decides what directors ask for.
func (s sitter) sits(q Request, seat Seat, a applies, now time.Time) (place, bool) {
	if s.person.ID == "" || s.person.ID == q.Applicant || s.person.ID == q.Barred {
		return place{}, false
	}
	director, insteadOf := slices.Contains(s.person.Posts, access.Director), ""
	if by := s.person.DelegatedBy; !director && by != "" && slices.Contains(s.person.Delegated, q.Act) && by != q.Applicant && by != q.Owner {
		director, insteadOf = true, by
	}
	committee, late := slices.Contains(s.person.Posts, access.Committee), q.Escalated(now)
	for _, capacity := range seat.Capacities {
		switch capacity {
		case "lead":
			if s.lead {
				return place{capacity, ""}, true
			}
			if director && (late || a.lead) {
				return place{capacity, insteadOf}, true
			}
		case "director":
			if director {
				return place{capacity, insteadOf}, true
			}
			if committee && (late || a.director) {
				return place{capacity, ""}, true
			}
		case "committee":
			if committee {
				return place{capacity, ""}, true
			}
			if director && late {
				return place{capacity, insteadOf}, true
			}
		}
	}
	return place{}, false
}

// applying reads what of the applicant matters.
func (r *Room) applying(tx *store.Tx, q Request) (a applies, err error) {
	p, err := r.people.Principal(tx, q.Applicant)
	if err != nil || q.Matter == "" {
		return applies{director: slices.Contains(p.Posts, access.Director)}, err
	}
	is, err := matter.Relation(tx, q.Matter, q.Applicant)
	return applies{lead: is.Lead, director: slices.Contains(p.Posts, access.Director)}, err
}

// places are the seats that somebody may decide now, and whether any seat of the stages so far is, or was, theirs to decide.
func (r *Room) places(tx *store.Tx, q Request, s sitter) (now map[string]place, ever bool, err error) {
	a, err := r.applying(tx, q)
	if err != nil {
		return nil, false, err
	}
	waits := q.Waits()
	now = map[string]place{}
	for _, seat := range q.Seats {
		p, sits := s.sits(q, seat, a, tx.Now)
		ever = ever || seat.Stage <= q.Stage && sits || seat.DecidedBy == s.person.ID && s.person.ID != ""
		if sits && slices.ContainsFunc(waits, func(w Seat) bool { return w.ID == seat.ID }) {
			now[seat.ID] = p
		}
	}
	return now, ever, nil
}

// sitting is the caller as a sitter of a request.
func (r *Room) sitting(tx *store.Tx, q Request, who string) (s sitter, where access.Circumstances, err error) {
	if s.person, err = r.people.Principal(tx, who); err != nil {
		return s, where, err
	}
	if q.Matter != "" {
		if where, err = matter.Relation(tx, q.Matter, who); err != nil {
			return s, where, err
		}
	}
	s.lead = where.Lead
	return s, where, nil
}

// Decide says yes or no at every seat of the present stage that is the caller's. One no ends the request; the last yes of a stage opens
// the next, the last of all makes it leave to do the act. The act is decideApproval.
func (r *Room) Decide(g *guard.Grant, d Decision, opinion string) error {
	tx, id := g.Tx(access.DecideApproval), g.Only(access.Approval)
	opinion = strings.TrimSpace(opinion)
	switch {
	case d != Yes && d != No:
		return problem.New(problem.Invalid, "请选择批准或者不批准").In("decision")
	case d == No && opinion == "":
		return problem.New(problem.Invalid, "不批准须写明理由").In("opinion")
	case utf8.RuneCountInString(opinion) > longText || !utf8.ValidString(opinion) || strings.ContainsAny(opinion, "\r\n\x00"):
		return problem.New(problem.Invalid, "%s须为一行，最多 %d 个字", "意见", longText).In("opinion")
	}
	q, err := r.one(tx, id)
	if err != nil {
		return err
	}
	s, _, err := r.sitting(tx, q, g.Who().Person)
	if err != nil {
		return err
	}
	mine, _, err := r.places(tx, q, s)
	if err != nil {
		return err
	}
	if len(mine) == 0 {
		return problem.New(problem.Conflict, "这张申请单已经不在等候处理")
	}
	left := 0
	for _, seat := range q.Waits() {
		p, ok := mine[seat.ID]
		if !ok {
			left++
			continue
		}
		if p.insteadOf != "" {
			g.Note("instead_of", p.insteadOf)
		}
		if _, err := tx.Exec(`UPDATE approval_seat SET decision = $2, decided = $3, decided_by = $4, capacity = $5, instead_of = $6, sealed_opinion = $7 WHERE id = $1 AND decision = ''`, seat.ID, string(d),
			tx.Now.UnixMilli(), g.Who().Person, p.capacity, p.insteadOf, r.opinion.SealText(seat.ID, opinion)); err != nil {
			return err
		}
	}
	g.Note("decision", string(d))
	g.Note("stage", q.Stage)
	g.Note("for", string(q.Act))
	g.Step(access.DecideApproval, guard.Thing{Kind: q.Kind, ID: q.Thing}, q.Matter, map[string]any{"approval": id, "for": string(q.Act), "decision": string(d)})
	return r.advance(tx, q, d, left)
}

// advance puts the request where a decision leads it; left seats of the stage still wait.
func (r *Room) advance(tx *store.Tx, q Request, d Decision, left int) (err error) {
	switch {
	case d == No:
		_, err = tx.Exec(`UPDATE approval SET state = 'refused', ended = $2 WHERE id = $1`, q.ID, tx.Now.UnixMilli())
	case left > 0:
	case slices.ContainsFunc(q.Seats, func(s Seat) bool { return s.Stage > q.Stage }):
		if _, err = tx.Exec(`UPDATE approval SET stage = stage + 1, stage_since = $2 WHERE id = $1`, q.ID, tx.Now.UnixMilli()); err == nil {
			err = r.waiting(tx, q.ID)
		}
	default:
		_, err = tx.Exec(`UPDATE approval SET state = 'approved' WHERE id = $1`, q.ID)
	}
	return err
}

// Withdraw takes a request back that has not been used. The act is withdrawApproval.
func (r *Room) Withdraw(g *guard.Grant) error {
	tx, id := g.Tx(access.WithdrawApproval), g.Only(access.Approval)
	_, err := tx.Exec(`UPDATE approval SET state = 'withdrawn', ended = $2 WHERE id = $1`, id, tx.Now.UnixMilli())
	return err
}
