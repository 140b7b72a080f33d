package output

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/printer"
	"mijuan/internal/problem"
	"mijuan/internal/render"
	"mijuan/internal/store"
	"mijuan/internal/text"
	"mijuan/internal/viewing"
)

// dpi is the resolution of printed pages.
const dpi = 200

// lease is how long a copy that is under way stands without its process being heard of.
const lease = 2 * time.Minute

// printAll sends an order's waiting copies, one after the other: the next only when the printer is done with the one before. It stops at
// the first that does not come out as it should, for a person to look.
func (r *Room) printAll(who guard.Who, id string) {
	r.work(id, func(ctx context.Context) error {
		for {
			o, err := r.peek(ctx, id)
			if err != nil {
				return err
			}
			next := ""
			for _, c := range o.Each {
				if c.State == Queued {
					next = c.ID
					break
				}
			}
			if next == "" || o.State != Working {
				return nil
			}
			if done, err := r.printOne(ctx, who, o, next); err != nil || !done {
				return err
			}
		}
	})
}

// errand is one copy on its way.
type errand struct {
	order Order
	copy  One
	key   *material.Key
	name  string // of who asked for it
	at    time.Time
	code  uint64
}

// jobName is how a copy's job is called at the printer; it tells nothing and is found again.
func jobName(code uint64) string { return "MJ-" + viewing.CodeText(code) }

// printOne makes a copy's pages, sends them and follows the job. The intent is on record before, the outcome after; done says that the
// printer says that all came out.
func (r *Room) printOne(ctx context.Context, who guard.Who, o Order, copy string) (done bool, err error) {
	e := errand{}
	if e.code, err = viewing.NewCode(); err != nil {
		return false, err
	}
	passage, err := r.Door.Open(ctx, who, access.OperateOutput, guard.Firm, func(g *guard.Grant) error { return r.take(g, o.ID, copy, &e) })
	if err != nil { // the device, the requester or the material is no longer as it was: the operator is told
		return false, errors.Join(err, r.excuse(ctx, copy, said(err)))
	}
	sent, job, err := r.send(ctx, &e)
	state, reason := Sent, ""
	switch {
	case err == nil:
	case !sent:
		state, reason = Queued, said(err)
	case ctx.Err() != nil:
		state = Sending // the next process finds out
	default:
		state, reason = Unknown, said(err)
	}
	until := int64(0)
	closing := passage.Close(ctx, int64(o.Sheets), err, func(tx *store.Tx) error {
		if state == Sent {
			until = tx.Now.Add(lease).UnixMilli()
		}
		_, err := tx.Exec(`UPDATE output_copy SET state = $2, job = $3, until = $4, reasons = $5 WHERE id = $1 AND state IN ('making', 'sending')`, copy, string(state), int64(job), until, reason)
		return err
	})
	if err != nil || closing != nil {
		return false, errors.Join(err, closing)
	}
	return r.follow(ctx, copy)
}

