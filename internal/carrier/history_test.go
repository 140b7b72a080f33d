package carrier_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
)

// TestLoans: loans follow from the moves, and only who may know the carriers reads of them.
func TestLoans(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ids, err := o.register("handling", deed)
		o.must(err)
		read := func(by string) (loans []carrier.Loan) {
			t.Helper()
			o.must(o.do(by, access.ViewMatter, access.Matter, o.matter, func(g *guard.Grant) (err error) {
				page, err := o.House.Carriers.Loans(g, carrier.LoanFilter{Matter: o.matter})
				loans = page.Loans
				return err
			}))
			return loans
		}
		o.must(o.offer("handling", ids[0], "lead", o.clock.Now().Add(48*time.Hour)))
		if loans := read("lead"); len(loans) != 0 {
			t.Errorf("lent before it was taken: %+v", loans)
		}
		o.must(o.take("lead", ids[0]))
		loans := read("lead")
		if len(loans) != 1 || loans[0].Borrower != o.IDs["lead"] || loans[0].Lender != o.IDs["handling"] || loans[0].Purpose != "开庭准备" || !loans[0].Over.IsZero() || loans[0].Title == "" {
			t.Errorf("lent: %+v", loans)
		}
		o.clock.Forward(time.Hour)
		o.must(o.offer("lead", ids[0], "handling", time.Time{}))
		o.must(o.take("handling", ids[0]))
		loans = read("lead")
		if len(loans) != 1 || loans[0].Over.IsZero() || loans[0].End != carrier.Taken {
			t.Errorf("returned: %+v", loans)
		}
		if loans := read("trainee"); len(loans) != 0 {
			t.Errorf("below the level: %+v", loans)
		}
	})
}
