package retention

import (
	"cmp"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/material"
	"mijuan/internal/matter"
	"mijuan/internal/store"
)

// Kept is one thing of a matter with how long it is kept.
type Kept struct {
	Item
	State  access.State
	Fate   carrier.Fate // of a carrier that ended
	Term   Term
	Hold   Hold // zero: none of its own
	Listed bool // on an open list
}

// Open reports whether it is still there.
func (k Kept) Open() bool { return k.State != access.Ended }

// Keeping is a matter as those see it who look after what it keeps.
type Keeping struct {
	Closed   time.Time // zero: open
	Closings []matter.Closing
	Term     Term // of the matter itself
	Hold     Hold // on the matter; zero: none
	Items    []Kept
	Lists    []List
}

// Matter is the keeping of a matter, as far as the caller may know what is in it. The act is viewMatter.
func (r *Room) Matter(g *guard.Grant) (k Keeping, err error) {
	tx, in := g.Tx(access.ViewMatter), g.Only(access.Matter)
	t, err := r.terms(tx, in)
	if err != nil {
		return k, err
	}
	holds, err := r.standing(tx, in)
	if err != nil {
		return k, err
	}
	listed, err := r.onOpenLists(tx, in)
	if err != nil {
		return k, err
	}
	if k.Closings, err = r.Matters.Closings(g); err != nil {
		return k, err
	}
	k.Closed, k.Term, k.Hold = t.closed, t.of(Ref{access.Matter, in}), holds[Ref{access.Matter, in}]
	if k.Items, err = r.known(g, in); err != nil {
		return k, err
	}
	for n := range k.Items {
		i := &k.Items[n]
		i.Term, i.Hold, i.Listed = t.of(i.Ref), holds[i.Ref], listed[i.Ref]
	}
	k.Lists, err = r.lists(g, ` WHERE d.matter = $2`, in)
	return k, err
}

// known lists the things of a matter that the caller may know, those that have ended too.
func (r *Room) known(g *guard.Grant, in string) (all []Kept, err error) {
	tx, is := g.Tx(), g.Facts().Where
	materials, err := r.Shelf.Keepables(tx, in)
	if err != nil {
		return nil, err
	}
	carriers, err := r.Carriers.InMatter(tx, in)
	if err != nil {
		return nil, err
	}
	reach := func(l classification.Level) bool {
		return l <= is.Clearance && (l < classification.TopSecret || is.Listed)
	}
	for _, m := range materials {
		thing := access.Resource{Kind: access.Material, ID: m.ID, Matter: in, Level: m.Level, State: m.State, Owner: m.Owner, Exists: true}
		if reach(m.Level) && g.May(access.ListEntry, thing, is) {
			all = append(all, Kept{Item: Item{Ref: Ref{access.Material, m.ID}, Number: m.Number, Title: m.Title, Level: m.Level, Pages: m.Pages, Custodian: m.Owner}, State: m.State})
		}
	}
	for _, c := range carriers {
		if reach(c.Level) {
			all = append(all, Kept{Item: Item{Ref: Ref{access.Carrier, c.ID}, Number: c.Number, Title: c.Title, Level: c.Level, Form: c.Form, Origin: c.Origin, Pages: c.Pages, Custodian: c.Holder}, State: c.State, Fate: c.Fate})
		}
	}
	return all, nil
}

// Restricted reports whether it may be stored and nothing else.
func (k Kept) Restricted() bool { return k.Kind == access.Material && k.State == access.Restricted }

// Settled reports whether a material's level is settled, so that it can be listed or restricted.
func (k Kept) Settled() bool { return k.Kind != access.Material || k.State != material.Proposed }

// Due is a closed matter of which something has run out.
type Due struct {
	matter.Heading
	Closed              time.Time
	Class               Class
	Since               time.Time // the earliest day on which something ran out
	Materials, Carriers int       // that ran out, are not frozen and on no list
	Held                bool      // the matter is frozen
}

// Expired lists the matters that the caller leads or handles in which something has run out, the longest overdue first. The act is
// useSystem.
func (r *Room) Expired(g *guard.Grant) (all []Due, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	ids, err := store.List(tx, func(row store.Row) (id string, err error) { return id, row.Scan(&id) },
		`SELECT DISTINCT m.id FROM matter m JOIN member b ON b.matter = m.id WHERE b.person = $1 AND b.duty IN ('lead', 'handling') AND b.since <= $2 AND (b.until = 0 OR b.until > $2) AND m.closed > 0
			AND NOT EXISTS (SELECT 1 FROM wall w WHERE w.matter = m.id AND w.person = $1 AND w.lifted = 0)`, me, tx.Now.UnixMilli())
	if err != nil {
		return nil, err
	}
	headings, err := r.Matters.Headings(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		d, err := r.expired(g, id)
		if err != nil {
			return nil, err
		}
		if d.Materials+d.Carriers > 0 {
			d.Heading = headings[id]
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b Due) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Number, b.Number)) })
	return all, nil
}

func (r *Room) expired(g *guard.Grant, in string) (d Due, err error) {
	tx := g.Tx()
	is, err := matter.Relation(tx, in, g.Who().Person)
	if err != nil {
		return d, err
	}
	t, err := r.terms(tx, in)
	if err != nil {
		return d, err
	}
	holds, err := r.standing(tx, in)
	if err != nil {
		return d, err
	}
	listed, err := r.onOpenLists(tx, in)
	if err != nil {
		return d, err
	}
	all, err := r.present(tx, in)
	if err != nil {
		return d, err
	}
	d.Closed, d.Class = t.closed, t.of(Ref{access.Matter, in}).Class
	_, d.Held = holds[Ref{access.Matter, in}]
	for _, i := range all {
		term := t.of(i.Ref)
		known := i.Level <= is.Clearance && (i.Level < classification.TopSecret || is.Listed)
		if _, held := holds[i.Ref]; held || listed[i.Ref] || !known || !term.Over(tx.Now) {
			continue
		}
		if d.Since.IsZero() || term.Until.Before(d.Since) {
			d.Since = term.Until
		}
		if i.Kind == access.Material {
			d.Materials++
		} else {
			d.Carriers++
		}
	}
	return d, nil
}
