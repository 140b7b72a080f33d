package directory_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/person"
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

// TestCorrect: the security administrator corrects name, department and licence with a reason, as a list would; nobody else does, not their own,
// and not with a number that is wrong or another's. The address for mail stays.
func TestCorrect(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		set := func(by, of string, d person.Details, why string) error {
			return o.House.Door.Do(context.Background(), o.Who(by), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs[of]},
				func(g *guard.Grant) error { return o.House.Directory.Correct(g, d, why) })
		}
		right := person.Details{Name: "欧阳持正", Department: "争议解决部", Licence: "13101201911234567"}
		for _, wrong := range []struct {
			by, of string
			d      person.Details
			why    string
			kind   problem.Kind
		}{
			{"lead", "handling", right, "改名", problem.Refused},
			{"security", "security", right, "改名", problem.Refused},
			{"security", "handling", right, " ", problem.Invalid},
			{"security", "handling", person.Details{Name: " "}, "改名", problem.Invalid},
			{"security", "handling", person.Details{Name: "欧阳持正", Licence: "1234"}, "改名", problem.Invalid},
		} {
			wants(t, wrong.kind, set(wrong.by, wrong.of, wrong.d, wrong.why))
		}
		if err := o.House.Door.Do(context.Background(), o.Who("security"), access.Appoint, guard.Thing{Kind: access.Person, ID: o.IDs["handling"]},
			func(g *guard.Grant) error { return o.House.People.SetMail(g, "handling@firm.example", "登记") }); err != nil {
			t.Fatal(err)
		}
		if err := set("security", "handling", right, "改名"); err != nil {
			t.Fatal(err)
		}
		wants(t, problem.Invalid, set("security", "handling", right, "再来一次"))
		wants(t, problem.Invalid, set("security", "trainee", person.Details{Name: "某人", Licence: right.Licence}, "重号"))
		if err := o.House.Door.Do(context.Background(), o.Who("lead"), access.ReadRoster, guard.Firm, func(g *guard.Grant) error {
			page, err := o.House.People.List(g, person.Query{Text: "欧阳持正"})
			if len(page.Persons) != 1 || page.Persons[0].Department != right.Department || page.Persons[0].Licence != right.Licence || page.Persons[0].Mail != "handling@firm.example" {
				t.Errorf("the roster has %+v", page.Persons)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}
