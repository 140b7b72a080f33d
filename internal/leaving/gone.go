package leaving

import (
	"time"

	"mijuan/internal/store"
)

// Gone is somebody who left, with the leaving that was closed last.
type Gone struct {
	Person  string
	LastDay time.Time
	Closed  time.Time
}

// GoneOnes lists everybody who left, the last one first. It is for acts about what outlives a leaving; whom of them the caller may
// know is for those acts to ask.
func GoneOnes(tx *store.Tx) ([]Gone, error) {
	return store.List(tx, scanGone, selectGone+` WHERE closed > 0 AND cancelled = 0 AND moves = '' AND NOT EXISTS (SELECT 1 FROM departure later
		WHERE later.person = departure.person AND later.cancelled = 0 AND later.moves = '' AND later.begun > departure.begun) ORDER BY closed DESC, id DESC`)
}

// GoneOne is how a person left, or store.ErrNone.
func GoneOne(tx *store.Tx, person string) (Gone, error) {
	return store.Get(tx, scanGone, selectGone+` WHERE person = $1 AND closed > 0 AND cancelled = 0 AND moves = '' ORDER BY begun DESC LIMIT 1`, person)
}

const selectGone = `SELECT person, last_day, closed FROM departure`

func scanGone(row store.Row) (g Gone, err error) {
	var day string
	var closed int64
	if err := row.Scan(&g.Person, &day, &closed); err != nil {
		return g, err
	}
	g.Closed = instant(closed)
	g.LastDay, err = time.Parse(time.DateOnly, day)
	return g, err
}
