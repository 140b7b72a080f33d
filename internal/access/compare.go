package access

import "iter"

// Change is a request that two sets of rules answer differently.
type Change struct {
	Number  uint64 // the request's number in the ledger
	Request Request
	Old     Decision
	New     Decision
}

// Opens reports whether the new rules let through what the old ones did not: the changes to read first.
func (c Change) Opens() bool { return c.New.Outcome == Permit && c.Old.Outcome != Permit }

// Compare replays numbered requests against both sets and gives those whose answer differs: in outcome, in whether the thing is
// hidden, in the clauses named or in who may approve. The order is that of the requests.
func Compare(old, new *Rules, requests iter.Seq2[uint64, Request]) []Change {
	var changes []Change
	for n, q := range requests {
		a, b := old.Decide(q), new.Decide(q)
		if !wantOf(a).equal(wantOf(b)) {
			changes = append(changes, Change{n, q, a, b})
		}
	}
	return changes
}
