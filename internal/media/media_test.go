package media_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/media"
	"mijuan/internal/problem"
	"mijuan/internal/storetest"
)

// TestMedium walks a medium from its registration to its end: rated by another, lent for a term, checked by somebody who did not use it.
func TestMedium(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := found(t, engine)
			entry := media.Entry{Form: carrier.Stick, Model: "优盘", Serial: "AA00", Vendor: "0781", Product: "5583", Keeper: o.IDs["logistics"]}
			add := func(by string, change func(*media.Entry)) error {
				e := entry
				if change != nil {
					change(&e)
				}
				return o.firm(by, access.ManageMedia, func(g *guard.Grant) error { _, err := o.House.Media.Add(g, e); return err })
			}
			for what, change := range map[string]func(*media.Entry){"no serial": func(e *media.Entry) { e.Serial = " " }, "paper": func(e *media.Entry) { e.Form = carrier.Paper }, "no vendor": func(e *media.Entry) { e.Vendor = "" },
				"no hexadecimal": func(e *media.Entry) { e.Product = "55g3" }, "a line break": func(e *media.Entry) { e.Serial = "A\nallow" }, "no keeper": func(e *media.Entry) { e.Keeper = "" }} {
				o.wants(problem.Invalid, add("custodian", change), what)
			}
			o.wants(problem.Refused, add("lead", nil), "a lawyer registers")
			o.must(add("logistics", nil))
			o.wants(problem.Conflict, add("custodian", func(e *media.Entry) { e.Vendor = "0781" }), "the same serial number")
			o.must(add("custodian", func(e *media.Entry) {
				e.Form, e.Vendor, e.Product, e.Serial = carrier.Optical, "", "", "光盘 2026-01"
			}))

			m := o.one(o.medium)
			if m.Label() != "JZ-0001" || m.State != media.OnShelf || m.Level != classification.Secret || m.Holder != o.IDs["custodian"] {
				t.Errorf("registered as %+v", m)
			}
			fresh := ""
			o.must(o.firm("custodian", access.ReadMedia, func(g *guard.Grant) error {
				all, total, err := o.House.Media.List(g, media.Filter{Text: "aa00"})
				if total != 1 {
					t.Errorf("found %d of the serial", total)
				}
				fresh = all[0].ID
				return err
			}))
			o.wants(problem.Conflict, o.lend(fresh, "handling"), "lend what is not rated")
			o.wants(problem.Refused, o.firm("system", access.RateMedium, func(g *guard.Grant) error { return o.House.Media.Rate(g, fresh, classification.Secret, "x") }), "another rates")

			o.must(o.lend(o.medium, "handling"))
			o.wants(problem.Conflict, o.lend(o.medium, "lead"), "lend it twice")
			if m := o.one(o.medium); m.State != media.OnLoan || m.Holder != o.IDs["handling"] || m.Due.IsZero() {
				t.Errorf("lent: %+v", m)
			}
			o.wants(problem.Conflict, o.firm("custodian", access.ManageMedia, func(g *guard.Grant) error { return o.House.Media.Scrap(g, o.medium, o.IDs["lead"], "旧了") }), "scrap what is lent")
			o.refused(o.check("handling", o.medium, media.Unused), "find-system", "the user checks")
			o.wants(problem.Absent, o.check("lead", o.medium, media.Unused), "somebody who may not know of it checks")
			o.wants(problem.Invalid, o.check("custodian", o.medium, "prayer"), "an unknown wiping")
			o.clock.Forward(6 * 24 * time.Hour)
			o.must(o.firm("handling", access.UseSystem, func(g *guard.Grant) error {
				late, _, err := o.House.Media.Waiting(g)
				if len(late) != 1 {
					t.Errorf("%d media are late", len(late))
				}
				return err
			}))
			o.must(o.check("custodian", o.medium, media.Unused))
			m = o.one(o.medium)
			if m.State != media.OnShelf || m.UsedBy != "" || len(m.Loans) != 1 || m.Loans[0].Checker != o.IDs["custodian"] || m.Loans[0].Wipe != media.Unused {
				t.Errorf("back: %+v", m)
			}

			o.must(o.lend(o.medium, "custodian")) // who keeps it uses it
			o.refused(o.check("custodian", o.medium, media.Unused), "find-system", "a custodian checks their own use")
			o.must(o.check("logistics", o.medium, "overwrite"))
			o.wants(problem.Invalid, o.firm("custodian", access.ManageMedia, func(g *guard.Grant) error { return o.House.Media.Scrap(g, o.medium, o.IDs["custodian"], "旧了") }), "one's own witness")
			o.must(o.firm("custodian", access.ManageMedia, func(g *guard.Grant) error { return o.House.Media.Scrap(g, o.medium, o.IDs["lead"], "旧了") }))
			if m := o.one(o.medium); m.State != media.Ended || m.Level != 0 || len(m.Events) != 7 {
				t.Errorf("at its end: %+v", m)
			}
			o.wants(problem.Conflict, o.lend(o.medium, "handling"), "lend what was struck off")
			o.wants(problem.Refused, o.check("logistics", o.medium, "overwrite"), "check what was struck off")
		})
	}
}
