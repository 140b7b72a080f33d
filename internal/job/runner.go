package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// Handler does one kind of work. ctx ends when the lease is lost or the program has no more time to stop; what the handler
// does must bear being done again, unless it ends with Work.Done.
type Handler func(ctx context.Context, w *Work) error

// Options tune a Runner; zero values stand for what the comments say.
type Options struct {
	Workers  int           // at work at once: 2
	Lease    time.Duration // renewed thrice before it lapses: 1 minute
	Poll     time.Duration // how often to look for work: 250 ms
	Grace    time.Duration // for running work when the program stops: 10 s
	Attempts int           // before work is parked: 8
	Log      *slog.Logger  // failures, for the operator: slog.Default()
}

func (o Options) filled() Options {
	return Options{Workers: cmp.Or(o.Workers, 2), Lease: cmp.Or(o.Lease, time.Minute), Poll: cmp.Or(o.Poll, 250*time.Millisecond),
		Grace: cmp.Or(o.Grace, 10*time.Second), Attempts: cmp.Or(o.Attempts, 8), Log: cmp.Or(o.Log, slog.Default())}
}

// The pause before attempt n+1 doubles with n.
const (
	firstPause = 2 * time.Second
	maxPause   = 10 * time.Minute
	keepDone   = 7 * 24 * time.Hour
)

func pause(attempt int) time.Duration {
	return min(maxPause, firstPause<<min(attempt-1, 20))
}

// Runner does the work of one process.
type Runner struct {
	db       *store.DB
	options  Options
	handlers map[string]Handler
	wake     chan struct{}
}

// NewRunner makes a runner that knows no kinds yet.
func NewRunner(db *store.DB, o Options) *Runner {
	return &Runner{db: db, options: o.filled(), handlers: map[string]Handler{}, wake: make(chan struct{}, 1)}
}

// Handle sets the handler of a kind. Call it before Run. Work of other kinds is left to processes that know it.
func (r *Runner) Handle(kind string, h Handler) { r.handlers[kind] = h }

// Wake makes the runner look for work now: call it after the commit that queued some.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then takes nothing new and waits for what runs. Work that does not end in time is given back
// without counting the attempt.
func (r *Runner) Run(ctx context.Context) {
	hard, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(r.options.Grace, stop) })()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, r.options.Workers)
	for ctx.Err() == nil {
		slots <- struct{}{}
		w, err := r.take(ctx)
		if err != nil && ctx.Err() == nil {
			r.options.Log.Error("look for work", "error", err)
		}
		if w == nil {
			<-slots
			r.idle(ctx)
			continue
		}
		running.Go(func() {
			defer func() { <-slots; r.Wake() }()
			r.work(hard, w)
		})
	}
}

func (r *Runner) idle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-r.wake:
	case <-time.After(r.options.Poll):
	}
}

// waiting selects the work that may be taken: $1 is now, the kinds follow.
func (r *Runner) waiting(now time.Time) (query string, args []any) {
	args = []any{now.UnixMilli()}
	var marks []string
	for _, kind := range slices.Sorted(maps.Keys(r.handlers)) {
		args = append(args, kind)
		marks = append(marks, fmt.Sprintf("$%d", len(args)))
	}
	return fmt.Sprintf(`SELECT id FROM job WHERE state = %d AND due <= $1 AND lease_until < $1 AND kind IN (%s) ORDER BY due, id LIMIT 1`,
		Waiting, strings.Join(marks, ", ")), args
}

// take leases the next piece of work, or gives nil. It writes only if there is some.
func (r *Runner) take(ctx context.Context) (w *Work, err error) {
	if len(r.handlers) == 0 {
		return nil, nil
	}
	err = r.db.Read(ctx, func(tx *store.Tx) error {
		query, args := r.waiting(tx.Now)
		_, err := store.Get(tx, func(r store.Row) (id string, err error) { return id, r.Scan(&id) }, query, args...)
		return err
	})
	if err == nil {
		err = r.db.Update(ctx, func(tx *store.Tx) (err error) { w, err = r.lease(tx); return err })
	}
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err // w may be set although the commit failed
	}
	return w, nil
}

func (r *Runner) lease(tx *store.Tx) (*Work, error) {
	query, args := r.waiting(tx.Now)
	w := &Work{db: r.db, lease: tx.NewID()}
	n := len(args)
	_, err := store.Get(tx, func(row store.Row) (*Work, error) { return w, row.Scan(&w.ID, &w.Kind, &w.Payload, &w.Attempt) },
		fmt.Sprintf(`UPDATE job SET lease = $%d, lease_until = $%d, attempts = attempts + 1 WHERE id = (%s) RETURNING id, kind, payload, attempts`, n+1, n+2, query),
		append(args, w.lease, tx.Now.Add(r.options.Lease).UnixMilli())...)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(`DELETE FROM job WHERE state = $1 AND due < $2`, Done, tx.Now.Add(-keepDone).UnixMilli())
	return w, err
}

// work runs the handler under the lease and settles the outcome. If the database is away then, the lease lapses and the work
// is done again.
func (r *Runner) work(hard context.Context, w *Work) {
	err := fmt.Errorf("begun %d times and never ended: %w", w.Attempt-1, ErrHopeless)
	if w.Attempt <= r.options.Attempts { // else it seems to take its process down with it
		ctx, cancel := context.WithCancel(hard)
		renewed := make(chan struct{})
		go func() { defer close(renewed); r.renew(ctx, cancel, w) }()
		err = guarded(ctx, r.handlers[w.Kind], w)
		cancel()
		<-renewed
	}
	if err != nil {
		r.options.Log.Error("work failed", "kind", w.Kind, "id", w.ID, "attempt", w.Attempt, "error", err)
	}
	brief, cancel := context.WithTimeout(context.WithoutCancel(hard), r.options.Lease)
	defer cancel()
	settled := r.db.Update(brief, func(tx *store.Tx) error { return r.settle(tx, w, err, hard.Err() != nil) })
	if settled != nil && !errors.Is(settled, ErrLost) { // also when Done has ended it
		r.options.Log.Error("settle work", "kind", w.Kind, "id", w.ID, "error", settled)
	}
}

func (r *Runner) settle(tx *store.Tx, w *Work, err error, stopped bool) error {
	switch {
	case err == nil:
		return w.Done(tx)
	case stopped:
		return w.release(tx, tx.Now, w.Attempt-1, problem.KindOf(err))
	case errors.Is(err, ErrHopeless) || w.Attempt >= r.options.Attempts:
		return w.park(tx, problem.KindOf(err))
	}
	return w.release(tx, tx.Now.Add(pause(w.Attempt)), w.Attempt, problem.KindOf(err))
}

// renew keeps the lease until ctx ends, and ends ctx when the lease is lost or cannot be kept.
func (r *Runner) renew(ctx context.Context, lost context.CancelFunc, w *Work) {
	tick := time.NewTicker(r.options.Lease / 3)
	defer tick.Stop()
	for failures := 0; failures < 2; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.db.Update(ctx, func(tx *store.Tx) error { return w.renew(tx, r.options.Lease) })
		switch {
		case err == nil:
			failures = 0
		case errors.Is(err, ErrLost):
			failures = 2
		default:
			failures++
		}
	}
	lost()
}

// guarded turns a handler's panic into its failure.
func guarded(ctx context.Context, h Handler, w *Work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h(ctx, w)
}
