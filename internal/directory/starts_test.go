package directory_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// TestStarts: the security administrator corrects the day on which somebody joined, with a reason; nobody else does, and not their own.
func TestStarts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		set := func(by, of, day, why string) error {
			return o.House.Door.Do(context.Background(), o.Who(by), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs[of]},
				func(g *guard.Grant) error { return o.House.Directory.SetStarts(g, day, why) })
		}
		for _, wrong := range []struct {
			by, of, day, why string
			kind             problem.Kind
		}{
			{"lead", "handling", "2019-03-01", "补录", problem.Refused},
			{"security", "security", "2019-03-01", "补录", problem.Refused},
			{"security", "handling", "三月", "补录", problem.Invalid},
			{"security", "handling", "2999-03-01", "补录", problem.Invalid},
			{"security", "handling", "2019-03-01", " ", problem.Invalid},
		} {
			wants(t, wrong.kind, set(wrong.by, wrong.of, wrong.day, wrong.why))
		}
		for _, day := range []string{"2019-03-01", "2020-03-01"} {
			if err := set("security", "handling", day, "补录"); err != nil {
				t.Fatal(err)
			}
			var got string
			if err := o.House.Door.Do(context.Background(), o.Who("lead"), access.ReadRoster, guard.Firm, func(g *guard.Grant) (err error) {
				got, err = o.House.Directory.Starts(g, o.IDs["handling"])
				return err
			}); err != nil || got != day {
				t.Errorf("the day is %q: %v", got, err)
			}
		}
	})
}
