package guard

import (
	"context"
	"sync/atomic"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// Passage is an effect that outlives its transaction: bytes on their way to a reader, an object being deleted. Its intent is
// in the ledger before anything leaves; Close adds how it ended, and where the process dies first, another adds it (BreakOff).
// It carries nothing itself: what the act granted is what f took out of the transaction.
type Passage struct {
	door   *Door
	who    Who
	step   step
	opened uint64
	notes  map[string]any
	closed atomic.Bool
}

// Open is Do for a stream.
func (d *Door) Open(ctx context.Context, who Who, act access.Act, thing Thing, f func(*Grant) error) (*Passage, error) {
	thing = thing.orderly()
	var matter string
	entry, err := d.pass(ctx, who, act, thing, doing, func(g *Grant) error {
		tx := g.tx
		matter = g.request.Thing.Matter
		g.OnRecord(func(seq uint64) error {
			_, err := tx.Exec(`INSERT INTO passage (seq, door, until, matter, act, kind, thing) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				int64(seq), d.id, tx.Now.Add(passageLease).UnixMilli(), matter, string(act), string(thing.Kind), thing.ID)
			return err
		})
		return f(g)
	})
	if err != nil {
		return nil, err
	}
	return &Passage{door: d, who: who, step: step{act: act, thing: thing, matter: matter}, opened: entry.Seq}, nil
}

// Seq is the ledger number of the intent.
func (p *Passage) Seq() uint64 { return p.opened }

// Note adds to the record of the outcome, as Grant.Note does to that of the act. Call it before Close, by one goroutine.
func (p *Passage) Note(key string, value any) {
	if p.notes == nil {
		p.notes = map[string]any{}
	}
	p.notes[key] = value
}

// During writes what the effect changes in the database while it lasts. Its record is the passage's.
func (p *Passage) During(ctx context.Context, f func(*store.Tx) error) error {
	return p.door.db.Update(ctx, f)
}

// Close records the outcome: complete when err is nil, else broken off, after n units (bytes, or pages where pages left). It
// is recorded even when the caller's own context is over. What the effect changed in the database (also) is written in the
// same transaction. Only the first call counts.
func (p *Passage) Close(ctx context.Context, n int64, err error, also ...func(*store.Tx) error) error {
	if p.closed.Swap(true) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	outcome := ledger.Completed
	if err != nil {
		outcome = ledger.BrokenOff
	}
	p.Note("opened", p.opened)
	p.Note("n", n)
	detail := Detail{Via: p.who.Via.String(), Addr: p.who.Addr, Session: p.who.Session, Notes: p.notes}
	return p.door.db.Update(ctx, func(tx *store.Tx) error {
		for _, f := range also {
			if err := f(tx); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM passage WHERE seq = $1`, int64(p.opened)); err != nil {
			return err
		}
		_, err := p.door.append(tx, p.who, p.step, outcome, nil, detail)
		return err
	})
}
