package storetest

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"mijuan/internal/store"
)

// Damage turns a bit in every value of a sealed column, behind the firm's back, and gives what turns it back. No two sealed values are alike,
// so each names its row.
func Damage(t testing.TB, db *store.DB, table, column string) (mend func()) {
	t.Helper()
	var was [][]byte
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	turned := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[len(b)/2] ^= 4
		return b
	}
	set := fmt.Sprintf(`UPDATE %s SET %s = $2 WHERE %[2]s = $1`, table, column)
	must(db.Update(context.Background(), func(tx *store.Tx) (err error) {
		was, err = store.List(tx, func(r store.Row) (b []byte, err error) { err = r.Scan(&b); return b, err },
			fmt.Sprintf(`SELECT %s FROM %s WHERE LENGTH(%[1]s) > 28`, column, table))
		for _, b := range was {
			if err == nil {
				_, err = tx.Exec(set, b, turned(b))
			}
		}
		return err
	}))
	if len(was) == 0 {
		t.Fatalf("nothing is sealed in %s.%s", table, column)
	}
	return func() {
		t.Helper()
		must(db.Update(context.Background(), func(tx *store.Tx) (err error) {
			for _, b := range was {
				if err == nil {
					_, err = tx.Exec(set, turned(b), b)
				}
			}
			return err
		}))
	}
}
