package output

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/approval"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
	"mijuan/internal/viewing"
)

const selectOrder = `SELECT id, year, serial, kind, matter, material, version, carrier, level, pages, sheets, copies, device, requester, purpose, sealed_title, sealed_note, filing, approval, approvers, state, asked, ready,
	lapses, pin, tries, operator, released, ended FROM output`

func (r *Room) scan(row store.Row) (o Order, err error) {
	var level, asked, ready, lapses, released, ended int64
	var title, note []byte
	var filing, approvers string
	if err := row.Scan(&o.ID, &o.Year, &o.Serial, &o.Kind, &o.Matter, &o.Material, &o.Version, &o.Carrier, &level, &o.Pages, &o.Sheets, &o.Copies, &o.Device, &o.Requester, &o.Purpose, &title, &note, &filing, &o.Approval,
		&approvers, &o.State, &asked, &ready, &lapses, &o.pin, &o.tries, &o.Operator, &released, &ended); err != nil {
		return o, err
	}
	o.Level, o.Known = classification.Level(level), true
	o.Asked, o.Ready, o.Lapses, o.Released, o.Ended = instant(asked), instant(ready), instant(lapses), instant(released), instant(ended)
	if approvers != "" {
		o.Approvers = strings.Split(approvers, ",")
	}
	var errs [3]error
	o.Title, errs[0] = r.title.OpenText(o.ID, title)
	o.Note, errs[1] = r.note.OpenText(o.ID, note)
	errs[2] = json.Unmarshal([]byte(filing), &o.Filing)
	return o, errors.Join(errs[:]...)
}

const selectCopy = `SELECT id, n, number, serial, copy, code, state, job, until, pages_made, reasons, good, spoiled, sealed_why, settled, settled_by, carrier, collector, collected FROM output_copy`

func (r *Room) scanCopy(row store.Row) (c One, err error) {
	var code, until, settled, collected int64
	var reasons string
	var why []byte
	if err := row.Scan(&c.ID, &c.N, &c.Number, &c.Serial, &c.Copy, &code, &c.State, &c.job, &until, &c.Made, &reasons, &c.Good, &c.Spoiled, &why, &settled, &c.SettledBy, &c.Carrier, &c.Collector, &collected); err != nil {
		return c, err
	}
	c.Code, c.until, c.Settled, c.Collected = uint64(code), instant(until), instant(settled), instant(collected)
	if reasons != "" {
		c.Reasons = strings.Split(reasons, ",")
	}
	c.Why, err = r.why.OpenText(c.ID, why)
	return c, err
}

// one is an order as it stands, with its copies. An unknown id is problem.Absent.
func (r *Room) one(tx *store.Tx, id string) (Order, error) {
	o, err := store.Get(tx, r.scan, selectOrder+` WHERE id = $1`, id)
	if errors.Is(err, store.ErrNone) {
		return o, absent()
	}
	if err != nil {
		return o, err
	}
	return o, r.complete(tx, &o)
}

func (r *Room) complete(tx *store.Tx, o *Order) (err error) {
	if o.Each, err = store.List(tx, r.scanCopy, selectCopy+` WHERE output = $1 ORDER BY n`, o.ID); err != nil {
		return err
	}
	switch {
	case o.State == Asked && o.Approval != "":
		var s approval.State
		if s, err = r.Approvals.State(tx, o.Approval); err == nil {
			o.State = map[approval.State]State{approval.Pending: Asked, approval.Approved: Approved, approval.Refused: Refused, approval.Withdrawn: Withdrawn}[s]
			if o.State == "" {
				o.State = Lapsed
			}
		}
	case o.State == Ready && !tx.Now.Before(o.Lapses):
		o.State = Lapsed
	case o.State == Ready && o.tries >= MostTries:
		o.State = Locked
	}
	return err
}

// own is an order that the caller asked for.
func (r *Room) own(tx *store.Tx, g *guard.Grant, id string) (Order, error) {
	o, err := r.one(tx, id)
	if err == nil && o.Requester != g.Who().Person {
		err = absent()
	}
	return o, err
}

func (r *Room) copyOf(tx *store.Tx, copy string) (Order, One, error) {
	id, err := store.Get(tx, func(row store.Row) (id string, err error) { err = row.Scan(&id); return id, err }, `SELECT output FROM output_copy WHERE id = $1`, copy)
	if errors.Is(err, store.ErrNone) {
		return Order{}, One{}, absent()
	}
	if err != nil {
		return Order{}, One{}, err
	}
	o, err := r.one(tx, id)
	i := slices.IndexFunc(o.Each, func(c One) bool { return c.ID == copy })
	if err != nil || i < 0 {
		return o, One{}, errors.Join(err, absent())
	}
	return o, o.Each[i], nil
}

