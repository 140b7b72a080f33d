package api_test

import (
	"context"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/guard"
)

// askOriginal has handling ask leave to fetch a material's original, and gives the request's id.
func (o *office) askOriginal(material string) (id string) {
	o.T.Helper()
	must(o.T, o.House.Door.Ask(context.Background(), o.Who("handling"), access.FetchOriginal, guard.Thing{Kind: access.Material, ID: material}, func(g *guard.Grant) (err error) {
		id, err = o.House.Approvals.Request(g, approval.Ask{Purpose: "立案递交", Scope: "第 1 版"})
		return err
	}))
	return id
}