// excuse says why a copy was not sent.
func (r *Room) excuse(ctx context.Context, copy, why string) error {
	return r.DB.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE output_copy SET reasons = $2 WHERE id = $1 AND state = 'queued'`, copy, why)
		return err
	})
}

// said is an error as a reason that may be shown: the public sentence of a problem.
func said(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Public()
	}
	return "打印没有成功"
}

// take marks a copy as on its way and takes out what is needed for it.
func (r *Room) take(g *guard.Grant, id, copy string, e *errand) (err error) {
	tx := g.Tx(access.OperateOutput)
	if e.order, err = r.one(tx, id); err != nil {
		return err
	}
	for _, c := range e.order.Each {
		if c.ID == copy {
			e.copy = c
		}
	}
	if e.copy.State != Queued || e.order.State != Working {
		return problem.New(problem.Conflict, "这一份已经不在等待发送")
	}
	o := e.order
	if _, err := r.Devices.Fit(tx, o.Device, jobOf[o.Kind], o.Level); err != nil {
		return err
	}
	if err := r.still(tx, o, g.Who().Addr); err != nil {
		return err
	}
	if e.key, err = r.Shelf.UnsealFor(g, o.Material); err != nil {
		return err
	}
	if e.key.Material.Version.N != o.Version || e.key.Material.Level > o.Level {
		return problem.New(problem.Conflict, "资料或密级有了变化，请重新申请")
	}
	names, err := r.People.Names(tx, []string{o.Requester})
	if err != nil {
		return err
	}
	e.name, e.at = names[o.Requester], tx.Now
	g.Note("output", o.ID)
	g.Note("number", e.copy.Number)
	g.Step(access.PrintMaterial, guard.Thing{Kind: access.Material, ID: o.Material}, o.Matter, map[string]any{"number": e.copy.Number, "code": viewing.CodeText(e.code), "pages": o.Sheets, "device": o.Device})
	_, err = tx.Exec(`UPDATE output_copy SET state = 'making', code = $2, until = $3, pages_made = 0, reasons = '' WHERE id = $1`, copy, int64(e.code), tx.Now.Add(lease).UnixMilli())
	return err
}

// send makes the document and hands it over. sent says that it may have arrived, whatever the error.
func (r *Room) send(ctx context.Context, e *errand) (sent bool, job int, err error) {
	p, about, err := r.reach(ctx, e.order.Device)
	if err != nil {
		return false, 0, err
	}
	defer p.Close()
	format := about.Format()
	if format == "" {
		return false, 0, problem.New(problem.Conflict, "打印机不接受这种文件格式")
	}
	pages, err := r.pages(ctx, e)
	if err != nil {
		return false, 0, err
	}
	document, err := printer.Set(format, pages)
	if err != nil {
		return false, 0, err
	}
	if err := r.mark(ctx, e.copy.ID, Sending, Making); err != nil { // from here on, only the printer knows
		return false, 0, err
	}
	return r.hand(ctx, p, printer.Document{Name: jobName(e.code), Format: format, Bytes: document})
}

// hand sends a document to a printer that may be at work.
func (r *Room) hand(ctx context.Context, p *printer.Printer, d printer.Document) (sent bool, job int, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.Patience.Send)
	defer cancel()
	for {
		job, err = p.Print(ctx, d)
		if !errors.Is(err, printer.ErrBusy) {
			return err == nil || errors.Is(err, printer.ErrUnsure), job, err
		}
		select {
		case <-ctx.Done():
			return false, 0, err
		case <-time.After(r.Patience.Poll):
		}
	}
}

// reach opens a device's printer and asks how it stands.
func (r *Room) reach(ctx context.Context, id string) (*printer.Printer, printer.Description, error) {
	var address printer.Address
	if err := r.DB.Read(ctx, func(tx *store.Tx) (err error) { address, err = r.Devices.Address(tx, id); return err }); err != nil {
		return nil, printer.Description{}, err
	}
	p, err := printer.Open(address)
	if err != nil {
		return nil, printer.Description{}, err
	}
	about, err := p.Describe(ctx)
	if err != nil {
		p.Close()
	}
	return p, about, err
}

// pages makes a copy's pages in memory, each with the copy's own mark.
func (r *Room) pages(ctx context.Context, e *errand) (all []printer.Page, err error) {
	content, err := r.Shelf.Open(ctx, e.key)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	m := e.key.Material
	chosen, err := parsePages(e.order.Pages, m.Version.Pages)
	if err != nil {
		return nil, err
	}
	mark := render.Mark{Level: m.Level.Mark(text.ZH), Code: viewing.CodeText(e.code),
		Lines: []string{e.copy.Number, fmt.Sprintf("第 %d 份", e.copy.Copy), e.name, e.at.In(matter.Beijing).Format("2006-01-02 15:04")}}
	size := 0
	for i, n := range chosen {
		image, err := r.Pages.Page(ctx, render.Doc{Key: m.Version.ID, Type: m.Version.Type, Src: content, Size: m.Version.Size}, n, render.Spec{DPI: dpi, Mark: mark})
		if err != nil {
			return nil, err
		}
		if size += len(image.Bytes); size > printer.MaxDocument {
			return nil, problem.New(problem.TooLarge, "要打印的内容超过 %d MiB，请分次打印", printer.MaxDocument>>20)
		}
		all = append(all, printer.Page{JPEG: image.Bytes, W: image.W, H: image.H})
		if i%10 == 9 {
			if err := r.progress(ctx, e.copy.ID, i+1); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// progress shows how far a copy is, and keeps its lease.
func (r *Room) progress(ctx context.Context, copy string, made int) error {
	return r.DB.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE output_copy SET pages_made = $2, until = $3 WHERE id = $1`, copy, int64(made), tx.Now.Add(lease).UnixMilli())
		return err
	})
}

