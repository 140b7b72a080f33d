package apptest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/blob/s3test"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/person"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestClocksApart: of two processes on one database one is ten minutes ahead. The later clock decides: what ended by it stays ended on the
// other, from the first act on, and the ledger's times go one way.
func TestClocksApart(t *testing.T) {
	if engines := storetest.Engines(); engines[len(engines)-1] != store.PostgreSQL {
		return
	}
	s := settings(t, t.TempDir())
	s.Database, s.Bucket = storetest.Options(t, store.PostgreSQL).URL, s3test.Start(t)
	o := found(t, s)
	s.Data, s.Now = t.TempDir(), func() time.Time { return time.Now().Add(10 * time.Minute) }
	ahead, err := house.Open(t.Context(), s)
	must(t, err)
	t.Cleanup(func() { ahead.Close() })

	of := guard.Thing{Kind: access.Person, ID: o.ids["handling"]}
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.Delegate, guard.Firm, func(g *guard.Grant) error {
		return o.h.People.Delegate(g, person.Delegation{Person: o.ids["lead"], Acts: access.Delegable, Since: g.Tx().Now, Until: g.Tx().Now.Add(5 * time.Minute), Reason: "赴外地开庭"})
	}))
	soon := time.Now().Add(5 * time.Minute).UnixMilli()
	must(t, o.h.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE person SET trained_until = $2 WHERE id = $1`, o.ids["outsider"], soon)
		if err == nil {
			_, err = tx.Exec(`UPDATE person SET pledged_until = $2 WHERE id = $1`, o.ids["trainee"], soon)
		}
		return err
	}))
	nothing := func(*guard.Grant) error { return nil }
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.ReadHoldings, of, nothing)) // by the clock behind, which has not heard of the other yet
	for what, may := range map[string]func(*house.House) error{
		"a delegation that ends": func(h *house.House) error {
			return h.Door.Do(context.Background(), worker(o.ids["lead"]), access.ReadHoldings, of, nothing)
		},
		"a training that is due": func(h *house.House) error {
			return h.Door.Do(context.Background(), worker(o.ids["outsider"]), access.ReadRoster, guard.Firm, nothing)
		},
		"a pledge that is due": func(h *house.House) error {
			return h.Door.Do(context.Background(), worker(o.ids["trainee"]), access.ReadRoster, guard.Firm, nothing)
		},
	} {
		if err := may(ahead); problem.KindOf(err) != problem.Refused {
			t.Errorf("%s, where the clock is ahead: %v", what, err)
		}
		if err := may(o.h); problem.KindOf(err) != problem.Refused {
			t.Errorf("%s, closed there and open here: %v", what, err)
		}
	}
	if n := one[int](t, o.h, `SELECT COUNT(*) FROM ledger_entry a JOIN ledger_entry b ON b.seq = a.seq + 1 WHERE b.time < a.time`); n != 0 {
		t.Errorf("%d entries are older than the one before", n)
	}
	// What begins by the clock that is behind counts on both at once.
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.Delegate, guard.Firm, func(g *guard.Grant) error {
		return o.h.People.Delegate(g, person.Delegation{Person: o.ids["outsider"], Acts: access.Delegable, Since: g.Tx().Now, Until: g.Tx().Now.Add(time.Hour), Reason: "赴外地开庭"})
	}))
	must(t, ahead.Door.Do(t.Context(), worker(o.ids["auditor"]), access.VerifyLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, nothing))
	if report, err := o.h.Ledger.VerifyLive(t.Context(), nil); err != nil || report.Wrong != nil {
		t.Errorf("the ledger: %v, %+v", err, report.Wrong)
	}
	if status, _ := o.loggedIn("handling").get("/"); status != http.StatusOK {
		t.Errorf("work goes on: %d", status)
	}
}
