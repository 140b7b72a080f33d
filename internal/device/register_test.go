package device_test

import (
	"slices"
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

// TestRegister: the register is found by what people know of a device, narrowed and put in order; who watches a repair is told; what has
// storage is not scrapped without saying how it was wiped.
func TestRegister(t *testing.T) {
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			s := housetest.Settings(t)
			if engine == store.PostgreSQL {
				s.Database = storetest.Options(t, engine).URL
			}
			o := housetest.Found(t, s)
			room := o.House.Devices
			do := func(by string, act access.Act, f func(*guard.Grant) error) error {
				return o.House.Door.Do(t.Context(), o.Who(by), act, guard.Firm, f)
			}
			var ids []string
			for _, e := range []device.Entry{{Kind: "printer", Model: "激光打印机", Serial: "P1", Place: "乙楼", Keeper: o.IDs["lead"]}, {Kind: "laptop", Model: "便携机", Serial: "N1", Place: "甲楼", Keeper: o.IDs["handling"]},
				{Kind: "copier", Model: "复印机", Serial: "C1", Place: "丙楼", Keeper: o.IDs["lead"]}} {
				housetest.Must(t, do("system", access.ManageDevices, func(g *guard.Grant) error {
					id, err := room.Add(g, e)
					ids = append(ids, id)
					return err
				}))
			}
			for n, level := range map[int]classification.Level{0: classification.Secret, 1: classification.Confidential} {
				housetest.Must(t, do("security", access.ClearDevice, func(g *guard.Grant) error { return room.Clear(g, ids[n], level, "已检查") }))
			}
			list := func(f device.Filter) (found []int) {
				housetest.Must(t, do("system", access.ReadDevices, func(g *guard.Grant) error {
					all, total, err := room.List(g, f)
					for _, d := range all {
						found = append(found, slices.Index(ids, d.ID))
					}
					if total != len(all) && f.Limit == 0 {
						t.Errorf("%d of %d", len(all), total)
					}
					return err
				}))
				return found
			}
			for name, x := range map[string]struct {
				f    device.Filter
				want []int
			}{
				"all":       {device.Filter{}, []int{0, 1, 2}},
				"down":      {device.Filter{Down: true}, []int{2, 1, 0}},
				"level":     {device.Filter{Sort: "level", Down: true}, []int{0, 1, 2}},
				"kind":      {device.Filter{Sort: "kind"}, []int{0, 2, 1}},
				"keeper":    {device.Filter{Sort: "keeper"}, []int{1, 0, 2}},
				"secret":    {device.Filter{Level: classification.Secret}, []int{0}},
				"uncleared": {device.Filter{Uncleared: true}, []int{2}},
				"text":      {device.Filter{Text: "handling"}, []int{1}},
				"page":      {device.Filter{Sort: "level", Down: true, Offset: 1, Limit: 1}, []int{1}},
			} {
				if got := list(x.f); !slices.Equal(got, x.want) {
					t.Errorf("%s: %v, not %v", name, got, x.want)
				}
			}
			scrap := func(w device.Wipe) error {
				return do("system", access.ManageDevices, func(g *guard.Grant) error { return room.Scrap(g, ids[1], w, o.IDs["lead"], "到期") })
			}
			if err := scrap("none"); problem.KindOf(err) != problem.Invalid {
				t.Errorf("a laptop without storage: %v", err)
			}
			housetest.Must(t, scrap("crush"))
			housetest.Must(t, do("system", access.ManageDevices, func(g *guard.Grant) error {
				return room.Send(g, ids[2], device.Repair{Vendor: "厂商", Witness: o.IDs["trainee"], Reason: "卡纸"})
			}))
			for login, want := range map[string]int{"trainee": 1, "lead": 0} {
				housetest.Must(t, do(login, access.UseSystem, func(g *guard.Grant) error {
					all, err := room.ToWatch(g)
					if len(all) != want {
						t.Errorf("%s watches %d repairs", login, len(all))
					}
					return err
				}))
			}
		})
	}
}
