package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"mijuan/internal/problem"
)

// writer is the one goroutine of the process that writes.
type writer struct {
	db       *DB
	fault    func(point string) error
	hooks    []func(*Tx) error
	latest   func(*Tx) (time.Time, error) // the last time that any process gave
	queue    chan *call
	closing  chan struct{}
	finished chan struct{}
	conn     *conn // nil until needed, and again after a failure
	log      log   // of SQLite
}

// writerCache lets the one connection that every act passes keep more of the file in the clear than those that only read: a page that
// is not kept has to be read and unsealed again.
const writerCache = `PRAGMA cache_size = -49152`

func newWriter(db *DB, fault func(string) error) *writer {
	if fault == nil {
		fault = func(string) error { return nil }
	}
	w := &writer{db: db, fault: fault, queue: make(chan *call), closing: make(chan struct{}), finished: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) close() {
	close(w.closing)
	<-w.finished
}

func (w *writer) loop() {
	defer close(w.finished)
	defer w.drop()
	for {
		select {
		case c := <-w.queue:
			w.serve(c)
		case <-w.closing:
			return
		}
	}
}

// serve runs one group, beginning with first, and answers all of it.
func (w *writer) serve(first *call) {
	ctx, cancel := context.WithTimeout(context.Background(), groupPatience)
	defer cancel()
	g := &group{ctx: patience(ctx, w.db.engine)}
	if err := w.begin(g); err != nil {
		for c := first; c != nil; c = w.waiting() {
			c.refuse(err)
		}
		return
	}
	for c := first; c != nil; c = w.next(g) {
		g.admit(c, w.db.clock)
	}
	err := w.end(g)
	for _, c := range g.done {
		c.answer <- err
	}
	if w.conn != nil && w.conn.lite != nil {
		w.conn.lite.SetInterrupt(context.Background())
		w.log.after(w.db.carrying, w.conn)
	}
}

// waiting gives a caller that waits now, or nil.
func (w *writer) waiting() *call {
	select {
	case c := <-w.queue:
		return c
	default:
		return nil
	}
}

func (w *writer) next(g *group) *call {
	if g.broken != nil || len(g.done) >= groupSize || time.Since(g.began) > groupAge {
		return nil
	}
	return w.waiting()
}

// begin opens the group's transaction, on a new connection if the old one has gone stale.
func (w *writer) begin(g *group) error {
	stale := w.conn != nil
	err := w.tryBegin(g)
	if err != nil && stale {
		err = w.tryBegin(g)
	}
	if err != nil {
		return fmt.Errorf("begin to write: %w", err)
	}
	g.conn, g.began, g.now = w.conn, time.Now(), w.db.clock.now()
	if w.latest == nil || w.db.engine != PostgreSQL { // an embedded database has one process
		return nil
	}
	tx := g.tx(w.db.clock)
	at, err := w.latest(tx)
	if err = errors.Join(err, tx.failed); err != nil {
		w.rollback()
		w.drop()
		return fmt.Errorf("begin to write: the time: %w", err)
	}
	w.db.clock.follow(at)
	g.now = w.db.clock.now()
	return nil
}

func (w *writer) tryBegin(g *group) (err error) {
	if w.conn == nil {
		if w.conn, err = connect(g.ctx, w.db.engine, w.db.pool); err != nil {
			return err
		}
		if w.db.engine == SQLite {
			if err := w.conn.run(g.ctx, writerCache); err != nil {
				w.drop()
				return err
			}
			w.log.watch(w.conn)
		}
	}
	if w.db.engine == PostgreSQL {
		_, err = w.conn.ExecContext(g.ctx, fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(%d)`, int64(lockWriter)))
		err = explain(err)
	} else {
		err = w.conn.run(g.ctx, `BEGIN IMMEDIATE`)
	}
	if err != nil {
		w.drop()
	}
	return err
}

// end commits the group, or rolls it back and says why.
func (w *writer) end(g *group) error {
	if g.broken == nil && len(g.done) == 0 {
		w.rollback()
		return nil
	}
	if err := w.commit(g); err != nil {
		w.rollback()
		w.drop()
		return lost(err)
	}
	if err := w.fault("after-commit"); err != nil {
		return lost(err)
	}
	return nil
}

func (w *writer) commit(g *group) error {
	if g.broken != nil {
		return g.broken
	}
	tx := g.tx(w.db.clock)
	for _, hook := range w.hooks {
		if err := guarded(hook, tx); err != nil {
			return fmt.Errorf("before the commit: %w", err)
		}
	}
	tx.conn = nil
	if err := errors.Join(tx.failed, w.fault("before-commit")); err != nil {
		return err
	}
	if err := w.conn.run(g.ctx, `COMMIT`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// guarded turns a panic of a hook into its failure: the hook belongs to no caller who could get the panic.
func guarded(hook func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return hook(tx)
}

// lost makes the failure of a commit Unavailable, as nothing was acknowledged and one may ask again; unless what is stored is found
// wrong, which waiting does not mend.
func lost(err error) error {
	switch problem.KindOf(err) {
	case problem.Unavailable, problem.Damaged:
		return err
	}
	return away(err)
}

func (w *writer) rollback() {
	if w.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := w.conn.run(patience(ctx, w.db.engine), `ROLLBACK`); err != nil {
		w.drop()
	}
}

func (w *writer) drop() {
	if w.conn != nil {
		w.conn.drop()
		w.conn = nil
	}
}
