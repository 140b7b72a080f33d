package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/rights"
	"mijuan/internal/store"
)

// requests are of every kind: a place that waits for the lead, posts that wait for the director, and posts that wait to be carried out.
func (o *office) requests(t *testing.T, in string) {
	t.Helper()
	var number string
	must(t, o.h.DB.Read(t.Context(), func(tx *store.Tx) error {
		n, err := o.h.Matters.Numbers(tx, []string{in})
		number = n[in]
		return err
	}))
	ask := func(by string, f func(*guard.Grant) error) {
		t.Helper()
		must(t, o.h.Door.Do(t.Context(), worker(o.ids[by]), access.RequestRights, guard.Thing{Kind: access.Person, ID: o.ids[by]}, f))
	}
	ask("outsider", func(g *guard.Grant) error {
		return o.h.Rights.AskPlace(g, rights.Wanted{Number: number, Duty: matter.Assisting, Level: classification.Secret, Listed: true, Until: g.Tx().Now.AddDate(0, 3, 0)}, "协助整理股权变更的工商档案，预计三个月")
	})
	ask("lead", func(g *guard.Grant) error {
		return o.h.Rights.AskPlace(g, rights.Wanted{Number: "2026-民-9999", Duty: matter.Handling, Level: classification.Confidential}, "与本人承办的案件有关联")
	})
	ask("trainee", func(g *guard.Grant) error {
		_, err := o.h.Rights.AskPosts(g, o.ids["trainee"], []access.Post{access.Lawyer}, "取得律师执业证，转为执业律师")
		return err
	})
	ask("lead", func(g *guard.Grant) error {
		_, err := o.h.Rights.AskPosts(g, o.ids["lead"], []access.Post{access.Auditor}, "转任审计员，不再办理案件")
		return err
	})
	var waiting []rights.Request
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { waiting, err = o.h.Rights.Waiting(g); return err }))
	for _, q := range waiting {
		if q.Person == o.ids["lead"] {
			must(t, o.h.Door.Do(t.Context(), worker(o.ids["director"]), access.DecideRights, guard.Thing{Kind: access.Person, ID: q.Person}, func(g *guard.Grant) error {
				return o.h.Rights.DecidePosts(g, q.ID, true, "同意，先办好交接")
			}))
		}
	}
}