// peek reads an order for the room's own work; the acts that follow decide and record.
func (r *Room) peek(ctx context.Context, id string) (o Order, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error { o, err = r.one(tx, id); return err })
	return o, err
}

func (r *Room) peekCopy(ctx context.Context, copy string) (o Order, c One, err error) {
	err = r.DB.Read(ctx, func(tx *store.Tx) error { o, c, err = r.copyOf(tx, copy); return err })
	return o, c, err
}

// Filter narrows and pages the register. The zero value is the first page of all.
type Filter struct {
	Kind   Kind
	State  State
	Matter string
	Device string
	Mine   bool   // asked for by the caller
	Number string // of a copy: its beginning, or a code of its pages
	Level  classification.Level
	From   time.Time // asked for then or later; zero: whenever
	To     time.Time // asked for before then; zero: whenever
	Offset int
	Limit  int // 0: all that an export holds
}

// MaxExport is how many rows one export holds.
const MaxExport = 10_000

// List is the register as far as the caller may know it, the newest first: of the matters where they may see the material or the carrier, what
// they asked for, and, without titles and reasons, everything for those who operate, keep or audit by post. The act is useSystem, or
// exportRegister to take it along.
func (r *Room) List(g *guard.Grant, f Filter) (all []Order, more bool, err error) {
	tx, me := g.Tx(access.UseSystem, access.ExportRegister), g.Who().Person
	mine := ""
	if f.Mine {
		mine = me
	}
	from, to := int64(0), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMilli()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMilli()
	}
	code, isCode := viewing.ReadCode(f.Number)
	if !isCode {
		code = 0
	}
	relations, skip := map[string]access.Circumstances{}, f.Offset
	for at := 0; at < MaxExport; at += batch {
		rows, err := store.List(tx, r.scan, selectOrder+` WHERE matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $1 AND w.lifted = 0) AND ($2 = '' OR kind = $2) AND ($3 = '' OR matter = $3) AND ($4 = '' OR device = $4)
			AND ($5 = '' OR requester = $5) AND ($8 = '' OR id IN (SELECT c.output FROM output_copy c WHERE c.number >= $8 AND c.number < $9) OR $10 <> 0 AND id IN (SELECT c.output FROM output_copy c WHERE c.code = $10))`+stored[f.State]+` AND ($11 = 0 OR level = $11) AND asked >= $12 AND asked < $13`+
			` ORDER BY asked DESC, id DESC LIMIT $6 OFFSET $7`, me, string(f.Kind), f.Matter, f.Device, mine, batch, at, f.Number, f.Number+"~", int64(code), int64(f.Level), from, to)
		if err != nil {
			return nil, false, err
		}
		for _, o := range rows {
			fits, err := r.fits(g, &o, f, relations)
			switch {
			case err != nil:
				return nil, false, err
			case !fits:
			case skip > 0:
				skip--
			case f.Limit > 0 && len(all) == f.Limit:
				return all, true, nil
			default:
				o.conceal()
				all = append(all, o)
			}
		}
		if len(rows) < batch {
			return all, false, nil
		}
	}
	return all, true, nil // there may be: so many rows are not looked through at once
}

// stored is how an order of a state may stand in its row; how its request for leave stands, and the time, tell the rest.
var stored = map[State]string{Asked: ` AND state = 'asked'`, Approved: ` AND state = 'asked'`, Refused: ` AND state IN ('asked', 'refused')`, Withdrawn: ` AND state IN ('asked', 'withdrawn')`,
	Lapsed: ` AND state IN ('asked', 'ready', 'lapsed')`, Ready: ` AND state = 'ready'`, Locked: ` AND state = 'ready'`, Working: ` AND state = 'working'`, Done: ` AND state = 'done'`}

// batch is how many orders are read at once.
const batch = 200

// fits reports whether an order is in the list, for the caller, and completes it.
func (r *Room) fits(g *guard.Grant, o *Order, f Filter, relations map[string]access.Circumstances) (bool, error) {
	seen, err := r.sees(g, o, relations)
	if err != nil || !seen {
		return false, err
	}
	if err := r.complete(g.Tx(), o); err != nil {
		return false, err
	}
	return o.concerns(g) && (f.State == "" || o.State == f.State) && (f.Number == "" || o.bears(f.Number)), nil
}

