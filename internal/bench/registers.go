package main

import (
	"context"
	"errors"
	"fmt"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/output"
	"mijuan/internal/retention"
	"mijuan/internal/stocktaking"
	"mijuan/internal/store"
)

// registers times pages of the registers of the firm beside 100,000 carriers, as a custodian or an auditor reads them: who knew top secret, what
// was printed, what was destroyed and by which lists, a stock-taking of them all, the balance's total and what does not balance in it. Their rows
// are written into the tables, one for each carrier; the carriers stay as they are.
func registers(ctx context.Context, b *bench) ([]figure, error) {
	f, err := b.open(ctx, store.SQLite)
	if err != nil {
		return nil, err
	}
	all := 100_000
	if !b.large {
		all = 300
	}
	if err := f.number(ctx, all); err != nil {
		return nil, err
	}
	if err := f.fillRegisters(ctx); err != nil {
		return nil, err
	}
	custodian, err := f.newcomer(ctx, "custodian", access.Custodian)
	if err != nil {
		return nil, err
	}
	auditor, err := f.newcomer(ctx, "auditor", access.Auditor)
	if err != nil {
		return nil, err
	}
	var round string
	if err := f.Door.Do(ctx, custodian, access.TakeStock, guard.Firm, func(g *guard.Grant) (err error) { round, err = f.Stock.Open(g, "", ""); return err }); err != nil {
		return nil, err
	}
	pages := []struct {
		figure
		who  guard.Who
		act  access.Act
		read func(*guard.Grant) (int, error)
		rows int // at least
	}{
		{figure{what: "who knew 100,000 top-secret carriers: first page, with what to narrow by"}, auditor, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, err := f.Knowers.List(g, knower.Filter{})
			_, _, e := f.Knowers.Sides(g)
			return len(page.Knowers), errors.Join(err, e)
		}, 50},
		{figure{what: "who knew 100,000 top-secret carriers: a page far back"}, auditor, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, err := f.Knowers.List(g, knower.Filter{After: "1.0"})
			if err == nil {
				page, err = f.Knowers.List(g, knower.Filter{After: page.Next})
			}
			return len(page.Knowers), err
		}, 0},
		{figure{what: "register of 100,000 prints: first page"}, auditor, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, _, err := f.Output.List(g, output.Filter{Limit: 50})
			return len(page), err
		}, 50},
		{figure{what: "register of 100,000 things destroyed: first page"}, auditor, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, err := f.Retention.Register(g, retention.EntryFilter{})
			return len(page.Entries), err
		}, 50},
		{figure{what: "1,000 destruction lists of 100 things each: first page"}, auditor, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, err := f.Retention.Lists(g, retention.Filter{})
			return len(page.Lists), err
		}, 1},
		{figure{what: "stock-taking of 100,000 carriers: first page of what is not seen yet"}, custodian, access.ReadStock, func(g *guard.Grant) (int, error) {
			_, page, _, err := f.Stock.One(g, round, stocktaking.Filter{Verdict: stocktaking.Waiting, Limit: 50})
			return len(page), err
		}, 50},
		{figure{what: "balance of 100,000 carriers: the firm's total"}, custodian, access.UseSystem, func(g *guard.Grant) (int, error) {
			sum, err := f.Carriers.Total(g)
			return sum.Issued, err
		}, all},
		{figure{what: "balance of 100,000 carriers: only what does not balance"}, custodian, access.UseSystem, func(g *guard.Grant) (int, error) {
			page, err := f.Carriers.Accounts(g, carrier.AccountFilter{Wrong: true})
			return len(page.Accounts), err
		}, 0},
	}
	var figures []figure
	for i := range pages {
		p := &pages[i]
		p.unit, p.aim, p.atMost = "ms", 100, true
		for range b.runs {
			if err := timed([]*figure{&p.figure}, func() (err error) {
				times := each(5, func(int) {
					err = errors.Join(err, f.Door.Do(ctx, p.who, p.act, guard.Firm, func(g *guard.Grant) error {
						n, err := p.read(g)
						if err == nil && n < p.rows {
							err = fmt.Errorf("%s: %d rows on a page", p.what, n)
						}
						return err
					}))
				})
				p.runs = append(p.runs, percentile(times, 50).Seconds()*1e3)
				return err
			}); err != nil {
				return nil, err
			}
		}
		figures = append(figures, p.figure)
	}
	return figures, nil
}

