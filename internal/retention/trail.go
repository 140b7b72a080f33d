package retention

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/classification"
	"mijuan/internal/matter"
	"mijuan/internal/media"
	"mijuan/internal/output"
	"mijuan/internal/store"
)

// Trace is one print, copy or medium of something on the list, and what became of it (clauses 7.1.4, 12).
type Trace struct {
	Of     string // number of what it was made of
	Number string
	Form   string
	Fate   string
	Date   string // of its end; empty: it has not ended
	Held   bool   // somebody has it still, and the list does not reach it
}

// trail follows what was ever made of the things on a list: prints and copies, copies of those, media it was written to, and numbers
// that came to nothing. Of what stands higher than the list it does not tell.
func (r *Room) trail(tx *store.Tx, l List, all []carrier.Carrier) (out []Trace, err error) {
	on := map[string]bool{}
	for _, i := range l.ToDestroy() {
		on[i.ID] = true
	}
	for _, i := range l.ToDestroy() {
		made, err := made(tx, i, all)
		if err != nil {
			return nil, err
		}
		for _, it := range made {
			if it.Level <= max(l.Level, classification.Confidential) {
				out = append(out, trace(i, it, on[it.ID]))
			}
		}
		if i.Kind != access.Material {
			continue
		}
		void, err := output.VoidedOf(tx, i.ID)
		if err != nil {
			return nil, err
		}
		for _, v := range void {
			out = append(out, Trace{Of: i.Number, Number: v.Number, Form: carrier.Printed.Name(), Fate: "作废，当场碎毁", Date: beijing(v.At)})
		}
	}
	return out, nil
}

// made are the carriers of a matter that were made of an item, the one of the other.
func made(tx *store.Tx, i Item, all []carrier.Carrier) (found []carrier.Carrier, err error) {
	var written []string
	if i.Kind == access.Material {
		if written, err = media.WrittenTo(tx, i.ID); err != nil {
			return nil, err
		}
	}
	of := map[string]bool{i.ID: true}
	for grew := true; grew; {
		grew = false
		for _, it := range all {
			if !of[it.ID] && (it.Material != "" && of[it.Material] || it.Source != "" && of[it.Source] || slices.Contains(written, it.ID)) {
				of[it.ID], grew = true, true
				found = append(found, it)
			}
		}
	}
	return found, nil
}

func trace(i Item, it carrier.Carrier, listed bool) Trace {
	t := Trace{Of: i.Number, Number: it.Number, Form: it.Form.Name()}
	medium := it.Form == carrier.Stick || it.Form == carrier.Disk || it.Form == carrier.Optical
	switch {
	case listed:
		t.Fate = "随本清册销毁"
	case it.State == access.Out:
		t.Fate, t.Held = "外带中，不在本清册", true
	case it.State != access.Ended && it.Form == carrier.Fetched:
		t.Fate, t.Held = "取用人尚未确认删除", true
	case it.State != access.Ended:
		t.Fate, t.Held = "在管，不在本清册", true
	case it.Fate == carrier.Destroyed && medium:
		t.Fate, t.Date = "已清除或者销毁", beijing(it.Ended)
	default:
		t.Fate, t.Date = it.End(), beijing(it.Ended)
	}
	return t
}

func beijing(t time.Time) string { return t.In(matter.Beijing).Format(time.DateOnly) }
