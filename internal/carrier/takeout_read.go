package carrier

import (
	"errors"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

const selectSlip = `SELECT t.id, t.year, t.serial, t.carrier, c.number, c.level, CASE WHEN t.left_at > 0 THEN t.pages ELSE c.pages END, c.matter, c.state, c.holder, t.approval, t.applicant, t.companion, t.measures, t.asked, t.due,
	t.left_at, t.back_at, t.checked_by, t.pages_back, t.missing, t.sealed_place, t.sealed_purpose, t.sealed_found, c.sealed_title
	FROM take_out t JOIN carrier c ON c.id = t.carrier`

func (c *Cabinet) slips(tx *store.Tx, where string, args ...any) ([]Slip, error) {
	all, err := store.List(tx, c.scanSlip, selectSlip+where, args...)
	for i := range all {
		if err == nil {
			err = c.approved(tx, &all[i])
		}
	}
	return all, err
}

// scanSlip reads a slip but for how its request for leave stands.
func (c *Cabinet) scanSlip(row store.Row) (s Slip, err error) {
	var year, serial, level, pages, asked, due, left, back, pagesBack int64
	var measures, state string
	var place, purpose, found, title []byte
	if err := row.Scan(&s.ID, &year, &serial, &s.Carrier, &s.Number, &level, &pages, &s.Matter, &state, &s.holder, &s.Approval, &s.Applicant, &s.Companion, &measures, &asked, &due,
		&left, &back, &s.CheckedBy, &pagesBack, &s.Missing, &place, &purpose, &found, &title); err != nil {
		return s, err
	}
	s.Year, s.Serial, s.Level, s.Pages, s.PagesBack = int(year), int(serial), classification.Level(level), int(pages), int(pagesBack)
	s.Asked, s.Due, s.Left, s.Back = instant(asked), instant(due), instant(left), instant(back)
	for m := range strings.SplitSeq(measures, ",") {
		s.Measures = append(s.Measures, Measure(m))
	}
	switch {
	case back != 0:
		s.State = SlipBack
	case left != 0 && state == string(access.Ended):
		s.State = SlipLost
	case left != 0:
		s.State = SlipOut
	}
	var errs [4]error
	s.Place, errs[0] = c.outPlace.OpenText(s.ID, place)
	s.Purpose, errs[1] = c.outPurpose.OpenText(s.ID, purpose)
	s.Found, errs[2] = c.outFound.OpenText(s.ID, found)
	s.Title, errs[3] = c.title.OpenText(s.Carrier, title)
	return s, errors.Join(errs[:]...)
}

var slipStates = map[approval.State]SlipState{approval.Pending: SlipOpen, approval.Approved: SlipApproved, approval.Refused: SlipRefused, approval.Withdrawn: SlipWithdrawn, approval.Lapsed: SlipLapsed}

// approved adds how the slip's request for leave stands and who decided it last.
func (c *Cabinet) approved(tx *store.Tx, s *Slip) error {
	q, err := c.approvals.One(tx, s.Approval)
	if err != nil {
		return err
	}
	if s.State == "" {
		s.State = slipStates[q.State]
	}
	s.Lapses, s.Seats = q.Until, q.Seats
	for _, seat := range q.Seats {
		if seat.Decision != "" {
			s.Decided, s.DecidedBy, s.Opinion = seat.Decided, seat.DecidedBy, seat.Opinion
		}
	}
	return nil
}

// SlipsOf are the slips of one carrier, the last first; who keeps or audits it by post, and who has borrowed it from outside the team, reads
// no words in them. The act is viewCarrier.
func (c *Cabinet) SlipsOf(g *guard.Grant) ([]Slip, error) {
	tx, it, err := c.acted(g, access.ViewCarrier)
	if err != nil {
		return nil, err
	}
	where, me := g.Facts().Where, g.Who().Person
	if it.onLoan(where, me) {
		me = ""
	}
	all, err := c.slips(tx, ` WHERE t.carrier = $1 ORDER BY t.asked DESC, t.id DESC`, it.ID)
	for i := range all {
		all[i].Known = true
		all[i].conceal(where, me)
	}
	return all, err
}

// conceal leaves out the words of a slip for who neither may know the carrier nor had part in the slip.
func (s *Slip) conceal(where access.Circumstances, who string) {
	it := Carrier{Level: s.Level, Holder: s.holder}
	s.untitle(where, who)
	counted := *s
	counted.CheckedBy = "" // counting what came back is no part in the taking
	if slices.Contains(counted.People(), who) || it.knows(where, who) {
		return
	}
	s.Place, s.Purpose, s.Opinion, s.Found = "", "", "", ""
	for i := range s.Seats {
		s.Seats[i].Opinion = ""
	}
}

// untitle leaves out what was taken for who may not know it, whatever part they had in the slip.
func (s *Slip) untitle(where access.Circumstances, who string) {
	if it := (Carrier{Level: s.Level, Holder: s.holder}); !it.knows(where, who) {
		s.Title = ""
	}
}

// decider reports whether somebody decided at one of the slip's seats.
func (s Slip) decider(who string) bool {
	return slices.ContainsFunc(s.Seats, func(seat approval.Seat) bool { return seat.DecidedBy == who && who != "" })
}

// People are the ids of everybody whom a slip names.
func (s Slip) People() []string {
	all := []string{s.Applicant, s.Companion, s.CheckedBy}
	for _, seat := range s.Seats {
		all = append(all, seat.DecidedBy, seat.InsteadOf)
	}
	return slices.DeleteFunc(all, func(id string) bool { return id == "" })
}
