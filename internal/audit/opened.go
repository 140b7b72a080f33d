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
	Prints, Exports    int // how often it was printed, and written to or taken out for a medium
	Last               time.Time
}

// MostOpened is how many materials one report tells of.
const MostOpened = 50_000

// carriedOff are the acts by which somebody sees a material or takes it along. What is exported leaves an entry of each material, besides the
// export's own.
var carriedOff = []string{string(access.ViewPage), string(access.FetchOriginal), string(access.PrintMaterial), string(access.ExportToMedium), string(access.FetchExport)}

// Opened is what a person opened since a time, the latest first, for who takes over and for the security administrator (clause 6.3). Told is
// what shown lets the caller know, by the matter's id and whether the material is top secret. The act is readOpened on the person.
func (r *Reader) Opened(g *guard.Grant, since time.Time, shown func(matter string, top bool) bool) ([]Opened, error) {
	tx, id := g.Tx(access.ReadOpened), g.Only(access.Person)
	g.Note("opened_since", since)
	tallies, err := r.ledger.Tallies(tx, id, carriedOff, since.UnixMilli(), len(carriedOff)*MostOpened+1)
	switch {
	case err != nil:
		return nil, err
	case len(tallies) > len(carriedOff)*MostOpened:
		return nil, problem.New(problem.TooLarge, "查阅过的资料超过 %d 份，请先选择期间", MostOpened)
	}
	top, err := topSecret(tx, tallies)
	if err != nil {
		return nil, err
	}
	found, matters := map[string]*Opened{}, map[string]string{}
	for _, t := range tallies {
		level, material := top[t.Thing]
		exports := t.Act == string(access.ExportToMedium) || t.Act == string(access.FetchExport)
		if exports && !material || !shown(t.Matter, level) { // an export itself is no material
			continue
		}
		o := found[t.Thing]
		if o == nil {
			o = &Opened{ID: t.Thing}
			found[t.Thing] = o
		}
		switch access.Act(t.Act) {
		case access.FetchOriginal:
			o.Originals += t.N
		case access.PrintMaterial:
			o.Prints += t.N
		case access.ExportToMedium, access.FetchExport:
			o.Exports += t.N
		default:
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

// topSecret tells of each thing that is a material whether it is top secret.
func topSecret(tx *store.Tx, tallies []ledger.Tally) (map[string]bool, error) {
	ids := make([]string, len(tallies))
	for i, t := range tallies {
		ids[i] = t.Thing
	}
	found, err := store.Lookup(tx, fmt.Sprintf(`SELECT CASE WHEN level = %d THEN 'top' ELSE '' END FROM material WHERE id = $1`, classification.TopSecret), ids)
	top := make(map[string]bool, len(found))
	for id, is := range found {
		top[id] = is == "top"
	}
	return top, err
}
