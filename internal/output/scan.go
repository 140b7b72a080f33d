package output

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/device"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// ScanState is how a file from a scanner stands.
type ScanState string

const (
	Found     ScanState = "found"    // on its way into the matter of its order
	Held      ScanState = "held"     // waits for a person to say
	Filed     ScanState = "filed"    // sealed and filed; the file is still to be erased
	Landed    ScanState = "done"     // filed and erased
	Stopped   ScanState = "stopped"  // bore marks of a state secret: erased
	Dropped   ScanState = "dropping" // a person gave it up; still to be erased
	Discarded ScanState = "discarded"
	Gone      ScanState = "gone" // somebody took it out of the folder
)

var scanNames = map[ScanState]string{Found: "正在归案", Held: "待处理", Filed: "已归案", Landed: "已归案", Stopped: "有国家秘密标志，已清除", Dropped: "正在清除", Discarded: "已清除", Gone: "已被移走"}

// Name is the state in Chinese.
func (s ScanState) Name() string { return scanNames[s] }

// Paper is a file that a scanner left.
type Paper struct {
	ID, Device string
	Name       string // of the file
	Size       int64
	Output     string // id of the order on which it lands; empty: a person has to say
	Material   string
	State      ScanState
	Problem    string // why it waits
	Found      time.Time
	Settled    time.Time
	SettledBy  string
	upload     string
	Assignable bool     // a person may say on which order it lands
	Candidates []string // orders that wait at its scanner
}

// glimpse is how a file looked when it was seen last.
type glimpse struct {
	size  int64
	at    time.Time
	times int
}

// stable is how often a file has to look the same before it counts as complete.
const stable = 3

// MaxScan is the largest file that a scanner may leave, in bytes.
const MaxScan = 256 << 20

const selectScan = `SELECT id, device, sealed_name, size, output, upload, material, state, problem, found, settled, settled_by FROM scan`

func (r *Room) scanPaper(row store.Row) (p Paper, err error) {
	var name []byte
	var found, settled int64
	if err := row.Scan(&p.ID, &p.Device, &name, &p.Size, &p.Output, &p.upload, &p.Material, &p.State, &p.Problem, &found, &settled, &p.SettledBy); err != nil {
		return p, err
	}
	p.Found, p.Settled = instant(found), instant(settled)
	p.Name, err = r.name.OpenText(p.ID, name)
	return p, err
}

// Folder is where a scanner leaves its files; "" is nowhere.
func (r *Room) Folder(label string) string {
	if r.Scans == "" {
		return ""
	}
	return filepath.Join(r.Scans, label)
}

// Sweep looks once into the folders of the scanners that are in use and cleared.
func (r *Room) Sweep(ctx context.Context) error {
	if r.Scans == "" {
		return nil
	}
	var all []device.Device
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = r.Devices.Fitting(tx, device.Scans, classification.Confidential)
		return err
	}); err != nil {
		return err
	}
	var errs []error
	for _, d := range all {
		if err := r.sweepOne(ctx, d); err != nil {
			errs = append(errs, nameless(err))
		}
	}
	return errors.Join(errs...)
}

// nameless is an error without the name of a file, which could tell something: errors are logged.
func nameless(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("a scanner's file: %s: %w", path.Op, path.Err)
	}
	return err
}

func (r *Room) sweepOne(ctx context.Context, d device.Device) error {
	dir, err := os.OpenRoot(r.Folder(d.Label()))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	listed, err := os.ReadDir(dir.Name())
	if err != nil {
		return err
	}
	var names []string
	var errs []error
	for _, e := range listed {
		names = append(names, e.Name())
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || unfinished(e.Name()) || !r.settled(d.ID+"/"+e.Name(), info) {
			continue
		}
		if err := r.receive(ctx, d, dir, info); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, r.missing(ctx, d, names))...)
}

// unfinished reports whether a name is one that scanners write under before they are done.
func unfinished(name string) bool {
	end := strings.ToLower(filepath.Ext(name))
	return strings.HasPrefix(name, ".") || slices.Contains([]string{".part", ".tmp", ".temp", ".filepart", ".lock"}, end)
}

// settled reports whether a file has looked the same for a while.
func (r *Room) settled(key string, info os.FileInfo) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.seen[key]
	if was.size != info.Size() || !was.at.Equal(info.ModTime()) {
		was = glimpse{size: info.Size(), at: info.ModTime()}
	}
	was.times++
	r.seen[key] = was
	return was.times >= stable && info.Size() > 0
}

