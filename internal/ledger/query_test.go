package ledger

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// queryable is a ledger of 60 entries, ten a second.
func queryable(t *testing.T, engine store.Engine) (*store.DB, *Ledger, []Entry) {
	t.Helper()
	c := &clock{time.UnixMilli(1_800_000_000_000)}
	db := storetest.Open(t, engine, withClock(c))
	l := testLedger(t, db)
	var all []Entry
	for i := range 60 {
		if i%10 == 0 {
			c.now = c.now.Add(time.Second)
		}
		update(t, db, func(tx *store.Tx) error {
			e := testEntry(i)
			if i%8 == 3 {
				e.Outcome, e.Act = Refused, "fetchOriginal"
			}
			e, err := l.Append(tx, e)
			all = append(all, e)
			return err
		})
	}
	return db, l, all
}

func TestQueryFilters(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			db, l, all := queryable(t, engine)
			for name, c := range map[string]struct {
				query Query
				keep  func(Entry) bool
			}{
				"all":     {Query{}, func(Entry) bool { return true }},
				"matter":  {Query{Matter: "matter-1"}, func(e Entry) bool { return e.Matter == "matter-1" }},
				"thing":   {Query{Thing: "material-3"}, func(e Entry) bool { return e.Thing == "material-3" }},
				"kind":    {Query{Kind: "Person"}, func(e Entry) bool { return false }},
				"actor":   {Query{Actor: "person-2"}, func(e Entry) bool { return e.Actor == "person-2" }},
				"act":     {Query{Act: "fetchOriginal"}, func(e Entry) bool { return e.Act == "fetchOriginal" }},
				"outcome": {Query{Outcome: Refused}, func(e Entry) bool { return e.Outcome == Refused }},
				"several": {Query{Outcome: Allowed, Matter: "matter-2", Actor: "person-0"}, func(e Entry) bool {
					return e.Outcome == Allowed && e.Matter == "matter-2" && e.Actor == "person-0"
				}},
				"from":      {Query{From: 1_800_000_003_000}, func(e Entry) bool { return e.Time >= 1_800_000_003_000 }},
				"until":     {Query{Until: 1_800_000_003_000}, func(e Entry) bool { return e.Time < 1_800_000_003_000 }},
				"span":      {Query{From: 1_800_000_002_500, Until: 1_800_000_004_001}, func(e Entry) bool { return e.Seq > 20 && e.Seq <= 40 }},
				"too early": {Query{Until: 5}, func(Entry) bool { return false }},
				"too late":  {Query{From: 1_900_000_000_000}, func(Entry) bool { return false }},
			} {
				c.query.Limit, c.query.Detail, c.query.Ascending = 1000, true, true
				want := slices.DeleteFunc(slices.Clone(all), func(e Entry) bool { return !c.keep(e) })
				wantEntries(t, db, l, name, c.query, want)
				slices.Reverse(want)
				c.query.Ascending = false
				wantEntries(t, db, l, name+", newest first", c.query, want)
			}
		})
	}
}

func wantEntries(t *testing.T, db *store.DB, l *Ledger, name string, q Query, want []Entry) {
	t.Helper()
	read(t, db, func(tx *store.Tx) error {
		got, err := l.Query(tx, q)
		if err == nil && len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %d entries, want %d\n%v\n%v", name, len(got), len(want), got, want)
		}
		return err
	})
}

func TestQueryPages(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			db, l, _ := queryable(t, engine)
			var down, up []uint64
			read(t, db, func(tx *store.Tx) error {
				for before := uint64(61); ; {
					page, err := l.Query(tx, Query{Before: before, Limit: 7})
					if err != nil || len(page) == 0 {
						return err
					}
					for _, e := range page {
						down = append(down, e.Seq)
						before = e.Seq
					}
				}
			})
			read(t, db, func(tx *store.Tx) error {
				for after := uint64(0); ; {
					page, err := l.Query(tx, Query{After: after, Limit: 7, Ascending: true})
					if err != nil || len(page) == 0 {
						return err
					}
					for _, e := range page {
						up = append(up, e.Seq)
						after = e.Seq
					}
				}
			})
			slices.Reverse(down)
			if len(up) != 60 || !slices.Equal(up, down) || !slices.IsSorted(up) {
				t.Errorf("up %v\ndown %v", up, down)
			}
			read(t, db, func(tx *store.Tx) error {
				page, err := l.Query(tx, Query{})
				if len(page) != 50 {
					t.Errorf("a page without limit has %d entries", len(page))
				}
				return err
			})
		})
	}
}

func TestDetailIsOpenedOnlyWhenAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		opened := 0
		l := testLedger(t, db, func(o *Options) {
			open := o.Open
			o.Open = func(row string, sealed []byte) ([]byte, error) { opened++; return open(row, sealed) }
		})
		fill(t, db, l, 6)
		read(t, db, func(tx *store.Tx) error {
			entries, err := l.Query(tx, Query{})
			for _, e := range entries {
				if e.Detail != nil {
					t.Errorf("entry %d shows its detail", e.Seq)
				}
			}
			if opened != 0 {
				t.Errorf("opened %d details", opened)
			}
			if err != nil {
				return err
			}
			entries, err = l.Query(tx, Query{Detail: true, Ascending: true})
			for i, e := range entries {
				if want := fmt.Sprintf(`{"n":%d}`, i); i > 0 && string(e.Detail) != want {
					t.Errorf("entry %d: detail %s, want %s", e.Seq, e.Detail, want)
				}
			}
			return err
		})
	})
}

// A detail that was moved, replaced or changed is not shown.
func TestChangedDetailIsNotShown(t *testing.T) {
	for _, engine := range both() {
		o := storetest.Options(t, engine)
		db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
		l := testLedger(t, db)
		fill(t, db, l, 6)
		sound := dump(t, raw)
		for name, sql := range map[string]string{
			"other's":             `UPDATE ledger_entry SET detail = (SELECT detail FROM ledger_entry WHERE seq = 3) WHERE seq = 2`,
			"other's with digest": `UPDATE ledger_entry SET detail = (SELECT detail FROM ledger_entry WHERE seq = 3), digest = (SELECT digest FROM ledger_entry WHERE seq = 3) WHERE seq = 2`,
			"cut":                 `UPDATE ledger_entry SET detail = digest WHERE seq = 2`,
			"unannounced":         `UPDATE ledger_entry SET digest = NULL, opening = NULL WHERE seq = 2`,
		} {
			t.Run(engine.String()+"/"+name, func(t *testing.T) {
				update(t, raw, func(tx *store.Tx) error { _, err := tx.Exec(sql); return err })
				read(t, db, func(tx *store.Tx) error {
					if entries, err := l.Query(tx, Query{Before: 3, After: 1, Detail: true}); err == nil {
						t.Errorf("shown: %s", entries[0].Detail)
					}
					return nil
				})
				update(t, raw, sound)
			})
		}
	}
}

func TestErasedDetail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 12)
		update(t, db, func(tx *store.Tx) error { return l.Erase(tx, 5) })
		report, err := l.VerifyLive(t.Context(), nil)
		if err != nil || report.Wrong == nil || report.Wrong.Seq != 5 || !problem.Is(report.Wrong.Problem, problem.Damaged) {
			t.Fatalf("an erasure without its record: %+v %v", report.Wrong, err)
		}
		record := Entry{Actor: "person-1", Act: EraseDetail, Kind: "Ledger", Thing: "5", Outcome: Refused}
		update(t, db, func(tx *store.Tx) error { _, err := l.Append(tx, record); return err })
		if report, _ = l.VerifyLive(t.Context(), nil); report.Wrong == nil {
			t.Error("a refused erasure was taken for one")
		}
		record.Outcome = Allowed
		update(t, db, func(tx *store.Tx) error { _, err := l.Append(tx, record); return err })
		if report = wantSound(t, l, 14); report.Erased != 1 {
			t.Errorf("erased: %d", report.Erased)
		}
		read(t, db, func(tx *store.Tx) error {
			entries, err := l.Query(tx, Query{Before: 6, Limit: 1, Detail: true})
			if err == nil && entries[0].Detail != nil {
				t.Errorf("the erased detail is %s", entries[0].Detail)
			}
			return err
		})
	})
}
