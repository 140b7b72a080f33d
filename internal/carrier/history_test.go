package carrier_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
)

// TestLoansAndKnowers: loans and who knew top secret follow from the moves, and only who may know the carriers reads of them.
func TestLoansAndKnowers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		top := deed
		top.Level = classification.TopSecret
		tops, err := o.register("lead", top)
		o.must(err)
		ids, err := o.register("handling", deed)
		o.must(err)
		read := func(by string) (loans []carrier.Loan, knew []carrier.Knower) {
			t.Helper()
			o.must(o.do(by, access.ViewMatter, access.Matter, o.matter, func(g *guard.Grant) (err error) {
				page, err := o.House.Carriers.Loans(g, carrier.LoanFilter{Matter: o.matter})
				if loans = page.Loans; err != nil {
					return err
				}
				knew, err = o.House.Carriers.Knowers(g)
				return err
			}))
			return loans, knew
		}
		o.must(o.offer("handling", ids[0], "lead", o.clock.Now().Add(48*time.Hour)))
		if loans, _ := read("lead"); len(loans) != 0 {
			t.Errorf("lent before it was taken: %+v", loans)
		}
		o.must(o.take("lead", ids[0]))
		loans, knew := read("lead")
		if len(loans) != 1 || loans[0].Borrower != o.IDs["lead"] || loans[0].Lender != o.IDs["handling"] || loans[0].Purpose != "开庭准备" || !loans[0].Over.IsZero() || loans[0].Title == "" {
			t.Errorf("lent: %+v", loans)
		}
		if len(knew) != 1 || knew[0].Person != o.IDs["lead"] || knew[0].Manner != carrier.Registered {
			t.Errorf("who knew: %+v", knew)
		}
		o.clock.Forward(time.Hour)
		o.must(o.offer("lead", ids[0], "handling", time.Time{}))
		o.must(o.take("handling", ids[0]))
		o.must(o.offer("lead", tops[0], "keeper", time.Time{}))
		o.must(o.take("keeper", tops[0]))
		loans, knew = read("lead")
		if len(loans) != 1 || loans[0].Over.IsZero() || loans[0].End != carrier.Taken {
			t.Errorf("returned: %+v", loans)
		}
		if len(knew) != 2 || knew[0].Person != o.IDs["keeper"] || knew[0].Handler != o.IDs["lead"] {
			t.Errorf("who knew: %+v", knew)
		}
		if loans, knew := read("trainee"); len(loans)+len(knew) != 0 {
			t.Errorf("below the level: %+v %+v", loans, knew)
		}
		if _, knew := read("handling"); len(knew) != 0 {
			t.Errorf("off the list: %+v", knew)
		}
	})
}
