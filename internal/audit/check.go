package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"mijuan/internal/access"
	"mijuan/internal/guard"
	"mijuan/internal/ledger"
	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// A verification says every checkRenew how far it is; one that did not for checkLease is taken to be gone with its process.
const (
	checkRenew = 2 * time.Second
	checkLease = time.Minute
)

// Check is a verification that was begun. Run carries it through.
type Check struct {
	r       *Reader
	passage *guard.Passage
	reached atomic.Uint64
	total   atomic.Uint64
}

// Begin begins a verification of the whole ledger. One runs at a time, over all processes: else it is a problem.Conflict. seen
// (optional) makes it a conflict too when another was begun after that time.
func (r *Reader) Begin(ctx context.Context, who guard.Who, seen ...time.Time) (*Check, error) {
	p, err := r.door.Open(ctx, who, access.VerifyLedger, whole, func(g *guard.Grant) error {
		tx := g.Tx(access.VerifyLedger)
		last, err := lastCheck(tx)
		if err != nil {
			return err
		}
		if last.Running || len(seen) > 0 && last.Begun.After(seen[0]) {
			return problem.New(problem.Conflict, "校验正在进行，请等它结束")
		}
		size, err := r.ledger.Size(tx)
		if err != nil {
			return err
		}
		g.OnRecord(func(seq uint64) error {
			_, err := tx.Exec(`INSERT INTO ledger_check (opened, begun, until, done, total, ended, failed, size, wrong, first, many, format, args)
				VALUES ($1, $2, $3, 0, $4, 0, 0, 0, 0, 0, 0, '', '')`, int64(seq), tx.Now.UnixMilli(), tx.Now.Add(checkLease).UnixMilli(), int64(size))
			return err
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Check{r: r, passage: p}, nil
}

// Run recomputes the ledger from the database. What it found stands in the ledger and is what Last tells.
func (c *Check) Run(ctx context.Context) (ledger.Report, error) {
	stop := c.renewing(ctx)
	report, err := c.r.ledger.VerifyLive(ctx, func(done, total uint64) {
		c.reached.Store(done)
		c.total.Store(total)
	})
	stop()
	if report.Wrong != nil {
		c.passage.Note("wrong", report.Bad)
		c.passage.Note("first", report.Wrong.Seq)
		c.passage.Note("fault", report.Wrong.Problem.Public())
	}
	closing := c.passage.Close(ctx, int64(report.Size), err, func(tx *store.Tx) error { return c.end(tx, report, err) })
	return report, errors.Join(err, closing)
}

// Verify is Begin and Run.
func (r *Reader) Verify(ctx context.Context, who guard.Who) (ledger.Report, error) {
	c, err := r.Begin(ctx, who)
	if err != nil {
		return ledger.Report{}, err
	}
	return c.Run(ctx)
}

// renewing says until stop how far the verification is.
func (c *Check) renewing(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(checkRenew)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			_ = c.passage.During(ctx, func(tx *store.Tx) error { // the next one says it if this one cannot
				_, err := tx.Exec(`UPDATE ledger_check SET done = $2, total = $3, until = $4 WHERE opened = $1`, int64(c.passage.Seq()),
					int64(c.reached.Load()), int64(c.total.Load()), tx.Now.Add(checkLease).UnixMilli())
				return err
			})
		}
	}()
	return func() { cancel(); <-ended }
}

func (c *Check) end(tx *store.Tx, report ledger.Report, failure error) error {
	var failed, wrong, first int64
	format, args := "", []byte("[]")
	if failure != nil {
		failed = 1
	}
	if w := report.Wrong; w != nil {
		var err error
		wrong, first, format = 1, int64(w.Seq), w.Problem.Format
		if args, err = json.Marshal(w.Problem.Args); err != nil {
			return fmt.Errorf("keep what the verification found: %w", err)
		}
	}
	_, err := tx.Exec(`UPDATE ledger_check SET ended = $2, failed = $3, size = $4, wrong = $5, first = $6, many = $7, format = $8, args = $9 WHERE opened = $1`,
		int64(c.passage.Seq()), tx.Now.UnixMilli(), failed, int64(report.Size), wrong, first, int64(report.Bad), format, string(args))
	return err
}

// Checked is a verification as others see it. The zero value: there was none.
type Checked struct {
	Begun, Ended time.Time // Ended is zero while it runs, and of one that its process did not survive
	Running      bool
	Done, Total  uint64
	Failed       bool           // it was not carried through, which says nothing of the ledger
	Size         uint64         // entries that it was about
	Wrong        *problem.Error // what it found first; nil: nothing
	First, Many  uint64         // the first wrong entry, 0 for none; entries that are wrong by themselves
}

// Last is the verification that was begun last.
func (r *Reader) Last(ctx context.Context) (c Checked, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) (err error) { c, err = lastCheck(tx); return err })
	return c, err
}

