package output

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Begin uses the approval up and gives the release number, which is shown this once.
func (r *Room) Begin(ctx context.Context, who guard.Who, id string) (pin string, err error) {
	o, err := r.peek(ctx, id)
	if err != nil {
		return "", err
	}
	permit := o.Approval
	if permit == "" {
		permit = alone
	}
	err = r.Door.Do(ctx, who, o.Kind.act(), o.Kind.thing(o.Material+o.Carrier, permit), func(g *guard.Grant) (err error) {
		if g.Permit() != o.Approval {
			return problem.New(problem.Conflict, "这次申请的批准不能使用了，请重新申请")
		}
		pin, err = r.arm(g, id)
		return err
	})
	return pin, err
}

// Draw gives a fresh release number for one that was lost or locked; the old one is void. The act is useSystem.
func (r *Room) Draw(g *guard.Grant, id string) (string, error) {
	tx := g.Tx(access.UseSystem)
	o, err := r.own(tx, g, id)
	switch {
	case err != nil:
		return "", err
	case o.State != Ready && o.State != Locked:
		return "", problem.New(problem.Conflict, "这次申请不在等待放行")
	}
	g.Note("drawn", id)
	return r.draw(tx, id)
}

// arm lets an order wait at its device.
func (r *Room) arm(g *guard.Grant, id string) (string, error) {
	tx := g.Tx(access.PrintMaterial, access.CopyCarrier, access.ScanCarrier)
	o, err := r.one(tx, id)
	switch {
	case err != nil:
		return "", err
	case o.Requester != g.Who().Person:
		return "", absent()
	case o.State != Asked && o.State != Approved:
		return "", problem.New(problem.Conflict, "这次申请已经办理过了")
	}
	approvers, err := r.approvers(tx, o.Approval)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(`UPDATE output SET state = 'ready', ready = $2, lapses = $3, approvers = $4 WHERE id = $1`, id, tx.Now.UnixMilli(), tx.Now.Add(ReadyTerm).UnixMilli(), strings.Join(approvers, ",")); err != nil {
		return "", err
	}
	g.Note("output", id)
	return r.draw(tx, id)
}

func (r *Room) approvers(tx *store.Tx, id string) (all []string, err error) {
	if id == "" {
		return nil, nil
	}
	q, err := r.Approvals.One(tx, id)
	for _, s := range q.Seats {
		if s.Decision == approval.Yes {
			all = append(all, s.DecidedBy)
		}
	}
	return all, err
}

func (r *Room) draw(tx *store.Tx, id string) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	pin := fmt.Sprintf("%06d", n)
	_, err = tx.Exec(`UPDATE output SET pin = $2, tries = 0 WHERE id = $1`, id, r.token(id, pin))
	return pin, err
}

// token is the keyed form in which a release number is kept: without the firm's key, nobody can try all of them.
func (r *Room) token(id, pin string) []byte { return r.pins.Token(id + "|" + pin) }

// Withdraw gives an order up that was not released, and the request for approval with it.
func (r *Room) Withdraw(ctx context.Context, who guard.Who, id string) error {
	var o Order
	if err := r.Door.Do(ctx, who, access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) {
		tx := g.Tx()
		if o, err = r.own(tx, g, id); err != nil {
			return err
		}
		if !slices.Contains([]State{Asked, Approved, Ready, Locked}, o.State) {
			return problem.New(problem.Conflict, "这次申请已经不能撤回")
		}
		g.Note("withdrawn", id)
		_, err = tx.Exec(`UPDATE output SET state = 'withdrawn', ended = $2, pin = $3 WHERE id = $1`, id, tx.Now.UnixMilli(), []byte{})
		return err
	}); err != nil || o.State != Asked && o.State != Approved || o.Approval == "" {
		return err
	}
	return r.Door.Do(ctx, who, access.WithdrawApproval, guard.Thing{Kind: access.Approval, ID: o.Approval}, r.Approvals.Withdraw)
}

// Release lets an order go at its device, by an operator to whom the requester has told the release number. Wrong numbers are counted
// and on record; after MostTries a fresh one has to be drawn.
func (r *Room) Release(ctx context.Context, who guard.Who, id, pin string) error {
	var wrong error
	var o Order
	if err := r.Door.Do(ctx, who, access.OperateOutput, guard.Firm, func(g *guard.Grant) (err error) {
		if o, err = r.releasable(g, id); err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(o.pin, r.token(id, strings.TrimSpace(pin))) != 1 {
			wrong = problem.New(problem.Invalid, "放行码不对，还可以试 %d 次", MostTries-o.tries-1).In("pin")
			if o.tries+1 >= MostTries {
				wrong = problem.New(problem.Conflict, "放行码错误次数过多，已锁定，请申请人重新领取").In("pin")
			}
			g.Note("wrong", id)
			_, err := g.Tx().Exec(`UPDATE output SET tries = tries + 1 WHERE id = $1`, id)
			return err
		}
		return r.let(g, o)
	}); err != nil {
		return err
	}
	if wrong == nil && o.Kind == Print {
		r.printAll(who, id)
	}
	return wrong
}

