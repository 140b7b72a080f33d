package job_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mijuan/internal/job"
	"mijuan/internal/problem"
	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

var (
	ctx   = context.Background()
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

// office is a database that several processes share, in a bubble where time passes only when all wait.
type office struct {
	t       *testing.T
	options store.Options
	db      *store.DB
}

func inOffice(t *testing.T, f func(t *testing.T, o *office)) {
	t.Helper()
	for _, engine := range storetest.Engines() {
		t.Run(engine.String(), func(t *testing.T) {
			options := storetest.Options(t, engine)
			synctest.Test(t, func(t *testing.T) {
				f(t, &office{t: t, options: options, db: storetest.Reopen(t, options)})
			})
		})
	}
}

// process starts a runner with its own view of the database; stop ends it and waits.
func (o *office) process(options job.Options, kind string, h job.Handler) (stop func()) {
	o.t.Helper()
	options.Log, options.Poll = quiet, cmp.Or(options.Poll, 5*time.Second) // hours pass here
	r := job.NewRunner(storetest.Reopen(o.t, o.options), options)
	r.Handle(kind, h)
	running, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(running) }()
	stop = sync.OnceFunc(func() { cancel(); <-ended })
	o.t.Cleanup(stop)
	return stop
}

func (o *office) queue(kind string, payload string, at time.Time) (id string) {
	o.t.Helper()
	o.update(func(tx *store.Tx) (err error) { id, err = job.Queue(tx, kind, []byte(payload), at); return err })
	return id
}

func (o *office) update(f func(*store.Tx) error) {
	o.t.Helper()
	if err := o.db.Update(ctx, f); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) find(id string) (s job.Status) {
	o.t.Helper()
	if err := o.db.Read(ctx, func(tx *store.Tx) (err error) { s, err = job.Find(tx, id); return err }); err != nil {
		o.t.Fatal(err)
	}
	return s
}

func TestWorkIsDoneOnceByOneOfTwoProcesses(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		var mu sync.Mutex
		seen := map[string]int{}
		h := func(_ context.Context, w *job.Work) error {
			mu.Lock()
			defer mu.Unlock()
			seen[w.ID+string(w.Payload)]++
			return nil
		}
		o.process(job.Options{Workers: 3}, "print", h)
		o.process(job.Options{Workers: 3}, "print", h)
		var all []string
		for i := range 40 {
			all = append(all, o.queue("print", fmt.Sprint(i), time.Time{}))
		}
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		for i, id := range all {
			if n := seen[id+fmt.Sprint(i)]; n != 1 {
				t.Errorf("work %d was done %d times", i, n)
			}
			if s := o.find(id); s.State != job.Done || s.Attempts != 1 {
				t.Errorf("work %d: %+v", i, s)
			}
		}
	})
}

func TestWorkWaitsForItsTimeItsCommitAndItsKind(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		var done atomic.Int32
		o.process(job.Options{}, "print", func(context.Context, *job.Work) error { done.Add(1); return nil })
		o.queue("print", "", time.Now().Add(time.Hour))
		o.queue("mail", "", time.Time{})
		no := errors.New("no")
		if err := o.db.Update(ctx, func(tx *store.Tx) error {
			_, err := job.Queue(tx, "print", nil, time.Time{})
			return errors.Join(err, no)
		}); !errors.Is(err, no) {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Minute)
		if n := done.Load(); n != 0 {
			t.Errorf("%d done too early", n)
		}
		time.Sleep(2 * time.Minute)
		if n := done.Load(); n != 1 {
			t.Errorf("%d done, want 1", n)
		}
	})
}

func TestFailedWorkIsTriedLaterAndParked(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		var begun []time.Time
		var mended atomic.Bool
		o.process(job.Options{Attempts: 4, Poll: time.Second}, "print", func(_ context.Context, w *job.Work) error {
			begun = append(begun, time.Now())
			switch {
			case mended.Load():
				return nil
			case w.Attempt == 2:
				panic("paper jam")
			}
			return problem.New(problem.Unavailable, "打印机不在")
		})
		id := o.queue("print", "x", time.Time{})
		time.Sleep(time.Minute)
		if s := o.find(id); s.State != job.Parked || s.Attempts != 4 || s.Failure != problem.Unavailable || len(begun) != 4 {
			t.Fatalf("%+v after %d attempts", s, len(begun))
		}
		for i := 2; i < len(begun); i++ {
			if begun[i].Sub(begun[i-1]) <= begun[i-1].Sub(begun[i-2]) {
				t.Errorf("attempts at %v do not grow apart", begun)
			}
		}
		if err := o.db.Read(ctx, func(tx *store.Tx) error {
			all, err := job.ListParked(tx)
			if len(all) != 1 || all[0].ID != id {
				t.Errorf("parked: %+v", all)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		mended.Store(true)
		o.update(func(tx *store.Tx) error { return job.Resume(tx, id) })
		time.Sleep(time.Minute)
		if s := o.find(id); s.State != job.Done || s.Attempts != 1 {
			t.Errorf("resumed: %+v", s)
		}
		if err := o.db.Update(ctx, func(tx *store.Tx) error { return job.Resume(tx, id) }); !problem.Is(err, problem.Conflict) {
			t.Errorf("resumed what is done: %v", err)
		}
	})
}

func TestHopelessWorkIsParkedAtOnce(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.process(job.Options{}, "print", func(context.Context, *job.Work) error {
			return fmt.Errorf("no such printer: %w", job.ErrHopeless)
		})
		id := o.queue("print", "", time.Time{})
		time.Sleep(time.Minute)
		if s := o.find(id); s.State != job.Parked || s.Attempts != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestLeaseIsKeptWhileWorkRuns(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		var begun atomic.Int32
		h := func(ctx context.Context, w *job.Work) error {
			begun.Add(1)
			for i := range int64(10) {
				time.Sleep(time.Minute)
				if err := errors.Join(ctx.Err(), w.Progress(ctx, i, 10)); err != nil {
					return err
				}
			}
			return nil
		}
		o.process(job.Options{Lease: time.Minute}, "scan", h)
		o.process(job.Options{Lease: time.Minute}, "scan", h)
		id := o.queue("scan", "", time.Time{})
		time.Sleep(5*time.Minute + 30*time.Second)
		if s := o.find(id); s.Done != 4 || s.Total != 10 || s.State != job.Waiting {
			t.Errorf("half way: %+v", s)
		}
		time.Sleep(6 * time.Minute)
		if s := o.find(id); s.State != job.Done || begun.Load() != 1 {
			t.Errorf("%+v, begun %d times", s, begun.Load())
		}
	})
}

