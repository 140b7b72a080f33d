package carrier

import (
	"slices"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Knower is somebody who came to know a top-secret carrier, and how (绝密知悉人员; clause 10). Persons are ids.
type Knower struct {
	Carrier, Number, Title string
	Person                 string
	At                     time.Time
	Manner                 Deed // registered, taken, or out: went along with who took it off the premises
	Handler                string
}

// passage is one move with its carrier.
type passage struct {
	it Carrier
	m  Move
}

// passages are the moves of a matter's carriers that the caller may know, carrier by carrier, in their order.
func (c *Cabinet) passages(g *guard.Grant, least classification.Level) ([]passage, error) {
	tx, in := g.Tx(access.ViewMatter, access.ExportRegister), g.Only(access.Matter)
	all, err := store.List(tx, c.scan, selectCarrier+` WHERE matter = $1 AND level >= $2`, in, int64(least))
	if err != nil {
		return nil, err
	}
	known := map[string]Carrier{}
	for _, it := range all {
		if it.knows(g.Facts().Where, g.Who().Person) {
			known[it.ID] = it
		}
	}
	moves, err := store.List(tx, func(row store.Row) (p passage, err error) {
		var id string
		var due, at int64
		var note []byte
		if err := row.Scan(&id, &p.it.ID, &p.m.Deed, &p.m.By, &p.m.From, &p.m.To, &due, &note, &at); err != nil {
			return p, err
		}
		p.m.Due, p.m.At = instant(due), instant(at)
		p.m.Note, err = c.note.OpenText(id, note)
		return p, err
	}, `SELECT m.id, m.carrier, m.deed, m.by_person, m.from_person, m.to_person, m.due, m.sealed_note, m.at FROM carrier_move m JOIN carrier c ON c.id = m.carrier
		WHERE c.matter = $1 AND c.level >= $2 ORDER BY c.number, m.at, m.id`, in, int64(least))
	if err != nil {
		return nil, err
	}
	moves = slices.DeleteFunc(moves, func(p passage) bool { _, may := known[p.it.ID]; return !may })
	for i := range moves {
		moves[i].it = known[moves[i].it.ID]
	}
	return moves, nil
}

// Knowers is the register 绝密知悉人员 of a matter: whom its top-secret carriers passed by, by their hands, the last first. Only who may know
// them reads it. The act is viewMatter, or exportRegister to take it along.
func (c *Cabinet) Knowers(g *guard.Grant) (all []Knower, err error) {
	passages, err := c.passages(g, classification.TopSecret)
	if err != nil {
		return nil, err
	}
	for _, p := range passages {
		k := Knower{Carrier: p.it.ID, Number: p.it.Number, Title: p.it.Title, At: p.m.At, Manner: p.m.Deed, Handler: p.m.From}
		switch p.m.Deed {
		case Registered:
			k.Person, k.Handler = p.m.By, p.m.By
		case Taken:
			k.Person = p.m.To
		case Accompanied: // who comes instead stands on the slip
			k.Person, k.Handler = p.m.From, p.it.Holder
		default:
			continue
		}
		all = append(all, k)
	}
	known := map[string]passage{}
	for _, p := range passages {
		known[p.it.ID] = p
	}
	slips, err := c.slips(g.Tx(), ` WHERE c.matter = $1 AND c.level >= $2 AND t.left_at > 0 AND t.companion <> ''`, g.Only(access.Matter), int64(classification.TopSecret))
	for _, s := range slips {
		if p, may := known[s.Carrier]; may {
			all = append(all, Knower{Carrier: s.Carrier, Number: s.Number, Title: p.it.Title, Person: s.Companion, At: s.Left, Manner: WentOut, Handler: s.Applicant})
		}
	}
	slices.SortStableFunc(all, func(a, b Knower) int { return b.At.Compare(a.At) })
	return all, err
}
