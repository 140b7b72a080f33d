package audit_test

import (
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/house"
	"mijuan/internal/house/housetest"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// TestVerificationIsOnRecord: what a verification found stands in the ledger, on the desks of those who verify, and is known to every
// process of the firm.
func TestVerificationIsOnRecord(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			clock := &housetest.Clock{}
			s := housetest.Settings(t)
			s.Now = clock.Now
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			other := o.House
			if engine == store.PostgreSQL {
				var err error
				other, err = house.Open(t.Context(), s)
				housetest.Must(t, err)
				defer other.Close()
			}
			report, err := o.House.Audit.Verify(t.Context(), o.Who("auditor"))
			if last := last(t, other); err != nil || report.Wrong != nil || last.Wrong != nil || last.Running || last.Failed || last.Size != report.Size || last.Ended.IsZero() {
				t.Fatalf("%+v, %v; the other process tells %+v", report, err, last)
			}
			if alarmed(t, other, o, "auditor") || len(outcome(t, o).Notes) != 2 {
				t.Errorf("nothing is wrong, but %v", outcome(t, o).Notes)
			}

			damage(t, o, `UPDATE ledger_entry SET outcome = 7 - outcome WHERE seq IN (5, 9)`)
			damage(t, o, `DELETE FROM ledger_entry WHERE seq = 11`)
			if report, err = o.House.Audit.Verify(t.Context(), o.Who("security")); err != nil || report.Wrong == nil || report.Wrong.Seq != 5 || report.Bad != 3 {
				t.Fatalf("%+v, %v", report, err)
			}
			n := outcome(t, o).Notes
			if n["wrong"] != 3.0 || n["first"] != 5.0 || !strings.Contains(n["fault"].(string), "第 5 条") {
				t.Errorf("the ledger tells %v", n)
			}
			if c := last(t, other); c.Wrong == nil || c.First != 5 || c.Many != 3 || c.Wrong.Public() != report.Wrong.Problem.Public() {
				t.Errorf("the other process tells %+v", c)
			}
			for login, want := range map[string]bool{"auditor": true, "security": true, "lead": false, "system": false} {
				if got := alarmed(t, other, o, login); got != want {
					t.Errorf("%s is told of it: %v", login, got)
				}
			}
		})
	}
}

// TestOneVerificationRuns: over all processes, for as long as its process lives.
func TestOneVerificationRuns(t *testing.T) {
	clock := &housetest.Clock{}
	s := housetest.Settings(t)
	s.Now = clock.Now
	o := housetest.Found(t, s)
	if _, err := o.House.Audit.Begin(t.Context(), o.Who("auditor")); err != nil {
		t.Fatal(err)
	}
	if _, err := o.House.Audit.Begin(t.Context(), o.Who("security")); !problem.Is(err, problem.Conflict) || !last(t, o.House).Running {
		t.Errorf("a second one: %v", err)
	}
	clock.Forward(2 * time.Minute) // it never renewed: its process is gone
	if c := last(t, o.House); c.Running || !c.Failed {
		t.Errorf("%+v", c)
	}
	if _, err := o.House.Audit.Verify(t.Context(), o.Who("security")); err != nil {
		t.Error(err)
	}
	if _, err := o.House.Audit.Begin(t.Context(), o.Who("lead")); !problem.Is(err, problem.Refused) {
		t.Errorf("somebody without the duty: %v", err)
	}
}

// TestLedgerIsVerifiedDaily without anybody asking, once a day, and soon after one that was not carried through.
func TestLedgerIsVerifiedDaily(t *testing.T) {
	clock := &housetest.Clock{}
	s := housetest.Settings(t)
	s.Now = clock.Now
	o := housetest.Found(t, s)
	check := func(wrong bool) {
		t.Helper()
		if got, err := o.House.CheckLedger(t.Context()); err != nil || got != wrong {
			t.Errorf("found something: %v, %v", got, err)
		}
	}
	count := func() (n int) {
		for _, l := range lines(t, o) {
			if l.Outcome == ledger.Completed && l.Actor == "" {
				n++
			}
		}
		return n
	}
	for i, step := range []struct {
		forward time.Duration
		want    int
	}{{0, 0}, {25 * time.Hour, 1}, {time.Hour, 1}, {24 * time.Hour, 2}} {
		clock.Forward(step.forward)
		if check(false); count() != step.want {
			t.Errorf("step %d: %d verifications, want %d", i, count(), step.want)
		}
	}
	if _, err := o.House.Audit.Begin(t.Context(), o.Who("auditor")); err != nil { // whose process dies
		t.Fatal(err)
	}
	clock.Forward(50 * time.Minute)
	if check(false); count() != 2 {
		t.Error("tried again at once")
	}
	damage(t, o, `UPDATE ledger_entry SET actor = 'nobody' WHERE seq = 3`)
	clock.Forward(15 * time.Minute)
	if check(true); count() != 3 || !alarmed(t, o.House, o, "auditor") {
		t.Errorf("%d verifications", count())
	}
}

func last(t *testing.T, h *house.House) audit.Checked {
	t.Helper()
	c, err := h.Audit.Last(t.Context())
	housetest.Must(t, err)
	return c
}

func alarmed(t *testing.T, h *house.House, o *housetest.Office, login string) (told bool) {
	t.Helper()
	housetest.Must(t, h.Door.Do(t.Context(), o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		c, err := h.Audit.Alarm(g)
		told = c.Wrong != nil
		return err
	}))
	return told
}

func damage(t *testing.T, o *housetest.Office, statement string) {
	t.Helper()
	housetest.Must(t, o.House.DB.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(statement)
		return err
	}))
}

// lines are the verifications on record, newest first.
func lines(t *testing.T, o *housetest.Office) (all []audit.Line) {
	t.Helper()
	housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("auditor"), access.ReadLedger, guard.Thing{Kind: access.Ledger, ID: "ledger"}, func(g *guard.Grant) error {
		page, err := o.House.Audit.All(g, audit.Filter{Act: access.VerifyLedger})
		all = page.Lines
		return err
	}))
	return all
}

// outcome is the last verification's.
func outcome(t *testing.T, o *housetest.Office) audit.Line {
	t.Helper()
	return lines(t, o)[0]
}
