package device

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Kept are the devices that a person answers for. Whether the reader may know, the caller's act decides.
func (r *Register) Kept(tx *store.Tx, person string) ([]Device, error) {
	return store.List(tx, r.scan, selectDevice+` WHERE keeper = $1 AND state <> 'scrapped' ORDER BY number`, person)
}

// Succeed makes somebody answer for the devices of the person who leaves, or only for some by id, and gives how many. The act is
// settleLeaving.
func (r *Register) Succeed(g *guard.Grant, to string, only []string) (int, error) {
	all, err := r.Kept(g.Tx(access.SettleLeaving), g.Only(access.Person))
	if err != nil {
		return 0, err
	}
	return r.pass(g, all, only, func(d Device) (What, Detail, error) {
		_, err := g.Tx().Exec(`UPDATE device SET keeper = $2 WHERE id = $1`, d.ID, to)
		return Moved, Detail{Place: d.Place, Keeper: to, Reason: "离岗交接"}, err
	})
}

// Supervised are the devices whose repair a person is to watch (clause 8.7): the last who was named for it. Whether the reader may know,
// the caller's act decides.
func (r *Register) Supervised(tx *store.Tx, person string) ([]Device, error) {
	all, err := store.List(tx, r.scan, selectDevice+` WHERE state = 'repair' ORDER BY number`)
	if err != nil {
		return nil, err
	}
	var mine []Device
	for _, d := range all {
		events, err := store.List(tx, r.scanEvent, `SELECT id, at, by_person, what, sealed_detail FROM device_event WHERE device = $1 AND what IN ('sent', 'watched') ORDER BY at DESC, id DESC LIMIT 1`, d.ID)
		if err != nil {
			return nil, err
		}
		if len(events) > 0 && events[0].Witness == person {
			mine = append(mine, d)
		}
	}
	return mine, nil
}

// SucceedWatch has somebody else watch the repairs that the person who leaves was to watch, or only some by the device's id, and gives
// how many. The act is settleLeaving.
func (r *Register) SucceedWatch(g *guard.Grant, to string, only []string) (int, error) {
	all, err := r.Supervised(g.Tx(access.SettleLeaving), g.Only(access.Person))
	if err != nil {
		return 0, err
	}
	return r.pass(g, all, only, func(Device) (What, Detail, error) { return Watched, Detail{Witness: to, Reason: "离岗交接"}, nil })
}

// pass does a step to each of the devices, or to those of them that are named.
func (r *Register) pass(g *guard.Grant, all []Device, only []string, step func(Device) (What, Detail, error)) (int, error) {
	if len(only) > 0 {
		all = slices.DeleteFunc(all, func(d Device) bool { return !slices.Contains(only, d.ID) })
	}
	if len(all) == 0 {
		return 0, problem.New(problem.Conflict, "没有可以移交的设备，请刷新后查看")
	}
	for _, d := range all {
		what, detail, err := step(d)
		if err == nil {
			err = r.event(g, d.ID, what, detail)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// ToWatch are the devices whose repair the caller is to watch. The act is useSystem.
func (r *Register) ToWatch(g *guard.Grant) ([]Device, error) {
	return r.Supervised(g.Tx(access.UseSystem), g.Who().Person)
}
