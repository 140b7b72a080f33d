package audit

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
)

// Evidence is the newest time at which a clause decided something, for the clause map.
type Evidence map[string]time.Time

// lookBack is how many of the newest refusals are looked at.
const lookBack = 1000

// Evidence gives, for each clause, when it last kept somebody from something. It tells no person and no thing.
func (r *Reader) Evidence(g *guard.Grant) (Evidence, error) {
	tx, found := g.Tx(access.ReadRules), Evidence{}
	for _, outcome := range []ledger.Outcome{ledger.Refused, ledger.NeedsApproval} {
		entries, err := r.ledger.Query(tx, ledger.Query{Outcome: outcome, Limit: lookBack})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			at := time.UnixMilli(e.Time).UTC()
			for _, c := range e.Clauses {
				if found[c].Before(at) {
					found[c] = at
				}
			}
		}
	}
	return found, nil
}
