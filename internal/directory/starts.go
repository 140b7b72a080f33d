package directory

import (
	"errors"
	"strings"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Starts is the day on which a person joined the firm, as 2006-01-02; empty when nobody said. The act is readRoster on the firm, or
// appoint.
func (r *Room) Starts(g *guard.Grant, id string) (string, error) {
	return starts(g.Tx(access.ReadRoster, access.Appoint), id)
}

// AllStarts is Starts of everybody. The act is exportRoster on the firm, or appoint.
func (r *Room) AllStarts(g *guard.Grant) (map[string]string, error) {
	all := map[string]string{}
	_, err := store.List(g.Tx(access.ExportRoster, access.Appoint), func(row store.Row) (struct{}, error) {
		var id, day string
		err := row.Scan(&id, &day)
		all[id] = day
		return struct{}{}, err
	}, `SELECT person, starts FROM directory_entry`)
	return all, err
}

func starts(tx *store.Tx, id string) (string, error) {
	day, err := store.Get(tx, func(row store.Row) (day string, err error) { err = row.Scan(&day); return day, err }, `SELECT starts FROM directory_entry WHERE person = $1`, id)
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	return day, err
}

// SetStarts corrects the day. The act is appoint on the person.
func (r *Room) SetStarts(g *guard.Grant, day, why string) error {
	tx, id := g.Tx(access.Appoint), g.Only(access.Person)
	day, err := readDay(strings.TrimSpace(day), tx.Now)
	why = strings.TrimSpace(why)
	switch {
	case err != nil:
		return err
	case why == "":
		return problem.New(problem.Invalid, "请填写%s", "理由").In("reason")
	case utf8.RuneCountInString(why) > 200:
		return problem.New(problem.Invalid, "%s过长：最多 %d 个字", "理由", 200).In("reason")
	}
	before, err := starts(tx, id)
	if err != nil {
		return err
	}
	g.Note("change", "starts")
	g.Note("before", before)
	g.Note("after", day)
	g.Note("reason", why)
	return writeStarts(tx, id, day)
}

func writeStarts(tx *store.Tx, id, day string) error {
	_, err := tx.Exec(`INSERT INTO directory_entry (person, starts, modified) VALUES ($1, $2, $3)
		ON CONFLICT (person) DO UPDATE SET starts = excluded.starts, modified = excluded.modified`, id, day, tx.Now.UnixMilli())
	return err
}
