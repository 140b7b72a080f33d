package output

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Count is what an operator found of a copy at the device.
type Count struct {
	Copy    string // id
	Good    int    // whole sheets
	Spoiled int    // spoiled ones, which are shredded now
	Why     string // needed when something is spoiled or missing
}

// Count records what came out. A copy of which every sheet is good waits to be collected; any other is void, what came out of it is
// shredded now, and its number is explained. Whatever the printer said counts for nothing. The act is operateOutput.
func (r *Room) Count(g *guard.Grant, f Count) error {
	tx := g.Tx(access.OperateOutput)
	o, c, err := r.copyOf(tx, f.Copy)
	if err != nil {
		return err
	}
	f.Why = strings.TrimSpace(f.Why)
	switch {
	case !slices.Contains(countable, c.State):
		return problem.New(problem.Conflict, "这一份现在是“%s”，不用清点", c.State.Name())
	case o.Requester == g.Who().Person:
		return problem.New(problem.Conflict, "自己申请的由别人清点")
	case f.Good < 0 || f.Good > o.Sheets:
		return problem.New(problem.Invalid, "完好张数须在 0 到 %d 之间", o.Sheets).In("good")
	case f.Spoiled < 0 || f.Spoiled > 10*MostSheets:
		return problem.New(problem.Invalid, "请填写粉碎的张数，没有填 0").In("spoiled")
	case f.Why == "" && (f.Good < o.Sheets || f.Spoiled > 0):
		return problem.New(problem.Invalid, "张数不足或者有废纸的，请写明原因").In("why")
	}
	if f.Why, err = line(f.Why); err != nil {
		return err
	}
	state := Out
	if f.Good < o.Sheets {
		state, f.Spoiled, f.Good = Void, f.Spoiled+f.Good, 0 // an incomplete copy is shredded whole
	}
	g.Note("spoiled", f.Spoiled)
	return r.settle(g, o, c, state, f)
}

// Discard ends a copy that nobody collects, or that was never sent: it is void, and its sheets are shredded. The act is operateOutput.
func (r *Room) Discard(g *guard.Grant, copy, why string) error {
	o, c, err := r.copyOf(g.Tx(access.OperateOutput), copy)
	switch {
	case err != nil:
		return err
	case o.Requester == g.Who().Person:
		return problem.New(problem.Conflict, "自己申请的由别人作废")
	case c.State != Out && c.State != Queued:
		return problem.New(problem.Conflict, "这一份现在是“%s”，不能作废", c.State.Name())
	case strings.TrimSpace(why) == "":
		return problem.New(problem.Invalid, "请写明原因").In("why")
	}
	if why, err = line(why); err != nil {
		return err
	}
	return r.settle(g, o, c, Void, Count{Spoiled: c.Good + c.Spoiled, Why: why})
}

func (r *Room) settle(g *guard.Grant, o Order, c One, state CopyState, f Count) error {
	tx := g.Tx()
	g.Note("output", o.ID)
	g.Note("number", c.Number)
	g.Note("state", string(state))
	g.Step(o.Kind.act(), o.Kind.thing(o.Material+o.Carrier, ""), o.Matter, map[string]any{"number": c.Number, "state": string(state), "shredded": f.Spoiled})
	_, err := tx.Exec(`UPDATE output_copy SET state = $2, good = $3, spoiled = $4, sealed_why = $5, settled = $6, settled_by = $7, until = 0, reasons = '' WHERE id = $1`, c.ID, string(state), int64(f.Good), int64(f.Spoiled),
		r.why.SealText(c.ID, f.Why), tx.Now.UnixMilli(), g.Who().Person)
	return err
}

// Stop asks the printer to give a job up. What came out until then is counted. The act is operateOutput; it is on record before the
// printer is asked.
func (r *Room) Stop(ctx context.Context, who guard.Who, copy string) error {
	var o Order
	var c One
	if err := r.Door.Do(ctx, who, access.OperateOutput, guard.Firm, func(g *guard.Grant) (err error) {
		if o, c, err = r.copyOf(g.Tx(), copy); err != nil {
			return err
		}
		if c.State != Sent {
			return problem.New(problem.Conflict, "这一份不在打印，不能停止")
		}
		g.Note("output", o.ID)
		g.Note("stop", c.Number)
		return nil
	}); err != nil {
		return err
	}
	p, _, err := r.reach(ctx, o.Device)
	if err != nil {
		return err
	}
	defer p.Close()
	return p.Cancel(ctx, c.job)
}

