package device_test

import (
	"context"
	"strings"
	"testing"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/house/housetest"
	"mijuan/internal/printer"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// TestReach: the security administrator alone says where a printer answers, and what passes it depends on level, kind, state and encryption.
func TestReach(t *testing.T) {
	o := housetest.Found(t, housetest.Settings(t))
	room, ctx := o.House.Devices, context.Background()
	do := func(by string, act access.Act, f func(*guard.Grant) error) error {
		return o.House.Door.Do(ctx, o.Who(by), act, guard.Firm, f)
	}
	add := func(kind device.Kind, serial string) (id string) {
		housetest.Must(t, do("system", access.ManageDevices, func(g *guard.Grant) (err error) {
			id, err = room.Add(g, device.Entry{Kind: kind, Model: "一体机", Serial: serial, Place: "文印室", Keeper: o.IDs["lead"]})
			return err
		}))
		housetest.Must(t, do("security", access.ClearDevice, func(g *guard.Grant) error { return room.Clear(g, id, classification.Secret, "已检查") }))
		return id
	}
	id, scanner := add("multi", "1"), add("scanner", "2")
	reach := func(by, id string, a printer.Address) error {
		return do(by, access.ClearDevice, func(g *guard.Grant) error { return room.Reach(g, id, a) })
	}
	fit := func(id, job string, level classification.Level) (err error) {
		housetest.Must(t, o.House.DB.Read(ctx, func(tx *store.Tx) error { _, err = room.Fit(tx, id, job, level); return nil }))
		return err
	}
	wants := func(kind problem.Kind, err error) {
		t.Helper()
		if problem.KindOf(err) != kind {
			t.Errorf("got %v, want a problem of kind %d", err, kind)
		}
	}
	secure := printer.Address{URI: "ipps://192.168.8.20/ipp/print", Pin: strings.Repeat("ab", 32)}
	wants(problem.Conflict, fit(id, device.Prints, classification.Confidential)) // no address yet
	wants(problem.Refused, reach("system", id, secure))
	wants(problem.Refused, reach("lead", id, secure))
	wants(problem.Invalid, reach("security", scanner, secure))
	wants(problem.Invalid, reach("security", id, printer.Address{URI: "ipps://169.254.169.254/latest", Pin: secure.Pin}))
	housetest.Must(t, reach("security", id, secure))
	housetest.Must(t, fit(id, device.Prints, classification.Secret))
	wants(problem.Conflict, fit(id, device.Prints, classification.TopSecret))
	wants(problem.Conflict, fit(scanner, device.Prints, classification.Confidential))
	wants(problem.Conflict, fit(scanner, device.Copies, classification.Confidential))
	housetest.Must(t, fit(scanner, device.Scans, classification.Secret))
	housetest.Must(t, reach("security", id, printer.Address{URI: "ipp://192.168.8.20/ipp/print"}))
	housetest.Must(t, fit(id, device.Prints, classification.Confidential))
	wants(problem.Conflict, fit(id, device.Prints, classification.Secret)) // in the clear
	var able []device.Device
	housetest.Must(t, o.House.DB.Read(ctx, func(tx *store.Tx) (err error) {
		able, err = room.Fitting(tx, device.Scans, classification.Secret)
		return err
	}))
	if len(able) != 2 {
		t.Errorf("%d devices scan", len(able))
	}
	housetest.Must(t, reach("security", id, printer.Address{}))
	wants(problem.Conflict, fit(id, device.Prints, classification.Confidential))
}
