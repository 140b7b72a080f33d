package person

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// LongestDelegation is how long a delegation may last.
const LongestDelegation = 180 * 24 * time.Hour

// Delegation is a director's leave to approve in the director's place (授权).
type Delegation struct {
	ID           string
	By, ByName   string
	Person, Name string
	Acts         []access.Act // of access.Delegable
	Given        time.Time
	Since, Until time.Time
	Ended        time.Time // before its time; zero: not
	Reason       string
	Void         bool // the director has left, is suspended, or is no director any more
}

// Stands reports whether the delegation counts at a time.
func (d Delegation) Stands(at time.Time) bool {
	return !d.Void && d.Ended.IsZero() && !at.Before(d.Since) && at.Before(d.Until)
}

// standing are the delegations that count at the time $2, or will: those of directors at work.
const standing = `FROM delegation d JOIN person b ON b.id = d.by_person WHERE d.ended = 0 AND d.until > $2 AND b.status = 'active' AND (',' || b.posts || ',') LIKE '%,director,%'`

// Directors is the query of the ids of directors at work.
const Directors = `SELECT p.id FROM person p WHERE p.status = 'active' AND (',' || p.posts || ',') LIKE '%,director,%'`

// readDelegated reads what Principal selects. Whoever settles a leaving reads what there is to settle.
func readDelegated(s string) (by string, acts []access.Act) {
	by, list, _ := strings.Cut(s, " ")
	for act := range strings.SplitSeq(list, ",") {
		if act != "" {
			acts = append(acts, access.Act(act))
		}
	}
	if slices.Contains(acts, access.SettleLeaving) || slices.Contains(acts, access.WriteOffLeaving) {
		acts = append(acts, access.ReadHoldings)
	}
	return by, acts
}

// Delegate lets a person do some of the caller's approvals from d.Since to d.Until: not somebody who holds an administrator's post, nor
// a director or member of the committee, who would approve for somebody below them. A person has one delegation at a time. The act is
// delegate.
func (r *Roster) Delegate(g *guard.Grant, d Delegation) error {
	tx := g.Tx(access.Delegate)
	reason, err := line("reason", "事由", d.Reason, 200, true)
	if err != nil {
		return err
	}
	if err := g.Staff(d.Person, "person"); err != nil {
		return err
	}
	to, err := r.person(tx, d.Person)
	if err != nil {
		return err
	}
	slices.Sort(d.Acts)
	d.Acts = slices.Compact(d.Acts)
	switch {
	case to.ID == g.Who().Person:
		return problem.New(problem.Invalid, "不能授权给自己").In("person")
	case to.Status != Active:
		return problem.New(problem.Invalid, "没有这个人，或者此人不在岗").In("person")
	case slices.ContainsFunc(to.Posts, IsAdministrator):
		return problem.New(problem.Invalid, "系统管理员、安全管理员和审计员不能代行审批").In("person")
	case slices.ContainsFunc(to.Posts, isAbove):
		return problem.New(problem.Invalid, "不能授权给主任或案件管理委员会成员").In("person")
	case len(d.Acts) == 0 || slices.ContainsFunc(d.Acts, func(a access.Act) bool { return !slices.Contains(access.Delegable, a) }):
		return problem.New(problem.Invalid, "请选择授权的事项").In("acts")
	case d.Since.Before(tx.Now.Add(-24 * time.Hour)):
		return problem.New(problem.Invalid, "开始日不能早于今天").In("since")
	case !d.Until.After(d.Since) || !d.Until.After(tx.Now):
		return problem.New(problem.Invalid, "截止日不能早于开始日").In("until")
	case d.Until.Sub(d.Since) > LongestDelegation:
		return problem.New(problem.Invalid, "授权最长 %d 天", int(LongestDelegation/(24*time.Hour))).In("until")
	}
	overlaps, err := count(tx, `SELECT COUNT(*) `+standing+` AND d.person = $1 AND d.since < $3`, to.ID, max(tx.Now.UnixMilli(), d.Since.UnixMilli()), d.Until.UnixMilli())
	if err != nil {
		return err
	}
	if overlaps > 0 {
		return problem.New(problem.Conflict, "此人在这段时间已有一项授权，请先结束那一项").In("person")
	}
	names := make([]string, len(d.Acts))
	for i, a := range d.Acts {
		names[i] = string(a)
	}
	id := tx.NewID()
	g.Note("person", to.ID)
	g.Note("acts", names)
	g.Note("since", d.Since)
	g.Note("until", d.Until)
	_, err = tx.Exec(`INSERT INTO delegation (id, by_person, person, acts, given, since, until, ended, ended_by, sealed_reason) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', $8)`,
		id, g.Who().Person, to.ID, strings.Join(names, ","), tx.Now.UnixMilli(), d.Since.UnixMilli(), d.Until.UnixMilli(), r.seal.delegation.SealText(id, reason))
	return err
}

