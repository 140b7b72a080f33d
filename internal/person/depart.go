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
	var e Ended
	if e.Sessions, err = count(tx, `SELECT COUNT(*) FROM session WHERE `+liveSessions, id, tx.Now.UnixMilli(), tx.Now.Add(-r.set.Idle).UnixMilli()); err != nil {
		return e, err
	}
	if e.Tokens, err = count(tx, `SELECT COUNT(*) FROM api_token WHERE person = $1 AND revoked = 0 AND expires > $2`, id, tx.Now.UnixMilli()); err != nil {
		return e, err
	}
	if err := cutOff(g, id); err != nil {
		return e, err
	}
	_, err = tx.Exec(`UPDATE person SET status = $2 WHERE id = $1`, id, string(Left))
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
