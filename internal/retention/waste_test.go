package retention_test

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
)

func handing(to string) carrier.Handing { return carrier.Handing{To: to} }

// TestWaste: anybody writes down what they shredded, by a machine fine enough; others' entries are for few.
func TestWaste(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		shred := func(by string, w retention.Waste) error {
			return o.House.Door.Do(t.Context(), o.Who(by), access.ShredWaste, guard.Firm, func(g *guard.Grant) error { return o.House.Retention.Shred(g, w) })
		}
		good := retention.Waste{Level: classification.Secret, Pages: 12, Method: "shred-p5", Note: "草稿"}
		for name, change := range map[string]func(*retention.Waste){
			"no level": func(w *retention.Waste) { w.Level = 0 }, "no pages": func(w *retention.Waste) { w.Pages = 0 }, "too many": func(w *retention.Waste) { w.Pages = 10_001 },
			"too coarse": func(w *retention.Waste) { w.Method = "shred-p4" }, "a device's": func(w *retention.Waste) { w.Method = "crush-6" }, "two lines": func(w *retention.Waste) { w.Note = "一\n二" },
		} {
			w := good
			change(&w)
			if err := shred("trainee", w); !problem.Is(err, problem.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		o.must(shred("trainee", good))
		o.must(shred("clerk", good))
		for login, want := range map[string]int{"trainee": 1, "keeper": 2, "auditor": 2, "outsider": 0} {
			var all []retention.Waste
			o.must(o.House.Door.Do(t.Context(), o.Who(login), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
				all, _, err = o.House.Retention.Wastes(g, 0, 50)
				return err
			}))
			if len(all) != want || want > 0 && all[0].Note != "草稿" {
				t.Errorf("%s reads %d: %+v", login, len(all), all)
			}
		}
	})
}
