package output

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/device"
	"mijuan/internal/filetype"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// scannable are the types that a scanner may leave.
var scannable = []filetype.Type{filetype.PDF, filetype.JPEG, filetype.TIFF}

// landing is how long a file may take until another process may take it up.
const landing = 10 * time.Minute

// receive takes a complete file up where it stands: it is new, waits, is on its way, or has only to be erased. The same file is one row,
// so that whatever dies in between is gone on with and nothing lands twice.
func (r *Room) receive(ctx context.Context, d device.Device, dir *os.Root, info os.FileInfo) error {
	f, err := dir.OpenFile(info.Name(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if now, err := f.Stat(); err != nil || !os.SameFile(now, info) || !now.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("output: a scanner's file became another"))
	}
	digest := "large"
	if info.Size() <= MaxScan {
		h := sha256.New()
		if _, err := io.Copy(h, io.NewSectionReader(f, 0, info.Size())); err != nil {
			return err
		}
		digest = hex.EncodeToString(h.Sum(nil))
	}
	p, err := r.know(ctx, d, info, digest, f)
	if err != nil {
		return err
	}
	if p.State == Found {
		if p, err = r.land(ctx, p, f); err != nil {
			return err
		}
	}
	ends := map[ScanState]ScanState{Filed: Landed, Dropped: Discarded, Stopped: Stopped}
	if end, erase := ends[p.State]; erase {
		if err := erased(dir, f, info); err != nil {
			return err
		}
		return r.record(ctx, p, end, p.Problem)
	}
	return nil
}

// know is the row of a file, made when it is seen for the first time.
func (r *Room) know(ctx context.Context, d device.Device, info os.FileInfo, digest string, f io.ReaderAt) (p Paper, err error) {
	mark := r.marks.Token(fmt.Sprintf("%s|%s|%d|%d|%s", d.ID, hex.EncodeToString([]byte(info.Name())), info.Size(), info.ModTime().UnixNano(), digest))
	known := func(tx *store.Tx) (err error) {
		p, err = store.Get(tx, r.scanPaper, selectScan+` WHERE mark = $1`, mark)
		return err
	}
	if err = r.DB.Read(ctx, known); !errors.Is(err, store.ErrNone) {
		return p, err
	}
	kind, err := filetype.DetectAt(f, info.Size())
	if err != nil {
		return p, err
	}
	err = r.Door.Do(ctx, program, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		tx := g.Tx()
		id, state, order, why := tx.NewID(), Held, "", ""
		open, err := r.waiting(tx, d.ID)
		switch {
		case err != nil:
			return err
		case info.Size() > MaxScan:
			why = fmt.Sprintf("文件超过 %d MiB", MaxScan>>20)
			order = "-"
		case !slices.Contains(scannable, kind):
			why, order = "不是 PDF、JPEG 或者 TIFF 文件", "-"
		case len(open) == 0:
			why = "没有正在这台扫描仪办理的申请"
		case len(open) > 1:
			why = "有多份申请正在这台扫描仪办理，请选择"
		default:
			state, order = Found, open[0]
		}
		g.Note("scan", id)
		g.Note("device", d.ID)
		g.Note("output", order)
		n, err := tx.Exec(`INSERT INTO scan (id, device, mark, sealed_name, size, output, upload, material, state, problem, found, until, settled, settled_by) VALUES ($1, $2, $3, $4, $5, $6, '', '', $7, $8, $9, 0, 0, '')
			ON CONFLICT (mark) DO NOTHING`, id, d.ID, mark, r.name.SealText(id, info.Name()), info.Size(), order, string(state), why, tx.Now.UnixMilli())
		if err == nil && n == 0 {
			err = problem.New(problem.Conflict, "这个文件已经处理过了")
		}
		return err
	})
	if err != nil && !problem.Is(err, problem.Conflict) {
		return p, err
	}
	return p, r.DB.Read(ctx, known)
}

// land seals a file into the matter of its order and files it, in the name of who asked for the scan: as that person may receive material
// now, so may the file come in.
func (r *Room) land(ctx context.Context, p Paper, f *os.File) (Paper, error) {
	if mine, err := r.claim(ctx, p); err != nil || !mine {
		return p, err
	}
	o, err := r.peek(ctx, p.Output)
	if err != nil {
		return p, err
	}
	who, upload := guard.Who{Person: o.Requester, Via: guard.Order}, ""
	err = r.DB.Read(ctx, func(tx *store.Tx) error {
		_, err := r.Devices.Fit(tx, o.Device, device.Scans, o.Level)
		return errors.Join(err, r.still(tx, o, ""))
	})
	if err == nil {
		upload, err = r.pour(ctx, who, o, p, f)
	}
	if err == nil {
		err = r.file(ctx, who, o, p, upload)
	}
	switch {
	case err == nil:
		p.State = Filed
	case problem.Is(err, problem.Refused): // marks of a state secret: the sealed copy is destroyed, and so is this one
		err = r.record(ctx, p, Stopped, said(err))
		p.State = Stopped
	case problem.KindOf(err) == problem.Unavailable || problem.KindOf(err) == 0 || ctx.Err() != nil:
		err = errors.Join(err, r.free(ctx, p)) // tried again
	default:
		err = r.record(ctx, p, Held, said(err))
		p.State = Held
	}
	return p, err
}

