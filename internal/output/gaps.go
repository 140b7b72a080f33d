package output

import "mijuan/internal/store"

// Unmade is a copy that was given a number and is no carrier.
type Unmade struct {
	Void bool   // it never will be: what came out was shredded
	Lost bool   // nobody knows where it lies
	Word string // why it is void, or how far it is
}

// Unmade tells, by number, what became of the copies of a matter that are no carriers. A void one explains why its number is skipped, as does one on
// its way; a lost one does not. Whether
// the reader may know, the caller's act decides.
func (r *Room) Unmade(tx *store.Tx, matter string) (map[string]Unmade, error) {
	copies, err := store.List(tx, r.scanCopy, selectCopy+` WHERE carrier = '' AND output IN (SELECT o.id FROM output o WHERE o.matter = $1)`, matter)
	all := make(map[string]Unmade, len(copies))
	for _, c := range copies {
		u := Unmade{c.State == Void, c.State == Unknown, c.State.Name()}
		if c.Why != "" && u.Void {
			u.Word = c.Why
		}
		all[c.Number] = u
	}
	return all, err
}
