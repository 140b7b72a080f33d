package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// eachNotes runs f on a fresh database with the table note.
func eachNotes(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) { f(t, open(t, engine)) })
	}
}

func update(t testing.TB, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Update(ctx, f); err != nil {
		t.Fatal(err)
	}
}

func TestPlaceholdersMeanTheirNumber(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			if _, err := tx.Exec(`INSERT INTO note (n, id, body) VALUES ($2, $1, $3)`, "第一 $1", 2, []byte("third")); err != nil {
				return err
			}
			got, err := store.Get(tx, func(r store.Row) (s string, err error) {
				var n int64
				var id string
				var b []byte
				err = r.Scan(&n, &id, &b)
				return fmt.Sprint(n, id, string(b)), err
			}, `SELECT n, id, body FROM note WHERE id = $2 AND n = $1 AND id <> '$3' -- $4`, 2, "第一 $1")
			if want := fmt.Sprint(int64(2), "第一 $1", "third"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			return err
		})
	})
}

type word string
type small uint8

func (small) String() string { return "a word that must not be stored" }

func TestArgumentsAndColumnsKeepTheirValues(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			if _, err := tx.Exec(`INSERT INTO note (id, n, body) VALUES ($1, $2, $3), ($4, $5, $6)`,
				word("2024-01-02T03:04:05Z"), small(7), []byte{}, "b", uint64(1<<62), []byte(nil)); err != nil {
				return err
			}
			var id word
			var n small
			var body []byte
			_, err := store.Get(tx, func(r store.Row) (int, error) { return 0, r.Scan(&id, &n, &body) },
				`SELECT MAX(id), MAX(n), body FROM note WHERE id < 'a' GROUP BY body`)
			if id != "2024-01-02T03:04:05Z" || n != 7 || body == nil || len(body) != 0 {
				t.Errorf("read %q %d %v", id, n, body)
			}
			if err != nil {
				return err
			}
			var big uint64
			_, err = store.Get(tx, func(r store.Row) (int, error) { return 0, r.Scan(&big, &body) }, `SELECT n, body FROM note WHERE id = 'b'`)
			if big != 1<<62 || body != nil {
				t.Errorf("read %d %v", big, body)
			}
			return err
		})
	})
}

