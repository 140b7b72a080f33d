package apptest

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/media"
	"mijuan/internal/parcel"
)

// medium is a stick that is lent to handling, and an export of a material to it that waits to be scanned.
func (o *office) medium(t *testing.T, matter string) (id, export string) {
	t.Helper()
	do := func(by string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
		t.Helper()
		must(t, o.h.Door.Do(t.Context(), worker(o.ids[by]), act, thing, f))
	}
	do("system", access.ManageMedia, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.h.Media.Add(g, media.Entry{Form: carrier.Stick, Model: "加密优盘 64 GB", Serial: "E0D55EA573F0", Vendor: "0951", Product: "1666", Keeper: o.ids["system"]})
		return err
	})
	do("security", access.RateMedium, guard.Firm, func(g *guard.Grant) error { return o.h.Media.Rate(g, id, classification.Secret, "已检查") })
	do("system", access.ManageMedia, guard.Firm, func(g *guard.Grant) error {
		return o.h.Media.Lend(g, id, media.Lending{Person: o.ids["handling"], Purpose: "开庭出示证据", Device: "SB-0001", Due: g.Tx().Now.Add(72 * time.Hour)})
	})
	material := o.receive(matter, "export.txt", "付款清单", []byte("付款清单"), "secret")
	o.review(material, "secret")
	do("handling", access.PrepareExport, guard.Thing{Kind: access.Matter, ID: matter}, func(g *guard.Grant) (err error) {
		export, err = o.h.Media.Prepare(g, media.Plan{Materials: []string{material}, Medium: id, Format: parcel.Zip, Purpose: "开庭出示证据"})
		return err
	})
	return id, export
}
