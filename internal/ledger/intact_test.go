package ledger

import (
	"fmt"
	"strings"
	"testing"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestQueryShowsNothingChanged changes one column of one entry at a time: every view in which it stands, or stood, tells so.
func TestQueryShowsNothingChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 400)
		const seq = 122 // entry 121 of testEntry: matter-1, person-1, material-2
		own, whole := "第 122 条", "whole"
		views := map[string]Query{whole: {Limit: 1000}, "matter": {Matter: "matter-1", Limit: 1000}, "thing": {Thing: "material-2", Limit: 1000}, "actor": {Actor: "person-1", Limit: 1000}}
		for change, told := range map[string]string{
			"time = time - 1": own, "act = 'View'": own, "kind = 'material'": own, "outcome = 2": own, "clauses = '3.1'": own, "rules = '5f1e'": own, "matter_seq = matter_seq + 1": own,
			"digest = opening": own, "opening = digest": own, "digest = NULL, opening = NULL, detail = NULL": own,
			"matter = 'matter-9'": "案件的第", "thing = 'material-9'": own, "actor = 'person-9'": own} {
			column, _, _ := strings.Cut(change, " ")
			for name, q := range views {
				if column == name {
					if name != "matter" {
						continue // nothing numbers a thing's or a person's entries: verification finds it
					}
				} else if column == "matter" {
					told = own
				}
				q.Detail = true
				err := changed(t, db, change, seq, func(tx *store.Tx) error { _, err := l.Query(tx, q); return err })
				if want := told; !problem.Is(err, problem.Damaged) || column != "matter" && !strings.Contains(err.Error(), want) {
					t.Errorf("%s, seen from %s: %v, want %s", change, name, err, want)
				}
			}
		}
	})
}

// changed runs f on a ledger with one entry changed, and lets nothing of it stand.
func changed(t *testing.T, db *store.DB, change string, seq int, f func(*store.Tx) error) (told error) {
	t.Helper()
	undo := fmt.Errorf("undo")
	err := db.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`UPDATE ledger_entry SET `+change+` WHERE seq = $1`, int64(seq)); err != nil {
			return err
		}
		told = f(tx)
		return undo
	})
	if err != undo {
		t.Fatal(err)
	}
	return told
}

// TestQueryMissesNothing takes an entry out of the firm's and of a matter's numbers: whichever page it would stand on tells so, also where
// the view is narrowed or the page ends beside it.
func TestQueryMissesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 400)
		var matter []Entry
		update(t, db, func(tx *store.Tx) (err error) {
			matter, err = l.Query(tx, Query{Matter: "matter-1", Ascending: true, Limit: 1000})
			return err
		})
		if len(matter) < 60 {
			t.Fatal(len(matter))
		}
		gone := matter[30].Seq
		before, after := matter[29].Seq, matter[31].Seq
		for name, q := range map[string]Query{
			"whole":             {Limit: 1000},
			"whole, rising":     {Ascending: true, Limit: 1000},
			"matter":            {Matter: "matter-1", Limit: 1000},
			"matter, rising":    {Matter: "matter-1", Ascending: true, Limit: 1000},
			"the page it ended": {Matter: "matter-1", Before: after, Limit: 5},
			"the page it began": {Matter: "matter-1", After: before, Ascending: true, Limit: 5},
			"the first page":    {Matter: "matter-1", Before: after},
			"one outcome":       {Matter: "matter-1", Outcome: Refused, Limit: 1000},
			"one actor":         {Matter: "matter-1", Actor: "person-4", Limit: 1000},
		} {
			read := func(tx *store.Tx) error { _, err := l.Query(tx, q); return err }
			for _, change := range []string{"matter = 'matter-2'", "matter = '', matter_seq = 0"} {
				if strings.HasPrefix(name, "matter") || q.Matter != "" {
					if err := changed(t, db, change, int(gone), read); !problem.Is(err, problem.Damaged) {
						t.Errorf("%s, %s: %v", name, change, err)
					}
				}
			}
			if err := changed(t, db, "seq = 9999", int(gone), read); !problem.Is(err, problem.Damaged) {
				t.Errorf("%s, taken away: %v", name, err)
			}
			update(t, db, func(tx *store.Tx) error {
				if err := read(tx); err != nil {
					t.Errorf("%s of what is whole: %v", name, err)
				}
				return nil
			})
		}
		elsewhere := Query{Matter: "matter-1", Before: matter[25].Seq, Limit: 5}
		if err := changed(t, db, "matter = 'matter-2'", int(gone), func(tx *store.Tx) error { _, err := l.Query(tx, elsewhere); return err }); err != nil {
			t.Errorf("a page that it has no part in: %v", err)
		}
	})
}
