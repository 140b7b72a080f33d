package web

import (
	"net/http"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/text"
	"mijuan/internal/web/ui"
)

// duties is how much a person answers for (3.3): numbers and no names.
type duties struct {
	of      map[leaving.Kind]int
	handled int
}

// dutiesOf passes the door as who may know what the person answers for.
func (f *face) dutiesOf(r *http.Request, v *Visitor, id string) (*duties, error) {
	d := &duties{of: map[leaving.Kind]int{}}
	return d, f.Door.Do(r.Context(), v.Who, access.ReadHoldings, personThing(id), func(g *guard.Grant) error {
		items, _, err := f.Leaving.Holdings(g)
		if err != nil {
			return err
		}
		for _, i := range items {
			d.of[i.Kind] += i.N
		}
		d.handled, err = matter.Handled(g.Tx(), id)
		return err
	})
}

// facts are the duties with where each is looked at: at list, or in the rooms of matters and materials when it is the visitor's own.
func (d *duties) facts(lang text.Lang, list, matters, materials, carriers string) (facts []ui.Fact) {
	add := func(label string, n int, href string) {
		fact := ui.Fact{Label: lang.T(label), Value: ui.Figure(int64(n))}
		if n > 0 {
			fact.Href = href
		}
		facts = append(facts, fact)
	}
	room := func(own, sub string) string {
		if own == "" {
			return list
		}
		return own + sub
	}
	add(leaving.Lead.Name(), d.of[leaving.Lead], room(matters, ""))
	add("参与办理的案件", d.handled, matters)
	add(leaving.Materials.Name(), d.of[leaving.Materials], room(materials, ""))
	add(leaving.Reviews.Name(), d.of[leaving.Reviews], room(materials, "?waiting=me"))
	add(leaving.Carriers.Name(), d.of[leaving.Carriers], room(carriers, "?whose=mine"))
	add(leaving.Devices.Name(), d.of[leaving.Devices], list)
	add(leaving.Media.Name(), d.of[leaving.Media], list)
	add(leaving.Uploads.Name(), d.of[leaving.Uploads], list)
	return facts
}
