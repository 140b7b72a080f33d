package carrier

import (
	"errors"
	"slices"
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/callnumber"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Reserved is a carrier's number that is given out and has no carrier yet. Whoever reserves it explains what becomes of it.
type Reserved struct {
	Number       string
	Serial, Copy int
}

// Reserve gives out the next copy numbers of a material's prints: one title, whose serial is given with the first. Whether the caller may,
// the caller's act decides.
func (c *Cabinet) Reserve(tx *store.Tx, in, material string, n int) ([]Reserved, error) {
	serial, err := store.Get(tx, scanNumber, `SELECT serial FROM carrier_copy WHERE matter = $1 AND material = $2 AND material <> ''`, in, material)
	if errors.Is(err, store.ErrNone) {
		if serial, err = nextSerial(tx, in); err == nil {
			_, err = tx.Exec(`INSERT INTO carrier_copy (matter, serial, material, last) VALUES ($1, $2, $3, 0)`, in, serial, material)
		}
	}
	if err != nil {
		return nil, err
	}
	return reserve(tx, in, serial, n)
}

// ReserveOf gives out the next copy numbers of a carrier's title.
func (c *Cabinet) ReserveOf(tx *store.Tx, carrier string, n int) ([]Reserved, error) {
	it, err := store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, carrier)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(`INSERT INTO carrier_copy (matter, serial, material, last) VALUES ($1, $2, '', (SELECT MAX(c.copy) FROM carrier c WHERE c.matter = $1 AND c.serial = $2)) ON CONFLICT (matter, serial) DO NOTHING`,
		it.Matter, int64(it.Serial)); err != nil {
		return nil, err
	}
	return reserve(tx, it.Matter, int64(it.Serial), n)
}

func reserve(tx *store.Tx, in string, serial int64, n int) ([]Reserved, error) {
	year, of, err := matter.Serial(tx, in)
	if err != nil {
		return nil, err
	}
	last, err := store.Get(tx, scanNumber, `UPDATE carrier_copy SET last = last + $3 WHERE matter = $1 AND serial = $2 RETURNING last`, in, serial, int64(n))
	if err != nil {
		return nil, err
	}
	all := make([]Reserved, n)
	for i := range all {
		copy := int(last) - n + 1 + i
		all[i] = Reserved{callnumber.Carrier(year, of, serial, copy), int(serial), copy}
	}
	return all, nil
}

func nextSerial(tx *store.Tx, in string) (int64, error) {
	return store.Get(tx, scanNumber, `INSERT INTO carrier_serial (matter, last) VALUES ($1, 1) ON CONFLICT (matter) DO UPDATE SET last = carrier_serial.last + 1 RETURNING last`, in)
}

func scanNumber(row store.Row) (n int64, err error) { err = row.Scan(&n); return n, err }

// Making is a copy that the firm made itself, under a number that was reserved.
type Making struct {
	Reserved
	Form     Form
	Title    string
	Level    classification.Level
	Pages    int
	Place    string
	Use      string
	Approval string // of the request for leave to make it; empty: none was needed
	Material string // from which it was printed, or its source was
	Source   string // the carrier from which it was copied
}

// TakeOn registers made copies, held by the caller from that second, and gives their ids in order. The act is collectOutput on the matter; the
// caller is one who may hold them.
func (c *Cabinet) TakeOn(g *guard.Grant, all []Making) ([]string, error) {
	tx, in, me := g.Tx(access.CollectOutput), g.Only(access.Matter), g.Who().Person
	batch := tx.NewID()
	ids := make([]string, len(all))
	for i, m := range all {
		if err := matter.MayHold(tx, in, me, m.Level, ""); err != nil {
			return nil, err
		}
		place, err := words(m.Place, "place", "存放位置", longField, true)
		if err != nil {
			return nil, err
		}
		id := tx.NewID()
		if err := c.enter(tx, Carrier{ID: id, Matter: in, Number: m.Number, Serial: m.Serial, Copy: m.Copy, Batch: batch, Form: m.Form, Origin: Made, Level: m.Level, Pages: m.Pages, Title: m.Title, Place: place, Use: m.Use,
			Holder: me, Material: m.Material, Source: m.Source, Approval: m.Approval}); err != nil {
			return nil, err
		}
		g.Step(access.CollectOutput, guard.Thing{Kind: access.Carrier, ID: id}, in, map[string]any{"number": m.Number, "level": m.Level.String()})
		ids[i] = id
	}
	return ids, nil
}

// One is a carrier as it stands, for rooms that do something with it under an act of their own that decides whether the caller may.
func (c *Cabinet) One(tx *store.Tx, id string) (Carrier, error) {
	return store.Get(tx, c.scan, selectCarrier+` WHERE id = $1`, id)
}

// Of is where the copies of a material are, as far as the caller may know them, by number. The act is view on the material.
func (c *Cabinet) Of(g *guard.Grant) (all []Carrier, err error) {
	tx, of, where := g.Tx(access.View), g.Only(access.Material), g.Facts().Where
	rows, err := store.List(tx, c.scan, selectCarrier+` WHERE material = $1 AND material <> '' ORDER BY number`, of)
	for _, it := range rows {
		if it.knows(where, g.Who().Person) {
			all = append(all, it)
		}
	}
	return all, err
}

// Among are those of some carriers that the caller may know, by number. The act is view on a material of their matter.
func (c *Cabinet) Among(g *guard.Grant, ids []string) (all []Carrier, err error) {
	tx, where := g.Tx(access.View), g.Facts().Where
	for _, id := range ids {
		it, err := c.One(tx, id)
		if err != nil {
			return nil, err
		}
		if it.Matter == g.Facts().Thing.Matter && it.knows(where, g.Who().Person) {
			all = append(all, it)
		}
	}
	slices.SortFunc(all, func(a, b Carrier) int { return strings.Compare(a.Number, b.Number) })
	return all, nil
}

// Count is the balance of some carriers.
func Count(all []Carrier) (b Balance) {
	for _, it := range all {
		b.count(group{state: it.State, fate: it.Fate, n: 1})
	}
	return b
}
