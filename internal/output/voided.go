package output

import (
	"time"

	"mijuan/internal/store"
)

// Voided is a copy that did not come out whole: its number, and when it was shredded.
type Voided struct {
	Number string
	At     time.Time
}

// VoidedOf lists the copies of a material that came to nothing. Whether the reader may know, the caller's act decides.
func VoidedOf(tx *store.Tx, material string) ([]Voided, error) {
	return store.List(tx, func(row store.Row) (v Voided, err error) {
		var at int64
		err = row.Scan(&v.Number, &at)
		v.At = time.UnixMilli(at)
		return v, err
	}, `SELECT c.number, c.settled FROM output_copy c JOIN output o ON o.id = c.output WHERE o.material = $1 AND o.material <> '' AND c.state = 'void' ORDER BY c.number`, material)
}