func TestUnportableArgumentsAreRefused(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		for _, bad := range []any{true, time.Now(), 1.5, "nul\x00", "bad\xff", word("\x00"), []string{"a"}} {
			err := db.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE note SET id = $1`, bad)
				if err == nil {
					t.Errorf("%T %q was taken", bad, bad)
				}
				return add(tx, fmt.Sprintf("%T", bad), int64(len(fmt.Sprint(bad)))) // nothing has failed in the database
			})
			if err != nil && !store.Taken(err) {
				t.Errorf("%T: %v", bad, err)
			}
		}
	})
}

func TestGetAndList(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			if _, err := store.Get(tx, text, `SELECT id FROM note`); !errors.Is(err, store.ErrNone) {
				t.Errorf("no row: %v", err)
			}
			none, err := store.List(tx, text, `SELECT id FROM note`)
			if len(none) != 0 || err != nil {
				t.Errorf("no rows: %v %v", none, err)
			}
			got, err := store.List(tx, text, `INSERT INTO note (id, n) VALUES ('a', 1), ('b', 2) RETURNING id`)
			if err != nil || fmt.Sprint(got) != "[a b]" {
				t.Errorf("returned %v, %v", got, err)
			}
			one, err := store.Get(tx, text, `UPDATE note SET n = n + 10 RETURNING id`)
			if err != nil || one == "" {
				t.Errorf("returned %q, %v", one, err)
			}
			n, err := tx.Exec(`DELETE FROM note WHERE n > 10`) // both rows were changed though one was read
			if n != 2 {
				t.Errorf("deleted %d", n)
			}
			return err
		})
	})
}

func TestOneStatementAtATime(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		insert(t, db, "a", 1)
		update(t, db, func(tx *store.Tx) error {
			_, err := store.List(tx, func(r store.Row) (int, error) {
				_, err := tx.Exec(`DELETE FROM note`)
				return 0, err
			}, `SELECT id FROM note`)
			if err == nil {
				t.Error("a statement ran inside a scan")
			}
			return add(tx, "b", 2) // and the transaction is none the worse
		})
		wantIDs(t, db, "a", "b")
	})
}

func TestSavepointUndoesItsOwn(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		oops := errors.New("oops")
		update(t, db, func(tx *store.Tx) error {
			if err := tx.Savepoint(func() error { return add(tx, "a", 1) }); err != nil {
				return err
			}
			err := tx.Savepoint(func() error {
				return errors.Join(add(tx, "b", 2), tx.Savepoint(func() error { return add(tx, "c", 3) }), oops)
			})
			if !errors.Is(err, oops) {
				t.Errorf("got %v", err)
			}
			if err := tx.Savepoint(func() error { return add(tx, "d", 1) }); !store.Taken(err) {
				t.Errorf("got %v", err)
			}
			func() {
				defer func() { recover() }()
				tx.Savepoint(func() error { add(tx, "e", 5); panic("in a savepoint") })
			}()
			return add(tx, "f", 6)
		})
		wantIDs(t, db, "a", "f")
	})
}

func TestFailedStatementNeedsARollback(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		insert(t, db, "a", 1)
		err := db.Update(ctx, func(tx *store.Tx) error {
			if err := add(tx, "b", 2); err != nil {
				return err
			}
			_ = add(tx, "a", 9)
			if err := add(tx, "c", 3); err == nil {
				t.Error("went on after a failed statement")
			}
			return nil
		})
		if !store.Taken(err) {
			t.Errorf("answered %v", err)
		}
		wantIDs(t, db, "a")
	})
}

func TestTransactionIsOverWithItsFunction(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		var kept [2]*store.Tx
		update(t, db, func(tx *store.Tx) error { kept[0] = tx; return nil })
		if err := db.Read(ctx, func(tx *store.Tx) error { kept[1] = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		for i, tx := range kept {
			if err := add(tx, "late", 1); err == nil || !strings.Contains(err.Error(), "is over") {
				t.Errorf("transaction %d still writes: %v", i, err)
			}
			if err := tx.Savepoint(func() error { return nil }); err == nil || !strings.Contains(err.Error(), "is over") {
				t.Errorf("transaction %d still takes savepoints: %v", i, err)
			}
		}
	})
}

func TestTimeAndIDsNeverGoBack(t *testing.T) {
	start := time.Date(2031, 5, 6, 7, 8, 9, 123456789, time.FixedZone("CST", 8*3600))
	jumps := []time.Duration{0, time.Second, -time.Hour, 0, 2 * time.Second, -time.Minute}
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			at := start
			db := open(t, engine, func(o *store.Options) { o.Now = func() time.Time { return at } })
			var last time.Time
			var all []string
			for _, jump := range jumps {
				at = start.Add(jump)
				note := func(tx *store.Tx) error {
					if tx.Now.Before(last) || tx.Now.Location() != time.UTC || tx.Now.Nanosecond()%1e6 != 0 {
						t.Errorf("after %v came %v", last, tx.Now)
					}
					last = tx.Now
					all = append(all, tx.NewID(), tx.NewID())
					return nil
				}
				update(t, db, note)
				if err := db.Read(ctx, note); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.IsSorted(all) || len(slices.Compact(all)) != len(jumps)*4 {
				t.Errorf("ids out of order or twice: %v", all)
			}
			id, err := uuid.Parse(all[0])
			if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 || id.String() != all[0] {
				t.Errorf("%s is no UUIDv7: %v", all[0], err)
			}
			if sec, nsec := id.Time().UnixTime(); !time.Unix(sec, nsec).Equal(start.Truncate(time.Millisecond)) {
				t.Errorf("%s carries %v", all[0], time.Unix(sec, nsec))
			}
		})
	}
}

func TestReadIsASnapshotAndCannotWrite(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		insert(t, db, "a", 1)
		if err := db.Read(ctx, func(tx *store.Tx) error {
			before, err := store.List(tx, text, `SELECT id FROM note`)
			if err != nil {
				return err
			}
			insert(t, db, "b", 2)
			after, err := store.List(tx, text, `SELECT id FROM note`)
			if fmt.Sprint(before) != fmt.Sprint(after) {
				t.Errorf("saw %v, then %v", before, after)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(ctx, func(tx *store.Tx) error { return add(tx, "c", 3) }); err == nil {
			t.Error("a read wrote")
		}
		wantIDs(t, db, "a", "b")
	})
}

func TestCancelStopsARead(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		endless := `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c`
		brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		err := db.Read(brief, func(tx *store.Tx) error {
			_, err := store.Get(tx, number, endless)
			return err
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wantIDs(t, db)
	})
}

func TestReadSurvivesAPanic(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		insert(t, db, "a", 1)
		for range 40 { // more than there are connections
			func() {
				defer func() { recover() }()
				db.Read(ctx, func(tx *store.Tx) error {
					_, err := store.List(tx, func(store.Row) (int, error) { panic("in a scan") }, `SELECT id FROM note`)
					return err
				})
			}()
		}
		wantIDs(t, db, "a")
	})
}

func TestErrorsNameTheStatement(t *testing.T) {
	eachNotes(t, func(t *testing.T, db *store.DB) {
		err := db.Update(ctx, func(tx *store.Tx) error { _, err := tx.Exec("SELECT nonsense\n  FROM nowhere"); return err })
		if err == nil || !strings.Contains(err.Error(), "SELECT nonsense FROM nowhere") {
			t.Errorf("got %v", err)
		}
	})
}