// missing notes the files that wait here and are no longer there.
func (r *Room) missing(ctx context.Context, d device.Device, names []string) error {
	var waiting []Paper
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		waiting, err = store.List(tx, r.scanPaper, selectScan+` WHERE device = $1 AND state IN ('held', 'filed', 'dropping')`, d.ID)
		return err
	}); err != nil {
		return err
	}
	ends := map[ScanState]ScanState{Held: Gone, Filed: Landed, Dropped: Discarded}
	for _, p := range waiting {
		if !slices.Contains(names, p.Name) {
			if err := r.record(ctx, p, ends[p.State], ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// record moves a file to another state, as the program's own entry in the ledger.
func (r *Room) record(ctx context.Context, p Paper, to ScanState, why string) error {
	return r.Door.Do(ctx, program, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		g.Note("scan", p.ID)
		g.Note("state", string(to))
		_, err := g.Tx().Exec(`UPDATE scan SET state = $2, problem = $3, until = 0 WHERE id = $1 AND state = $4`, p.ID, string(to), why, string(p.State))
		return err
	})
}

// Papers are the files from scanners that wait for a person, and those of late that did not. The act is operateOutput.
func (r *Room) Papers(g *guard.Grant) (all []Paper, err error) {
	tx := g.Tx(access.OperateOutput)
	if all, err = store.List(tx, r.scanPaper, selectScan+` WHERE state IN ('held', 'found', 'filed', 'dropping') OR found > $1 ORDER BY found DESC LIMIT 200`, tx.Now.Add(-7*24*time.Hour).UnixMilli()); err != nil {
		return nil, err
	}
	for i := range all {
		p := &all[i]
		if p.Assignable = p.State == Held && p.Output == ""; !p.Assignable {
			continue
		}
		if p.Candidates, err = r.waiting(tx, p.Device); err != nil {
			return nil, err
		}
	}
	return all, err
}

// waiting are the ids of the orders that wait at a scanner.
func (r *Room) waiting(tx *store.Tx, device string) ([]string, error) {
	return store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err },
		`SELECT id FROM output WHERE kind = 'scan' AND device = $1 AND state = 'working' AND lapses > $2 ORDER BY released, id`, device, tx.Now.UnixMilli())
}

// Assign says on which order a file lands that could have been of several. The act is operateOutput.
func (r *Room) Assign(g *guard.Grant, id, order string) error {
	tx := g.Tx(access.OperateOutput)
	p, err := r.paper(tx, id)
	if err != nil {
		return err
	}
	open, err := r.waiting(tx, p.Device)
	switch {
	case err != nil:
		return err
	case p.State != Held || p.Output != "":
		return problem.New(problem.Conflict, "这个文件不能归到申请")
	case !slices.Contains(open, order):
		return problem.New(problem.Invalid, "请选择正在这台扫描仪办理的申请").In("order")
	}
	g.Note("scan", id)
	g.Note("output", order)
	_, err = tx.Exec(`UPDATE scan SET state = 'found', output = $2, problem = '', settled_by = $3 WHERE id = $1`, id, order, g.Who().Person)
	return err
}

// Discard gives a file up that belongs nowhere; it is overwritten and removed. The act is operateOutput.
func (r *Room) DiscardScan(g *guard.Grant, id string) error {
	tx := g.Tx(access.OperateOutput)
	p, err := r.paper(tx, id)
	if err != nil {
		return err
	}
	if p.State != Held {
		return problem.New(problem.Conflict, "这个文件不在等待处理")
	}
	g.Note("scan", id)
	g.Note("discarded", true)
	_, err = tx.Exec(`UPDATE scan SET state = 'dropping', settled = $2, settled_by = $3 WHERE id = $1`, id, tx.Now.UnixMilli(), g.Who().Person)
	return err
}

func (r *Room) paper(tx *store.Tx, id string) (Paper, error) {
	p, err := store.Get(tx, r.scanPaper, selectScan+` WHERE id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		err = absent()
	}
	return p, err
}

// Landings are the materials that an order's scans became, their numbers by id. The act is useSystem, for who knows the order.
func (r *Room) Landings(g *guard.Grant, o Order) (map[string]string, error) {
	tx := g.Tx(access.UseSystem)
	if !o.Known || o.Kind != Scan {
		return nil, nil
	}
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT material FROM scan WHERE output = $1 AND material <> '' ORDER BY found`, o.ID)
	if err != nil {
		return nil, err
	}
	return r.Shelf.Numbers(tx, ids)
}

// Numbers are the numbers of the orders that files could be of, or are. The act is operateOutput.
func (r *Room) Numbers(g *guard.Grant, papers []Paper) (map[string]string, error) {
	tx, all := g.Tx(access.OperateOutput), map[string]string{}
	for _, p := range papers {
		for _, id := range append(slices.Clone(p.Candidates), p.Output) {
			if id == "" || id == "-" || all[id] != "" {
				continue
			}
			o, err := store.Get(tx, r.scan, selectOrder+` WHERE id = $1`, id)
			if err != nil {
				return nil, err
			}
			all[id] = fmt.Sprintf("%d-%04d", o.Year, o.Serial)
		}
	}
	return all, nil
}