func (r *Room) releasable(g *guard.Grant, id string) (Order, error) {
	tx := g.Tx(access.OperateOutput)
	o, err := r.one(tx, id)
	switch {
	case err != nil:
		return o, err
	case o.State == Locked:
		return o, problem.New(problem.Conflict, "放行码错误次数过多，已锁定，请申请人重新领取").In("pin")
	case o.State == Lapsed:
		return o, problem.New(problem.Conflict, "超过了放行期限，请重新申请").In("pin")
	case o.State != Ready:
		return o, problem.New(problem.Conflict, "这次申请不在等待放行").In("pin")
	case o.Requester == g.Who().Person:
		return o, problem.New(problem.Conflict, "自己申请的由别人放行")
	}
	return o, nil
}

// let releases an order: its numbers are given, or its scanner waits.
func (r *Room) let(g *guard.Grant, o Order) error {
	tx := g.Tx()
	if _, err := r.Devices.Fit(tx, o.Device, jobOf[o.Kind], o.Level); err != nil {
		return err
	}
	if err := r.still(tx, o, g.Who().Addr); err != nil {
		return err
	}
	lapses := o.Lapses
	if o.Kind == Scan {
		lapses = tx.Now.Add(ScanTerm)
	}
	if _, err := tx.Exec(`UPDATE output SET state = 'working', operator = $2, released = $3, lapses = $4, pin = $5 WHERE id = $1`, o.ID, g.Who().Person, tx.Now.UnixMilli(), lapses.UnixMilli(), []byte{}); err != nil {
		return err
	}
	g.Note("released", o.ID)
	if o.Kind == Scan {
		g.Step(o.Kind.act(), guard.Thing{Kind: access.Carrier, ID: o.Carrier}, o.Matter, map[string]any{"output": o.ID})
		return nil
	}
	return r.number(g, o)
}

// still is a problem unless the requester may see what is to come out, now.
func (r *Room) still(tx *store.Tx, o Order, addr string) error {
	act, thing := access.ViewCarrier, o.Kind.thing(o.Material+o.Carrier, "")
	if o.Kind == Print {
		act = access.View
	}
	knows, err := r.Door.Knows(tx, guard.Who{Person: o.Requester, Via: guard.Web, Addr: addr, Strong: true}, act, thing)
	if err == nil && !knows {
		err = problem.New(problem.Conflict, "申请人现在不能知悉这份资料，不能输出")
	}
	return err
}

// number gives out the numbers of the copies that are still to be made.
func (r *Room) number(g *guard.Grant, o Order) error {
	tx := g.Tx()
	n := o.Missing() - o.count(Queued)
	if n <= 0 {
		return nil
	}
	var all []carrier.Reserved
	var err error
	if o.Kind == Print {
		all, err = r.Carriers.Reserve(tx, o.Matter, o.Material, n)
	} else {
		all, err = r.Carriers.ReserveOf(tx, o.Carrier, n)
	}
	if err != nil {
		return err
	}
	state := Queued
	if o.Kind == Copy { // the operator makes them now, and counts
		state = Printed
	}
	for i, one := range all {
		id := tx.NewID()
		if _, err := tx.Exec(`INSERT INTO output_copy (id, output, n, number, serial, copy, code, state, job, until, pages_made, reasons, good, spoiled, sealed_why, settled, settled_by, carrier, collector, collected)
			VALUES ($1, $2, $3, $4, $5, $6, 0, $7, 0, 0, 0, '', 0, 0, $8, 0, '', '', '', 0)`, id, o.ID, int64(len(o.Each)+1+i), one.Number, int64(one.Serial), int64(one.Copy), string(state), r.why.SealText(id, "")); err != nil {
			return err
		}
		g.Step(o.Kind.act(), o.Kind.thing(o.Material+o.Carrier, ""), o.Matter, map[string]any{"output": o.ID, "number": one.Number, "pages": o.Sheets})
	}
	return nil
}

// Go has the copies made that are still missing, after a printer was away or a copy was void; each gets a number of its own. It is the
// operator who says so: nothing is made again by itself.
func (r *Room) Go(ctx context.Context, who guard.Who, id string) error {
	var o Order
	err := r.Door.Do(ctx, who, access.OperateOutput, guard.Firm, func(g *guard.Grant) (err error) {
		tx := g.Tx()
		if o, err = r.one(tx, id); err != nil {
			return err
		}
		switch {
		case o.State != Working || o.Kind == Scan || o.Missing() == 0:
			return problem.New(problem.Conflict, "没有还要输出的份数")
		case !tx.Now.Before(o.Lapses):
			return problem.New(problem.Conflict, "超过了放行期限，请重新申请")
		case o.Requester == g.Who().Person:
			return problem.New(problem.Conflict, "自己申请的由别人放行")
		case o.count(Making, Sending, Sent) > 0:
			return problem.New(problem.Conflict, "上一份还没有结束")
		}
		if _, err := r.Devices.Fit(tx, o.Device, jobOf[o.Kind], o.Level); err != nil {
			return err
		}
		if err := r.still(tx, o, g.Who().Addr); err != nil {
			return err
		}
		g.Note("again", id)
		return r.number(g, o)
	})
	if err == nil && o.Kind == Print {
		r.printAll(who, id)
	}
	return err
}

func absent() error { return problem.New(problem.Absent, "没有找到，或者您无权知悉") }
