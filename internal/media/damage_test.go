package media_test

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/parcel"
	"mijuan/internal/problem"
	"mijuan/internal/storetest"
)

// TestDamagedExport: of an export whose passphrase or findings have lost a bit nothing leaves, until they are whole again.
func TestDamagedExport(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			o := found(t, engine)
			a := o.material("协议", "股权转让协议正文", classification.Confidential)
			o.must(o.lend(o.medium, "handling"))
			id, passphrase := o.granted(o.medium, parcel.Zip, a)
			for _, column := range [][2]string{{"media_export", "sealed_passphrase"}, {"media_export_item", "sealed_name"}} {
				mend := storetest.Damage(t, o.House.DB, column[0], column[1])
				_, _, err := o.fetch("handling", id)
				o.wants(problem.Damaged, err, "fetching without "+column[1])
				mend()
			}
			mend := storetest.Damage(t, o.House.DB, "media_export_item", "sealed_name")
			o.wants(problem.Damaged, o.do("handling", access.ViewExport, guard.Thing{Kind: access.Export, ID: id}, func(g *guard.Grant) error {
				_, _, err := o.House.Media.Get(g)
				return err
			}), "looking at it")
			mend()
			content, name, err := o.fetch("handling", id)
			o.must(err)
			opened(t, name, passphrase, content, map[string]string{"协议": "股权转让协议正文"})
		})
	}
}