// Collect is the requester's signature for copies: each is in the caller's hands, at the place, and a registered carrier from now on. The act
// is collectOutput on the matter.
func (r *Room) Collect(g *guard.Grant, id string, copies []string, place string) error {
	tx := g.Tx(access.CollectOutput)
	o, err := r.one(tx, id)
	switch {
	case err != nil:
		return err
	case o.Matter != g.Only(access.Matter) || o.Requester != g.Who().Person:
		return absent()
	}
	source := carrier.Carrier{Material: o.Material}
	form := carrier.Printed
	if o.Kind == Copy {
		if source, err = r.Carriers.One(tx, o.Carrier); err != nil {
			return err
		}
		form = carrier.Copy
	}
	var taken []One
	var made []carrier.Making
	for _, c := range o.Each {
		if c.State == Out && slices.Contains(copies, c.ID) {
			taken = append(taken, c)
			made = append(made, carrier.Making{Reserved: carrier.Reserved{Number: c.Number, Serial: c.Serial, Copy: c.Copy}, Form: form, Title: o.Title, Level: o.Level, Pages: o.Sheets, Place: place,
				Use: o.use(), Approval: o.Approval, Material: source.Material, Source: o.Carrier})
		}
	}
	if len(taken) == 0 {
		return problem.New(problem.Invalid, "请勾选已经核对的份号").In("copies")
	}
	ids, err := r.Carriers.TakeOn(g, made)
	if err != nil {
		return err
	}
	for i, c := range taken {
		if _, err := tx.Exec(`UPDATE output_copy SET state = 'collected', carrier = $2, collector = $3, collected = $4 WHERE id = $1`, c.ID, ids[i], g.Who().Person, tx.Now.UnixMilli()); err != nil {
			return err
		}
	}
	g.Note("output", o.ID)
	g.Note("collected", len(taken))
	if o.count(Collected)+len(taken) >= o.Copies && o.count(Collected, Void)+len(taken) == len(o.Each) {
		return r.end(tx, o.ID)
	}
	return nil
}

// use is what stands as permitted use on a copy's register.
func (o Order) use() string {
	if o.Note == "" {
		return o.Purpose.Name()
	}
	return cut(o.Purpose.Name()+"："+o.Note, 190)
}

// Finish closes an order that brings nothing more: every copy is collected or void, or its scanner need not wait. The act is operateOutput.
func (r *Room) Finish(g *guard.Grant, id string) error {
	tx := g.Tx(access.OperateOutput)
	o, err := r.one(tx, id)
	switch {
	case err != nil:
		return err
	case o.State != Working:
		return problem.New(problem.Conflict, "这次申请不在办理中")
	case o.count(Collected, Void) != len(o.Each):
		return problem.New(problem.Conflict, "还有份号没有领取或者作废，不能办结")
	}
	open, err := store.Get(tx, scanCount, `SELECT COUNT(*) FROM scan WHERE output = $1 AND state IN ('found', 'held')`, id)
	if err == nil && open > 0 {
		err = problem.New(problem.Conflict, "还有扫描文件没有归案，不能办结")
	}
	if err != nil {
		return err
	}
	g.Note("finished", id)
	return r.end(tx, id)
}

func (r *Room) end(tx *store.Tx, id string) error {
	_, err := tx.Exec(`UPDATE output SET state = 'done', ended = $2 WHERE id = $1`, id, tx.Now.UnixMilli())
	return err
}

func scanCount(row store.Row) (n int, err error) { err = row.Scan(&n); return n, err }

// line cleans a reason.
func line(s string) (string, error) {
	if s = strings.TrimSpace(s); utf8.RuneCountInString(s) > longNote || !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
		return "", problem.New(problem.Invalid, "说明须为一行，最多 %d 个字", longNote).In("why")
	}
	return s, nil
}
