package leaving_test

import (
	"testing"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/leaving"
	"mijuan/internal/matter"
	"mijuan/internal/output"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
)

// at is an act of somebody on anything.
func (o *office) at(by string, act access.Act, thing guard.Thing, f func(*guard.Grant) error) {
	o.t.Helper()
	o.must(o.House.Door.Do(o.t.Context(), o.Who(by), act, thing, f))
}

// counts are the kinds of a person's list, as a director reads it.
func (o *office) counts(leaver string) map[leaving.Kind]int {
	o.t.Helper()
	items, _ := o.holdings("director", leaver)
	n := map[leaving.Kind]int{}
	for _, i := range items {
		n[i.Kind] += i.N
	}
	return n
}

func (o *office) drop(by, leaver string, kind leaving.Kind, in string) error {
	return o.do(by, access.SettleLeaving, leaver, func(g *guard.Grant) error { _, err := o.House.Leaving.Drop(g, kind, in); return err })
}

func (o *office) device(serial, keeper string) (id string) {
	o.t.Helper()
	o.at("system", access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.House.Devices.Add(g, device.Entry{Kind: "copier", Model: "复印机", Serial: serial, Place: "文印室", Keeper: o.IDs[keeper]})
		return err
	})
	return id
}

// takeOut has a lead take a paper out with somebody.
func (o *office) takeOut(in, along string) (id string) {
	o.t.Helper()
	o.at("lead", access.RegisterCarrier, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
		batch, err := o.House.Carriers.Register(g, carrier.Registration{Title: "董事会决议", Form: carrier.Paper, Origin: carrier.Made, Level: classification.Secret, Pages: 3, Copies: 1, Place: "档案室"})
		if err == nil {
			id, err = o.House.Carriers.FirstOf(g, batch)
		}
		return err
	})
	thing := guard.Thing{Kind: access.Carrier, ID: id}
	leave := ""
	o.must(o.House.Door.Ask(o.t.Context(), o.Who("lead"), access.TakeOut, thing, func(g *guard.Grant) (err error) {
		leave, err = o.House.Carriers.AskOut(g, carrier.Slip{Place: "法院", Purpose: "开庭", Measures: carrier.Measures, Due: g.Tx().Now.Add(48 * time.Hour), Companion: o.IDs[along]})
		return err
	}))
	o.at("director", access.DecideApproval, guard.Thing{Kind: access.Approval, ID: leave}, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, approval.Yes, "") })
	o.at("lead", access.TakeOut, thing, func(g *guard.Grant) error { return o.House.Carriers.GoOut(g, true) })
	return id
}

