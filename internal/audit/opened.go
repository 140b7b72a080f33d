package audit

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
)

// Opened is a material that somebody opened: by number, with nothing of what it holds.
type Opened struct {
	ID, Number, Matter string
	Pages, Originals   int // how often pages were looked at, and the original fetched
	Last               time.Time
}

// mostOpened is how many materials one report shows.
const mostOpened = 5000

// Opened is what a person opened since a time, the latest first, for who takes over and for the security administrator (clause 6.3).
// Matters in hidden are left out: the caller may not know of them. The act is readHoldings on the person.
func (r *Reader) Opened(g *guard.Grant, since time.Time, hidden map[string]bool) ([]Opened, error) {
	tx, id := g.Tx(access.ReadHoldings), g.Only(access.Person)
	g.Note("opened_since", since)
	tallies, err := r.ledger.Tallies(tx, id, []string{string(access.ViewPage), string(access.FetchOriginal)}, since.UnixMilli(), 2*mostOpened)
	if err != nil {
		return nil, err
	}
	found, matters := map[string]*Opened{}, map[string]string{}
	for _, t := range tallies {
		if hidden[t.Matter] {
			continue
		}
		o := found[t.Thing]
		if o == nil {
			o = &Opened{ID: t.Thing}
			found[t.Thing] = o
		}
		if t.Act == string(access.FetchOriginal) {
			o.Originals += t.N
		} else {
			o.Pages += t.N
		}
		if at := time.UnixMilli(t.Last).UTC(); at.After(o.Last) {
			o.Last = at
		}
		matters[t.Thing] = t.Matter
	}
	numbers, err := r.labels(tx, access.Material, slices.Collect(maps.Keys(found)))
	if err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Values(matters))
	cases, err := r.labels(tx, access.Matter, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	var all []Opened
	for id, o := range found {
		o.Number, o.Matter = numbers[id], cases[matters[id]]
		all = append(all, *o)
	}
	slices.SortFunc(all, func(a, b Opened) int { return cmp.Or(b.Last.Compare(a.Last), cmp.Compare(a.ID, b.ID)) })
	return all[:min(len(all), mostOpened)], nil
}
