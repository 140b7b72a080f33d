package demo

import (
	"io"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/carrier"
	"mijuan/internal/corpus"
	"mijuan/internal/guard"
)

// fetches has leads take originals of their matters out: of each three, one is deleted after two days, one is still in use, and one is kept for
// too long.
func (b *builder) fetches(add func(before time.Duration, what string, do func() error), r *receipt) {
	const day = 24 * hour
	if r.document.Level > 2 || r.document.ReceivedAt < 13*day || b.fetched >= 9 {
		return
	}
	b.fetched++
	nth, lead, number := b.fetched, r.matter.Lead(), ""
	before := []time.Duration{10 * day, 12 * day, 2 * day}[nth%3] + time.Duration(nth)*hour
	add(before, "fetch "+r.document.Title, func() error {
		o, err := b.h.Shelf.Fetch(b.ctx, b.who(lead), r.id)
		if err != nil {
			return unlessGone(err)
		}
		number = o.Copy
		return o.SendTo(b.ctx, io.Discard)
	})
	if nth%3 != 1 {
		return
	}
	add(before-2*day, "delete "+r.document.Title, func() error {
		if number == "" {
			return nil
		}
		var id string
		if err := b.h.Door.Do(b.ctx, b.who(lead), access.UseSystem, guard.Firm, func(g *guard.Grant) (err error) { id, err = carrier.ByNumber(g.Tx(), number); return err }); err != nil {
			return err
		}
		return b.h.Door.Do(b.ctx, b.who(lead), access.EraseCopy, guard.Thing{Kind: access.Carrier, ID: id}, b.h.Carriers.Erase)
	})
}

// workedOn reports whether a document is one that leads take out to work on.
func workedOn(i int, d corpus.Document) bool { return d.State == corpus.Filed && i%5 == 3 }