// mark moves a copy from one state to the next, or fails if another process has it.
func (r *Room) mark(ctx context.Context, copy string, to, from CopyState) error {
	return r.DB.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`UPDATE output_copy SET state = $2, until = $4 WHERE id = $1 AND state = $3`, copy, string(to), string(from), tx.Now.Add(max(lease, r.Patience.Send)).UnixMilli())
		if err == nil && n == 0 {
			err = problem.New(problem.Conflict, "这一份已经不在等待发送")
		}
		return err
	})
}

// follow asks the printer about a job until it is over, and records what it said. done: all came out, says the printer.
func (r *Room) follow(ctx context.Context, copy string) (done bool, err error) {
	heard := time.Duration(0) // since it answered last, by what was waited
	for {
		o, c, err := r.peekCopy(ctx, copy)
		if err != nil || c.State != Sent {
			return false, err
		}
		state, err := r.question(ctx, o, c)
		switch {
		case ctx.Err() != nil:
			return false, ctx.Err()
		case problem.Is(err, problem.Absent): // it has forgotten the job: switched off meanwhile
			return false, r.over(ctx, o, c, Unknown, "打印机没有这项任务")
		case err != nil && heard >= r.Patience.Silent:
			return false, r.over(ctx, o, c, Unknown, said(err))
		case err != nil:
			if err := r.hear(ctx, c, said(err)); err != nil {
				return false, err
			}
		case state.Stage == printer.Completed:
			return true, r.over(ctx, o, c, Printed, "")
		case state.Stage.Over():
			return false, r.over(ctx, o, c, Failed, strings.Join(state.Reasons, ","))
		default:
			heard = 0
			if err := r.hear(ctx, c, strings.Join(state.Reasons, ",")); err != nil {
				return false, err
			}
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(r.Patience.Poll):
			heard += r.Patience.Poll
		}
	}
}

func (r *Room) question(ctx context.Context, o Order, c One) (printer.State, error) {
	p, _, err := r.reach(ctx, o.Device)
	if err != nil {
		return printer.State{}, err
	}
	defer p.Close()
	return p.Job(ctx, c.job)
}

// hear notes what stands in the way, and keeps the lease; it writes only what is new or due.
func (r *Room) hear(ctx context.Context, c One, reasons string) error {
	return r.DB.Update(ctx, func(tx *store.Tx) error {
		if strings.Join(c.Reasons, ",") == reasons && c.until.Sub(tx.Now) > lease/2 {
			return nil
		}
		_, err := tx.Exec(`UPDATE output_copy SET reasons = $2, until = $3 WHERE id = $1 AND state = 'sent'`, c.ID, reasons, tx.Now.Add(lease).UnixMilli())
		return err
	})
}

// over records how a job ended, as the program's own entry in the ledger.
func (r *Room) over(ctx context.Context, o Order, c One, state CopyState, reasons string) error {
	return r.Door.Do(ctx, program, access.UseSystem, guard.Firm, func(g *guard.Grant) error {
		n, err := g.Tx().Exec(`UPDATE output_copy SET state = $2, reasons = $3, until = 0 WHERE id = $1 AND state IN ('sent', 'sending')`, c.ID, string(state), reasons)
		if err == nil && n == 0 {
			return problem.New(problem.Conflict, "这一份已经有了结果")
		}
		g.Note("output", o.ID)
		g.Note("number", c.Number)
		g.Note("printer", string(state))
		return err
	})
}
