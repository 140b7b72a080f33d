package carrier_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/output"
)

// copier is a copier that is cleared for everything.
func (o *office) copier() (id string) {
	o.t.Helper()
	o.Hire("clerk", access.Administration)
	o.must(o.do("system", access.ManageDevices, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) {
		id, err = o.House.Devices.Add(g, device.Entry{Kind: "copier", Model: "复印机", Serial: "C1", Place: "文印室", Keeper: o.IDs["clerk"]})
		return err
	}))
	o.must(o.do("security", access.ClearDevice, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
		return o.House.Devices.Clear(g, id, classification.TopSecret, "已检查")
	}))
	return id
}

// copyOf has somebody copy a carrier, as far as the rules let them: the first spoiled ones come to nothing. It gives the carriers that came to
// be, and fails where a number was given before.
func (o *office) copyOf(by, id, copier string, copies, spoiled int, given map[string]bool) (made []string) {
	o.t.Helper()
	ctx, room := context.Background(), o.House.Output
	order, pin, err := room.Ask(ctx, o.Who(by), output.Application{Kind: output.Copy, Thing: id, Copies: copies, Device: copier, Purpose: "court"})
	if err != nil {
		return nil
	}
	get := func() (got output.Order) {
		o.must(o.do(by, access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { got, err = room.Get(g, order); return err }))
		return got
	}
	if pin == "" {
		for _, approver := range []string{"lead", "director"} {
			_ = o.do(approver, access.DecideApproval, access.Approval, get().Approval, func(g *guard.Grant) error { return o.House.Approvals.Decide(g, approval.Yes, "同意") })
		}
		if pin, err = room.Begin(ctx, o.Who(by), order); err != nil {
			return nil
		}
	}
	if room.Release(ctx, o.Who("clerk"), order, pin) != nil {
		return nil
	}
	var good []string
	for i, c := range get().Each {
		if given[c.Number] {
			o.t.Fatalf("%s was given twice", c.Number)
		}
		given[c.Number] = true
		count := output.Count{Copy: c.ID, Good: get().Sheets}
		if i < spoiled {
			count.Good, count.Why = 0, "缺粉"
		} else {
			good = append(good, c.ID)
		}
		o.must(o.do("clerk", access.OperateOutput, access.Firm, guard.Firm.ID, func(g *guard.Grant) error { return room.Count(g, count) }))
	}
	got := get()
	if o.do(by, access.CollectOutput, access.Matter, got.Matter, func(g *guard.Grant) error { return room.Collect(g, order, good, "文件柜") }) != nil {
		return nil
	}
	for _, c := range get().Each {
		if c.Carrier != "" {
			made = append(made, c.Carrier)
		}
	}
	return made
}

// TestOnItsWayIsNoGap: the number of a copy that waits to be counted needs no explaining, nor does a void one's; one of which nobody knows where it
// is does.
func TestOnItsWayIsNoGap(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx, room, copier := context.Background(), o.House.Output, o.copier()
		plain := deed
		plain.Level = classification.Confidential
		ids, err := o.register("lead", plain)
		o.must(err)
		order, pin, err := room.Ask(ctx, o.Who("lead"), output.Application{Kind: output.Copy, Thing: ids[0], Copies: 2, Device: copier, Purpose: "court"})
		o.must(err)
		o.must(room.Release(ctx, o.Who("clerk"), order, pin))
		wrong := func() int { return len(o.accounts("keeper", carrier.AccountFilter{Wrong: true})) }
		if n := wrong(); n != 0 {
			t.Errorf("two copies wait to be counted: %d matters do not balance", n)
		}
		var got output.Order
		o.must(o.do("lead", access.UseSystem, access.Firm, guard.Firm.ID, func(g *guard.Grant) (err error) { got, err = room.Get(g, order); return err }))
		o.must(o.do("clerk", access.OperateOutput, access.Firm, guard.Firm.ID, func(g *guard.Grant) error {
			return room.Count(g, output.Count{Copy: got.Each[0].ID, Good: 0, Why: "缺粉"})
		}))
		if n := wrong(); n != 0 {
			t.Errorf("one is void, one waits: %d matters do not balance", n)
		}
		o.write(`UPDATE output_copy SET state = 'unknown' WHERE id = $1`, got.Each[1].ID)
		if n := wrong(); n != 1 {
			t.Errorf("nobody knows where one is: %d matters do not balance", n)
		}
	})
}
