package output

import (
	"context"
	"time"

	"mijuan/internal/printer"
	"mijuan/internal/store"
)

// Watch sees until ctx ends that no copy stays half sent: those whose process is gone are found at their printers again, or declared
// unknown. alone says that no other process can be at work on the database. It also looks into the scanners' folders.
func (r *Room) Watch(ctx context.Context, alone bool, log func(error)) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for n := 0; ; n++ {
		if n%15 == 0 {
			if err := r.Recover(ctx, alone && n == 0); err != nil && ctx.Err() == nil {
				log(err)
			}
		}
		if err := r.Sweep(ctx); err != nil && ctx.Err() == nil {
			log(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Recover takes up the copies whose process is gone.
func (r *Room) Recover(ctx context.Context, alone bool) error {
	type half struct{ output, copy string }
	var gone []half
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		before := tx.Now.UnixMilli()
		if alone {
			before = 1<<63 - 1
		}
		gone, err = store.List(tx, func(row store.Row) (h half, err error) { err = row.Scan(&h.output, &h.copy); return h, err },
			`SELECT output, id FROM output_copy WHERE state IN ('making', 'sending', 'sent') AND until < $1 ORDER BY id`, before)
		return err
	}); err != nil {
		return err
	}
	for _, h := range gone {
		r.work(h.output, func(ctx context.Context) error { return r.find(ctx, h.copy) })
	}
	return nil
}

// find says what became of a copy that another process was at.
func (r *Room) find(ctx context.Context, copy string) error {
	o, c, err := r.peekCopy(ctx, copy)
	if err != nil {
		return err
	}
	switch c.State {
	case Making: // nothing had left
		return r.DB.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE output_copy SET state = 'queued', until = 0, reasons = $2 WHERE id = $1 AND state = 'making'`, copy, "程序中断，没有发送")
			return err
		})
	case Sending:
		p, _, err := r.reach(ctx, o.Device)
		if err != nil {
			return r.over(ctx, o, c, Unknown, said(err))
		}
		defer p.Close()
		return r.found(ctx, p, o, c)
	case Sent:
		_, err := r.follow(ctx, copy)
		return err
	default:
		return nil
	}
}

// found follows the job that bears the copy's name. A printer that knows none may have printed and forgotten it: nobody knows.
func (r *Room) found(ctx context.Context, p *printer.Printer, o Order, c One) error {
	job, err := p.Find(ctx, jobName(c.Code))
	switch {
	case err != nil:
		return r.over(ctx, o, c, Unknown, said(err))
	case job == 0:
		return r.over(ctx, o, c, Unknown, "打印机没有这项任务")
	}
	if err := r.DB.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE output_copy SET state = 'sent', job = $2, until = $3 WHERE id = $1 AND state = 'sending'`, c.ID, int64(job), tx.Now.Add(lease).UnixMilli())
		return err
	}); err != nil {
		return err
	}
	_, err = r.follow(ctx, c.ID)
	return err
}
