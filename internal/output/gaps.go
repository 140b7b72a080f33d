package output

import "mijuan/internal/store"

// Explains tells, by number, what became of the copies of a matter that were given a number and are no carrier: why they are void, or how far they
// are. Whether the reader may know, the caller's act decides.
func (r *Room) Explains(tx *store.Tx, matter string) (map[string]string, error) {
	copies, err := store.List(tx, r.scanCopy, selectCopy+` WHERE carrier = '' AND output IN (SELECT o.id FROM output o WHERE o.matter = $1)`, matter)
	why := make(map[string]string, len(copies))
	for _, c := range copies {
		why[c.Number] = c.State.Name()
		if c.Why != "" {
			why[c.Number] = c.Why
		}
	}
	return why, err
}