// fillRegisters writes a row for each carrier into the registers that have none yet.
func (f *firm) fillRegisters(ctx context.Context) error {
	type thing struct{ id, matter, number, person string }
	return f.DB.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO knower (id, kind, thing, matter, person, at, manner, handler, approval, lister)
			SELECT c.id, 'Carrier', c.id, c.matter, c.holder, c.registered, 'registered', c.registered_by, '', c.registered_by FROM carrier c WHERE c.id NOT IN (SELECT k.id FROM knower k)`); err != nil {
			return err
		}
		things, err := store.List(tx, func(row store.Row) (t thing, err error) {
			err = row.Scan(&t.id, &t.matter, &t.number, &t.person)
			return t, err
		},
			`SELECT c.id, c.matter, c.number, c.holder FROM carrier c WHERE c.id NOT IN (SELECT o.id FROM output o) ORDER BY c.id`)
		if err != nil || len(things) == 0 {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO device (id, number, kind, sealed_model, sealed_serial, serial_token, sealed_place, level, keeper, state, registered) SELECT 'bench-printer', 999999, 'printer', $1, $1, $2, $1, 3, $3, 'use', 0 WHERE NOT EXISTS (SELECT 1 FROM device WHERE id = 'bench-printer')`,
			[]byte{}, []byte("bench"), things[0].person); err != nil {
			return err
		}
		title, note := f.Keys.Field("output.title"), f.Keys.Field("output.note")
		reason, opinion, place, item := f.Keys.Field("destruction.reason"), f.Keys.Field("destruction.opinion"), f.Keys.Field("destruction.place"), f.Keys.Field("destruction_item.title")
		had, err := store.Get(tx, func(row store.Row) (n int, err error) { return n, row.Scan(&n) }, `SELECT COALESCE(MAX(serial), 0) FROM output WHERE year = 1999`)
		if err != nil {
			return err
		}
		list := ""
		for n, t := range things {
			n += had
			if _, err := tx.Exec(`INSERT INTO output (id, year, serial, kind, matter, material, version, carrier, level, pages, sheets, copies, device, requester, purpose, sealed_title, sealed_note, filing, approval, approvers, state, asked, ready, lapses, pin, tries, operator, released, ended)
				VALUES ($1, 1999, $2, 'copy', $3, '', 0, $1, 1, '', 3, 1, 'bench-printer', $4, 'court', $5, $6, '{}', '', '', 'done', $2, 0, 0, $7, 0, '', 0, $2)`, t.id, int64(n+1), t.matter, t.person, title.SealText(t.id, "庭审提纲"), note.SealText(t.id, ""), []byte{}); err != nil {
				return err
			}
			if list == "" || n%100 == 0 {
				list = t.id
				if _, err := tx.Exec(`INSERT INTO destruction (id, year, serial, matter, whole, stage, asked, asked_by, appraiser, appraised, destroyer, method, digital, witness1, witness2, arranged, ended, sheet, approvers, sealed_reason, sealed_opinion, sealed_place)
					VALUES ($1, 1999, $2, $3, 0, 'done', $2, $4, $4, $2, $4, '', '', '', '', $2, $2, '', '', $5, $6, $7)`, list, int64(n+1), t.matter, t.person, reason.SealText(list, "期满"), opinion.SealText(list, ""), place.SealText(list, "三楼")); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(`INSERT INTO destruction_item (destruction, kind, thing, number, level, form, origin, pages, custodian, verdict, early, keep_until, sealed_title) VALUES ($1, 'Carrier', $2, $3, 1, 'paper', 'client', 3, $4, 'destroy', 0, 0, $5)`,
				list, t.id, t.number, t.person, item.SealText(list+t.id, "庭审提纲")); err != nil {
				return err
			}
		}
		return nil
	})
}
