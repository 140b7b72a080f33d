package retention_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// made says that a carrier was printed from a material, or copied from a carrier, long ago.
func (o *office) made(id, material, source string) {
	o.t.Helper()
	o.must(o.House.DB.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE carrier SET material = $2, source = $3, form = $4 WHERE id = $1`, id, material, source, map[bool]string{true: "printed", false: "copy"}[material != ""])
		return err
	}))
}

// TestCertificateTellsOfCopies: the certificate says of every print and copy of what is destroyed what became of it, by way of copies of
// copies, and what is still held is told apart.
func TestCertificateTellsOfCopies(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		more := o.RegisterCarriers(o.in, 4)
		o.made(o.carriers[0], o.materials[0], "") // printed, and on the list
		o.made(more[0], o.materials[0], "")       // printed, given to the client
		o.made(more[1], "", more[0])              // copied from that, still held
		o.made(more[2], "", o.carriers[1])        // copied from a paper on the list, lost
		o.must(o.do("handling", access.ReturnCarrier, access.Carrier, more[0], func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户经办人") }))
		o.must(o.do("director", access.WriteOffCarrier, access.Carrier, more[2], func(g *guard.Grant) error { return o.House.Carriers.WriteOff(g, "搬迁时遗失") }))
		id := o.approved(false)
		want := map[string]string{"随本清册销毁": "", "已归还客户": "", "在管，不在本清册": "held", "已核销": ""}
		c := o.list("keeper", id)
		if len(c.Left.Traces) != len(want) {
			t.Fatalf("the traces: %+v", c.Left.Traces)
		}
		for _, x := range c.Left.Traces {
			held, known := want[x.Fate]
			if !known || x.Held != (held != "") || x.Number == "" || x.Of == "" || (x.Fate == "已归还客户" || x.Fate == "已核销") != (x.Date != "") {
				t.Errorf("a trace: %+v", x)
			}
			delete(want, x.Fate)
		}
		before := c.Digest()
		o.must(o.do("handling", access.ReturnCarrier, access.Carrier, more[1], func(g *guard.Grant) error { return o.House.Carriers.Return(g, "客户经办人") }))
		if now := o.list("keeper", id); now.Digest() == before {
			t.Error("what is signed does not change with what became of a copy")
		}
	})
}
