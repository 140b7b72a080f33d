package carrier_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/matter"
	"mijuan/internal/render"
	"mijuan/internal/viewing"
)

func (o *office) knowers(by string, f knower.Filter) knower.Page {
	o.t.Helper()
	var page knower.Page
	o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { page, err = o.House.Knowers.List(g, f); return err }))
	return page
}

func (o *office) look(by, material string) {
	o.t.Helper()
	o.must(o.House.Viewing.Page(context.Background(), o.Who(by), viewing.Viewer{Name: by, Login: by}, viewing.Sight{Material: material, Page: 1, Width: viewing.Widths[0]}, func(render.Image) error { return nil }))
}

// TestKnowers: whoever comes to know something top secret, by its carrier or its file, stands in the register from then on, with by whose hands and
// by whose leave; each reads of what they may know, by number or by title, in any order of pages.
func TestKnowers(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.do("lead", access.ManageTeam, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["handling"], Duty: matter.Handling, Clearance: classification.TopSecret, Listed: true})
		}))
		raised := o.Receive(o.matter, "a.txt", "证人名单", "证人三名", classification.Secret)
		o.Review(raised, classification.Secret)
		o.look("handling", raised)
		if all := o.knowers("lead", knower.Filter{}).Knowers; len(all) != 0 {
			t.Fatalf("before anything was top secret: %+v", all)
		}
		o.clock.Forward(time.Minute)
		o.must(o.House.Door.Do(context.Background(), o.Who("handling"), access.Propose, guard.Thing{Kind: access.Material, ID: raised, Level: classification.TopSecret}, func(g *guard.Grant) error {
			return o.House.Shelf.Propose(g, "涉及证人安全", o.IDs["lead"])
		}))
		o.Review(raised, classification.TopSecret)
		o.look("lead", raised)
		o.look("lead", raised) // a second time is no news
		top := deed
		top.Level, top.Copies = classification.TopSecret, 2
		ids, err := o.register("lead", top)
		o.must(err)
		o.clock.Forward(time.Minute)
		o.must(o.offer("lead", ids[0], "keeper", time.Time{}))
		o.must(o.take("keeper", ids[0]))
		o.must(o.askOut("lead", ids[1], func(s *carrier.Slip) { s.Companion, s.Measures = o.IDs["handling"], carrier.Measures }))
		o.must(o.decideOut("director", ids[1], true, ""))
		o.must(o.goOut("lead", ids[1]))
		o.register("handling", deed) // not top secret

		all := o.knowers("lead", knower.Filter{}).Knowers
		type said struct {
			person, handler string
			manner          knower.Manner
		}
		var got []said
		names := map[string]string{}
		for login, id := range o.IDs {
			names[id] = login
		}
		for _, k := range all {
			got = append(got, said{names[k.Person], names[k.Handler], k.Manner})
			if !k.Known || k.Title == "" || k.Number == "" {
				t.Errorf("the lead is not told what it was: %+v", k)
			}
		}
		want := []said{{"handling", "lead", knower.Along}, {"keeper", "lead", knower.Taken}, {"lead", "lead", knower.Registered}, {"lead", "lead", knower.Registered}, {"lead", "lead", knower.Read},
			{"lead", "lead", knower.Reviewed}, {"handling", "handling", knower.Received}, {"handling", "handling", knower.Read}}
		sorted := func(s []said) []said {
			s = slices.Clone(s)
			slices.SortFunc(s, func(a, b said) int {
				return slices.Compare([]string{a.person, string(a.manner)}, []string{b.person, string(b.manner)})
			})
			return s
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			t.Errorf("who knew:\n%v, not\n%v", sorted(got), sorted(want))
		}
		if first := all[len(all)-1]; first.Manner != knower.Read || names[first.Person] != "handling" || first.Lister != o.IDs["lead"] {
			t.Errorf("who had read it before it was raised is not the first: %+v", first)
		}
		if along := all[slices.IndexFunc(all, func(k knower.Knower) bool { return k.Manner == knower.Along })]; along.Approval == "" || along.Thing != ids[1] {
			t.Errorf("by no leave: %+v", along)
		}

		for by, n := range map[string]int{"lead": 8, "handling": 8, "trainee": 0, "outsider": 0, "walled": 0, "director": 0, "security": 0, "member": 0, "keeper": 4, "auditor": 8} {
			page := o.knowers(by, knower.Filter{}).Knowers
			if len(page) != n {
				t.Errorf("%s reads %d rows, not %d: %+v", by, len(page), n, page)
			}
			for _, k := range page {
				if (by == "keeper" || by == "auditor") && (k.Known || k.Title != "") || by == "keeper" && k.Kind != access.Carrier {
					t.Errorf("%s is told %+v", by, k)
				}
			}
		}
		for _, c := range []struct {
			f knower.Filter
			n int
		}{{knower.Filter{Matter: o.matter}, 8}, {knower.Filter{Matter: "another"}, 0}, {knower.Filter{Person: o.IDs["handling"]}, 3}, {knower.Filter{Manner: knower.Taken}, 1}, {knower.Filter{Since: all[0].At}, 1}, {knower.Filter{Until: all[0].At}, 7}, {knower.Filter{After: "?.?"}, 8}} {
			if page := o.knowers("lead", c.f).Knowers; len(page) != c.n {
				t.Errorf("%+v finds %d, not %d", c.f, len(page), c.n)
			}
		}
		var paged []string
		for f, n := (knower.Filter{Limit: 3}), 0; n < 5; n++ {
			page := o.knowers("lead", f)
			for _, k := range page.Knowers {
				paged = append(paged, k.ID)
			}
			if f.After = page.Next; f.After == "" {
				break
			}
		}
		for i, k := range all {
			if i >= len(paged) || paged[i] != k.ID {
				t.Fatalf("pages do not give what the whole gives: %v", paged)
			}
		}
		o.must(o.do("keeper", access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
			matters, people, err := o.House.Knowers.Sides(g)
			if len(matters) != 1 || len(people) != 3 {
				t.Errorf("to narrow by: %v %v", matters, people)
			}
			return err
		}))
	})
}
