package leaving

import (
	"slices"
	"time"

	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/store"
)

// outstanding is what a person still has to hand over; of an open leaving without what was written off, and with its pledge.
func (r *Room) outstanding(tx *store.Tx, id string, d *row) ([]Item, error) {
	all, err := r.answersFor(tx, id)
	if err != nil || d == nil {
		return all, err
	}
	signed, err := r.pledged(tx, d)
	if err != nil {
		return nil, err
	}
	if signed.IsZero() {
		all = append(all, Item{Kind: Pledge, N: 1})
	}
	forgiven, err := store.List(tx, func(s store.Row) (i Item, err error) { err = s.Scan(&i.Kind, &i.Matter); return i, err },
		`SELECT kind, matter FROM departure_item WHERE departure = $1 AND successor = ''`, d.id)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(i Item) bool {
		return slices.ContainsFunc(forgiven, func(f Item) bool { return f.Kind == i.Kind && f.Matter == i.Matter })
	})
	return all, nil
}

// answersFor reads the records.
func (r *Room) answersFor(tx *store.Tx, id string) (all []Item, err error) {
	led, err := r.Matters.Led(tx, id)
	if err != nil {
		return nil, err
	}
	for _, m := range led {
		all = append(all, Item{Kind: Lead, Matter: m, N: 1})
	}
	for _, of := range []struct {
		kind Kind
		read func(*store.Tx, string) ([]material.Held, error)
	}{{Materials, r.Shelf.Owned}, {Reviews, r.Shelf.ToReview}, {Uploads, r.Shelf.Arriving}} {
		held, err := of.read(tx, id)
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			all = append(all, Item{Kind: of.kind, Matter: h.Matter, N: h.N, Top: h.Top})
		}
	}
	only, err := r.People.OnlySecurityAdmin(tx, id)
	if err == nil && only {
		all = append(all, Item{Kind: Administrator, N: 1})
	}
	return all, err
}

// number writes the numbers of the matters into items. A matter behind whose wall the caller stands is not named to the caller.
func (r *Room) number(g *guard.Grant, items []*Item) error {
	tx := g.Tx()
	behind, err := r.Matters.WalledFrom(tx, g.Who().Person)
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range items {
		if behind[i.Matter] {
			i.Matter, i.Walled = "", true
		} else if i.Matter != "" {
			ids = append(ids, i.Matter)
		}
	}
	slices.Sort(ids)
	numbers, err := r.Matters.Numbers(tx, slices.Compact(ids))
	for _, i := range items {
		i.Number = numbers[i.Matter]
	}
	return err
}

// pledged is when the leaving pledge was signed, in this leaving; the zero time: not yet. Signatures are dated to the second.
func (r *Room) pledged(tx *store.Tx, d *row) (time.Time, error) {
	at, err := r.Pledges.SignedLeaving(tx, d.person)
	if err != nil || at.Before(instant(d.begun).Truncate(time.Second)) {
		return time.Time{}, err
	}
	return at, nil
}
