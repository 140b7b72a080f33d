package rights

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// find reads a request for an act that wants it in a state.
func (r *Room) find(tx *store.Tx, id string, kind Kind, in State) (Request, error) {
	found, err := r.list(tx, ` WHERE q.id = $1`, id)
	switch {
	case err != nil:
		return Request{}, err
	case len(found) == 0 || found[0].Kind != kind:
		return Request{}, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case found[0].State != in:
		return Request{}, problem.New(problem.Conflict, "这项申请已经不在等候处理")
	}
	return found[0], nil
}

// opinion cleans what is said about a decision; a refusal says why.
func opinionOn(s string, approve bool) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" && !approve:
		return "", problem.New(problem.Invalid, "不批准须写明理由").In("opinion")
	case utf8.RuneCountInString(s) > 200 || !utf8.ValidString(s):
		return "", problem.New(problem.Invalid, "%s过长：最多 %d 个字", "意见", 200).In("opinion")
	}
	return s, nil
}

// DecidePosts approves or refuses other posts for a person; not who asked for them. The act is decideRights on the person.
func (r *Room) DecidePosts(g *guard.Grant, id string, approve bool, opinion string) error {
	tx, of := g.Tx(access.DecideRights), g.Only(access.Person)
	q, err := r.find(tx, id, Posts, Open)
	switch {
	case err != nil:
		return err
	case q.Person != of:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case q.Applicant == approver(g):
		return problem.New(problem.Conflict, "自己提出的申请须由别人批准")
	}
	return r.decide(g, q, approve, opinion)
}

// approver is in whose name the caller decides about posts: who stands in for a director decides as that director would.
func approver(g *guard.Grant) string {
	if g.Facts().Delegated() {
		return g.Facts().Who.DelegatedBy
	}
	return g.Who().Person
}

