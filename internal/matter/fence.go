package matter

import (
	"errors"
	"strings"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/store"
)

// Fence is a standing wall as those see it who set walls without seeing matters: the matter is a number.
type Fence struct {
	Number, Person, SetBy, Reason string
	Since                         time.Time
}

// Fences lists the standing walls of matters in which the caller may set walls.
func (b *Book) Fences(g *guard.Grant) ([]Fence, error) {
	tx := g.Tx(access.UseSystem)
	type row struct {
		Fence
		thing access.Resource
	}
	rows, err := store.List(tx, func(r store.Row) (f row, err error) {
		var id string
		var reason []byte
		var since int64
		f.thing = access.Resource{Kind: access.Matter, Exists: true}
		if err := r.Scan(&id, &f.Person, &f.SetBy, &reason, &since, &f.Number, &f.thing.ID, &f.thing.State, &f.thing.Owner); err != nil {
			return f, err
		}
		f.thing.Matter, f.Since = f.thing.ID, instant(since)
		return f, unseal(b.fields.wallReason, id, reason, &f.Reason)
	}, `SELECT w.id, w.person, w.set_by, w.sealed_reason, w.since, m.number, m.id, m.state, m.lead FROM wall w JOIN matter m ON m.id = w.matter
	    WHERE w.lifted = 0 ORDER BY w.since DESC LIMIT 500`)
	if err != nil {
		return nil, err
	}
	var fences []Fence
	for _, r := range rows {
		where, err := Relation(tx, r.thing.ID, g.Who().Person)
		if err != nil {
			return nil, err
		}
		if g.May(access.SetWall, r.thing, where) {
			fences = append(fences, r.Fence)
		}
	}
	return fences, nil
}

// ByNumber finds a matter's id by its number; "" when there is none. What may be done with it the door decides.
func (b *Book) ByNumber(g *guard.Grant, number string) (string, error) {
	id, err := store.Get(g.Tx(access.UseSystem), func(r store.Row) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT id FROM matter WHERE number = $1`, strings.TrimSpace(number))
	if errors.Is(err, store.ErrNone) {
		return "", nil
	}
	return id, err
}