// TestDutiesAreHandedOver: what somebody has to do by name stands on the list, each with one step: requests are withdrawn, decisions
// passed up, duties and repairs handed to another; nothing of it is left, and all of it is on the list of what was done.
func TestDutiesAreHandedOver(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("keeper", access.Custodian)
		o.Hire("member", access.Committee)
		o.Hire("clerk", access.Administration)
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		o.at("lead", access.ManageTeam, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			return o.House.Matters.Assign(g, matter.Member{Person: o.IDs["heir"], Duty: matter.Assisting, Clearance: classification.Secret})
		})
		ids := o.RegisterCarriers(in, 2)
		copier, broken := o.device("C1", "clerk"), o.device("C2", "clerk")
		o.at("security", access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
			return o.House.Devices.Clear(g, copier, classification.Secret, "已检查")
		})
		o.at("system", access.ManageDevices, guard.Firm, func(g *guard.Grant) error {
			return o.House.Devices.Send(g, broken, device.Repair{Vendor: "厂商", Witness: o.IDs["handling"], Reason: "卡纸"})
		})
		order, _, err := o.House.Output.Ask(t.Context(), o.Who("handling"), output.Application{Kind: output.Copy, Thing: ids[0], Copies: 1, Device: copier, Purpose: "court"})
		o.must(err)
		o.must(o.House.Door.Ask(t.Context(), o.Who("handling"), access.TakeOut, guard.Thing{Kind: access.Carrier, ID: ids[1]}, func(g *guard.Grant) error {
			_, err := o.House.Carriers.AskOut(g, carrier.Slip{Place: "法院", Purpose: "开庭", Measures: carrier.Measures, Due: g.Tx().Now.Add(48 * time.Hour)})
			return err
		}))
		out := o.takeOut(in, "handling")
		o.at("lead", access.RequestDestruction, guard.Thing{Kind: access.Matter, ID: in}, func(g *guard.Grant) error {
			_, err := o.House.Retention.Request(g, retention.Asking{Items: []retention.Ref{{Kind: access.Carrier, ID: ids[0]}}, Reason: "多余的副本", Appraiser: o.IDs["member"], Destroyer: o.IDs["handling"]})
			return err
		})

		// What waits for the lead is passed up, so that a director can decide it at once.
		o.must(o.begin("director", "lead", "auditor"))
		if n := o.counts("lead"); n[leaving.Decisions] != 1 {
			t.Fatalf("the lead's list: %v", n)
		}
		o.wants(problem.Invalid, o.drop("director", "lead", leaving.Lead, in))
		o.must(o.drop("director", "lead", leaving.Decisions, in))
		if n := o.counts("lead"); n[leaving.Decisions] != 0 {
			t.Errorf("passed up, and still on the list: %v", n)
		}
		o.must(o.do("director", access.BeginLeaving, "lead", func(g *guard.Grant) error { return o.House.Leaving.Cancel(g, "留任") }))

		o.must(o.begin("director", "handling", "auditor"))
		n := o.counts("handling")
		for _, kind := range []leaving.Kind{leaving.Orders, leaving.Requests, leaving.Alongs, leaving.Destructions, leaving.Repairs} {
			if n[kind] != 1 {
				t.Errorf("%d of %s on the list", n[kind], kind)
			}
			o.wants(problem.Invalid, o.writeOff("director", "handling", kind, in))
		}
		o.wants(problem.Invalid, o.settle("director", "handling", leaving.Orders, in, "heir"))
		o.must(o.drop("director", "handling", leaving.Orders, in))
		o.wants(problem.Conflict, o.drop("director", "handling", leaving.Orders, in))
		o.must(o.drop("director", "handling", leaving.Requests, in))
		for _, by := range []string{"director", "lead"} { // who approved it, who takes it
			if err := o.settle("director", "handling", leaving.Alongs, in, by); err == nil {
				t.Errorf("%s goes along", by)
			}
		}
		o.must(o.settle("director", "handling", leaving.Alongs, in, "heir"))
		o.wants(problem.Invalid, o.settle("director", "handling", leaving.Destructions, in, "member")) // who appraises
		o.wants(problem.Invalid, o.settle("director", "handling", leaving.Destructions, in, "lead"))
		o.must(o.settle("director", "handling", leaving.Destructions, in, "keeper"))
		o.must(o.settle("director", "handling", leaving.Repairs, "", "clerk"))
		n = o.counts("handling")
		for _, kind := range []leaving.Kind{leaving.Orders, leaving.Requests, leaving.Alongs, leaving.Destructions, leaving.Repairs} {
			if n[kind] != 0 {
				t.Errorf("%d of %s are left", n[kind], kind)
			}
		}
		_, d := o.holdings("director", "handling")
		if len(d.Done) != 5 || d.Done[0].Reason != "撤回" || d.Done[0].Successor != "" {
			t.Errorf("done: %+v", d.Done)
		}
		o.at("handling", access.UseSystem, guard.Firm, func(g *guard.Grant) error {
			got, err := o.House.Output.Get(g, order)
			if err == nil && got.State != output.Withdrawn {
				t.Errorf("the order is %s", got.State)
			}
			return err
		})
		o.at("lead", access.ViewCarrier, guard.Thing{Kind: access.Carrier, ID: out}, func(g *guard.Grant) error {
			slips, err := o.House.Carriers.SlipsOf(g)
			if err == nil && slips[0].Companion != o.IDs["heir"] {
				t.Errorf("along goes %s", slips[0].Companion)
			}
			return err
		})
	})
}

// TestPiecesAreSplit: carriers and devices go one by one to different successors.
func TestPiecesAreSplit(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.Hire("keeper", access.Custodian)
		in := o.OpenMatter("股权转让纠纷", "澜川重工股份有限公司")
		o.RegisterCarriers(in, 3)
		o.device("C1", "handling")
		o.device("C2", "handling")
		o.must(o.begin("director", "handling", "auditor"))
		pieces := map[leaving.Kind][]leaving.Piece{}
		items, _ := o.holdings("director", "handling")
		for _, i := range items {
			pieces[i.Kind] = i.Pieces
		}
		if len(pieces[leaving.Carriers]) != 3 || len(pieces[leaving.Devices]) != 2 || pieces[leaving.Devices][0].Label != "SB-0001" {
			t.Fatalf("the list: %+v", pieces)
		}
		give := func(kind leaving.Kind, in, to string, n int) error {
			return o.do("director", access.SettleLeaving, "handling", func(g *guard.Grant) error {
				_, err := o.House.Leaving.Settle(g, leaving.Handover{Kind: kind, Matter: in, Successor: o.IDs[to], Pieces: []string{pieces[kind][n].ID}})
				return err
			})
		}
		o.must(give(leaving.Carriers, in, "lead", 0))
		o.must(give(leaving.Carriers, in, "keeper", 1))
		o.wants(problem.Conflict, give(leaving.Carriers, in, "keeper", 0)) // offered already
		o.must(give(leaving.Devices, "", "lead", 1))
		o.wants(problem.Conflict, give(leaving.Devices, "", "keeper", 1))
		if n := o.counts("handling"); n[leaving.Devices] != 1 {
			t.Errorf("%d devices are left", n[leaving.Devices])
		}
		for login, want := range map[string]int{"lead": 1, "keeper": 1} {
			o.at(login, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
				offered, err := o.House.Carriers.Waiting(g)
				if offered != want {
					t.Errorf("%s is offered %d", login, offered)
				}
				return err
			})
		}
	})
}
