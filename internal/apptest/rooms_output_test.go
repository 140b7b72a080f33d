package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/output"
)

// output is an order for three copies of a paper: one waits to be collected, one is void, and one is to be counted.
func (o *office) output(t *testing.T, carrier string) (id string) {
	t.Helper()
	copier := ""
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["system"]), access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
		copier, err = o.h.Devices.Add(g, device.Entry{Kind: "copier", Model: "黑白数码复印机", Serial: "CP1-2206-00052", Place: "三楼文印室", Keeper: o.ids["keeper"]})
		return err
	}))
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["security"]), access.ClearDevice, guard.Firm, func(g *guard.Grant) error {
		return o.h.Devices.Clear(g, copier, classification.Secret, "已检查")
	}))
	id, _, err := o.h.Output.Ask(t.Context(), worker(o.ids["handling"]), output.Application{Kind: output.Copy, Thing: carrier, Copies: 3, Device: copier, Purpose: "court", Note: "合议庭三人各一份"})
	must(t, err)
	order := func() (got output.Order) {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["handling"]), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { got, err = o.h.Output.Get(g, id); return err }))
		return got
	}
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["lead"]), access.DecideApproval, guard.Thing{Kind: access.Approval, ID: order().Approval}, func(g *guard.Grant) error {
		return o.h.Approvals.Decide(g, approval.Yes, "同意")
	}))
	pin, err := o.h.Output.Begin(t.Context(), worker(o.ids["handling"]), id)
	must(t, err)
	must(t, o.h.Output.Release(t.Context(), worker(o.ids["keeper"]), id, pin))
	copies := order().Each
	for i, good := range []int{12, 5} {
		must(t, o.h.Door.Do(t.Context(), worker(o.ids["keeper"]), access.OperateOutput, guard.Firm, func(g *guard.Grant) error {
			return o.h.Output.Count(g, output.Count{Copy: copies[i].ID, Good: good, Why: "缺粉，后七页字迹不清"})
		}))
	}
	return id
}
