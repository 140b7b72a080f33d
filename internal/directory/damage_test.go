package directory_test

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/directory"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/storetest"
)

// TestDamagedList: a list that waits and has lost a bit is neither planned nor imported; a member whose id in the directory has is not given.
func TestDamagedList(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, _ := o.look(csv("login,name,posts", "newcomer,新人,trainee"))
		plan := func() error {
			return o.firm("security", func(g *guard.Grant) error { _, err := o.House.Directory.Plan(g, id); return err })
		}
		mend := storetest.Damage(t, o.House.DB, "directory_list", "sealed_list")
		wants(t, problem.Damaged, plan())
		_, err := o.imports(id)
		wants(t, problem.Damaged, err)
		mend()
		housetest.Must(t, plan())

		var made directory.Member
		housetest.Must(t, o.House.Door.Do(t.Context(), o.Who("security"), access.SyncRoster, guard.Firm, func(g *guard.Grant) (err error) {
			made, err = o.House.Directory.Add(g, directory.Member{Login: "kestrel", Name: "柯思", External: "S-1-5-21", Active: true, Title: "律师"})
			return err
		}))
		member := func(id string) error {
			return o.House.Door.Do(t.Context(), o.Who("security"), access.SyncRoster, guard.Firm, func(g *guard.Grant) error { _, err := o.House.Directory.Member(g, id); return err })
		}
		mend = storetest.Damage(t, o.House.DB, "directory_entry", "sealed_external")
		wants(t, problem.Damaged, member(made.ID))
		housetest.Must(t, member(o.IDs["lead"]))
		mend()
		housetest.Must(t, member(made.ID))
	})
}

// imports imports what a list that waits says.
func (o *office) imports(id string) (done directory.Plan, err error) {
	err = o.firm("security", func(g *guard.Grant) (err error) {
		done, _, err = o.House.Directory.Import(g, id, "", false)
		return err
	})
	return done, err
}
