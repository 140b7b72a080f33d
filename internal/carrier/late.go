package carrier

import (
	"fmt"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// How long a carrier is overdue before others than its taker are told, and before it is the draft of an incident.
const (
	TellLead    = 24 * time.Hour
	TellOfficer = 72 * time.Hour
	DraftAfter  = 7 * 24 * time.Hour
)

// lateSlips are the slips whose carriers should have been back for a while, the latest first.
func (c *Cabinet) lateSlips(tx *store.Tx, since time.Duration) ([]Slip, error) {
	all, err := c.slips(tx, ` WHERE t.left_at > 0 AND t.back_at = 0 AND t.due < $1 AND c.state = 'out' ORDER BY t.due, t.id`, tx.Now.Add(-since).UnixMilli())
	return slices.DeleteFunc(all, func(s Slip) bool { return s.State != SlipOut }), err
}

// SlipsLate are the slips whose carriers should be back, that the caller is to see to: at once those of the caller's own, of those that
// the caller went along with and of those that the caller approved; after TellLead those of matters that the caller leads; after
// TellOfficer, for the security officer, all but those behind whose wall the officer stands, without words. The act is useSystem.
func (c *Cabinet) SlipsLate(g *guard.Grant) (late []Slip, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	officer := slices.Contains(g.Facts().Who.Posts, access.SecurityAdmin)
	rows, err := c.lateSlips(tx, 0)
	if err != nil {
		return nil, err
	}
	for _, s := range rows {
		where, err := matter.Relation(tx, s.Matter, me)
		if err != nil {
			return nil, err
		}
		own, told := s.concerns(where, me, officer, tx.Now)
		if told {
			s.conceal(where, me)
		}
		s.untitle(where, me)
		if own || told {
			late = append(late, s)
		}
	}
	return late, nil
}

// concerns reports whether a late slip is somebody's own to see to, or else whether they are told of it by now.
func (s Slip) concerns(where access.Circumstances, me string, officer bool, now time.Time) (own, told bool) {
	gone, it := now.Sub(s.Due), Carrier{Level: s.Level}
	switch {
	case where.Walled && s.holder != me: // who has it in hand is told to bring it back, whatever stands between
	case s.holder == me, s.Companion == me, s.decider(me):
		own = true
	case where.Lead && it.knows(where, me) && gone >= TellLead, officer && gone >= TellOfficer:
		told = true
	}
	return own, told
}

// AnyToDraft reports whether DraftLate would find something.
func (c *Cabinet) AnyToDraft(tx *store.Tx) (bool, error) {
	all, err := c.toDraft(tx)
	return len(all) > 0, err
}

func (c *Cabinet) toDraft(tx *store.Tx) ([]Slip, error) {
	all, err := c.lateSlips(tx, DraftAfter)
	if err != nil {
		return nil, err
	}
	drafted, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) }, `SELECT slip FROM incident WHERE cause = $1`, string(incident.Overdue))
	return slices.DeleteFunc(all, func(s Slip) bool { return slices.Contains(drafted, s.ID) }), err
}

// DraftLate makes the draft of an incident of each take-out that is overdue by DraftAfter. The act is manageSystem.
func (c *Cabinet) DraftLate(g *guard.Grant) (int, error) {
	all, err := c.toDraft(g.Tx(access.ManageSystem))
	for _, s := range all {
		due := func(after time.Duration) string { return minute(s.Due.Add(after)) }
		if err := c.incidents.Draft(g, s.sign(incident.Overdue, incident.Account{Manner: fmt.Sprintf("载体 %s 凭外带审批单 %d-%04d 于 %s 带出，应于 %s 前带回，至今没有带回核对。", s.Number, s.Year, s.Serial, minute(s.Left), minute(s.Due)),
			Containment: fmt.Sprintf("%s 起提醒带出人，%s 起提醒主办律师，%s 起提醒安全管理员。", minute(s.Due), due(TellLead), due(TellOfficer))})); err != nil {
			return 0, err
		}
	}
	return len(all), err
}

// sign is what a slip shows of a possible leak.
func (s Slip) sign(cause incident.Cause, a incident.Account) incident.Sign {
	return incident.Sign{Cause: cause, Matter: s.Matter, Carrier: s.Carrier, Slip: s.ID, Subject: s.Number, Level: s.Level, Owner: s.Applicant, Along: s.Companion, Account: a}
}

// short makes the draft of an incident where less came back than went.
func (c *Cabinet) short(g *guard.Grant, s Slip, it Carrier, n Tally) error {
	if n.Pages >= it.Pages {
		return nil
	}
	manner := fmt.Sprintf("载体 %s 凭外带审批单 %d-%04d 带出，带回时清点 %d %s，应为 %d %s。", s.Number, s.Year, s.Serial, n.Pages, it.Form.Unit(), it.Pages, it.Form.Unit())
	if n.Missing != "" {
		manner += "缺第 " + n.Missing + " 页。"
	}
	return c.incidents.Draft(g, s.sign(incident.Missing, incident.Account{Manner: manner}))
}

// gone makes the draft of an incident of a carrier that was written off.
func (c *Cabinet) gone(g *guard.Grant, it Carrier) error {
	s := incident.Sign{Cause: incident.Lost, Matter: it.Matter, Carrier: it.ID, Subject: it.Number, Level: it.Level, Owner: it.Holder,
		Account: incident.Account{Manner: fmt.Sprintf("载体 %s（%d %s）确认找不到，已经核销；原因见载体的经过。", it.Number, it.Pages, it.Form.Unit()), Containment: "编号注销，不再使用。"}}
	slips, err := c.slips(g.Tx(), ` WHERE t.carrier = $1 AND t.left_at > 0 AND t.back_at = 0`, it.ID)
	for _, out := range slips {
		s.Slip, s.Along = out.ID, out.Companion
	}
	if err != nil {
		return err
	}
	return c.incidents.Draft(g, s)
}
