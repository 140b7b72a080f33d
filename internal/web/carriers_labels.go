package web

import (
	"net/http"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
)

// carrierLabel is the label of one carrier, for who keeps it.
func (f *face) carrierLabel(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	l, err := do(r.Context(), f.Door, v.Who, access.ViewCarrier, carrierThing(r.PathValue("carrier")), func(g *guard.Grant) (l carried, err error) {
		g.Note("labels", 1)
		it, _, err := f.Carriers.Get(g)
		if err != nil {
			return l, err
		}
		l.now, l.page.Carriers = g.Tx().Now, living([]carrier.Carrier{it})
		l.matters, err = f.Matters.Numbers(g.Tx(), []string{it.Matter})
		return l, err
	})
	if err != nil {
		return err
	}
	return f.sendLabels(w, r, l)
}

// living are the carriers that a label can be stuck on: a number that has ended is not printed again.
func living(all []carrier.Carrier) []carrier.Carrier {
	return slices.DeleteFunc(all, func(it carrier.Carrier) bool { return it.State == access.Ended })
}

// matterLabels are the labels of what was registered at once, or of everything in the matter that has not ended.
func (f *face) matterLabels(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	in, batch := r.PathValue("matter"), r.URL.Query().Get("batch")
	l, err := do(r.Context(), f.Door, v.Who, access.ViewMatter, matterThing(in), func(g *guard.Grant) (l carried, err error) {
		for offset := 0; ; offset += 200 {
			part, err := f.readCarriers(g, carrier.Filter{Matter: in, Batch: batch, Offset: offset, Limit: 200})
			if err != nil {
				return l, err
			}
			l.now, l.matters = part.now, part.matters
			l.page.Carriers = append(l.page.Carriers, living(part.page.Carriers)...)
			if !part.page.More {
				break
			}
		}
		g.Note("labels", len(l.page.Carriers))
		l.matters, err = f.Matters.Numbers(g.Tx(), []string{in})
		return l, err
	})
	if err != nil {
		return err
	}
	return f.sendLabels(w, r, l)
}

// labelAt is where the labels of an address are printed on a stock.
func labelAt(address string, on carrier.Stock) string {
	sign := "?"
	if strings.Contains(address, "?") {
		sign = "&"
	}
	return address + sign + "stock=" + string(on)
}

// stockOf is what the labels are printed on: the first of the stocks, unless the address says another.
func stockOf(r *http.Request) carrier.Stock {
	if on := r.URL.Query().Get("stock"); on != "" {
		return carrier.Stock(on)
	}
	return carrier.Stocks[0]
}

// sendLabels sends the sheets; l names each carrier's matter by its number.
func (f *face) sendLabels(w http.ResponseWriter, r *http.Request, l carried) error {
	if len(l.page.Carriers) == 0 {
		return problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	pdf, err := carrier.Labels(firm, l.now, stockOf(r), l.matters, l.page.Carriers)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="labels.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(pdf)
	return err
}
