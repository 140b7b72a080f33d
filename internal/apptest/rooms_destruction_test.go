package apptest

import (
	"maps"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/retention"
)

func init() {
	maps.Copy(rooms, map[string][]room{
		"/destruction":                             {{"handling", "/destruction"}, {"auditor", "/destruction"}},
		"/destruction/expired":                     {{"lead", "/destruction/expired"}},
		"/destruction/register":                    {{"lead", "/destruction/register"}},
		"/destruction/waste":                       {{"handling", "/destruction/waste"}},
		"/destruction/periods":                     {{"director", "/destruction/periods"}},
		"/destruction/holds":                       {{"security", "/destruction/holds"}},
		"/destruction/{list}":                      {{"lead", "/destruction/{list}"}, {"keeper", "/destruction/{list}"}},
		"/matters/{matter}/keeping":                {{"lead", "/matters/{matter}/keeping"}},
		"/matters/{matter}/keeping/{kind}/{thing}": {{"lead", "/matters/{matter}/keeping/material/{material}"}},
	})
	parts = append(parts, "/destruction/{list}/certificate")
}

// destruction puts a carrier on a list, for lead to appraise and keeper to carry out.
func (o *office) destruction(t *testing.T, matter, carrier string) (id string) {
	t.Helper()
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.RequestDestruction, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) (err error) {
		id, err = o.h.Retention.Request(g, retention.Asking{Items: []retention.Ref{{Kind: access.Carrier, ID: carrier}}, Reason: "客户要求销毁", Appraiser: o.ids["lead"], Destroyer: o.ids["keeper"]})
		return err
	}))
	return id
}
