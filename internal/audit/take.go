package audit

import (
	"context"
	"errors"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/store"
)

// Taking is an export of entries as a register, oldest first: those up to the export's own entry. Start is called once the
// export is on record, with its number and time, and gives what takes the lines; it has no part in the transaction that
// follows. What the entries seal stays sealed but for what a register shows.
type Taking struct {
	Filter Filter
	Format string // for the record
	Start  func(no uint64, at time.Time) (func(Line) error, error)
	End    func() error // after the last line; its failure is the export's
}

// TakeAll exports from the whole ledger.
func (r *Reader) TakeAll(ctx context.Context, who guard.Who, t Taking) error {
	return r.take(ctx, who, access.ExportLedger, whole, t, nil, nil)
}

// TakeMatter exports a matter's ledger: as a register of the matter for its team, as part of the ledger for the auditor.
func (r *Reader) TakeMatter(ctx context.Context, who guard.Who, matter string, t Taking) error {
	thing := guard.Thing{Kind: access.Matter, ID: matter}
	if err := r.door.Do(ctx, who, access.ReadMatterLedger, thing, func(*guard.Grant) error { return nil }); err != nil {
		return err
	}
	t.Filter.Matter = matter
	can, err := r.door.Can(ctx, who, whole, access.ExportLedger)
	if err != nil {
		return err
	}
	if can[access.ExportLedger].Outcome != access.Permit {
		return r.take(ctx, who, access.ExportRegister, thing, t, nil, r.sieve(who))
	}
	return r.take(ctx, who, access.ExportLedger, whole, t, func(g *guard.Grant) { g.Step(access.ExportLedger, thing, matter, nil) }, nil)
}

// TakePerson exports what one person did.
func (r *Reader) TakePerson(ctx context.Context, who guard.Who, person string, t Taking) error {
	thing := guard.Thing{Kind: access.Person, ID: person}
	if err := r.door.Do(ctx, who, access.ReadPersonActs, thing, func(*guard.Grant) error { return nil }); err != nil {
		return err
	}
	t.Filter.Actor, t.Filter.Matter, t.Filter.Thing = person, "", ""
	return r.take(ctx, who, access.ExportRoster, thing, t, nil, r.veil(who))
}

// takeAtOnce is how many entries are read in one snapshot.
const takeAtOnce = 500

func (r *Reader) take(ctx context.Context, who guard.Who, act access.Act, thing guard.Thing, t Taking, also func(*guard.Grant), s *sieve) error {
	var at time.Time
	p, err := r.door.Open(ctx, who, act, thing, func(g *guard.Grant) error {
		at = g.Tx().Now
		g.Note("register", "ledger")
		g.Note("format", t.Format)
		if also != nil {
			also(g)
		}
		return nil
	})
	if err != nil {
		return err
	}
	n, err := r.send(ctx, p.Seq(), at, t, s)
	return errors.Join(err, p.Close(ctx, n, err))
}

// send reads the entries snapshot by snapshot; no transaction is held while their lines leave.
func (r *Reader) send(ctx context.Context, no uint64, at time.Time, t Taking, s *sieve) (n int64, err error) {
	line, err := t.Start(no, at)
	if err != nil {
		return 0, err
	}
	q, names := t.Filter.query(), nameTable{}
	q.Before, q.Ascending, q.Limit = no, true, takeAtOnce
	for {
		lines, last, err := r.some(ctx, q, names, s)
		if err != nil {
			return n, err
		}
		for _, l := range lines {
			if err := line(l); err != nil {
				return n, err
			}
			n++
		}
		if last == 0 {
			return n, t.End()
		}
		q.After = last
	}
}

// some is the next of what passes the sieve. last is the number to go on after; 0: there is no more.
func (r *Reader) some(ctx context.Context, q ledger.Query, names nameTable, s *sieve) (lines []Line, last uint64, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		entries, err := r.ledger.Query(tx, q)
		if err != nil {
			return err
		}
		if len(entries) == takeAtOnce {
			last = entries[len(entries)-1].Seq
		}
		if entries, err = s.pass(tx, entries); err != nil {
			return err
		}
		lines, err = r.lines(tx, entries, names)
		return err
	})
	return lines, last, err
}
