package device

import (
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

const selectDevice = `SELECT id, number, kind, sealed_model, sealed_serial, sealed_place, level, keeper, state, registered FROM device`

func (r *Register) scan(row store.Row) (d Device, err error) {
	var model, serial, place []byte
	var registered int64
	if err := row.Scan(&d.ID, &d.Number, &d.Kind, &model, &serial, &place, &d.Level, &d.Keeper, &d.State, &registered); err != nil {
		return d, err
	}
	d.Registered = time.UnixMilli(registered).UTC()
	if d.Model, err = r.model.OpenText(d.ID, model); err != nil {
		return d, err
	}
	if d.Serial, err = r.serial.OpenText(d.ID, serial); err != nil {
		return d, err
	}
	d.Place, err = r.place.OpenText(d.ID, place)
	return d, err
}

// Filter narrows and pages the register.
type Filter struct {
	Text      string // in number, model, serial number, place or the name of who answers for it
	Kind      Kind
	State     State
	Level     classification.Level // the highest that may pass it; zero: any
	Uncleared bool                 // only what no level may pass
	Sort      string               // number (also ""), kind, place, keeper or level
	Down      bool
	Offset    int
	Limit     int // 0: all
}

// List is the register of devices with their events. The act is readDevices on the firm.
func (r *Register) List(g *guard.Grant, f Filter) (found []Device, total int, err error) {
	tx := g.Tx(access.ReadDevices)
	all, err := store.List(tx, r.scan, selectDevice+` WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR state = $2) ORDER BY number`, string(f.Kind), string(f.State))
	if err != nil {
		return nil, 0, err
	}
	keepers := make([]string, len(all))
	for i, d := range all {
		keepers[i] = d.Keeper
	}
	names, err := r.people.Names(tx, keepers)
	if err != nil {
		return nil, 0, err
	}
	for i := range all {
		all[i].KeeperName = names[all[i].Keeper]
	}
	f.order(all)
	for _, d := range all {
		if !d.matches(f.Text) || f.Uncleared && d.Level != 0 || f.Level != 0 && d.Level != f.Level {
			continue
		}
		if total++; total > f.Offset && (f.Limit == 0 || len(found) < f.Limit) {
			found = append(found, d)
		}
	}
	return found, total, r.complete(tx, found)
}

// order sorts what was read by number.
func (f Filter) order(all []Device) {
	by := map[string]func(a, b Device) int{
		"kind":   func(a, b Device) int { return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind) },
		"place":  func(a, b Device) int { return strings.Compare(a.Place, b.Place) },
		"keeper": func(a, b Device) int { return strings.Compare(a.KeeperName, b.KeeperName) },
		"level":  func(a, b Device) int { return int(a.Level) - int(b.Level) },
	}[f.Sort]
	if by == nil {
		by = func(a, b Device) int { return int(a.Number - b.Number) }
	}
	slices.SortStableFunc(all, func(a, b Device) int {
		if f.Down {
			return by(b, a)
		}
		return by(a, b)
	})
}

// One is a device with its events. The act is readDevices.
func (r *Register) One(g *guard.Grant, id string) (Device, error) {
	tx := g.Tx(access.ReadDevices)
	d, err := r.one(tx, id)
	if err != nil {
		return d, err
	}
	whole := []Device{d}
	err = r.complete(tx, whole)
	return whole[0], err
}

// Mine are the devices that the caller answers for. The act is useSystem.
func (r *Register) Mine(g *guard.Grant) ([]Device, error) {
	tx := g.Tx(access.UseSystem)
	all, err := store.List(tx, r.scan, selectDevice+` WHERE keeper = $1 AND state <> 'scrapped' ORDER BY number`, g.Who().Person)
	if err != nil {
		return nil, err
	}
	return all, r.complete(tx, all)
}

func (d Device) matches(text string) bool {
	in := strings.ToLower(d.Label() + "\n" + d.Model + "\n" + d.Serial + "\n" + d.Place + "\n" + d.KeeperName)
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		if !strings.Contains(in, word) {
			return false
		}
	}
	return true
}

// complete adds events and names.
func (r *Register) complete(tx *store.Tx, all []Device) error {
	for i := range all {
		d := &all[i]
		var err error
		if d.Events, err = store.List(tx, r.scanEvent, `SELECT id, at, by_person, what, sealed_detail FROM device_event WHERE device = $1 ORDER BY at, id`, d.ID); err != nil {
			return err
		}
		people := []string{d.Keeper}
		for _, e := range d.Events {
			people = append(people, e.By, e.Keeper, e.Witness)
		}
		names, err := r.people.Names(tx, people)
		if err != nil {
			return err
		}
		d.KeeperName = names[d.Keeper]
		for k := range d.Events {
			e := &d.Events[k]
			e.By, e.Keeper, e.Witness = names[e.By], names[e.Keeper], names[e.Witness]
		}
	}
	return nil
}

func (r *Register) scanEvent(row store.Row) (e Event, err error) {
	var id string
	var at int64
	var sealed []byte
	if err := row.Scan(&id, &at, &e.By, &e.What, &sealed); err != nil {
		return e, err
	}
	e.At = time.UnixMilli(at).UTC()
	e.Detail, err = openJSON(r.detail, id, sealed)
	return e, err
}
