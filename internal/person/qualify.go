package person

import (
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// What people do about their own qualification, and how it is called for again. That somebody is trained and bound are two dates in
// the person's row: they close access when they pass, without anybody's doing, and open it when they are moved on (clauses 6.1, 6.2).

// Learned records that the person whom the grant is for passed the test of a course's version, and gives until when that holds.
func (r *Roster) Learned(g *guard.Grant, kind string, version int) (until time.Time, err error) {
	tx, id := g.Tx(access.Study), g.Only(access.Person)
	if err := qualify(g, id, []qualification{{subject: "training", kind: kind, version: version, at: tx.Now}}); err != nil {
		return until, err
	}
	ms, err := count(tx, `SELECT trained_until FROM person WHERE id = $1`, id)
	return instant(ms), err
}

// Working lists the people with an open or waiting account who hold one of the posts, or all of them when none is named.
func (r *Roster) Working(tx *store.Tx, posts []access.Post) ([]string, error) {
	query, args := `SELECT id FROM person WHERE status IN ('active', 'invited')`, []any{}
	var held []string
	for _, p := range posts {
		args = append(args, string(p))
		held = append(held, fmt.Sprintf(`administrator = $%d OR (',' || posts || ',') LIKE ('%%,' || $%d || ',%%')`, len(args), len(args)))
	}
	if len(held) > 0 {
		query += ` AND (` + strings.Join(held, ` OR `) + `)`
	}
	return store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, query+` ORDER BY id`, args...)
}
