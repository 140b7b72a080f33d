package leaving_test

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/problem"
)

// TestDangersArePassedOn: what a leaver is to mend goes to a successor, what waits for its check too; what is confirmed does not.
func TestDangersArePassedOn(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		var ids []string
		for range 3 {
			o.at("outsider", access.RegisterDanger, guard.Firm, func(g *guard.Grant) error {
				id, err := o.House.Dangers.Register(g, danger.Finding{Place: "三楼", What: "打印机旁散放文件", Severity: danger.General, Found: g.Tx().Now})
				ids = append(ids, id)
				return err
			})
		}
		of := func(id string) guard.Thing { return guard.Thing{Kind: access.Danger, ID: id} }
		mend := func(by, id string) {
			o.at(by, access.MendDanger, of(id), func(g *guard.Grant) error { return o.House.Dangers.Mend(g, "设取件码", "已消除") })
		}
		for _, id := range ids {
			o.at("security", access.AssignDanger, of(id), func(g *guard.Grant) error {
				return o.House.Dangers.Assign(g, danger.Order{Responsible: o.IDs["handling"], Due: g.Tx().Now.AddDate(0, 0, 5), Severity: danger.General})
			})
		}
		mend("handling", ids[1])
		mend("handling", ids[2])
		o.at("director", access.CheckDanger, of(ids[2]), func(g *guard.Grant) error { return o.House.Dangers.Check(g, true, "") })
		o.must(o.begin("director", "handling", "auditor"))
		if n := o.counts("handling")[leaving.Dangers]; n != 2 {
			t.Fatalf("the list has %d dangers", n)
		}
		o.must(o.settle("director", "handling", leaving.Dangers, "", "heir"))
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Dangers, "", "heir"))
		if o.counts("handling")[leaving.Dangers] != 0 || o.counts("heir")[leaving.Dangers] != 2 {
			t.Error("nobody answers for the dangers")
		}
		mend("heir", ids[0])
		o.at("heir", access.ViewDanger, of(ids[1]), func(g *guard.Grant) error {
			d, err := o.House.Dangers.Get(g)
			if d.Responsible != o.IDs["heir"] || d.MendedBy != o.IDs["handling"] || len(d.Named) != 2 || d.Named[0].Responsible != o.IDs["handling"] || d.Named[1].Responsible != o.IDs["heir"] || d.Named[1].Instead != o.IDs["handling"] || d.Named[1].By != o.IDs["director"] {
				t.Errorf("handed over is %+v", d)
			}
			return err
		})
	})
}
