package web

import (
	"net/http"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// slipForm is a slip as the firm's paper form (外带审批单).
func (f *face) slipForm(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	firm, err := f.Firm(r.Context())
	if err != nil {
		return err
	}
	var s carrier.Slip
	var it carrier.Carrier
	p := carrier.Paperwork{Firm: firm}
	if err := f.Door.Do(r.Context(), v.Who, access.ViewCarrier, carrierThing(r.PathValue("carrier")), func(g *guard.Grant) error {
		all, err := f.Carriers.SlipsOf(g)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(s carrier.Slip) bool { return s.ID == r.PathValue("slip") })
		if i < 0 {
			return problem.New(problem.Absent, "没有找到，或者您无权知悉")
		}
		s, p.Made = all[i], g.Tx().Now
		g.Note("slip", s.ID)
		if it, _, err = f.Carriers.Get(g); err != nil {
			return err
		}
		if p.Names, err = f.People.Names(g.Tx(), s.People()); err != nil {
			return err
		}
		numbers, err := f.Matters.Numbers(g.Tx(), []string{it.Matter})
		p.Matter = numbers[it.Matter]
		return err
	}); err != nil {
		return err
	}
	pdf, err := s.Form(p, it)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `inline; filename="slip-`+slipNumber(s)+`.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(pdf)
	return err
}

func slipAddress(s carrier.Slip) string { return "/carriers/" + s.Carrier + "/slips/" + s.ID }

// approversOf are who approved or refused, with when and what they said.
func approversOf(lang text.Lang, s carrier.Slip, names map[string]string) string {
	var all []string
	for _, seat := range s.Seats {
		if seat.Decision == "" {
			continue
		}
		said := names[seat.DecidedBy] + " " + ui.Stamp(seat.Decided)
		if seat.Opinion != "" {
			said += lang.T("：") + seat.Opinion
		}
		all = append(all, said)
	}
	return strings.Join(all, lang.T("；"))
}

// past are the slips that do not stand any more.
func (h holding) past() (all []carrier.Slip) {
	for _, s := range h.slips {
		if !s.Stands() {
			all = append(all, s)
		}
	}
	return all
}
