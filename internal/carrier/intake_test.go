package carrier_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// stroke is a signature as somebody draws it.
func stroke(t *testing.T) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 840, 240))
	for x := 100; x < 700; x++ {
		for y := range 5 {
			p.Set(x, 120+x%7+y, color.Black)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestIntake: what clients deliver stands in the register of deliveries, one row for each batch, and is signed for once, on the screen of who
// registered it. The register tells nobody of a batch of which they know no more than the copy in their hands, and what was signed is sealed.
func TestIntake(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.clock.Forward(time.Minute)
		two, own := deed, deed
		two.Copies, two.Reference = 2, "（2026）沪01民初1688号"
		own.Origin, own.From = carrier.Made, ""
		ids, err := o.register("handling", two)
		o.must(err)
		_, err = o.register("handling", own)
		o.must(err)
		first, _, err := o.get("handling", ids[0])
		o.must(err)
		sign := func(by string, s carrier.Signing) error {
			return o.do(by, access.RegisterCarrier, access.Matter, o.matter, func(g *guard.Grant) error { return o.House.Carriers.SignIntake(g, first.Batch, s) })
		}
		list := func(by string, f carrier.Filter) []carrier.Intake {
			t.Helper()
			var page carrier.IntakePage
			o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { page, err = o.House.Carriers.Intakes(g, f); return err }))
			return page.Intakes
		}
		if all := list("lead", carrier.Filter{Unsigned: true}); len(all) != 1 || all[0].Copies != 2 || all[0].First.From != deed.From || all[0].First.Copy != 1 || all[0].First.Reference != two.Reference || !all[0].Signed.IsZero() {
			t.Fatalf("the register: %+v", all)
		}
		o.must(o.offer("handling", ids[1], "keeper", time.Time{}))
		o.must(o.take("keeper", ids[1]))
		if all := list("keeper", carrier.Filter{}); len(all) != 1 || all[0].First.Known || all[0].First.From != "" || all[0].First.Reference != "" {
			t.Errorf("the custodian sees %+v", all)
		}
		for _, by := range []string{"outsider", "trainee", "director"} { // one with a place in the team that reaches less far
			if all := list(by, carrier.Filter{}); len(all) != 0 {
				t.Errorf("%s sees %+v", by, all)
			}
		}

		good := carrier.Signing{Signer: "周慎言", Ink: stroke(t), Checked: true}
		for _, wrong := range []struct {
			by   string
			kind problem.Kind
			s    carrier.Signing
		}{
			{"handling", problem.Invalid, carrier.Signing{Ink: good.Ink, Checked: true}}, {"handling", problem.Invalid, carrier.Signing{Signer: "周慎言", Checked: true}},
			{"handling", problem.Invalid, carrier.Signing{Signer: "周慎言", Ink: []byte("no picture"), Checked: true}}, {"handling", problem.Invalid, carrier.Signing{Signer: "周慎言", Ink: good.Ink}},
			{"handling", problem.Invalid, carrier.Signing{Signer: "周慎言", Ink: good.Ink, Absent: "快递送达", Checked: true}}, {"lead", problem.Refused, good}, {"outsider", problem.Absent, good}, {"keeper", problem.Absent, good},
		} {
			o.wants(wrong.kind, sign(wrong.by, wrong.s))
		}
		o.must(sign("handling", good))
		o.wants(problem.Conflict, sign("handling", good))
		if all := list("lead", carrier.Filter{Unsigned: true}); len(all) != 0 {
			t.Errorf("signed for and still to sign: %+v", all)
		}
		second, _, err := o.get("lead", ids[1])
		o.must(err)
		for _, f := range []carrier.Filter{{Number: second.Number}, {Since: second.Registered, Until: second.Registered.Add(time.Second)}, {Form: carrier.Paper, Level: deed.Level}} {
			if all := list("lead", f); len(all) != 1 || all[0].Signer != "周慎言" || all[0].Signed.IsZero() {
				t.Errorf("%+v finds %+v", f, all)
			}
		}
		if all := list("keeper", carrier.Filter{}); len(all) != 1 || all[0].Signer != "" || all[0].Signed.IsZero() {
			t.Errorf("the custodian is told who signed: %+v", all)
		}
		court := deed
		court.Origin, court.From = carrier.Court, "法院专递"
		brought, err := o.register("handling", court)
		o.must(err)
		it, _, err := o.get("handling", brought[0])
		o.must(err)
		o.must(o.do("handling", access.RegisterCarrier, access.Matter, o.matter, func(g *guard.Grant) error {
			return o.House.Carriers.SignIntake(g, it.Batch, carrier.Signing{Signer: "法院专递", Absent: "专递送达，单号 1099", Checked: true})
		}))
		if all := list("lead", carrier.Filter{Number: it.Number}); len(all) != 1 || all[0].Absent != "专递送达，单号 1099" || all[0].Signed.IsZero() {
			t.Errorf("by courier: %+v", all)
		}
		later, err := o.register("handling", deed)
		o.must(err)
		if it, _, err = o.get("handling", later[0]); err != nil {
			t.Fatal(err)
		}
		unsigned := func(by string) (n int) {
			o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { n, err = o.House.Carriers.Unsigned(g); return err }))
			return n
		}
		bySuccessor := func() error {
			return o.do("lead", access.RegisterCarrier, access.Matter, o.matter, func(g *guard.Grant) error { return o.House.Carriers.SignIntake(g, it.Batch, good) })
		}
		if a, b := unsigned("handling"), unsigned("lead"); a != 1 || b != 0 {
			t.Errorf("%d and %d wait to be signed for", a, b)
		}
		o.wants(problem.Refused, bySuccessor())
		o.must(o.offer("handling", later[0], "lead", time.Time{}))
		o.must(o.take("lead", later[0]))
		if n := unsigned("lead"); n != 1 {
			t.Errorf("%d wait for who holds it now", n)
		}
		o.must(bySuccessor())
		if all := list("lead", carrier.Filter{Number: it.Number}); len(all) != 1 || all[0].Receiver() != o.IDs["lead"] {
			t.Errorf("signed for by who holds it: %+v", all)
		}
		var batch carrier.Page
		var ink []byte
		var in carrier.Intake
		o.must(o.do("lead", access.ExportRegister, access.Matter, o.matter, func(g *guard.Grant) (err error) {
			if in, err = o.House.Carriers.Intake(g, first.Batch); err != nil {
				return err
			}
			if ink, err = o.House.Carriers.Ink(g, first.Batch); err != nil {
				return err
			}
			batch, err = o.House.Carriers.List(g, carrier.Filter{Batch: first.Batch})
			return err
		}))
		if !bytes.Equal(ink, good.Ink) {
			t.Error("another picture comes back")
		}
		pdf, err := carrier.Receipt(carrier.Handover{Firm: "江澜衡砚律师事务所", Matter: "2026-民-0001", Receiver: "测试handling", Made: in.Signed, Signer: in.Signer, Ink: ink, Signed: in.Signed}, batch.Carriers)
		o.must(err)
		read := exec.Command("pdftotext", "-", "-")
		read.Stdin = bytes.NewReader(pdf)
		text, err := read.Output()
		o.must(err)
		for _, want := range []string{"交件人留存", "本所留存"} {
			if strings.Count(string(text), want) != 1 {
				t.Errorf("%s is not there once", want)
			}
		}
		if strings.Count(string(text), "周慎言") != 2 || strings.Count(string(text), "1688") != 2 || strings.Count(string(text), "第 1 页，共 1 页") != 2 || bytes.Count(pdf, []byte("/Subtype /Image")) < 2 {
			t.Errorf("the receipt:\n%s", text)
		}
		o.must(o.House.DB.Read(t.Context(), func(tx *store.Tx) error {
			raw, err := store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }, `SELECT sealed_ink FROM intake WHERE batch = $1`, first.Batch)
			if err == nil && bytes.Contains(raw, []byte("PNG")) {
				t.Error("the drawing is not sealed")
			}
			if err != nil {
				return err
			}
			raw, err = store.Get(tx, func(row store.Row) (b []byte, err error) { err = row.Scan(&b); return b, err }, `SELECT sealed_reference FROM carrier WHERE id = $1`, ids[0])
			if err == nil && bytes.Contains(raw, []byte("1688")) {
				t.Error("the sender's number is not sealed")
			}
			return err
		}))
	})
}
