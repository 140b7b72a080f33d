package ledger

import (
	"context"
	"errors"
	"sync"
	"testing"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// Two processes on one database write one ledger with one tree.
func TestTwoProcesses(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			const processes, callers, each = 2, 8, 30
			var ledgers []*Ledger
			var wait sync.WaitGroup
			for range processes {
				db := storetest.Reopen(t, o)
				l := testLedger(t, db)
				ledgers = append(ledgers, l)
				for caller := range callers {
					wait.Go(func() {
						for i := range each {
							err := db.Update(context.Background(), func(tx *store.Tx) error {
								_, err := l.Append(tx, testEntry(caller*each+i))
								return err
							})
							if err != nil {
								t.Error(err)
								return
							}
						}
					})
				}
			}
			wait.Wait()
			for _, l := range ledgers {
				wantSound(t, l, processes*callers*each)
			}
		})
	}
}

// Whatever commit is lost or kept without anybody being told, the ledger goes on and verifies, and it has every entry that
// was acknowledged.
func TestCrashes(t *testing.T) {
	for _, engine := range both() {
		for _, point := range []string{"before-commit", "after-commit"} {
			t.Run(engine.String()+"/"+point, func(t *testing.T) {
				o := storetest.Options(t, engine)
				crash := errors.New("crash")
				failing := false
				o.Fault = func(at string) error {
					if failing && at == point {
						return crash
					}
					return nil
				}
				db := storetest.Reopen(t, o)
				l := testLedger(t, db)
				var size uint64
				for i := range 24 {
					failing = i%3 == 1
					err := db.Update(context.Background(), func(tx *store.Tx) error {
						for n := range 1 + i%5 {
							if _, err := l.Append(tx, testEntry(i+n)); err != nil {
								return err
							}
						}
						return nil
					})
					if failing != (err != nil) {
						t.Fatalf("group %d: %v", i, err)
					}
					if !failing || point == "after-commit" {
						size += uint64(1 + i%5)
					}
					if i%8 == 7 { // the process comes back
						db.Close()
						db = storetest.Reopen(t, o)
						l = testLedger(t, db)
					}
					wantSound(t, l, size)
				}
			})
		}
	}
}

// A second process takes over the very place that a failed commit of the first had computed.
func TestFailedCommitLeavesNothingInMemory(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			failing := false
			failed := o
			failed.Fault = func(at string) error {
				if failing && at == "before-commit" {
					return errors.New("crash")
				}
				return nil
			}
			a, b := storetest.Reopen(t, failed), storetest.Reopen(t, o)
			la, lb := testLedger(t, a), testLedger(t, b)
			fill(t, a, la, 5)
			failing = true
			err := a.Update(context.Background(), func(tx *store.Tx) error { _, err := la.Append(tx, testEntry(77)); return err })
			if err == nil {
				t.Fatal("the crash did not happen")
			}
			failing = false
			fill(t, b, lb, 1)
			fill(t, a, la, 3)
			fill(t, b, lb, 3)
			wantSound(t, la, 12)
		})
	}
}

// A ledger whose signed head was tampered with is not built upon: acts stop rather than cover it up.
func TestDamagedTreeIsNotExtended(t *testing.T) {
	changes := map[string]string{
		"size":       `UPDATE ledger_head SET size = 19`,
		"checkpoint": `UPDATE ledger_head SET checkpoint = REPLACE(checkpoint, '20', '21')`,
		"emptied":    `UPDATE ledger_head SET checkpoint = ''`,
		"restarted":  `UPDATE ledger_head SET checkpoint = '', size = 0`,
		"edge":       `UPDATE ledger_node SET hashes = (SELECT hashes FROM ledger_node WHERE first = 0) WHERE first = (SELECT MAX(first) FROM ledger_node)`,
		"node":       `DELETE FROM ledger_node WHERE first = (SELECT MAX(first) FROM ledger_node)`,
	}
	for _, engine := range both() {
		o := storetest.Options(t, engine)
		db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
		l := testLedger(t, db)
		fill(t, db, l, 20)
		sound := dump(t, raw)
		for name, sql := range changes {
			t.Run(engine.String()+"/"+name, func(t *testing.T) {
				update(t, raw, func(tx *store.Tx) error { _, err := tx.Exec(sql); return err })
				l.grown = grown{} // as in a process that has just begun
				err := db.Update(context.Background(), func(tx *store.Tx) error { _, err := l.Append(tx, testEntry(1)); return err })
				if err == nil {
					t.Error("the ledger went on")
				}
				update(t, raw, sound)
				fill(t, db, l, 1)
				wantSound(t, l, 21)
				update(t, raw, sound)
			})
		}
	}
}

// Cutting the end off, head and all, by bringing back an older state leaves a ledger that is sound in itself. A checkpoint
// remembered from before tells.
func TestTruncationIsToldByARememberedCheckpoint(t *testing.T) {
	for _, engine := range both() {
		t.Run(engine.String(), func(t *testing.T) {
			o := storetest.Options(t, engine)
			db, raw := storetest.Reopen(t, o), storetest.Reopen(t, o)
			l := testLedger(t, db)
			fill(t, db, l, 30)
			older := dump(t, raw)
			var early, late []byte
			checkpoint := func(to *[]byte) {
				read(t, db, func(tx *store.Tx) (err error) { *to, err = l.Checkpoint(tx); return err })
			}
			checkpoint(&early)
			fill(t, db, l, 10)
			checkpoint(&late)
			wantSound(t, l, 40, Trust{Checkpoints: [][]byte{early, late}})
			update(t, raw, older)
			wantSound(t, l, 30, Trust{Checkpoints: [][]byte{early}})
			report, err := l.VerifyLive(t.Context(), nil, Trust{Checkpoints: [][]byte{early, late}})
			if err != nil || report.Wrong == nil || report.Wrong.Seq != 31 {
				t.Fatalf("%+v %v", report.Wrong, err)
			}
			fill(t, db, l, 10) // other entries in their place
			report, err = l.VerifyLive(t.Context(), nil, Trust{Checkpoints: [][]byte{early, late}})
			if err != nil || report.Wrong == nil || report.Wrong.Seq != 31 {
				t.Fatalf("%+v %v", report.Wrong, err)
			}
		})
	}
}
