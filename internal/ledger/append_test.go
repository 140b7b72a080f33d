package ledger

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestAppendNumbers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		seen := map[string]uint64{}
		for i := range 40 {
			update(t, db, func(tx *store.Tx) error {
				e, err := l.Append(tx, testEntry(i))
				if err != nil {
					return err
				}
				want := uint64(0)
				if e.Matter != "" {
					seen[e.Matter]++
					want = seen[e.Matter]
				}
				if e.Seq != uint64(i)+1 || e.MatterSeq != want || e.Time != tx.Now.UnixMilli() {
					t.Errorf("entry %d got seq %d, matter seq %d, time %d", i, e.Seq, e.MatterSeq, e.Time)
				}
				return nil
			})
		}
		wantSound(t, l, 40)
	})
}

func TestTimeNeverGoesBack(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			c := &clock{time.UnixMilli(1_800_000_000_000)}
			o := storetest.Options(t, engine)
			withClock(c)(&o)
			db := storetest.Reopen(t, o)
			fill(t, db, testLedger(t, db), 5)
			db.Close()
			c.now = c.now.Add(-time.Hour) // a machine with a wrong clock takes over
			db = storetest.Reopen(t, o)
			l := testLedger(t, db)
			fill(t, db, l, 5)
			if report := wantSound(t, l, 10); report.Time < 1_800_000_000_000 {
				t.Errorf("the last entry's time is %d", report.Time)
			}
		})
	}
}

func TestTreeIsRFC6962(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 600)
		var hashes []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) (out []tlog.Hash, err error) {
			for _, i := range indexes {
				out = append(out, hashes[i])
			}
			return out, nil
		})
		read(t, db, func(tx *store.Tx) error {
			records, err := listRecords(tx, 1, 600, false)
			if err != nil {
				return err
			}
			for i := range records {
				leaf, err := records[i].leaf()
				if err != nil {
					return err
				}
				more, err := tlog.StoredHashes(int64(i), leaf, reader)
				if err != nil {
					return err
				}
				hashes = append(hashes, more...)
			}
			stored, err := readNodes(tx, 0, int64(len(hashes)))
			if err != nil {
				return err
			}
			for i := range hashes {
				if stored[i] != hashes[i] {
					t.Fatalf("stored hash %d differs", i)
				}
			}
			root, err := tlog.TreeHash(600, reader)
			if err != nil {
				return err
			}
			msg, err := l.Checkpoint(tx)
			if err != nil {
				return err
			}
			c, _, err := openCheckpoint(msg, l.check)
			if err == nil && (c.root != root || c.size != 600) {
				t.Errorf("the checkpoint says %d %v, the tree %v", c.size, c.root, root)
			}
			return err
		})
	})
}

// A savepoint that is rolled back takes its entries with it, and the next ones take their numbers.
func TestRolledBackEntriesNeverWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		undo := errors.New("undo")
		random := rand.New(rand.NewPCG(1, 2))
		kept := uint64(0)
		for range 30 {
			update(t, db, func(tx *store.Tx) error {
				for range random.IntN(6) {
					keep := random.IntN(2) == 0
					err := tx.Savepoint(func() error {
						for range 1 + random.IntN(3) {
							if _, err := l.Append(tx, testEntry(random.IntN(100))); err != nil {
								return err
							}
							if keep {
								kept++
							}
						}
						if keep {
							return nil
						}
						return undo
					})
					if err != nil && err != undo {
						return err
					}
				}
				return nil
			})
			err := db.Update(context.Background(), func(tx *store.Tx) error {
				if _, err := l.Append(tx, testEntry(1)); err != nil {
					return err
				}
				return undo
			})
			if !errors.Is(err, undo) {
				t.Fatal(err)
			}
		}
		wantSound(t, l, kept)
	})
}

func TestAppendRefusesWhatHasNoForm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 3)
		for _, spoil := range []func(*Entry){
			func(e *Entry) { e.Thing = "a\nb" },
			func(e *Entry) { e.Actor = "a\x00b" },
			func(e *Entry) { e.Outcome = 0 },
			func(e *Entry) { e.Clauses = []string{"a b"} },
		} {
			e := testEntry(1)
			spoil(&e)
			err := db.Update(context.Background(), func(tx *store.Tx) error {
				_, err := l.Append(tx, e)
				return err
			})
			if err == nil {
				t.Errorf("accepted %+v", e)
			}
		}
		fill(t, db, l, 3)
		wantSound(t, l, 6)
	})
}

// A group larger than a row and a statement of hashes, and than one reading of entries.
func TestLargeGroup(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		fill(t, db, l, 11)
		update(t, db, func(tx *store.Tx) error {
			for i := range extendMost + 77 {
				if _, err := l.Append(tx, Entry{Act: "view", Outcome: Allowed, Matter: testEntry(i).Matter}); err != nil {
					return err
				}
			}
			return nil
		})
		fill(t, db, l, 7)
		wantSound(t, l, 11+extendMost+77+7)
	})
}

func TestEmptyLedger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := testLedger(t, db)
		wantSound(t, l, 0)
		read(t, db, func(tx *store.Tx) error {
			msg, err := l.Checkpoint(tx)
			if err != nil {
				return err
			}
			c, _, err := openCheckpoint(msg, l.check)
			if c.size != 0 || c.root != emptyRoot {
				t.Errorf("the empty tree's checkpoint is %+v", c)
			}
			return err
		})
	})
}

func TestNewWantsItsParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, spoil := range map[string]func(*Options){
			"seed":   func(o *Options) { o.Seed = o.Seed[:31] },
			"seal":   func(o *Options) { o.Seal = nil },
			"open":   func(o *Options) { o.Open = nil },
			"origin": func(o *Options) { o.Origin = "" },
			"space":  func(o *Options) { o.Origin = "a b" },
			"plus":   func(o *Options) { o.Origin = "a+b" },
		} {
			o := testOptions()
			spoil(&o)
			if _, err := New(db, o); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}
