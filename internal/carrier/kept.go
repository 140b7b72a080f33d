package carrier

import (
	"fmt"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/incident"
	"mijuan/internal/store"
)

// Kept is what taking stock needs to know of a carrier.
type Kept struct {
	ID, Matter, Number, Place string
	Out                       bool // off the premises
	Ended                     bool
	Fetched                   bool // a file, which lies on no shelf
}

const selectKept = `SELECT id, matter, number, state, form, sealed_place FROM carrier`

func (c *Cabinet) scanKept(row store.Row) (k Kept, err error) {
	var state, form string
	var place []byte
	if err := row.Scan(&k.ID, &k.Matter, &k.Number, &state, &form, &place); err != nil {
		return k, err
	}
	k.Fetched = form == string(Fetched)
	k.Out, k.Ended = state == string(access.Out), state == string(access.Ended)
	k.Place, err = c.place.OpenText(k.ID, place)
	return k, err
}

// Kept lists the carriers that have not ended and can be seen on a shelf, of a holder (empty: of everybody), whose place begins with some words. Whether the reader
// may know, the caller's act decides.
func (c *Cabinet) Kept(tx *store.Tx, holder, place string) ([]Kept, error) {
	all, err := store.List(tx, c.scanKept, selectKept+` WHERE state <> 'ended' AND form <> 'fetched' AND ($1 = '' OR holder = $1) ORDER BY number`, holder)
	if err != nil || place == "" {
		return all, err
	}
	var kept []Kept
	for _, k := range all {
		if strings.HasPrefix(k.Place, place) {
			kept = append(kept, k)
		}
	}
	return kept, nil
}

// KeptOne is one carrier, ended or not. Whether the reader may know, the caller's act decides.
func (c *Cabinet) KeptOne(tx *store.Tx, id string) (Kept, error) {
	return store.Get(tx, c.scanKept, selectKept+` WHERE id = $1`, id)
}

// PutAt registers a carrier where stock-taking has seen it. The act is takeStock.
func (c *Cabinet) PutAt(g *guard.Grant, id, place string) error {
	tx := g.Tx(access.TakeStock)
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, id)
	if err != nil || place == it.Place {
		return err
	}
	if _, err := tx.Exec(`UPDATE carrier SET sealed_place = $2 WHERE id = $1`, id, c.place.SealText(id, place)); err != nil {
		return err
	}
	return c.moved(tx, id, Move{Deed: Placed, By: g.Who().Person, From: it.Holder, To: it.Holder, Note: it.Place + " → " + place})
}

// Unfound makes the draft of an incident of a carrier that is not where it ought to be: missed in a round of stock-taking, or when the sets of a
// meeting were collected; by is the id of the round or the set. The act is takeStock or arrangeMeeting.
func (c *Cabinet) Unfound(g *guard.Grant, id, by string) error {
	tx := g.Tx(access.TakeStock, access.ArrangeMeeting)
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, id)
	if err != nil {
		return err
	}
	return c.incidents.Draft(g, incident.Sign{Cause: incident.Unfound, Matter: it.Matter, Carrier: it.ID, Slip: by, Subject: it.Number, Level: it.Level, Owner: it.Holder,
		Account: incident.Account{Manner: fmt.Sprintf("载体 %s（%d %s）%s，查找之后仍未找到；登记的存放位置和保管人见载体。", it.Number, it.Pages, it.Form.Unit(), map[bool]string{true: "盘点时没有看到", false: "会后没有收回"}[g.Act() == access.TakeStock])}})
}
