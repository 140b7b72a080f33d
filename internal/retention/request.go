package retention

import (
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// mostItems is how many things one list holds.
const mostItems = 500

// Asking is what somebody asks to be destroyed: some things of a matter, or all that it has.
type Asking struct {
	Items     []Ref // materials and carriers
	Whole     bool
	Reason    string
	Appraiser string // person's id
	Destroyer string // person's id
}

// Request makes a list, to be appraised, and gives its id. The act is requestDestruction. Only what the caller may know is listed; what
// the law still keeps, what is frozen and what is on another open list is not.
func (r *Room) Request(g *guard.Grant, a Asking) (id string, err error) {
	tx, in, me := g.Tx(access.RequestDestruction), g.Only(access.Matter), g.Who().Person
	if a.Reason, err = words(a.Reason, "reason", "销毁事由", 200, true); err != nil {
		return "", err
	}
	items, err := r.listable(g, in, a)
	if err != nil {
		return "", err
	}
	top := slices.MaxFunc(items, func(x, y Item) int { return int(x.Level) - int(y.Level) }).Level
	if err := r.appoint(tx, in, me, a, top); err != nil {
		return "", err
	}
	year := int64(tx.Now.In(matter.Beijing).Year())
	serial, err := store.Get(tx, func(row store.Row) (n int64, err error) { return n, row.Scan(&n) },
		`INSERT INTO destruction_serial (year, last) VALUES ($1, 1) ON CONFLICT (year) DO UPDATE SET last = destruction_serial.last + 1 RETURNING last`, year)
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	if _, err := tx.Exec(`INSERT INTO destruction (id, year, serial, matter, whole, stage, asked, asked_by, appraiser, appraised, destroyer, method, digital, witness1, witness2, arranged, ended, sheet, approvers,
		sealed_reason, sealed_opinion, sealed_place) VALUES ($1, $2, $3, $4, $5, 'listed', $6, $7, $8, 0, $9, '', '', '', '', 0, 0, '', '', $10, $11, $12)`, id, year, serial, in, flag(a.Whole), tx.Now.UnixMilli(), me,
		a.Appraiser, a.Destroyer, r.reason.SealText(id, a.Reason), r.opinion.SealText(id, ""), r.place.SealText(id, "")); err != nil {
		return "", err
	}
	for _, i := range items {
		if err := r.put(tx, id, i); err != nil {
			return "", err
		}
	}
	number := NumberOf(year, serial)
	g.Note("list", id)
	g.Note("number", number)
	g.Note("items", len(items))
	g.Step(access.RequestDestruction, guard.Thing{Kind: access.Destruction, ID: id}, in, map[string]any{"number": number, "items": len(items), "whole": a.Whole})
	return id, nil
}

func (r *Room) put(tx *store.Tx, list string, i Item) error {
	_, err := tx.Exec(`INSERT INTO destruction_item (destruction, kind, thing, number, level, form, origin, pages, custodian, early, verdict, keep_until, sealed_title) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', 0, $11)`,
		list, string(i.Kind), i.ID, i.Number, int64(i.Level), string(i.Form), string(i.Origin), int64(i.Pages), i.Custodian, flag(i.Early), r.title.SealText(list+i.ID, i.Title))
	return err
}

// appoint sees who appraises and who carries out. The lead approves, and so does neither appraise by the way nor destroy.
func (r *Room) appoint(tx *store.Tx, in, me string, a Asking, top classification.Level) error {
	appraiser, err := r.atWork(tx, in, a.Appraiser, "appraiser")
	if err != nil {
		return err
	}
	if _, err := r.atWork(tx, in, a.Destroyer, "destroyer"); err != nil {
		return err
	}
	lead, err := r.leads(tx, in, a.Destroyer)
	switch {
	case err != nil:
		return err
	case a.Appraiser == me:
		return problem.New(problem.Invalid, "鉴定人不能是提请人").In("appraiser")
	case a.Destroyer == a.Appraiser:
		return problem.New(problem.Invalid, "销毁人不能是鉴定人").In("destroyer")
	case lead:
		return problem.New(problem.Invalid, "主办律师审批销毁，不能自己执行").In("destroyer")
	case appraiser.Has(access.Committee):
		return nil
	}
	if err := matter.MayHold(tx, in, a.Appraiser, top, "appraiser"); err != nil {
		return problem.New(problem.Invalid, "鉴定人须在本案团队里，可以知悉清册的最高密级，或者是案件管理委员会成员").In("appraiser")
	}
	return nil
}

func (r *Room) leads(tx *store.Tx, in, person string) (bool, error) {
	is, err := matter.Relation(tx, in, person)
	return is.Lead, err
}

// listable are the things of an asking as the list tells of them.
func (r *Room) listable(g *guard.Grant, in string, a Asking) ([]Item, error) {
	tx := g.Tx()
	all, err := r.present(tx, in)
	if err != nil {
		return nil, err
	}
	listed, err := r.onOpenLists(tx, in)
	if err != nil {
		return nil, err
	}
	holds, err := r.standing(tx, in)
	if err != nil {
		return nil, err
	}
	if _, held := holds[Ref{access.Matter, in}]; held {
		return nil, problem.New(problem.Conflict, "本案已经保全冻结，解除之前不能提请销毁")
	}
	t, err := r.terms(tx, in)
	if err != nil {
		return nil, err
	}
	if a.Whole && t.closed.IsZero() {
		return nil, problem.New(problem.Conflict, "本案还没有结案，不能全案销毁").In("whole")
	}
	is, now := g.Facts().Where, tx.Now
	var items []Item
	for _, p := range all {
		if !a.Whole && !slices.Contains(a.Items, p.Ref) {
			continue
		}
		known := p.Level <= is.Clearance && (p.Level < classification.TopSecret || is.Listed)
		term := t.of(p.Ref)
		_, held := holds[p.Ref]
		switch {
		case !known && a.Whole:
			return nil, problem.New(problem.Conflict, "本案有您不能知悉的资料，请由可以知悉全案的人提请全案销毁").In("whole")
		case !known:
			continue
		case p.busy != nil:
			return nil, p.busy
		case listed[p.Ref]:
			return nil, problem.New(problem.Conflict, "%s 已经在另一份清册里", p.Number).In("items")
		case held:
			return nil, problem.New(problem.Conflict, "%s 已经保全冻结，解除之前不能提请销毁", p.Number).In("items")
		case term.Bound(now):
			return nil, problem.New(problem.Conflict, "%s 属于“%s”，最短保管期限未满，不能销毁；不宜继续使用的可以限制使用", p.Number, term.Class.Name).In("items")
		}
		p.Early = !term.Over(now)
		items = append(items, p.Item)
	}
	switch n := len(items); {
	case n == 0 || !a.Whole && n != len(a.Items):
		return nil, problem.New(problem.Invalid, "请选择要销毁的资料和载体").In("items")
	case n > mostItems:
		return nil, problem.New(problem.Invalid, "一份清册最多 %d 项，请分几份提请", mostItems).In("items")
	}
	return items, nil
}

// there is a thing that is in a matter now.
type there struct {
	Item
	busy error // why it cannot be destroyed as it stands
}

// present lists what a matter has: materials and carriers that have not ended.
func (r *Room) present(tx *store.Tx, in string) ([]there, error) {
	materials, err := r.Shelf.Keepables(tx, in)
	if err != nil {
		return nil, err
	}
	carriers, err := r.Carriers.InMatter(tx, in)
	if err != nil {
		return nil, err
	}
	var all []there
	for _, m := range materials {
		if m.State == access.Ended {
			continue
		}
		x := there{Item: Item{Ref: Ref{access.Material, m.ID}, Number: m.Number, Title: m.Title, Level: m.Level, Pages: m.Pages, Custodian: m.Owner}}
		if m.State == material.Proposed {
			x.busy = problem.New(problem.Conflict, "资料 %s 的定密没有审核，审核之后才能提请销毁", m.Number).In("items")
		}
		all = append(all, x)
	}
	for _, c := range carriers {
		if c.State == access.Ended {
			continue
		}
		all = append(all, there{Item: Item{Ref: Ref{access.Carrier, c.ID}, Number: c.Number, Title: c.Title, Level: c.Level, Form: c.Form, Origin: c.Origin, Pages: c.Pages, Custodian: c.Holder}, busy: c.Destroyable()})
	}
	return all, nil
}

func (r *Room) onOpenLists(tx *store.Tx, in string) (map[Ref]bool, error) {
	refs, err := store.List(tx, func(row store.Row) (ref Ref, err error) { return ref, row.Scan(&ref.Kind, &ref.ID) },
		`SELECT i.kind, i.thing FROM destruction_item i JOIN destruction d ON d.id = i.destruction WHERE d.matter = $1 AND d.stage IN ('listed', 'appraised') AND i.verdict IN ('', 'destroy')`, in)
	found := map[Ref]bool{}
	for _, ref := range refs {
		found[ref] = true
	}
	return found, err
}

// Withdraw gives a list up. The act is withdrawDestruction.
func (r *Room) Withdraw(g *guard.Grant, why string) error {
	tx, id := g.Tx(access.WithdrawDestruction), g.Only(access.Destruction)
	why, err := words(why, "reason", "撤回的事由", 200, true)
	if err != nil {
		return err
	}
	g.Note("reason", why)
	return moved(tx.Exec(`UPDATE destruction SET stage = 'withdrawn', ended = $2 WHERE id = $1 AND stage IN ('listed', 'appraised')`, id, tx.Now.UnixMilli()))
}

// moved is problem.Conflict when nothing was in the stage that a step begins from: somebody was faster.
func moved(n int64, err error) error {
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这份清册刚刚有了变动，请刷新后查看")
	}
	return err
}