// bears reports whether a copy has the number, or pages with the code.
func (o Order) bears(s string) bool {
	return slices.ContainsFunc(o.Each, func(c One) bool {
		return strings.HasPrefix(c.Number, s) || c.Code != 0 && strings.EqualFold(viewing.CodeText(c.Code), s)
	})
}

// sees reports whether the caller may know that there is an order, and sets Known if they may know what it is about.
func (r *Room) sees(g *guard.Grant, o *Order, relations map[string]access.Circumstances) (bool, error) {
	where, read := relations[o.Matter]
	if !read {
		var err error
		if where, err = matter.Relation(g.Tx(), o.Matter, g.Who().Person); err != nil {
			return false, err
		}
		relations[o.Matter] = where
	}
	o.Known = !where.Walled && (o.Requester == g.Who().Person || where.Member && o.Level <= where.Clearance && (o.Level < classification.TopSecret || where.Listed))
	post := func(p access.Post) bool {
		return p == access.Custodian || p == access.Administration || p == access.Logistics || p == access.Auditor
	}
	return o.Known || !where.Walled && slices.ContainsFunc(g.Facts().Who.Posts, post), nil
}

// concerns reports whether an order is the caller's business by now: to operators it does not exist before it waits at its device.
func (o Order) concerns(g *guard.Grant) bool {
	return o.Known || slices.Contains([]State{Ready, Locked, Working, Done}, o.State) || slices.Contains(g.Facts().Who.Posts, access.Auditor)
}

// conceal leaves what operating and auditing need.
func (o *Order) conceal() {
	if o.Known {
		return
	}
	o.Title, o.Note, o.Material, o.Carrier = "", "", "", ""
	for i := range o.Each {
		o.Each[i].Why, o.Each[i].Carrier = "", ""
	}
}

// Get is one order, for who sees it in the register. The act is useSystem.
func (r *Room) Get(g *guard.Grant, id string) (Order, error) {
	o, err := r.one(g.Tx(access.UseSystem), id)
	if err != nil {
		return o, err
	}
	seen, err := r.sees(g, &o, map[string]access.Circumstances{})
	if err == nil && !(seen && o.concerns(g)) {
		err = absent()
	}
	o.conceal()
	return o, err
}

// Tasks are what waits for the caller: their orders to begin, to be released and to be collected; and, for operators, those of all to be
// released, counted or finished, without what the caller asked for. The act is useSystem.
func (r *Room) Tasks(g *guard.Grant) (mine, operate []Order, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	operates := g.May(access.OperateOutput, access.Resource{Kind: access.Firm, ID: guard.Firm.ID, Exists: true}, access.Circumstances{})
	whose := ` requester = $2`
	if operates {
		whose = ` (requester = $2 OR state IN ('ready', 'working'))`
	}
	rows, err := store.List(tx, r.scan, selectOrder+` WHERE`+whose+` AND (state = 'working' OR state = 'ready' AND lapses > $1
		OR state = 'asked' AND EXISTS (SELECT 1 FROM approval a WHERE a.id = output.approval AND a.state = 'approved' AND a.until > $1)) ORDER BY asked, id`, tx.Now.UnixMilli(), me)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range rows {
		if o.Requester != me && !operates {
			continue
		}
		if err := r.complete(tx, &o); err != nil {
			return nil, nil, err
		}
		switch {
		case o.Requester == me && (o.State == Approved || o.State == Locked || o.State == Working && o.count(Out) > 0):
			mine = append(mine, o)
		case o.Requester != me && (o.State == Ready || o.State == Working && (o.Kind == Scan || o.count(Printed, Failed, Unknown, Queued) > 0)):
			o.Known = false
			o.conceal()
			operate = append(operate, o)
		}
	}
	return mine, operate, nil
}

// Void lists the copies of a material's prints that came to nothing, each with why. The act is view on the material.
func (r *Room) Void(g *guard.Grant) ([]One, error) {
	return store.List(g.Tx(access.View), r.scanCopy, selectCopy+` WHERE state = 'void' AND output IN (SELECT o.id FROM output o WHERE o.material = $1 AND o.material <> '') ORDER BY number`, g.Only(access.Material))
}

// Waits counts the copies of an order that can be collected.
func (o Order) Waits() int { return o.count(Out) }

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