func (r *Room) claim(ctx context.Context, p Paper) (mine bool, err error) {
	err = r.DB.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE scan SET until = $2 WHERE id = $1 AND state = 'found' AND until < $3`, p.ID, tx.Now.Add(landing).UnixMilli(), tx.Now.UnixMilli())
		mine = n == 1
		return err
	})
	return mine, err
}

func (r *Room) free(ctx context.Context, p Paper) error {
	return r.DB.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE scan SET until = 0 WHERE id = $1`, p.ID)
		return err
	})
}

// pour brings the bytes in and gives the upload. One that an earlier attempt finished is gone on with; an unfinished one is given up.
func (r *Room) pour(ctx context.Context, who guard.Who, o Order, p Paper, f *os.File) (string, error) {
	if p.upload != "" {
		var before *material.Upload
		err := r.Door.Do(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: o.Matter}, func(g *guard.Grant) (err error) {
			before, err = r.Shelf.Upload(g, p.upload)
			return err
		})
		switch {
		case err == nil && before.State == material.Ready:
			return p.upload, nil
		case err == nil:
			err = r.Shelf.Withdraw(ctx, who, o.Matter, p.upload)
		}
		if err != nil && !problem.Is(err, problem.Absent) {
			return "", err
		}
	}
	u, passage, err := r.Shelf.Begin(ctx, who, o.Matter, material.Declaration{Name: fmt.Sprintf("scan-%d-%04d%s", o.Year, o.Serial, extension(p.Name)), Size: p.Size, NotStateSecret: o.Filing.NotStateSecret})
	if err != nil {
		return "", err
	}
	if err := r.DB.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE scan SET upload = $2 WHERE id = $1`, p.ID, u.ID)
		return err
	}); err != nil {
		return "", errors.Join(err, passage.Close(ctx, 0, err))
	}
	_, err = r.Shelf.Pour(ctx, passage, u, io.NewSectionReader(f, 0, p.Size), nil)
	return u.ID, err
}

func extension(name string) string {
	for i := len(name) - 1; i > 0 && len(name)-i <= 5; i-- {
		if name[i] == '.' {
			return name[i:]
		}
	}
	return ""
}

// file makes the upload a material at the carrier's level, to be reviewed, and the row say so, in one transaction.
func (r *Room) file(ctx context.Context, who guard.Who, o Order, p Paper, upload string) error {
	return r.Door.Do(ctx, who, access.ReceiveMaterial, guard.Thing{Kind: access.Matter, ID: o.Matter}, func(g *guard.Grant) error {
		tx := g.Tx()
		numbers, err := r.Carriers.Numbers(tx, []string{o.Carrier})
		if err != nil {
			return err
		}
		ids, err := r.Shelf.File(g, []material.Filing{{Upload: upload, Title: o.Title, Kinds: o.Filing.Kinds, Level: o.Level, Reason: "扫描自载体 " + numbers[o.Carrier] + "，密级相同", Reviewer: o.Filing.Reviewer, Ground: o.Filing.landing(o)}})
		if err != nil {
			return err
		}
		g.Note("scan", p.ID)
		g.Note("output", o.ID)
		n, err := tx.Exec(`UPDATE scan SET state = 'filed', material = $2, settled = $3 WHERE id = $1 AND state = 'found'`, p.ID, ids[0], tx.Now.UnixMilli())
		if err == nil && n == 0 {
			err = problem.New(problem.Conflict, "这个文件已经处理过了")
		}
		return err
	})
}

// erased overwrites a file and removes it. On media that write elsewhere (SSD, copy on write) the overwriting does not reach the old cells;
// the folder belongs on an encrypted disk.
func erased(dir *os.Root, f *os.File, info os.FileInfo) error {
	zeros := make([]byte, 1<<16)
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return fmt.Errorf("overwrite a scanner's file: %w", err)
		}
	}
	if err := errors.Join(f.Sync(), dir.Remove(info.Name())); err != nil {
		return fmt.Errorf("remove a scanner's file: %w", err)
	}
	folder, err := dir.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
