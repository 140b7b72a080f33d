package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/web/ui"
)

// plea is the form for asking leave.
type plea struct {
	act    access.Act
	thing  guard.Thing
	number string
	route  []access.Stage
	why    []access.Reason
	form   url.Values
	failed error
}

func (f *face) askForm(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showAsk(w, r, v, r.URL.Query(), nil)
}

func (f *face) showAsk(w http.ResponseWriter, r *http.Request, v *Visitor, form url.Values, failed error) error {
	p := plea{act: access.Act(form.Get("act")), form: form, failed: failed}
	kind, known := askable[p.act]
	if !known {
		return nowhere(w, r, v)
	}
	p.thing = guard.Thing{Kind: kind, ID: form.Get("thing")}
	can, err := f.Door.Can(r.Context(), v.Who, p.thing, p.act)
	if err != nil {
		return err
	}
	d := can[p.act]
	if d.Outcome != access.NeedsApproval { // the act itself says what it is, also that it is none of the visitor's business
		if err := f.Door.Ask(r.Context(), v.Who, p.act, p.thing, func(*guard.Grant) error { return nil }); err != nil {
			return err
		}
		return nowhere(w, r, v)
	}
	p.route, p.why = d.Route(), d.Reasons
	numbers, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (map[string]string, error) {
		return f.Labels(g.Tx(), kind, []string{p.thing.ID})
	})
	if err != nil {
		return err
	}
	p.number = numbers[p.thing.ID]
	return send(w, r, askPage(f.shell(r, v, "申请批准", ui.Crumb{Name: v.Lang.T("审批中心"), Href: "/approvals?whose=mine"}), v, p))
}

func (f *face) askLeave(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, id := form(r), ""
	act := access.Act(form.Get("act"))
	kind, known := askable[act]
	if !known {
		return nowhere(w, r, v)
	}
	a := approval.Ask{Purpose: ui.ReasonOf(form, "purpose", purposes(v.Lang)), Scope: form.Get("scope"), Measures: form.Get("measures")}
	days, _ := strconv.Atoi(form.Get("days")) // none: the usual term
	err := f.Door.Ask(r.Context(), v.Who, act, guard.Thing{Kind: kind, ID: form.Get("thing")}, func(g *guard.Grant) (err error) {
		now := g.Tx().Now
		if a.From, err = beginning(form.Get("from"), now); err != nil {
			return err
		}
		if days > 0 {
			a.Until = a.From.Add(time.Duration(min(days, 365)) * 24 * time.Hour)
		}
		id, err = f.Approvals.Request(g, a)
		return err
	})
	if err != nil && correctable(err) {
		return f.showAsk(w, r, v, form, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/approvals/"+id)
}

// beginning is from when on leave is asked for: the day that was typed, or now for none and for today.
func beginning(typed string, now time.Time) (time.Time, error) {
	if typed == "" || typed == ui.Date(now) {
		return now, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, chinaTime)
	if err != nil {
		return now, problem.New(problem.Invalid, "请填写日期").In("from")
	}
	return day, nil
}
