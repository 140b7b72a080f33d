package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// BenchmarkAppend is a durable append by each of 32 callers: all to one thing, and to 100,000 things of 5,000 matters by 200
// persons, where the indexes cost most.
func BenchmarkAppend(b *testing.B) {
	for _, engine := range both() {
		for name, spread := range map[string]int{"one": 0, "many": 7919} {
			b.Run(engine.String()+"/"+name, func(b *testing.B) {
				db := storetest.Open(b, engine)
				l := testLedger(b, db)
				var n atomic.Int64
				b.ResetTimer()
				callers(b, 32, func() error {
					i := int(n.Add(1)) * spread
					entry := lifelikeEntry(i, i%5000)
					entry.Detail = make([]byte, 600)
					return db.Update(context.Background(), func(tx *store.Tx) error {
						_, err := l.Append(tx, entry)
						return err
					})
				})
			})
		}
	}
}

// callers runs f b.N times in all, n at once.
func callers(b *testing.B, n int, f func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wait sync.WaitGroup
	for range n {
		wait.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
}

// BenchmarkVerify verifies an export of a million entries, as the command does. The export is made first, outside of the time.
func BenchmarkVerify(b *testing.B) {
	const n = 1_000_000
	db := storetest.Open(b, store.SQLite)
	l := testLedger(b, db)
	out, err := createDir(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	writeExport(b, l, out, lifelike(n, l))
	b.ResetTimer()
	for range b.N {
		report, err := Verify(string(out), nil, Trust{Key: l.Key()})
		if err != nil || report.Wrong != nil || report.Size != n {
			b.Fatalf("%+v %v", report, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Seconds())/float64(b.N), "s/1000000-entries")
}

// lifelike are entries such as a firm of 5,000 matters makes, each with a sealed detail.
func lifelike(n int, l *Ledger) []record {
	records := make([]record, n)
	matters := make([]uint64, 5000)
	for i := range records {
		matter := i * 7919 % len(matters)
		matters[matter]++
		r := &records[i]
		r.Entry = lifelikeEntry(i, matter)
		r.Seq, r.Time, r.MatterSeq = uint64(i)+1, 1_800_000_000_000+int64(i)*40, matters[matter]
		r.Detail = make([]byte, 500)
		l.seal(r)
		r.Detail = nil
	}
	return records
}

func lifelikeEntry(i, matter int) Entry {
	return Entry{Matter: fmt.Sprintf("018f2f6e-7f43-7c33-a6f1-%012d", matter), Actor: fmt.Sprintf("018f2f6e-7f43-7c33-a6f2-%012d", i%200),
		Act: "viewPage", Kind: "Material", Thing: fmt.Sprintf("018f2f6e-7f43-7c33-a6f3-%012d", i%100_000), Outcome: Allowed,
		Clauses: []string{"3.1"}, Rules: "5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a5f1d2c9a"}
}

// BenchmarkDatabase exports and verifies a database of 100,000 entries.
func BenchmarkDatabase(b *testing.B) {
	const n = 100_000
	for _, engine := range both() {
		db := storetest.Open(b, engine)
		l := testLedger(b, db)
		for i := 0; i < n; {
			update(b, db, func(tx *store.Tx) error {
				for range 2000 {
					e := lifelikeEntry(i, i*7919%5000)
					e.Detail = make([]byte, 500)
					if _, err := l.Append(tx, e); err != nil {
						return err
					}
					i++
				}
				return nil
			})
		}
		b.Run(engine.String()+"/verify", func(b *testing.B) {
			for range b.N {
				if report, err := l.VerifyLive(b.Context(), nil); err != nil || report.Wrong != nil {
					b.Fatalf("%+v %v", report.Wrong, err)
				}
			}
		})
		b.Run(engine.String()+"/export", func(b *testing.B) {
			for i := range b.N {
				if err := l.Export(b.Context(), filepath.Join(b.TempDir(), strconv.Itoa(i)), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkQuery reads pages of a ledger of 20,000 entries: the newest, a matter's, a matter's that is narrowed, a person's, and the
// thousand newest of one act.
func BenchmarkQuery(b *testing.B) {
	for _, engine := range storetest.Engines() {
		db := storetest.Open(b, engine)
		l := testLedger(b, db)
		fill(b, db, l, 20_000)
		for _, c := range []struct {
			name string
			q    Query
		}{{"newest", Query{Limit: 51, Detail: true}}, {"matter", Query{Matter: "matter-1", Limit: 51, Detail: true}}, {"narrowed", Query{Matter: "matter-1", Outcome: Allowed, Actor: "person-4", Limit: 51, Detail: true}},
			{"thing", Query{Thing: "material-3", Limit: 51, Detail: true}}, {"act", Query{Act: "view", Limit: 1000}}} {
			b.Run(engine.String()+"/"+c.name, func(b *testing.B) {
				for b.Loop() {
					if err := db.Read(context.Background(), func(tx *store.Tx) error { _, err := l.Query(tx, c.q); return err }); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
