package leaving

import (
	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/danger"
	"mijuan/internal/guard"
	"mijuan/internal/meeting"
	"mijuan/internal/problem"
	"mijuan/internal/retention"
	"mijuan/internal/store"
)

// mostPieces is how many materials, carriers and devices a list shows one by one.
const mostPieces = 200

// duties reads what somebody answers for by name besides matters and what they hold: what they lent, devices, repairs, dangers to mend, take-outs on which they go along,
// destruction lists, requests.
func (r *Room) duties(tx *store.Tx, id string) (all []Item, err error) {
	add := func(kind Kind, in string, n int, top classification.Level) {
		if n > 0 {
			all = append(all, Item{Kind: kind, Matter: in, N: n, Top: top})
		}
	}
	lent, err := r.Carriers.LentBy(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range lent {
		add(Lent, p.Matter, p.N, p.Top)
	}
	alongs, err := r.Carriers.Alongs(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range alongs {
		add(Alongs, p.Matter, p.N, p.Top)
	}
	meetings, err := meeting.Convened(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range meetings {
		add(Meetings, p.Matter, p.N, p.Top)
	}
	devices, err := r.Devices.Kept(tx, id)
	if err != nil {
		return nil, err
	}
	add(Devices, "", len(devices), 0)
	repairs, err := r.Devices.Supervised(tx, id)
	if err != nil {
		return nil, err
	}
	add(Repairs, "", len(repairs), 0)
	dangers, err := danger.Kept(tx, id)
	if err != nil {
		return nil, err
	}
	add(Dangers, "", dangers, 0)
	lists, err := retention.Duties(tx, id)
	if err != nil {
		return nil, err
	}
	for _, d := range lists {
		add(Destructions, d.Matter, d.N, d.Top)
	}
	waits, err := r.Approvals.Awaiting(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range waits {
		add(Decisions, p.Matter, p.N, p.Top)
	}
	orders, err := r.Output.Open(tx, id)
	if err != nil {
		return nil, err
	}
	for _, p := range orders {
		add(Orders, p.Matter, p.N, p.Top)
	}
	asked, err := r.Approvals.Open(tx, id)
	for _, p := range asked {
		add(Requests, p.Matter, p.N, p.Top)
	}
	return all, err
}

// pieces names the single carriers and devices of the items, so that they can be split. An item whose matter the caller is not told stays
// without.
func (r *Room) pieces(tx *store.Tx, id string, items []Item) error {
	carriers, err := r.Carriers.Pieces(tx, id, mostPieces)
	if err != nil {
		return err
	}
	devices, err := r.Devices.Kept(tx, id)
	if err != nil {
		return err
	}
	repairs, err := r.Devices.Supervised(tx, id)
	if err != nil {
		return err
	}
	sticks, err := r.Media.Kept(tx, id)
	if err != nil {
		return err
	}
	for n := range items {
		i := &items[n]
		switch {
		case i.Walled:
		case i.Kind == Materials || i.Kind == Reviews:
			papers, err := r.Shelf.Pieces(tx, id, i.Matter, i.Kind == Reviews, mostPieces)
			if err != nil {
				return err
			}
			for _, p := range papers {
				i.Pieces = append(i.Pieces, Piece{p.ID, p.Number, p.Level.Name()})
			}
		case i.Kind == Media:
			for _, m := range sticks {
				i.Pieces = append(i.Pieces, Piece{m.ID, m.Label(), m.Form.Name()})
			}
		case i.Kind == Carriers:
			for _, p := range carriers {
				if p.Matter == i.Matter {
					i.Pieces = append(i.Pieces, Piece{p.ID, p.Number, p.State.Name()})
				}
			}
		case i.Kind == Devices:
			for _, d := range devices[:min(len(devices), mostPieces)] {
				i.Pieces = append(i.Pieces, Piece{d.ID, d.Label(), d.State.Name()})
			}
		case i.Kind == Repairs:
			for _, d := range repairs {
				i.Pieces = append(i.Pieces, Piece{d.ID, d.Label(), d.State.Name()})
			}
		}
	}
	return err
}

// dropWords is how each kind that is dropped ends, as the list and the sheet tell it.
var dropWords = map[Kind]string{Orders: "撤回", Requests: "撤回", Decisions: "转上一级审批"}

// Drop ends what needs no successor: withdraws what the person has asked for, or passes up what waits for the person's decision, and gives
// how many. The act is settleLeaving.
func (r *Room) Drop(g *guard.Grant, kind Kind, matter string) (n int, err error) {
	tx, id := g.Tx(access.SettleLeaving), g.Only(access.Person)
	d, err := r.begun(tx, id)
	if err != nil {
		return 0, err
	}
	if err := r.notWalled(g, matter); err != nil {
		return 0, err
	}
	switch kind {
	case Orders:
		n, err = r.Output.Retract(g, matter)
	case Requests:
		n, err = r.Approvals.Retract(g, matter)
	case Decisions:
		n, err = r.Approvals.PassUp(g, matter)
	default:
		err = problem.New(problem.Invalid, "这一项要移交给别人，不能撤回")
	}
	if err != nil {
		return 0, err
	}
	g.Note("kind", string(kind))
	g.Note("matter", matter)
	g.Note("n", n)
	row := tx.NewID()
	if _, err := tx.Exec(`INSERT INTO departure_item (id, departure, kind, matter, n, successor, sealed_reason, by_person, at) VALUES ($1, $2, $3, $4, $5, '', $6, $7, $8)`,
		row, d.id, string(kind), matter, n, r.itemReason.SealText(row, dropWords[kind]), g.Who().Person, tx.Now.UnixMilli()); err != nil {
		return 0, err
	}
	return n, unwitness(tx, d.id)
}
