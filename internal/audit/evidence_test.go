package audit_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/audit"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
)

// TestEvidence: the clause map tells of each clause when an act under its rules was last let through, and when it last stopped one.
func TestEvidence(t *testing.T) {
	clock, s := &housetest.Clock{}, housetest.Settings(t)
	s.Now = clock.Now
	o := housetest.Found(t, s)
	in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
	carriers := o.RegisterCarriers(in, 1)
	look := func() (e audit.Evidence) {
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("lead"), access.ReadRules, guard.Firm, func(g *guard.Grant) (err error) { e, err = o.House.Audit.Evidence(g); return err }))
		return e
	}
	hand := func(login string) error {
		return o.House.Door.Do(t.Context(), o.Who(login), access.HandCarrier, guard.Thing{Kind: access.Carrier, ID: carriers[0]}, func(*guard.Grant) error { return nil })
	}
	if got := look()["7.1.1"]; got != (audit.Sign{}) {
		t.Errorf("before: %+v", got)
	}
	clock.Forward(time.Hour)
	if hand("trainee") == nil {
		t.Fatal("somebody handed on what another holds")
	}
	stopped := clock.Now()
	clock.Forward(time.Hour)
	housetest.Must(t, hand("lead"))
	if got := look()["7.1.1"]; stopped.Sub(got.Stopped).Abs() > time.Minute || (got.Passed.Sub(stopped)-time.Hour).Abs() > time.Minute {
		t.Errorf("after: %+v, stopped %v", got, stopped)
	}
}
