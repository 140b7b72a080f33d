package store_test

import (
	"fmt"
	"testing"

	"mijuan/internal/store"
)

// Columns are read alike on both engines: truth values, numbers of any size, texts and bytes that are empty or missing, and what fits
// nowhere is an error.
func TestColumnsAreReadAlike(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO note (id, n, body) VALUES ($1, $2, $3), ($4, $5, $6)`, "a", 7, []byte{}, "", 1<<40, []byte(nil))
			return err
		})
		read := func(query string, places ...any) error {
			return db.Read(ctx, func(tx *store.Tx) error {
				_, err := store.Get(tx, func(r store.Row) (int, error) { return 0, r.Scan(places...) }, query)
				return err
			})
		}
		var yes, no bool
		var n, body any
		var id string
		if err := read(`SELECT n = 7, n > 7, n, id, body FROM note WHERE id = 'a'`, &yes, &no, &n, &id, &body); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%v %v %v %q %#v", yes, no, n, id, body); got != `true false 7 "a" []byte{}` {
			t.Errorf("read %s", got)
		}
		var text any
		if err := read(`SELECT n, id, body FROM note WHERE id = ''`, &n, &text, &body); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%v %q %#v", n, text, body); got != `1099511627776 "" []byte(nil)` && got != `1099511627776 "" <nil>` {
			t.Errorf("read %s", got)
		}
		var small uint8
		if err := read(`SELECT n FROM note WHERE id = ''`, &small); err == nil {
			t.Errorf("a large number was read as %d", small)
		}
		if err := read(`SELECT body FROM note WHERE id = ''`, &id); err == nil {
			t.Errorf("nothing was read as %q", id)
		}
		if err := read(`SELECT n, id FROM note WHERE id = 'a'`, &n); err == nil {
			t.Error("two columns were read into one place")
		}
	})
}
