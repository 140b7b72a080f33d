package stocktaking

import (
	"cmp"
	"errors"
	"slices"

	"mijuan/internal/access"
	"mijuan/internal/classification"
	"mijuan/internal/guard"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// The state of a carrier that has ended stays in its row: seen again, it is a difference unless it ended after it was seen.
const selectItem = `SELECT i.carrier, c.number, c.level, c.holder, c.state, c.ended, i.expected, i.away, i.seen, i.seen_by, i.elsewhere, i.settled, i.settled_by, i.sealed_seen_place, i.sealed_note, n.closed
	FROM stock_item i JOIN carrier c ON c.id = i.carrier JOIN stock_round n ON n.id = i.round
	WHERE i.round = $1 AND c.matter NOT IN (SELECT w.matter FROM wall w WHERE w.person = $2 AND w.lifted = 0)`

// items reads items of a round as the caller may know them; Holder, SeenBy and SettledBy are ids.
func (r *Room) items(g *guard.Grant, round, narrow string, args ...any) ([]Item, error) {
	tx := g.Tx()
	all, err := store.List(tx, func(row store.Row) (i Item, err error) {
		var level, ended, expected, away, seen, elsewhere, settled, closed int64
		var state string
		var place, note []byte
		if err := row.Scan(&i.Carrier, &i.Number, &level, &i.Holder, &state, &ended, &expected, &away, &seen, &i.SeenBy, &elsewhere, &settled, &i.SettledBy, &place, &note, &closed); err != nil {
			return i, err
		}
		i.Level, i.At, i.Settled = classification.Level(level), instant(seen), instant(settled)
		switch {
		case seen > 0 && ended > 0 && ended < seen:
			i.Verdict = Revived
		case seen > 0 && expected == 0:
			i.Verdict = Extra
		case seen > 0 && elsewhere == 1:
			i.Verdict = Moved
		case seen > 0:
			i.Verdict = Seen
		case away == 1:
			i.Verdict = Away
		case closed > 0 && (ended == 0 || ended > closed): // what went its way while the round ran is not missed
			i.Verdict = Missing
		case closed > 0:
			i.Verdict = Seen
		default:
			i.Verdict = Waiting
		}
		var errs [2]error
		if place != nil {
			i.SeenPlace, errs[0] = r.seen.OpenText(round+i.Carrier, place)
		}
		if note != nil {
			i.Note, errs[1] = r.note.OpenText(round+i.Carrier, note)
		}
		return i, errors.Join(errs[:]...)
	}, selectItem+narrow, append([]any{round, g.Who().Person}, args...)...)
	return all, err
}

// sorted are all items of a round, differences first.
func (r *Room) sorted(g *guard.Grant, round string) ([]Item, error) {
	all, err := r.items(g, round, "")
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Item) int {
		return cmp.Or(cmp.Compare(slices.Index(Verdicts, a.Verdict), slices.Index(Verdicts, b.Verdict)), cmp.Compare(a.Number, b.Number))
	})
	return all, nil
}

// name writes names and places into the items of a page.
func (r *Room) name(tx *store.Tx, all []Item) error {
	var ids []string
	for _, i := range all {
		ids = append(ids, i.Holder, i.SeenBy, i.SettledBy)
	}
	names, err := r.people.Names(tx, ids)
	if err != nil {
		return err
	}
	for n := range all {
		k, err := r.carriers.KeptOne(tx, all[n].Carrier)
		if err != nil {
			return err
		}
		all[n].Place, all[n].Holder, all[n].SeenBy, all[n].SettledBy = k.Place, names[all[n].Holder], names[all[n].SeenBy], names[all[n].SettledBy]
	}
	return nil
}

// Filter narrows and pages a round.
type Filter struct {
	Verdict       Verdict // empty: all
	Offset, Limit int     // Limit 0: all
}

// One is a round with its items. The act is readStock.
func (r *Room) One(g *guard.Grant, id string, f Filter) (n Round, page []Item, total int, err error) {
	tx := g.Tx(access.ReadStock)
	rounds, err := r.rounds(g, ` WHERE id = $1`, id)
	if err != nil {
		return n, nil, 0, err
	}
	if len(rounds) == 0 {
		return n, nil, 0, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	n = rounds[0]
	all, err := r.sorted(g, id)
	if err != nil {
		return n, nil, 0, err
	}
	n.Count, n.Unsolved = tally(all)
	if f.Verdict != "" {
		all = slices.DeleteFunc(all, func(i Item) bool { return i.Verdict != f.Verdict })
	}
	total = len(all)
	page = all[min(f.Offset, total):]
	if f.Limit > 0 {
		page = page[:min(f.Limit, len(page))]
	}
	return n, page, total, r.name(tx, page)
}

func tally(all []Item) (count map[Verdict]int, unsolved int) {
	count = map[Verdict]int{}
	for _, i := range all {
		if count[i.Verdict]++; i.Verdict.Difference() && i.Settled.IsZero() {
			unsolved++
		}
	}
	return count, unsolved
}

// Recent is a round with what was scanned last, the last first, for who goes on scanning: it costs the same however large the round is.
// Count and Unsolved are not there. The act is readStock or takeStock.
func (r *Room) Recent(g *guard.Grant, id string) (n Round, last []Item, err error) {
	tx := g.Tx(access.ReadStock, access.TakeStock)
	rounds, err := r.rounds(g, ` WHERE id = $1`, id)
	if err != nil {
		return n, nil, err
	}
	if len(rounds) == 0 {
		return n, nil, problem.New(problem.Absent, "没有找到，或者您无权知悉")
	}
	if last, err = r.items(g, id, ` AND i.seen > 0 ORDER BY i.seen DESC, i.carrier DESC LIMIT 15`); err != nil {
		return n, nil, err
	}
	return rounds[0], last, r.name(tx, last)
}

// Rounds lists the rounds, the last first, with what came of them. The act is readStock.
func (r *Room) Rounds(g *guard.Grant) ([]Round, error) {
	g.Tx(access.ReadStock)
	all, err := r.rounds(g, ` ORDER BY opened DESC, id DESC LIMIT 30`)
	for n := range all {
		items, err := r.items(g, all[n].ID, "")
		if err != nil {
			return nil, err
		}
		all[n].Count, all[n].Unsolved = tally(items)
	}
	return all, err
}

func (r *Room) rounds(g *guard.Grant, where string, args ...any) ([]Round, error) {
	tx := g.Tx()
	all, err := store.List(tx, func(row store.Row) (n Round, err error) {
		var opened, closed int64
		var place []byte
		if err := row.Scan(&n.ID, &opened, &n.OpenedBy, &n.Holder, &place, &closed); err != nil {
			return n, err
		}
		n.Opened, n.Closed = instant(opened), instant(closed)
		n.Place, err = r.place.OpenText(n.ID, place)
		return n, err
	}, `SELECT id, opened, opened_by, holder, sealed_place, closed FROM stock_round`+where, args...)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range all {
		ids = append(ids, n.OpenedBy, n.Holder)
	}
	names, err := r.people.Names(tx, ids)
	for i := range all {
		all[i].OpenedBy, all[i].Holder = names[all[i].OpenedBy], names[all[i].Holder]
	}
	return all, err
}
