package guard

import (
	"context"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// passageLease is how long a passage stands without its process being heard of. Processes renew every third of it.
const passageLease = 15 * time.Minute

// RenewEvery is how often a process that serves must call Renew.
const RenewEvery = passageLease / 3

// lost is a passage whose process is gone.
type lost struct {
	seq          uint64
	act, kind    string
	thing, where string
}

// Renew tells the other processes that this one still works on its passages.
func (d *Door) Renew(ctx context.Context) error {
	return d.db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE passage SET until = $1 WHERE door = $2`, tx.Now.Add(passageLease).UnixMilli(), d.id)
		return err
	})
}

// BreakOff records as broken off, by the system, each passage whose process has not been heard of for a lease, and gives how many
// there were. alone says that no other process can be at work, as on a database that one process holds: then all passages but this
// process's own are over. What such a passage had already delivered nobody knows any more; its entry says so by giving no amount.
func (d *Door) BreakOff(ctx context.Context, alone bool) (n int, err error) {
	for {
		gone, err := d.gone(ctx, alone)
		if err != nil || len(gone) == 0 {
			return n, err
		}
		err = d.db.Update(ctx, func(tx *store.Tx) error {
			for _, p := range gone {
				deleted, err := tx.Exec(`DELETE FROM passage WHERE seq = $1`, int64(p.seq))
				if err != nil {
					return err
				}
				if deleted == 0 { // it ended meanwhile, or another process was faster
					continue
				}
				n++
				s := step{act: access.Act(p.act), thing: Thing{Kind: access.Kind(p.kind), ID: p.thing}, matter: p.where}
				detail := Detail{Via: Job.String(), Notes: map[string]any{"opened": p.seq, "lost": true}}
				if _, err := d.append(tx, Who{Via: Job}, s, ledger.BrokenOff, nil, detail); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
	}
}

// gone lists some passages that are over without an outcome, the oldest first.
func (d *Door) gone(ctx context.Context, alone bool) (found []lost, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) (err error) {
		before := tx.Now.UnixMilli()
		if alone {
			before = 1<<63 - 1
		}
		found, err = store.List(tx, func(r store.Row) (p lost, err error) {
			err = r.Scan(&p.seq, &p.act, &p.kind, &p.thing, &p.where)
			return p, err
		}, `SELECT seq, act, kind, thing, matter FROM passage WHERE until < $1 AND door <> $2 ORDER BY until, seq LIMIT 100`, before, d.id)
		return err
	})
	return found, err
}
