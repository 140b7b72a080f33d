package device_test

import (
	"context"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

func TestMain(m *testing.M) { housetest.Main(m) }

// TestDevice walks a device from its registration to its end: nothing passes it before it is cleared, nor after a repair, and what it
// went through stays.
func TestDevice(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := housetest.Settings(t)
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			o.Hire("logistics", access.Logistics)
			room := o.House.Devices
			do := func(by string, act access.Act, f func(*guard.Grant) error) error {
				return o.House.Door.Do(context.Background(), o.Who(by), act, guard.Firm, f)
			}
			wants := func(kind problem.Kind, err error) {
				t.Helper()
				if problem.KindOf(err) != kind {
					t.Errorf("got %v, want a problem of kind %d", err, kind)
				}
			}
			id := ""
			entry := device.Entry{Kind: "printer", Model: "黑白激光打印机", Serial: "LP2-0001", Place: "三楼文印室", Keeper: o.IDs["logistics"]}
			register := func(by string, e device.Entry) error {
				return do(by, access.ManageDevices, func(g *guard.Grant) error {
					made, err := room.Add(g, e)
					if err == nil {
						id = made
					}
					return err
				})
			}
			clears := func(by string, level classification.Level) error {
				return do(by, access.ClearDevice, func(g *guard.Grant) error { return room.Clear(g, id, level, "已检查") })
			}
			one := func() (d device.Device) {
				housetest.Must(t, do("auditor", access.ReadDevices, func(g *guard.Grant) (err error) { d, err = room.One(g, id); return err }))
				return d
			}
			for _, bad := range []func(*device.Entry){func(e *device.Entry) { e.Kind = "toaster" }, func(e *device.Entry) { e.Serial = " " }, func(e *device.Entry) { e.Keeper = "" },
				func(e *device.Entry) { e.Keeper = "01999999-9999-7999-8999-999999999999" }} {
				e := entry
				bad(&e)
				wants(problem.Invalid, register("system", e))
			}
			wants(problem.Refused, register("lead", entry))
			wants(problem.Refused, register("security", entry))
			housetest.Must(t, register("system", entry))
			wants(problem.Conflict, register("logistics", entry)) // the serial number again
			if d := one(); d.Level != 0 || d.Label() != "SB-0001" || d.KeeperName != "测试logistics" {
				t.Errorf("registered: %+v", d)
			}
			wants(problem.Refused, clears("system", classification.Secret))
			housetest.Must(t, clears("security", classification.Secret))
			move := func(place, keeper string) error {
				return do("system", access.ManageDevices, func(g *guard.Grant) error { return room.Move(g, id, place, o.IDs[keeper]) })
			}
			wants(problem.Conflict, move("三楼文印室", "logistics"))
			housetest.Must(t, move("四楼文印室", "security"))
			wants(problem.Conflict, clears("security", classification.TopSecret)) // answers for it now
			housetest.Must(t, do("system", access.ManageDevices, func(g *guard.Grant) error {
				return room.Send(g, id, device.Repair{Vendor: "维修部", Witness: o.IDs["logistics"], Reason: "卡纸"})
			}))
			wants(problem.Conflict, clears("security", classification.Secret))
			if d := one(); d.State != device.InRepair || d.Level != 0 {
				t.Errorf("in repair: %+v", d)
			}
			housetest.Must(t, do("system", access.ManageDevices, func(g *guard.Grant) error { return room.Return(g, id, "更换搓纸轮") }))
			scrap := func(by, witness string, w device.Wipe) error {
				return do(by, access.ManageDevices, func(g *guard.Grant) error { return room.Scrap(g, id, w, o.IDs[witness], "到期") })
			}
			wants(problem.Invalid, scrap("system", "system", "crush"))
			wants(problem.Invalid, scrap("system", "lead", "wish"))
			housetest.Must(t, scrap("system", "lead", "crush"))
			wants(problem.Conflict, scrap("system", "lead", "crush"))
			wants(problem.Conflict, move("仓库", "lead"))
			wants(problem.Conflict, register("logistics", entry)) // a scrapped one keeps its serial number
			d := one()
			if d.State != device.Scrapped || len(d.Events) != 6 || d.Events[5].Witness != "测试lead" || d.Events[5].Wipe != "crush" {
				t.Errorf("scrapped: %+v", d)
			}
			wants(problem.Refused, do("lead", access.ReadDevices, func(g *guard.Grant) error { _, err := room.One(g, id); return err }))
			var mine []device.Device
			housetest.Must(t, do("security", access.UseSystem, func(g *guard.Grant) (err error) { mine, err = room.Mine(g); return err }))
			if len(mine) != 0 {
				t.Errorf("a scrapped device is still answered for: %+v", mine)
			}
		})
	}
}
