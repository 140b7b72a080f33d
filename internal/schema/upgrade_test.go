package schema_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"mijuan/internal/schema"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// until are the migrations before a number: the schema of an older release.
func until(t *testing.T, number string) fs.FS {
	t.Helper()
	names, err := fs.Glob(schema.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	old := fstest.MapFS{}
	for _, name := range names {
		if name >= number {
			continue
		}
		raw, err := fs.ReadFile(schema.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: raw}
	}
	return old
}

// upgraded fills a database of an older release and brings it up to date.
func upgraded(t *testing.T, number string, fill []string, check func(t *testing.T, read func(query string) string)) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			ctx := context.Background()
			db := storetest.Reopen(t, storetest.Empty(t, engine))
			if err := db.Migrate(ctx, until(t, number)); err != nil {
				t.Fatal(err)
			}
			if err := db.Update(ctx, func(tx *store.Tx) error {
				for _, query := range fill {
					if _, err := tx.Exec(query); err != nil {
						return fmt.Errorf("%s: %w", query, err)
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := db.Migrate(ctx, schema.FS); err != nil {
				t.Fatal(err)
			}
			check(t, func(query string) string {
				var rows []string
				if err := db.Read(ctx, func(tx *store.Tx) (err error) {
					rows, err = store.List(tx, func(row store.Row) (s string, err error) { return s, row.Scan(&s) }, query)
					return err
				}); err != nil {
					t.Fatal(err)
				}
				return strings.Join(rows, "\n")
			})
		})
	}
}

// firm is a matter of a client; carriers c1…c6 follow.
var firm = []string{
	`INSERT INTO client (id, kind, sealed_name, sealed_identity, name_token, created) VALUES ('k', 'company', '', '', '', 1)`,
	`INSERT INTO matter (id, number, year, serial, kind, client, sealed_title, sealed_summary, lead, state, opened, sealed_key, recipient) VALUES ('m', '2026-1', 2026, 1, 'civil', 'k', '', '', 'lead', 'open', 1, '', '')`,
	`INSERT INTO member (id, matter, person, duty, clearance, listed, since, until, granted_by) VALUES ('b', 'm', 'handling', 'handling', 3, 1, 5, 0, 'lead')`,
}

func carrierRow(id string, level int, state, fate string, ended int) string {
	return fmt.Sprintf(`INSERT INTO carrier (id, matter, number, serial, copy, batch, form, origin, level, pages, sealed_title, sealed_from, sealed_place, sealed_use, state, holder, since, lender, due, offered_to, offered_due, fate, ended, registered, registered_by)
		VALUES ('%[1]s', 'm', 'no-%[1]s', 1, %[2]d, 'x', 'paper', 'client', %[3]d, 1, '', '', '', '', '%[4]s', 'handling', 1, '', 0, '', 0, '%[5]s', %[6]d, 1, 'lead')`, id, int(id[1]-'0'), level, state, fate, ended)
}

// TestStockVerdictsUpgrade: how the items of rounds stood, of one that goes on and of one that is over, is told as it was.
func TestStockVerdictsUpgrade(t *testing.T) {
	fill := append([]string{}, firm...)
	for _, c := range []struct {
		id, state, fate string
		ended           int
	}{{"c1", "held", "", 0}, {"c2", "held", "", 0}, {"c3", "ended", "returned", 50}, {"c4", "held", "", 0}, {"c5", "ended", "returned", 150}, {"c6", "ended", "lost", 400}} {
		fill = append(fill, carrierRow(c.id, 1, c.state, c.fate, c.ended))
	}
	item := func(round, carrier string, expected, away, seen, elsewhere int) string {
		return fmt.Sprintf(`INSERT INTO stock_item (round, carrier, expected, away, seen, seen_by, elsewhere, settled, settled_by) VALUES ('%s', '%s', %d, %d, %d, '', %d, 0, '')`, round, carrier, expected, away, seen, elsewhere)
	}
	fill = append(fill, `INSERT INTO stock_round (id, opened, opened_by, holder, sealed_place, closed, closed_by) VALUES ('going', 100, 'keeper', '', '', 0, '')`,
		`INSERT INTO stock_round (id, opened, opened_by, holder, sealed_place, closed, closed_by) VALUES ('over', 100, 'keeper', '', '', 300, 'keeper')`,
		item("going", "c1", 1, 0, 120, 0), item("going", "c2", 1, 0, 0, 0), item("going", "c3", 0, 0, 120, 0), item("going", "c4", 0, 0, 120, 0),
		item("over", "c1", 1, 0, 120, 1), item("over", "c2", 1, 0, 0, 0), item("over", "c4", 1, 1, 0, 0), item("over", "c5", 1, 0, 0, 0), item("over", "c6", 1, 0, 0, 0))
	upgraded(t, "0129", fill, func(t *testing.T, read func(string) string) {
		const want = "going c1 seen no-c1 m\ngoing c2 waiting no-c2 m\ngoing c3 revived no-c3 m\ngoing c4 extra no-c4 m\n" +
			"over c1 moved no-c1 m\nover c2 missing no-c2 m\nover c4 away no-c4 m\nover c5 seen no-c5 m\nover c6 missing no-c6 m"
		if got := read(`SELECT round || ' ' || carrier || ' ' || verdict || ' ' || number || ' ' || matter FROM stock_item ORDER BY round, carrier`); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// TestKnowersUpgrade: who had come to know top secret before there was a register stands in it, by what was on record.
func TestKnowersUpgrade(t *testing.T) {
	move := func(id, carrier, deed, by, from, to string, at int) string {
		return fmt.Sprintf(`INSERT INTO carrier_move (id, carrier, deed, by_person, from_person, to_person, due, sealed_note, at) VALUES ('%s', '%s', '%s', '%s', '%s', '%s', 0, '', %d)`, id, carrier, deed, by, from, to, at)
	}
	fill := append(append([]string{}, firm...), carrierRow("c1", 3, "held", "", 0), carrierRow("c2", 2, "held", "", 0),
		move("v1", "c1", "registered", "lead", "", "lead", 2), move("v2", "c1", "offered", "lead", "lead", "handling", 3), move("v3", "c1", "taken", "handling", "lead", "handling", 9),
		move("v4", "c2", "registered", "lead", "", "lead", 4),
		`INSERT INTO material (id, matter, number, serial, level, state, proposer, reviewer, owner, kinds, client_asked, sealed_title, sealed_name, received) VALUES ('x', 'm', 'no-x', 1, 3, 'filed', 'handling', 'lead', 'handling', 8, 0, '', '', 1)`,
		`INSERT INTO leveling (id, material, kind, person, reviewer, before_level, level, sealed_reason, at) VALUES ('l1', 'x', 'propose', 'handling', 'lead', 0, 3, '', 6)`,
		`INSERT INTO leveling (id, material, kind, person, reviewer, before_level, level, sealed_reason, at) VALUES ('l2', 'x', 'review', 'lead', '', 3, 3, '', 7)`,
		`INSERT INTO page_image (code, seq, material, version, page, person, at) VALUES (1, 1, 'x', 1, 1, 'handling', 8)`,
		`INSERT INTO page_image (code, seq, material, version, page, person, at) VALUES (2, 2, 'x', 1, 2, 'handling', 9)`)
	upgraded(t, "0114", fill, func(t *testing.T, read func(string) string) {
		const want = "2 Carrier c1 lead registered lead \n6 Material x handling received handling lead\n7 Material x lead reviewed lead \n8 Material x handling read handling lead\n9 Carrier c1 handling taken lead lead"
		if got := read(`SELECT at || ' ' || kind || ' ' || thing || ' ' || person || ' ' || manner || ' ' || handler || ' ' || lister FROM knower ORDER BY at, id`); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
