package device

import (
	"errors"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/printer"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Jobs that a device can be asked to do.
const (
	Prints = "print"
	Copies = "copy"
	Scans  = "scan"
)

// does says which kinds of device do which job.
var does = map[string][]Kind{Prints: {"printer", "multi"}, Copies: {"copier", "multi"}, Scans: {"scanner", "multi"}}

// Does reports whether a device of the kind does the job.
func (k Kind) Does(job string) bool {
	for _, one := range does[job] {
		if one == k {
			return true
		}
	}
	return false
}

// Reach sets where a printer answers; an address without a URI takes it away. What is not encrypted is for 秘密级 at most. Nobody does so
// for a device they answer for. The act is clearDevice on the firm: whoever prints cannot name an address.
func (r *Register) Reach(g *guard.Grant, id string, a printer.Address) error {
	tx := g.Tx(access.ClearDevice)
	d, err := r.one(tx, id, InUse)
	switch {
	case err != nil:
		return err
	case !d.Kind.Does(Prints):
		return problem.New(problem.Invalid, "只有打印机和多功能一体机登记打印地址").In("address")
	case d.Keeper == g.Who().Person:
		return problem.New(problem.Conflict, "不能核定自己负责的设备")
	}
	if _, err := tx.Exec(`DELETE FROM device_address WHERE device = $1`, id); err != nil {
		return err
	}
	if a.URI != "" {
		if a, err = a.Clean(); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO device_address (device, sealed_address, pin) VALUES ($1, $2, $3)`, id, r.address.SealText(id, a.URI), a.Pin); err != nil {
			return err
		}
	}
	return r.event(g, id, Reached, Detail{Address: a.URI, Pin: a.Pin})
}

// Address is where a device answers; one without a URI is none. Whether the reader may know, the caller's act decides.
func (r *Register) Address(tx *store.Tx, id string) (printer.Address, error) {
	a, err := store.Get(tx, func(row store.Row) (a printer.Address, err error) {
		var sealed []byte
		if err := row.Scan(&sealed, &a.Pin); err != nil {
			return a, err
		}
		a.URI, err = r.address.OpenText(id, sealed)
		return a, err
	}, `SELECT sealed_address, pin FROM device_address WHERE device = $1`, id)
	if errors.Is(err, store.ErrNone) {
		return printer.Address{}, nil
	}
	return a, err
}

// Fit is the device if it may be used for a job at a level now, else a problem that says why not, in the form's field "device".
func (r *Register) Fit(tx *store.Tx, id, job string, level classification.Level) (Device, error) {
	d, err := r.one(tx, id)
	switch {
	case problem.Is(err, problem.Absent):
		return d, problem.New(problem.Invalid, "请选择设备").In("device")
	case err != nil:
		return d, err
	case d.State != InUse:
		return d, problem.New(problem.Conflict, "这台设备现在是“%s”，不能使用", d.State.Name()).In("device")
	case !d.Kind.Does(job):
		return d, problem.New(problem.Conflict, "这台设备不能这样使用").In("device")
	case d.Level < level:
		return d, problem.New(problem.Conflict, "这台设备没有核定到%s，请另选设备", level.Name()).In("device")
	case job != Prints:
		return d, nil
	}
	a, err := r.Address(tx, id)
	switch {
	case err != nil:
		return d, err
	case a.URI == "":
		return d, problem.New(problem.Conflict, "这台打印机还没有登记地址，请安全管理员核定").In("device")
	case !a.Secure() && level > classification.Confidential:
		return d, problem.New(problem.Conflict, "这台打印机的连接没有加密，只能打印秘密级").In("device")
	}
	return d, nil
}

// Fitting lists the devices that may be used for a job at a level now, by number. Whether the reader may know, the caller's act decides.
func (r *Register) Fitting(tx *store.Tx, job string, level classification.Level) ([]Device, error) {
	all, err := store.List(tx, r.scan, selectDevice+` WHERE state = 'use' AND level >= $1 ORDER BY number`, int64(level))
	if err != nil {
		return nil, err
	}
	var fit []Device
	for _, d := range all {
		if _, err := r.Fit(tx, d.ID, job, level); err == nil {
			fit = append(fit, d)
		} else if problem.KindOf(err) == 0 {
			return nil, err
		}
	}
	return fit, nil
}

// Labels names devices: number, model and place. Whether the reader may know, the caller's act decides.
func (r *Register) Labels(tx *store.Tx, ids []string) (map[string]string, error) {
	named := map[string]string{}
	for _, id := range ids {
		if _, done := named[id]; done || id == "" {
			continue
		}
		d, err := r.one(tx, id)
		if err != nil {
			return nil, err
		}
		named[id] = d.Label() + " " + d.Model
	}
	return named, nil
}
