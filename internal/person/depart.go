package person

import (
	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Ended counts what ended with a person's account.
type Ended struct {
	Sessions int64 `json:"sessions"`
	Tokens   int64 `json:"tokens"`

	Delegations int64 `json:"delegations,omitempty"` // given and received
	Requests    int64 `json:"requests,omitempty"`    // for other rights, made by the person or for the person; and for leave to do an act
}

// Depart closes a person's account for good: sessions, tokens and one-time links end at once on every process, since each request
// reads them. The act is closeLeaving.
func (r *Roster) Depart(g *guard.Grant) (Ended, error) {
	tx, id := g.Tx(access.CloseLeaving), g.Only(access.Person)
	a, err := r.accountByID(tx, id)
	if err != nil {
		return Ended{}, err
	}
	if err := keepSecurityAdmin(tx, a); err != nil {
		return Ended{}, err
	}
	e, err := r.Ends(tx, id)
	if err != nil {
		return e, err
	}
	if _, err = tx.Exec(`UPDATE delegation SET ended = $2, ended_by = $3 WHERE `+liveDelegations, id, tx.Now.UnixMilli(), g.Who().Person); err != nil {
		return e, err
	}
	if _, err = tx.Exec(`UPDATE right_request SET withdrawn = $2 WHERE `+liveRequests, id, tx.Now.UnixMilli()); err != nil {
		return e, err
	}
	asked, err := tx.Exec(`UPDATE approval SET state = 'withdrawn', ended = $2 WHERE applicant = $1 AND state IN ('pending', 'approved') AND until > $2`, id, tx.Now.UnixMilli())
	if err != nil {
		return e, err
	}
	e.Requests += asked
	if err := cutOff(g, id); err != nil {
		return e, err
	}
	_, err = tx.Exec(`UPDATE person SET status = $2, sealed_mail = NULL WHERE id = $1`, id, string(Left))
	return e, err
}

// What ends with the account of $1 at $2.
const (
	liveDelegations = `ended = 0 AND until > $2 AND (person = $1 OR by_person = $1)`
	liveRequests    = `done = 0 AND withdrawn = 0 AND lapses > $2 AND (person = $1 OR applicant = $1)`
)

// Ends counts what would end with a person's account now.
func (r *Roster) Ends(tx *store.Tx, id string) (e Ended, err error) {
	now := tx.Now.UnixMilli()
	if e.Sessions, err = count(tx, `SELECT COUNT(*) FROM session WHERE `+liveSessions, id, now, tx.Now.Add(-r.set.Idle).UnixMilli()); err != nil {
		return e, err
	}
	if e.Tokens, err = count(tx, `SELECT COUNT(*) FROM api_token WHERE person = $1 AND revoked = 0 AND expires > $2`, id, now); err != nil {
		return e, err
	}
	if e.Delegations, err = count(tx, `SELECT COUNT(*) FROM delegation WHERE `+liveDelegations, id, now); err != nil {
		return e, err
	}
	e.Requests, err = count(tx, `SELECT COUNT(*) FROM right_request WHERE `+liveRequests, id, now)
	return e, err
}

// OnlySecurityAdmin reports whether nobody else could do the security administrator's work if this person went.
func (r *Roster) OnlySecurityAdmin(tx *store.Tx, id string) (bool, error) {
	a, err := r.accountByID(tx, id)
	if err != nil {
		return false, err
	}
	err = keepSecurityAdmin(tx, a)
	if problem.Is(err, problem.Conflict) {
		return true, nil
	}
	return false, err
}