// retryAfter is how long after a verification that was not carried through the next one is due.
const retryAfter = time.Hour

// Due reports whether it is time to verify: a term after the last verification, or after the ledger's first entry where there was none.
// seen is when the last one was begun.
func (r *Reader) Due(ctx context.Context, term time.Duration) (due bool, seen time.Time, err error) {
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		last, err := lastCheck(tx)
		if err != nil || last.Running {
			return err
		}
		seen = last.Begun
		from := seen
		if from.IsZero() {
			began, err := r.ledger.Began(tx)
			if err != nil {
				return err
			}
			from = time.UnixMilli(began)
		}
		if last.Failed {
			term = retryAfter
		}
		due = tx.Now.Sub(from) >= term || from.After(tx.Now)
		return nil
	})
	return due, seen, err
}

// Alarm is what the last verification that was carried through found wrong, for those who may verify; else the zero value. The act is
// useSystem.
func (r *Reader) Alarm(g *guard.Grant) (Checked, error) {
	tx := g.Tx(access.UseSystem)
	if !g.May(access.VerifyLedger, access.Resource{Kind: access.Ledger, ID: whole.ID, Exists: true}, access.Circumstances{}) {
		return Checked{}, nil
	}
	c, err := findCheck(tx, ` WHERE ended > 0 AND failed = 0`)
	if c.Wrong == nil {
		c = Checked{}
	}
	return c, err
}

func lastCheck(tx *store.Tx) (Checked, error) { return findCheck(tx, ``) }

func findCheck(tx *store.Tx, where string) (c Checked, err error) {
	c, err = store.Get(tx, func(row store.Row) (Checked, error) { return scanCheck(row, tx.Now) },
		`SELECT begun, until, done, total, ended, failed, size, wrong, first, many, format, args FROM ledger_check`+where+` ORDER BY opened DESC LIMIT 1`)
	if errors.Is(err, store.ErrNone) {
		return Checked{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read the last verification: %w", err)
	}
	return c, nil
}

func scanCheck(row store.Row, now time.Time) (c Checked, err error) {
	var begun, until, done, total, ended, failed, size, wrong, first, many int64
	var format, args string
	if err := row.Scan(&begun, &until, &done, &total, &ended, &failed, &size, &wrong, &first, &many, &format, &args); err != nil {
		return c, err
	}
	c = Checked{Begun: time.UnixMilli(begun), Done: uint64(done), Total: uint64(total), Size: uint64(size), First: uint64(first), Many: uint64(many)}
	if ended > 0 {
		c.Ended = time.UnixMilli(ended)
	}
	c.Running = ended == 0 && now.Before(time.UnixMilli(until))
	c.Failed = failed == 1 || ended == 0 && !c.Running
	if wrong == 1 {
		values, err := arguments(args)
		if err != nil {
			return c, err
		}
		c.Wrong = problem.New(problem.Damaged, format, values...)
	}
	return c, nil
}

// arguments reads a sentence's arguments: texts and whole numbers.
func arguments(raw string) (values []any, err error) {
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	for i, v := range values {
		if n, ok := v.(json.Number); ok {
			if values[i], err = n.Int64(); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}
