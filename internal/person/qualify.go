package person

import (
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// What people do about their own qualification, and how it is called for again. That somebody is trained and bound are two dates in
// the person's row: they close access when they pass, without anybody's doing, and open it when they are moved on (clauses 6.1, 6.2).

// Learned records that the person whom the grant is for passed the test of a course's version, and gives until when that holds.
func (r *Roster) Learned(g *guard.Grant, kind string, version int) (until time.Time, err error) {
	tx, id := g.Tx(access.Study), g.Only(access.Person)
	return tx.Now.Add(trainingFor), qualify(g, id, []qualification{{subject: "training", kind: kind, version: version, at: tx.Now}})
}

// Signed records that the person whom the grant is for signed a version of the pledge.
func (r *Roster) Signed(g *guard.Grant, kind string, version int) error {
	tx, id := g.Tx(access.SignPledge), g.Only(access.Person)
	return qualify(g, id, []qualification{{subject: "pledge", kind: kind, version: version, at: tx.Now}})
}

// RequireTraining calls people to be trained again: what they have holds until the day at the latest. Those who pass meanwhile are
// not called again by it.
func (r *Roster) RequireTraining(g *guard.Grant, people []string, by time.Time) error {
	tx := g.Tx(access.ManageTraining)
	for _, id := range people {
		n, err := tx.Exec(`UPDATE person SET trained_until = CASE WHEN trained_until > $2 THEN $2 ELSE trained_until END WHERE id = $1`, id, by.UnixMilli())
		if err == nil && n == 0 {
			err = problem.New(problem.Invalid, "没有这个人").In("people")
		}
		if err != nil {
			return err
		}
	}
	g.Note("required", map[string]any{"people": len(people), "by": by.UnixMilli()})
	return nil
}

// RequirePledge asks everybody for a version of the pledge: an older one holds until the day at the latest. It gives how many are
// asked.
func (r *Roster) RequirePledge(g *guard.Grant, version int, by time.Time) (int64, error) {
	g.Note("required", map[string]any{"pledge": version, "by": by.UnixMilli()})
	return g.Tx(access.SetPledge).Exec(`UPDATE person SET pledged_until = $2 WHERE pledge < $1 AND pledged_until > $2`, version, by.UnixMilli())
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
