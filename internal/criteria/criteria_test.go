package criteria_test

import (
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/criteria"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestEditions: the committee publishes, nobody else; an edition is never changed; each level is on record with the edition in force then.
func TestEditions(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := housetest.Settings(t)
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			o.Hire("member", access.Committee)
			publish := func(login string, texts map[classification.Level]string) (n int, err error) {
				err = o.House.Door.Do(t.Context(), o.Who(login), access.SetCriteria, guard.Firm, func(g *guard.Grant) (err error) {
					n, err = o.House.Criteria.Publish(g, texts)
					return err
				})
				return n, err
			}
			editions := func() (all []criteria.Edition) {
				housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("trainee"), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
					all, err = o.House.Criteria.Editions(g)
					return err
				}))
				return all
			}
			first := editions()
			if len(first) != 1 || first[0].Version != 1 || first[0].By != "" || len(first[0].Lines(classification.TopSecret)) < 3 {
				t.Fatalf("with the program came %+v", first)
			}
			in := o.OpenMatter("股权纠纷", "云麓科技有限公司")
			early := o.Receive(in, "a.txt", "起诉状", "起诉", classification.Secret)

			texts := map[classification.Level]string{classification.TopSecret: " 并购底价 \n\n核心代码", classification.Secret: "未公开的合同", classification.Confidential: "往来事务"}
			for _, login := range []string{"lead", "director", "security", "auditor"} {
				if _, err := publish(login, texts); err == nil {
					t.Errorf("%s published", login)
				}
			}
			n, err := publish("member", texts)
			if err != nil || n != 2 {
				t.Fatalf("published %d, %v", n, err)
			}
			if _, err := publish("member", texts); !problem.Is(err, problem.Conflict) {
				t.Errorf("the same again: %v", err)
			}
			for _, bad := range []string{"", " \n ", strings.Repeat("字", criteria.Most+1), "\xff"} {
				texts[classification.Secret] = bad
				if _, err := publish("member", texts); !problem.Is(err, problem.Invalid) {
					t.Errorf("published with %.10q: %v", bad, err)
				}
			}
			all := editions()
			if len(all) != 2 || all[0].Version != 2 || all[0].By != o.IDs["member"] || all[0].Published.IsZero() || all[0].Texts[classification.TopSecret] != "并购底价\n核心代码" {
				t.Errorf("the editions are %+v", all)
			}
			if len(all) == 2 && all[1].Texts[classification.Secret] != first[0].Texts[classification.Secret] {
				t.Error("the first edition has changed")
			}

			late := o.Receive(in, "b.txt", "答辩状", "答辩", classification.Secret)
			o.Review(early, classification.Secret)
			for id, want := range map[string][]int{early: {1, 2}, late: {2}} {
				var levels []material.Leveling
				housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("lead"), access.View, guard.Thing{Kind: access.Material, ID: id}, func(g *guard.Grant) (err error) {
					levels, err = o.House.Shelf.Levels(g)
					return err
				}))
				var got []int
				for _, l := range levels {
					got = append(got, l.Criteria)
				}
				if len(got) != len(want) || got[0] != want[0] || got[len(got)-1] != want[len(want)-1] {
					t.Errorf("%s was levelled by %v, want %v", id, got, want)
				}
			}
		})
	}
}
