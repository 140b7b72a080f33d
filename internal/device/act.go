package device

import (
	"encoding/json"
	"fmt"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/vault"
)

// Entry is a device as it is taken on.
type Entry struct {
	Kind                 Kind
	Model, Serial, Place string
	Keeper               string // person's id
}

// Add takes a device on and gives its id. Nothing may pass it until Clear. A serial number that is in the register, scrapped devices
// included, is problem.Conflict. The act is manageDevices on the firm.
func (r *Register) Add(g *guard.Grant, e Entry) (string, error) {
	tx := g.Tx(access.ManageDevices)
	if !slices.Contains(Kinds, e.Kind) {
		return "", problem.New(problem.Invalid, "请选择设备类别").In("kind")
	}
	var errs [3]error
	e.Model, errs[0] = line(e.Model, "model", "型号", 100)
	e.Serial, errs[1] = line(e.Serial, "serial", "序列号", 100)
	e.Place, errs[2] = line(e.Place, "place", "放置地点", 100)
	for _, err := range append(errs[:], r.staff(tx, e.Keeper, "keeper")) {
		if err != nil {
			return "", err
		}
	}
	last, err := store.Get(tx, func(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }, `SELECT COALESCE(MAX(number), 0) FROM device`)
	if err != nil {
		return "", err
	}
	id := tx.NewID()
	n, err := tx.Exec(`INSERT INTO device (id, number, kind, sealed_model, sealed_serial, serial_token, sealed_place, level, keeper, state, registered)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, 'use', $9) ON CONFLICT DO NOTHING`, id, last+1, string(e.Kind), r.model.SealText(id, e.Model), r.serial.SealText(id, e.Serial),
		r.serials.Token(e.Serial), r.place.SealText(id, e.Place), e.Keeper, tx.Now.UnixMilli())
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这个序列号已经登记过").In("serial")
	}
	if err != nil {
		return "", err
	}
	return id, r.event(g, id, Registered, Detail{Place: e.Place, Keeper: e.Keeper})
}

// Move gives a device another place or another person to answer for it. The act is manageDevices.
func (r *Register) Move(g *guard.Grant, id, place, keeper string) error {
	tx := g.Tx(access.ManageDevices)
	d, err := r.one(tx, id, InUse, InRepair)
	if err != nil {
		return err
	}
	if place, err = line(place, "place", "放置地点", 100); err != nil {
		return err
	}
	if err := r.staff(tx, keeper, "keeper"); err != nil {
		return err
	}
	if place == d.Place && keeper == d.Keeper {
		return problem.New(problem.Conflict, "没有变更")
	}
	if _, err := tx.Exec(`UPDATE device SET sealed_place = $2, keeper = $3 WHERE id = $1`, id, r.place.SealText(id, place), keeper); err != nil {
		return err
	}
	return r.event(g, id, Moved, Detail{Place: place, Keeper: keeper})
}

// Clear sets the highest level of what may pass a device; zero is none. Nobody does so for a device they answer for. The act is
// clearDevice on the firm.
func (r *Register) Clear(g *guard.Grant, id string, level classification.Level, why string) error {
	tx := g.Tx(access.ClearDevice)
	d, err := r.one(tx, id, InUse)
	if err != nil {
		return err
	}
	switch why, err = line(why, "reason", "理由", 300); {
	case err != nil:
		return err
	case level != 0 && !slices.Contains(classification.Levels, level):
		return problem.New(problem.Invalid, "请选择密级").In("level")
	case d.Keeper == g.Who().Person:
		return problem.New(problem.Conflict, "不能核定自己负责的设备")
	}
	if _, err := tx.Exec(`UPDATE device SET level = $2 WHERE id = $1`, id, int64(level)); err != nil {
		return err
	}
	return r.event(g, id, Cleared, Detail{Level: level, Reason: why})
}

// Repair is how a device goes to be repaired.
type Repair struct {
	Vendor  string
	Witness string // id of who watches
	Reason  string
}

// Send has a device repaired. Nothing passes it until it is back and cleared again. The act is manageDevices.
func (r *Register) Send(g *guard.Grant, id string, rep Repair) error {
	tx := g.Tx(access.ManageDevices)
	if _, err := r.one(tx, id, InUse); err != nil {
		return err
	}
	vendor, err := line(rep.Vendor, "vendor", "维修单位", 100)
	if err != nil {
		return err
	}
	why, err := line(rep.Reason, "reason", "故障和处理", 300)
	if err != nil {
		return err
	}
	if err := r.staff(tx, rep.Witness, "witness"); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE device SET state = 'repair', level = 0 WHERE id = $1`, id); err != nil {
		return err
	}
	return r.event(g, id, Sent, Detail{Vendor: vendor, Witness: rep.Witness, Reason: why})
}

// Return takes a repaired device back. The act is manageDevices.
func (r *Register) Return(g *guard.Grant, id, found string) error {
	tx := g.Tx(access.ManageDevices)
	if _, err := r.one(tx, id, InRepair); err != nil {
		return err
	}
	found, err := line(found, "reason", "检查结果", 300)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE device SET state = 'use' WHERE id = $1`, id); err != nil {
		return err
	}
	return r.event(g, id, Returned, Detail{Reason: found})
}

// remembering are the kinds that always have something to be wiped.
var remembering = []Kind{"desktop", "laptop", "storage"}

// Scrap takes a device out of use for good: how it was wiped, and who besides the caller saw it. The act is manageDevices.
func (r *Register) Scrap(g *guard.Grant, id string, w Wipe, witness, why string) error {
	tx := g.Tx(access.ManageDevices)
	d, err := r.one(tx, id, InUse, InRepair)
	if err != nil {
		return err
	}
	why, err = line(why, "reason", "理由", 300)
	switch {
	case err != nil:
		return err
	case w == "none" && slices.Contains(remembering, d.Kind):
		return problem.New(problem.Invalid, "%s有存储部件，请选择清除方式", d.Kind.Name()).In("wipe")
	case !slices.Contains(Wipes, w):
		return problem.New(problem.Invalid, "请选择清除方式").In("wipe")
	case witness == g.Who().Person:
		return problem.New(problem.Invalid, "见证人不能是经办人").In("witness")
	}
	if err := r.staff(tx, witness, "witness"); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE device SET state = 'scrapped', level = 0 WHERE id = $1`, id); err != nil {
		return err
	}
	return r.event(g, id, Wiped, Detail{Wipe: w, Witness: witness, Reason: why})
}

func sealJSON(f *vault.Field, row string, d Detail) ([]byte, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode a device's step: %w", err)
	}
	return f.Seal(row, raw), nil
}

func openJSON(f *vault.Field, row string, sealed []byte) (d Detail, err error) {
	raw, err := f.Open(row, sealed)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(raw, &d)
}
