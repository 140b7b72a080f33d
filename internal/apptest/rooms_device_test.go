package apptest

import (
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/device"
	"mijuan/internal/guard"
)

// device is a printer that handling answers for.
func (o *office) device(t *testing.T) (id string) {
	t.Helper()
	must(t, o.h.Door.Do(t.Context(), worker(o.ids["system"]), access.ManageDevices, guard.Firm, func(g *guard.Grant) (err error) {
		id, err = o.h.Devices.Add(g, device.Entry{Kind: "multi", Model: "彩色多功能一体机 A3", Serial: "MF3-2208-00417", Place: "三楼文印室", Keeper: o.ids["handling"]})
		return err
	}))
	return id
}
