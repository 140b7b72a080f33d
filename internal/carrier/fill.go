package carrier

import (
	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/knower"
	"mijuan/internal/matter"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Filling is a removable medium that is about to hold material (clause 7.2.4): from then on it is a carrier of the matter.
type Filling struct {
	Form   Form
	Level  classification.Level
	Pieces int // files
	Title  string
	Place  string
	Use    string
	Leave  string // id of the request by which it is filled
}

// Fill registers a medium as a carrier of the export's matter, held by the caller, and gives its id. The act is exportToMedium.
func (c *Cabinet) Fill(g *guard.Grant, f Filling) (id string, err error) {
	tx, in := g.Tx(access.ExportToMedium), g.Facts().Thing.Matter
	year, of, err := matter.Serial(tx, in)
	if err != nil {
		return "", err
	}
	serial, err := nextSerial(tx, in)
	if err != nil {
		return "", err
	}
	id = tx.NewID()
	no := callnumber.Carrier(year, of, serial, 1)
	g.Step(access.ExportToMedium, guard.Thing{Kind: access.Carrier, ID: id}, in, map[string]any{"number": no, "level": f.Level.String(), "pieces": f.Pieces})
	return id, c.enter(tx, Carrier{ID: id, Matter: in, Number: no, Serial: int(serial), Copy: 1, Batch: id, Form: f.Form, Origin: Made, Level: f.Level, Pages: f.Pieces, Title: f.Title, Place: f.Place, Use: f.Use,
		Holder: g.Who().Person, Approval: f.Leave})
}

// FillMore adds to a medium that holds material of the matter already; its level rises with what comes. The act is exportToMedium.
func (c *Cabinet) FillMore(g *guard.Grant, id string, level classification.Level, pieces int, note string) error {
	tx, me := g.Tx(access.ExportToMedium), g.Who().Person
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if it.State != access.Held || it.Holder != me || it.Matter != g.Facts().Thing.Matter {
		return problem.New(problem.Conflict, "介质正在移交、外带，或者装着别的案件的资料，现在不能写入")
	}
	if _, err := tx.Exec(`UPDATE carrier SET level = $2, pages = pages + $3 WHERE id = $1`, id, int64(max(level, it.Level)), int64(pieces)); err != nil {
		return err
	}
	if level == classification.TopSecret && it.Level < level { // who held it before held nothing top secret
		if err := knower.Note(tx, knower.Passing{Kind: access.Carrier, Thing: id, Matter: it.Matter, Person: me, Manner: knower.Filled, Handler: me, Approval: g.Permit()}); err != nil {
			return err
		}
	}
	g.Step(access.ExportToMedium, guard.Thing{Kind: access.Carrier, ID: id}, it.Matter, map[string]any{"level": max(level, it.Level).String(), "pieces": pieces})
	return c.moved(tx, id, Move{Deed: Filled, By: me, From: me, To: me, Note: note})
}

// Wipe ends a medium's time as a carrier: what it held was wiped, and somebody else saw that it was. The act is checkMedium.
func (c *Cabinet) Wipe(g *guard.Grant, id, how string) error {
	tx := g.Tx(access.CheckMedium)
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, id)
	switch {
	case err != nil:
		return err
	case it.State == access.Ended:
		return nil
	case it.State != access.Held:
		return problem.New(problem.Conflict, "这件介质正在移交或者外带，办完之后再核对清除")
	}
	if _, err := tx.Exec(`UPDATE carrier SET state = 'ended', fate = $2, ended = $3, lender = '', due = 0 WHERE id = $1`, id, string(Destroyed), tx.Now.UnixMilli()); err != nil {
		return err
	}
	g.Step(access.CheckMedium, guard.Thing{Kind: access.Carrier, ID: id}, it.Matter, map[string]any{"fate": string(Destroyed)})
	return c.moved(tx, id, Move{Deed: WipedOut, By: g.Who().Person, From: it.Holder, Note: how})
}
