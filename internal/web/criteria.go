package web

import (
	"net/http"
	"net/url"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/criteria"
	"mijuan/internal/guard"
	"mijuan/internal/server"
)

func (f *face) criteriaRoutes() []server.Route[*Visitor] {
	return []server.Route[*Visitor]{
		get("/criteria", server.Signed, f.criteria),
		post("/criteria", server.Signed, f.publishCriteria),
	}
}

// standards are the criteria for levels by edition.
type standards struct {
	editions []criteria.Edition
	shown    criteria.Edition
	names    map[string]string
	publish  bool
	form     url.Values
	failed   error
}

func (f *face) criteria(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	return f.showCriteria(w, r, v, nil)
}

func (f *face) showCriteria(w http.ResponseWriter, r *http.Request, v *Visitor, failed error) error {
	x, err := do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, func(g *guard.Grant) (x standards, err error) {
		if x.editions, err = f.Criteria.Editions(g); err != nil || len(x.editions) == 0 {
			return x, err
		}
		x.shown = x.editions[0]
		var ids []string
		for _, e := range x.editions {
			ids = append(ids, e.By)
			if editionCode(e) == r.URL.Query().Get("version") {
				x.shown = e
			}
		}
		x.names, err = f.People.Names(g.Tx(), ids)
		return x, err
	})
	if err != nil {
		return err
	}
	can, err := f.Door.Can(r.Context(), v.Who, guard.Firm, access.SetCriteria)
	if err != nil {
		return err
	}
	x.publish, x.form, x.failed = can[access.SetCriteria].Outcome == access.Permit, form(r), failed
	return send(w, r, criteriaPage(f.shell(r, v, "定密标准"), v, x))
}

func (f *face) publishCriteria(w http.ResponseWriter, r *http.Request, v *Visitor) error {
	form, texts := form(r), map[classification.Level]string{}
	for _, l := range classification.Levels {
		texts[l] = form.Get(l.String())
	}
	_, err := do(r.Context(), f.Door, v.Who, access.SetCriteria, guard.Firm, func(g *guard.Grant) (int, error) { return f.Criteria.Publish(g, texts) })
	if err != nil && correctable(err) {
		return f.showCriteria(w, r, v, err)
	}
	if err != nil {
		return err
	}
	return see(w, r, "/criteria")
}

// criteriaInForce is what stands beside the choice of a level.
func (f *face) criteriaInForce(r *http.Request, v *Visitor) (criteria.Edition, error) {
	return do(r.Context(), f.Door, v.Who, access.UseSystem, guard.Firm, f.Criteria.InForce)
}

// levelsDown are the levels from the greatest harm to the least.
func levelsDown() []classification.Level {
	all := slices.Clone(classification.Levels)
	slices.Reverse(all)
	return all
}
