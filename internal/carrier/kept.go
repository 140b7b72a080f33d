package carrier

import (
	"strings"

	"mijuan/internal/access"
	"mijuan/internal/store"
)

// Kept is what taking stock needs to know of a carrier.
type Kept struct {
	ID, Matter, Place string
	Out               bool // off the premises
}

const selectKept = `SELECT id, matter, state, sealed_place FROM carrier`

func (c *Cabinet) scanKept(row store.Row) (k Kept, err error) {
	var state string
	var place []byte
	if err := row.Scan(&k.ID, &k.Matter, &state, &place); err != nil {
		return k, err
	}
	k.Out = state == string(access.Out)
	k.Place, err = c.place.OpenText(k.ID, place)
	return k, err
}

// Kept lists the carriers that have not ended, of a holder (empty: of everybody), whose place begins with some words. Whether the reader
// may know, the caller's act decides.
func (c *Cabinet) Kept(tx *store.Tx, holder, place string) ([]Kept, error) {
	all, err := store.List(tx, c.scanKept, selectKept+` WHERE state <> 'ended' AND ($1 = '' OR holder = $1) ORDER BY number`, holder)
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
