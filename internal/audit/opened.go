package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Opened is a material that somebody opened: by number, with nothing of what it holds.
type Opened struct {
	ID, Number, Matter string
	Pages, Originals   int // how often pages were looked at, and the original fetched
	Last               time.Time
}

// MostOpened is how many materials one report tells of.
const MostOpened = 50_000

// Opened is what a person opened since a time, the latest first, for who takes over and for the security administrator (clause 6.3). Told is
// what shown lets the caller know, by the matter's id and whether the material is top secret. The act is readOpened on the person.
func (r *Reader) Opened(g *guard.Grant, since time.Time, shown func(matter string, top bool) bool) ([]Opened, error) {
	tx, id := g.Tx(access.ReadOpened), g.Only(access.Person)
	g.Note("opened_since", since)
	tallies, err := r.ledger.Tallies(tx, id, []string{string(access.ViewPage), string(access.FetchOriginal)}, since.UnixMilli(), 2*MostOpened+1)
	switch {
	case err != nil:
		return nil, err
	case len(tallies) > 2*MostOpened:
		return nil, problem.New(problem.TooLarge, "查阅过的资料超过 %d 份，请先选择期间", MostOpened)
	}
	top, err := topSecret(tx, tallies)
	if err != nil {
		return nil, err
	}
	found, matters := map[string]*Opened{}, map[string]string{}
	for _, t := range tallies {
		if !shown(t.Matter, top[t.Thing]) {
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
	return all, nil
}

// topSecret tells which of the materials are.
func topSecret(tx *store.Tx, tallies []ledger.Tally) (map[string]bool, error) {
	ids := make([]string, len(tallies))
	for i, t := range tallies {
		ids[i] = t.Thing
	}
	found, err := store.Lookup(tx, fmt.Sprintf(`SELECT number FROM material WHERE id = $1 AND level = %d`, classification.TopSecret), ids)
	top := make(map[string]bool, len(found))
	for id := range found {
		top[id] = true
	}
	return top, err
}