// DecidePlace gives the place that was asked for, or refuses it. The act is manageTeam on the matter.
func (r *Room) DecidePlace(g *guard.Grant, id string, approve bool, opinion string) error {
	tx, in := g.Tx(access.ManageTeam), g.Only(access.Matter)
	q, err := r.find(tx, id, Place, Open)
	switch {
	case err != nil:
		return err
	case q.Matter != in:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if err := r.decide(g, q, approve, opinion); err != nil || !approve {
		return err
	}
	p, err := r.people.One(tx, q.Person)
	if err == nil && p.Status != person.Active {
		err = problem.New(problem.Conflict, "此人不在岗")
	}
	if err != nil {
		return err
	}
	w := q.Wanted
	was, err := standing(tx, in, q.Person)
	if err != nil {
		return err
	}
	w.WasDuty, w.WasLevel = was.WasDuty, was.WasLevel
	raw, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE right_request SET sealed_wanted = $2 WHERE id = $1`, id, r.wanted.Seal(id, raw)); err != nil {
		return err
	}
	if err := r.matters.Assign(g, matter.Member{Person: q.Person, Duty: w.Duty, Clearance: w.Level, Listed: w.Listed, Until: w.Until}); err != nil {
		return err
	}
	return finish(g, id)
}

// decide writes a decision down.
func (r *Room) decide(g *guard.Grant, q Request, approve bool, opinion string) error {
	tx := g.Tx()
	opinion, err := opinionOn(opinion, approve)
	if err != nil {
		return err
	}
	decision, lapses, sealed := Refused, q.Lapses, []byte(nil)
	if approve {
		decision, lapses = Approved, tx.Now.Add(Term)
	}
	if opinion != "" {
		sealed = r.opinion.SealText(q.ID, opinion)
	}
	g.Note("request", q.ID)
	g.Note("decision", string(decision))
	_, err = tx.Exec(`UPDATE right_request SET decision = $2, decided = $3, decided_by = $4, sealed_opinion = $5, lapses = $6 WHERE id = $1`,
		q.ID, string(decision), tx.Now.UnixMilli(), g.Who().Person, sealed, lapses.UnixMilli())
	return err
}

func finish(g *guard.Grant, id string) error {
	_, err := g.Tx().Exec(`UPDATE right_request SET done = $2, done_by = $3 WHERE id = $1`, id, g.Tx().Now.UnixMilli(), g.Who().Person)
	return err
}

// CarryOut gives a person the posts that were approved and takes away what they no longer need: tokens, delegations that the new posts may
// not have, and, unless their lead confirms them within Term, places in teams; an administrator's end at once. Who answers for things that
// the new posts may not keep hands them over first. The act is appoint on the person.
func (r *Room) CarryOut(g *guard.Grant, id string) error {
	tx, of := g.Tx(access.Appoint), g.Only(access.Person)
	q, err := r.find(tx, id, Posts, Approved)
	switch {
	case err != nil:
		return err
	case q.Person != of:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	case q.DecidedBy == g.Who().Person:
		return problem.New(problem.Conflict, "批准和办理须由两个人，请另一位安全管理员办理")
	}
	g.Note("request", id)
	if err := r.carryOut(g, q); err != nil {
		return err
	}
	return finish(g, id)
}

// carryOut changes the posts of the person whom the grant is for.
func (r *Room) carryOut(g *guard.Grant, q Request) error {
	tx := g.Tx()
	if err := r.leaving.Ready(tx, q.Person, q.Wanted.Posts, q.Asked); err != nil {
		return err
	}
	if err := r.people.ChangePosts(g, q.Wanted.Posts, q.Reason); err != nil {
		return err
	}
	if err := r.people.Reduce(g); err != nil {
		return err
	}
	var err error
	if slices.ContainsFunc(q.Wanted.Posts, person.IsAdministrator) {
		_, err = r.matters.Depart(g)
	} else {
		_, err = r.reviews.OpenFor(g, tx.Now.Add(Term))
	}
	return err
}

// HandOver begins the hand-over that an approved request needs before it can be carried out; the approval waits for it, and as long after
// the last day in the old post as it would have waited without. The act is beginLeaving on the person.
func (r *Room) HandOver(g *guard.Grant, id string, b leaving.Beginning) error {
	tx, of := g.Tx(access.BeginLeaving), g.Only(access.Person)
	q, err := r.find(tx, id, Posts, Approved)
	switch {
	case err != nil:
		return err
	case q.Person != of:
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	b.Moves, b.Reason = q.Wanted.Posts, q.Reason
	if err := r.leaving.Begin(g, b); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE right_request SET lapses = $2 WHERE id = $1 AND lapses < $2`, id, b.LastDay.Add(Term).UnixMilli())
	return err
}

// Withdraw takes back a request that waits, as its applicant. The act is requestRights on the person whom it is for.
func (r *Room) Withdraw(g *guard.Grant, id string) error {
	tx, of := g.Tx(access.RequestRights), g.Only(access.Person)
	found, err := r.list(tx, ` WHERE q.id = $1`, id)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Applicant != g.Who().Person || found[0].Person != of {
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	q := found[0]
	if err := r.veil(g, &q); err != nil {
		return err
	}
	if q.State != Open && q.State != Approved {
		return problem.New(problem.Conflict, "这项申请已经不在等候处理")
	}
	g.Note("request", id)
	g.Note("withdrawn", true)
	_, err = tx.Exec(`UPDATE right_request SET withdrawn = $2 WHERE id = $1`, id, tx.Now.UnixMilli())
	return err
}

// veil shows a refused place as who asked for it may see it: waiting, then lapsed, as a matter that does not exist would be; unless they
// know the matter anyway.
func (r *Room) veil(g *guard.Grant, q *Request) error {
	if q.Kind != Place || q.State != Refused {
		return nil
	}
	where, err := matter.Relation(g.Tx(), q.Matter, q.Person)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return err
	}
	if where.Member && !where.Walled {
		return nil
	}
	if q.State = Open; !g.Tx().Now.Before(q.Lapses) {
		q.State = Lapsed
	}
	q.Decided, q.DecidedBy, q.Opinion = time.Time{}, "", ""
	return nil
}
