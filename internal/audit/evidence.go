package audit

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
)

// Evidence is what the ledger last shows of each clause, for the clause map.
type Evidence map[string]Sign

// Sign is when a clause last kept somebody from something, and when an act that its rules look at was last let through; zero is never, or not
// among the newest.
type Sign struct{ Stopped, Passed time.Time }

// How many of the newest refusals are looked at, and of the entries of each act.
const (
	lookBack = 1000
	lookAct  = 20
)

// Evidence gathers the signs. It tells no person and no thing.
func (r *Reader) Evidence(g *guard.Grant) (Evidence, error) {
	tx, found := g.Tx(access.ReadRules), Evidence{}
	for _, outcome := range []ledger.Outcome{ledger.Refused, ledger.NeedsApproval} {
		entries, err := r.ledger.Query(tx, ledger.Query{Outcome: outcome, Limit: lookBack})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			for _, c := range e.Clauses {
				if s := found[c]; s.Stopped.UnixMilli() < e.Time {
					s.Stopped = time.UnixMilli(e.Time).UTC()
					found[c] = s
				}
			}
		}
	}
	passed := map[access.Act]int64{}
	for _, act := range access.Acts {
		// by act alone: of one that is rare, the newest that were allowed would be looked for among all that were
		entries, err := r.ledger.Query(tx, ledger.Query{Act: string(act), Limit: lookAct})
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Outcome == ledger.Allowed {
				passed[act] = max(passed[act], e.Time)
			}
		}
	}
	for _, p := range r.door.Rules().Policies() {
		newest := int64(0)
		for _, act := range p.Acts {
			newest = max(newest, passed[act])
		}
		for _, clause := range append([]string{p.Clause}, p.Also...) {
			if s := found[clause]; newest > 0 && s.Passed.UnixMilli() < newest {
				s.Passed = time.UnixMilli(newest).UTC()
				found[clause] = s
			}
		}
	}
	return found, nil
}
