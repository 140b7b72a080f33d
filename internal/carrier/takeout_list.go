package carrier

import (
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// SlipFilter narrows and pages the register of slips. A zero field narrows nothing.
type SlipFilter struct {
	State         SlipState
	Late          bool // only what should be back and is not
	Short         bool // only what came back short
	Level         classification.Level
	Number        string // part of the carrier's or the slip's
	ByDue         bool   // by the day on which it is due, else by when it was asked for
	Up            bool   // the first first, else the last
	Offset, Limit int    // Limit 0: all
}

// known are the slips that the caller may know, or decided about, as far as their own rows tell: how their requests stand is not read.
func (c *Cabinet) known(g *guard.Grant, f SlipFilter) (all []Slip, where map[string]access.Circumstances, err error) {
	tx, me := g.Tx(), g.Who().Person
	order := map[bool]string{true: "t.due", false: "t.asked"}[f.ByDue] + map[bool]string{true: "", false: " DESC"}[f.Up]
	rows, err := store.List(tx, c.scanSlip, selectSlip+` WHERE c.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0) ORDER BY `+order+`, t.id DESC`, me)
	if err != nil {
		return nil, nil, err
	}
	decided, err := c.approvals.DecidedBy(tx, me)
	if err != nil {
		return nil, nil, err
	}
	where = map[string]access.Circumstances{}
	for _, s := range rows {
		if f.Level != 0 && s.Level != f.Level || !strings.Contains(s.Number, f.Number) && !strings.Contains(s.Label(), f.Number) {
			continue
		}
		is, read := where[s.Matter]
		if !read {
			if is, err = matter.Relation(tx, s.Matter, me); err != nil {
				return nil, nil, err
			}
			where[s.Matter] = is
		}
		thing := access.Resource{Kind: access.Carrier, ID: s.Carrier, Matter: s.Matter, Level: s.Level, State: access.Held, Owner: s.holder, Exists: true}
		if s.Known = g.May(access.ViewCarrier, thing, is); s.Known || decided[s.Approval] {
			all = append(all, s)
		}
	}
	return all, where, nil
}

// Slips is the register of slips as far as the caller may know the carriers or decided about them, and without those of matters behind
// whose wall the caller stands. The act is useSystem, or exportRegister to take it along.
func (c *Cabinet) Slips(g *guard.Grant, f SlipFilter) (all []Slip, more bool, err error) {
	tx := g.Tx(access.UseSystem, access.ExportRegister)
	all, where, err := c.known(g, f)
	if err != nil {
		return nil, false, err
	}
	if f.State != "" || f.Late || f.Short {
		all = slices.DeleteFunc(all, func(s Slip) bool {
			if s.State == "" { // it has not left: its request tells
				err = c.approved(tx, &s)
			}
			return err != nil || f.State != "" && s.State != f.State || f.Late && !s.Overdue(tx.Now) || f.Short && !s.Short()
		})
		if err != nil {
			return nil, false, err
		}
	}
	all = all[min(f.Offset, len(all)):]
	if f.Limit > 0 && len(all) > f.Limit {
		all, more = all[:f.Limit], true
	}
	for i := range all {
		if err := c.approved(tx, &all[i]); err != nil {
			return nil, false, err
		}
		all[i].conceal(where[all[i].Matter], g.Who().Person)
	}
	return all, more, nil
}