// isAbove are the posts to which nobody delegates: it would be upwards.
func isAbove(p access.Post) bool { return p == access.Director || p == access.Committee }

// mayNotStandIn are the posts whose holders approve in nobody's place.
func mayNotStandIn(p access.Post) bool { return IsAdministrator(p) || isAbove(p) }

// Reduce ends what a person has by posts that have just changed: tokens, whose scopes were chosen for the former ones, and delegations
// that the new ones may not have. The act is appoint on the person.
func (r *Roster) Reduce(g *guard.Grant) error {
	tx, id := g.Tx(access.Appoint), g.Only(access.Person)
	p, err := r.person(tx, id)
	if err != nil {
		return err
	}
	tokens, err := endTokens(tx, id)
	if err != nil {
		return err
	}
	g.Note("tokens", tokens)
	if !slices.ContainsFunc(p.Posts, mayNotStandIn) {
		return nil
	}
	_, err = tx.Exec(`UPDATE delegation SET ended = $2, ended_by = $3 WHERE person = $1 AND ended = 0 AND until > $2`, id, tx.Now.UnixMilli(), g.Who().Person)
	return err
}

// EndDelegation takes a delegation back at once, whoever of the directors gave it. The act is delegate.
func (r *Roster) EndDelegation(g *guard.Grant, id string) error {
	tx := g.Tx(access.Delegate)
	g.Note("ended", id)
	n, err := tx.Exec(`UPDATE delegation SET ended = $2, ended_by = $3 WHERE id = $1 AND ended = 0 AND until > $2`, id, tx.Now.UnixMilli(), g.Who().Person)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这项授权已经结束")
	}
	return err
}

// DelegationFilter narrows and pages the register of delegations.
type DelegationFilter struct {
	Person        string // given by or to; empty: all
	Offset, Limit int    // Limit 0: all
}

// Delegations is the register: who may approve for whom, the last given first. The act is readRoster, or of one's own useSystem.
func (r *Roster) Delegations(g *guard.Grant, f DelegationFilter) (all []Delegation, total int64, err error) {
	tx := g.Tx(access.ReadRoster, access.UseSystem)
	if g.Act() == access.UseSystem {
		f.Person = g.Who().Person
	}
	inCharge := slices.ContainsFunc(g.Facts().Who.Posts, func(p access.Post) bool { return isAbove(p) || p == access.SecurityAdmin || p == access.Auditor })
	where := ` WHERE ($1 = '' OR d.person = $1 OR d.by_person = $1)`
	if total, err = count(tx, `SELECT COUNT(*) FROM delegation d`+where, f.Person); err != nil {
		return nil, 0, err
	}
	if f.Limit == 0 {
		f.Limit = 100_000
	}
	all, err = store.List(tx, func(row store.Row) (d Delegation, err error) {
		var acts string
		var given, since, until, ended, stands int64
		var reason []byte
		if err := row.Scan(&d.ID, &d.By, &d.Person, &acts, &given, &since, &until, &ended, &reason, &stands); err != nil {
			return d, err
		}
		for act := range strings.SplitSeq(acts, ",") {
			d.Acts = append(d.Acts, access.Act(act))
		}
		d.Given, d.Since, d.Until, d.Ended, d.Void = instant(given), instant(since), instant(until), instant(ended), stands == 0
		if !inCharge && d.By != g.Who().Person && d.Person != g.Who().Person { // who approves what, everybody may know; not why
			return d, nil
		}
		d.Reason, err = r.seal.delegation.OpenText(d.ID, reason)
		return d, err
	}, `SELECT d.id, d.by_person, d.person, d.acts, d.given, d.since, d.until, d.ended, d.sealed_reason,
		CASE WHEN b.status = 'active' AND (',' || b.posts || ',') LIKE '%,director,%' THEN 1 ELSE 0 END
		FROM delegation d JOIN person b ON b.id = d.by_person`+where+` ORDER BY d.given DESC, d.id DESC LIMIT $2 OFFSET $3`, f.Person, f.Limit, f.Offset)
	if err != nil {
		return nil, 0, err
	}
	var ids []string
	for _, d := range all {
		ids = append(ids, d.By, d.Person)
	}
	names, err := r.Names(tx, ids)
	for i := range all {
		all[i].ByName, all[i].Name = names[all[i].By], names[all[i].Person]
	}
	return all, total, err
}
