package leaving

import (
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Step is what a leaving waits for somebody to do.
type Step string

const (
	HandOver Step = "hand-over" // by the leaver
	Sign     Step = "sign"      // by the witness
	End      Step = "end"       // by the security administrator
	Late     Step = "late"      // by whoever may begin leavings: the last day in post has passed, and it is not closed
)

// Waiting is a leaving that waits for the caller.
type Waiting struct {
	Person, Name string
	Step         Step
	Left         int // items outstanding
}

// Waiting lists the open leavings that wait for the caller. The act is useSystem.
func (r *Room) Waiting(g *guard.Grant) (all []Waiting, err error) {
	tx, me := g.Tx(access.UseSystem), g.Who().Person
	today := tx.Now.In(china).Format(time.DateOnly)
	rows, err := store.List(tx, scanRow, `SELECT `+rowColumns+` FROM departure WHERE closed = 0 ORDER BY begun`)
	if err != nil {
		return nil, err
	}
	for _, d := range rows {
		thing := access.Resource{Kind: access.Person, ID: d.person, Exists: true, State: access.Cleared}
		ends := g.May(access.CloseLeaving, thing, access.Circumstances{Self: d.person == me})
		late := d.lastDay < today && g.May(access.BeginLeaving, thing, access.Circumstances{Self: d.person == me})
		if d.person != me && d.witness != me && !ends && !late {
			continue
		}
		rest, err := r.outstanding(tx, d.person, &d)
		if err != nil {
			return nil, err
		}
		w := Waiting{Person: d.person, Left: len(rest)}
		switch {
		case d.person == me && w.Left > 0:
			w.Step = HandOver
		case d.witness == me && w.Left == 0 && d.witnessed == 0:
			w.Step = Sign
		case ends && d.witness != me && w.Left == 0 && d.witnessed > 0:
			w.Step = End
		case late:
			w.Step = Late
		default:
			continue
		}
		names, err := r.People.Names(tx, []string{d.person})
		if err != nil {
			return nil, err
		}
		w.Name = names[d.person]
		all = append(all, w)
	}
	return all, nil
}
