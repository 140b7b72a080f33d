package leaving_test

import (
	"context"
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/problem"
)

// carriersOf counts the carriers that a person's list holds.
func (o *office) carriersOf(leaver string) (n int) {
	items, _ := o.holdings("director", leaver)
	for _, i := range items {
		if i.Kind == leaving.Carriers {
			n += i.N
		}
	}
	return n
}

// TestCarriersAreSurrendered: what the leaver holds stays on the list until somebody has it in hands; it cannot be written off
// there; what was offered to the leaver goes back; and the sheet names each number.
func TestCarriersAreSurrendered(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("keeper", access.Custodian)
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		ids := o.RegisterCarriers(in, 3)
		act := func(by string, a access.Act, id string, f func(*guard.Grant) error) error {
			return o.House.Door.Do(context.Background(), o.Who(by), a, guard.Thing{Kind: access.Carrier, ID: id}, f)
		}
		if n := o.carriersOf("handling"); n != 3 {
			t.Fatalf("%d carriers on the list", n)
		}
		o.must(o.begin("director", "handling", "auditor"))
		o.wants(problem.Invalid, o.writeOff("director", "handling", leaving.Carriers, in))
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Carriers, in, "outsider"))
		o.must(o.settle("director", "handling", leaving.Carriers, in, "keeper"))
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Carriers, in, "lead"))
		if n := o.carriersOf("handling"); n != 3 {
			t.Errorf("offered is not taken, yet %d are on the list", n)
		}
		takes := func(by string, ids ...string) (n int, err error) {
			err = o.House.Door.Do(context.Background(), o.Who(by), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
				n, err = o.House.Carriers.TakeAll(g, ids)
				return err
			})
			return n, err
		}
		_, err := takes("lead", ids...)
		o.wants(problem.Conflict, err)
		if n, err := takes("keeper", ids[:2]...); n != 2 || err != nil {
			t.Errorf("taken %d: %v", n, err)
		}
		if n := o.carriersOf("handling"); n != 1 {
			t.Errorf("%d are left on the list", n)
		}
		o.must(act("keeper", access.TakeCarrier, ids[2], func(g *guard.Grant) error { return o.House.Carriers.Take(g, "") }))
		_, d := o.holdings("director", "handling")
		if len(d.Passed) != 3 || d.Passed[0].To != "测试keeper" || !carrier.ValidNumber(d.Passed[0].Number) {
			t.Errorf("passed on: %+v", d.Passed)
		}
		o.must(act("keeper", access.HandCarrier, ids[0], func(g *guard.Grant) error { return o.House.Carriers.Offer(g, carrier.Handing{To: o.IDs["handling"]}) }))
		o.must(o.pledge("handling"))
		o.must(o.witness("auditor", "handling"))
		_, err = o.close("security", "handling")
		o.must(err)
		o.must(act("keeper", access.ViewCarrier, ids[0], func(g *guard.Grant) error {
			it, _, err := o.House.Carriers.Get(g)
			if it.State != access.Held || it.Holder != o.IDs["keeper"] || it.OfferedTo != "" {
				t.Errorf("offered to who left: %+v", it)
			}
			return err
		}))
	})
}

// TestDevicesAreHandedOver: who answers for devices hands them to somebody else.
func TestDevicesAreHandedOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.must(o.House.Door.Do(context.Background(), o.Who("system"), access.ManageDevices, guard.Firm, func(g *guard.Grant) error {
			_, err := o.House.Devices.Add(g, device.Entry{Kind: "laptop", Model: "便携式计算机", Serial: "NB6-0001", Place: "行政部", Keeper: o.IDs["handling"]})
			return err
		}))
		o.must(o.begin("director", "handling", "auditor"))
		o.wants(problem.Invalid, o.writeOff("director", "handling", leaving.Devices, ""))
		o.must(o.settle("handling", "handling", leaving.Devices, "", "lead"))
		o.wants(problem.Conflict, o.settle("handling", "handling", leaving.Devices, "", "lead"))
		for login, want := range map[string]int{"handling": 0, "lead": 1} {
			n := 0
			items, _ := o.holdings("director", login)
			for _, i := range items {
				if i.Kind == leaving.Devices {
					n += i.N
				}
			}
			if n != want {
				t.Errorf("%s answers for %d devices", login, n)
			}
		}
	})
}

// TestWhatIsLentComesBackToSomebody: what the leaver lent is on the list until somebody who may hold it is named, to whom it comes back.
func TestWhatIsLentComesBackToSomebody(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("keeper", access.Custodian)
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		id := o.RegisterCarriers(in, 1)[0]
		act := func(by string, a access.Act, f func(*guard.Grant) error) error {
			return o.House.Door.Do(context.Background(), o.Who(by), a, guard.Thing{Kind: access.Carrier, ID: id}, f)
		}
		offer := func(by, to string, due time.Time) error {
			return act(by, access.HandCarrier, func(g *guard.Grant) error {
				return o.House.Carriers.Offer(g, carrier.Handing{To: o.IDs[to], Due: due, Note: "核对原件"})
			})
		}
		o.must(offer("handling", "lead", time.Now().Add(72*time.Hour)))
		o.must(act("lead", access.TakeCarrier, func(g *guard.Grant) error { return o.House.Carriers.Take(g, "") }))
		o.must(o.begin("director", "handling", "auditor"))
		if n := o.counts("handling"); n[leaving.Lent] != 1 || n[leaving.Carriers] != 0 {
			t.Fatalf("on the list: %v", n)
		}
		o.must(offer("lead", "handling", time.Time{})) // on its way back to who leaves
		o.wants(problem.Invalid, o.writeOff("director", "handling", leaving.Lent, in))
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Lent, in, "lead")) // who has borrowed it
		o.wants(problem.Conflict, o.settle("director", "handling", leaving.Lent, in, "outsider"))
		o.must(o.settle("director", "handling", leaving.Lent, in, "keeper"))
		if n := o.counts("handling"); n[leaving.Lent] != 0 {
			t.Errorf("still on the list: %v", n)
		}
		o.must(act("keeper", access.TakeBackCarrier, func(g *guard.Grant) error { return o.House.Carriers.TakeBack(g, "完好，数量相符") }))
		o.must(act("keeper", access.ViewCarrier, func(g *guard.Grant) error {
			it, _, err := o.House.Carriers.Get(g)
			if it.Holder != o.IDs["keeper"] || it.Lender != "" || it.State != access.Held {
				t.Errorf("after it came back: %+v", it)
			}
			return err
		}))
	})
}