// A process that froze longer than its lease finds that the work has passed on, and its effect is undone.
func TestLostLeaseUndoesTheEffect(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		var begun atomic.Int32
		outcome := make(chan error, 1)
		h := func(_ context.Context, w *job.Work) error {
			finish := func(tx *store.Tx) error { return errors.Join(effect(tx), w.Done(tx)) }
			if begun.Add(1) > 1 {
				return o.db.Update(ctx, finish)
			}
			o.update(func(tx *store.Tx) error { // as if nothing had renewed the lease for long
				_, err := tx.Exec(`UPDATE job SET lease_until = 0 WHERE id = $1`, w.ID)
				return err
			})
			time.Sleep(30 * time.Second)
			err := o.db.Update(ctx, finish)
			outcome <- err
			return err
		}
		o.process(job.Options{Lease: time.Hour}, "charge", h)
		o.process(job.Options{Lease: time.Hour}, "charge", h)
		id := o.queue("charge", "", time.Time{})
		time.Sleep(2 * time.Minute)
		if err := <-outcome; !errors.Is(err, job.ErrLost) || begun.Load() != 2 {
			t.Errorf("the frozen process got %v; begun %d times", err, begun.Load())
		}
		if s := o.find(id); s.State != job.Done || s.Attempts != 2 {
			t.Errorf("%+v", s)
		}
		o.update(func(tx *store.Tx) error {
			n, err := tx.Exec(`DELETE FROM job WHERE kind = 'effect'`)
			if n != 1 {
				t.Errorf("%d effects", n)
			}
			return err
		})
	})
}

// effect is something durable that a handler does.
func effect(tx *store.Tx) error {
	_, err := job.Queue(tx, "effect", nil, time.Time{})
	return err
}

// Work that takes its process down each time is parked in the end.
func TestDeadlyWorkIsParked(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		ran := false
		id := o.queue("bomb", "", time.Time{})
		o.update(func(tx *store.Tx) error { // three processes died with it
			_, err := tx.Exec(`UPDATE job SET attempts = 3, lease = 'dead', lease_until = 1 WHERE id = $1`, id)
			return err
		})
		o.process(job.Options{Attempts: 3}, "bomb", func(context.Context, *job.Work) error { ran = true; return nil })
		time.Sleep(time.Minute)
		if s := o.find(id); s.State != job.Parked || ran {
			t.Errorf("%+v, ran: %v", s, ran)
		}
	})
}

func TestStopLetsWorkEndOrGivesItBack(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		stop := o.process(job.Options{Grace: time.Minute, Poll: 100 * time.Millisecond}, "scan", func(ctx context.Context, w *job.Work) error {
			long := time.Second
			if string(w.Payload) == "long" {
				long = time.Hour
			}
			select {
			case <-time.After(long):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		short, long := o.queue("scan", "short", time.Time{}), o.queue("scan", "long", time.Time{})
		time.Sleep(500 * time.Millisecond) // less than short work takes
		later := o.queue("scan", "short", time.Time{})
		before := time.Now()
		stop()
		if waited := time.Since(before); waited > 61*time.Second {
			t.Errorf("stopping took %v", waited)
		}
		if s := o.find(short); s.State != job.Done {
			t.Errorf("short work: %+v", s)
		}
		if s := o.find(long); s.State != job.Waiting || s.Attempts != 0 {
			t.Errorf("long work: %+v", s)
		}
		if s := o.find(later); s.State != job.Waiting || s.Attempts != 0 {
			t.Errorf("work that came too late: %+v", s)
		}
	})
}

func TestDoneWorkIsForgottenAfterAWeek(t *testing.T) {
	inOffice(t, func(t *testing.T, o *office) {
		o.process(job.Options{Poll: time.Hour}, "print", func(context.Context, *job.Work) error { return nil })
		old := o.queue("print", "secret", time.Time{})
		time.Sleep(2 * time.Hour)
		o.update(func(tx *store.Tx) error {
			n, err := tx.Exec(`UPDATE job SET failure = 0 WHERE id = $1 AND payload = $2`, old, []byte{})
			if n != 1 {
				t.Error("the payload outlived the work")
			}
			return err
		})
		time.Sleep(8 * 24 * time.Hour)
		o.queue("print", "", time.Time{})
		time.Sleep(2 * time.Hour)
		if err := o.db.Read(ctx, func(tx *store.Tx) error { _, err := job.Find(tx, old); return err }); !errors.Is(err, store.ErrNone) {
			t.Errorf("still there: %v", err)
		}
	})
}
