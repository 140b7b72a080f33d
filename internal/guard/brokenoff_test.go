package guard_test

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
	"mijuan/policy"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestBreakOff: what a dead process had begun gets its outcome once, from whoever comes first; what a living one is at, not.
func TestBreakOff(t *testing.T) {
	rules, err := access.Load(policy.FS)
	must(t, err)
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			var ahead atomic.Int64
			db := storetest.Open(t, engine, func(o *store.Options) {
				o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			})
			l, err := ledger.New(db, ledger.Options{Origin: "test", Seed: bytes.Repeat([]byte{7}, 32),
				Seal: func(_ string, plain []byte) []byte { return plain }, Open: func(_ string, sealed []byte) ([]byte, error) { return sealed, nil }})
			must(t, err)
			process := func() *guard.Door { return guard.New(guard.Options{DB: db, Ledger: l, Rules: rules}) }
			dead, living, other := process(), process(), process()
			begin := func(d *guard.Door) *guard.Passage {
				p, err := d.Open(t.Context(), guard.Who{Via: guard.Job}, access.ManageSystem, guard.Firm, func(*guard.Grant) error { return nil })
				must(t, err)
				return p
			}
			broken := func(d *guard.Door, alone bool, want int) {
				t.Helper()
				n, err := d.BreakOff(t.Context(), alone)
				must(t, err)
				if n != want {
					t.Errorf("%d passages broke off, want %d", n, want)
				}
			}
			outcomes := func() (all []ledger.Outcome) {
				must(t, db.Read(t.Context(), func(tx *store.Tx) error {
					entries, err := l.Query(tx, ledger.Query{})
					for _, e := range entries {
						all = append(all, e.Outcome)
					}
					return err
				}))
				return all
			}

			begin(dead)
			ended := begin(dead)
			must(t, ended.Close(t.Context(), 1, nil))
			works := begin(living)
			broken(other, false, 0)
			ahead.Store(int64(guard.RenewEvery) * 2)
			must(t, living.Renew(t.Context()))
			ahead.Store(int64(guard.RenewEvery) * 4)
			broken(other, false, 1)
			broken(living, false, 0)
			must(t, works.Close(t.Context(), 1, nil))
			broken(other, true, 0)

			begin(living)
			broken(living, true, 0) // its own
			broken(other, true, 1)
			got, want := outcomes(), []ledger.Outcome{ledger.Allowed, ledger.Allowed, ledger.Completed, ledger.Allowed, ledger.BrokenOff, ledger.Completed, ledger.Allowed, ledger.BrokenOff}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("the ledger tells %v, want %v", got, want)
			}
		})
	}
}
