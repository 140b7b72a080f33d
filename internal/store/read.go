package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Read runs f on a snapshot that stays as it was at f's first statement; f cannot write. Reads run beside each other and
// beside Update. When ctx ends, the running statement does too.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	c, err := db.readers.begin(ctx)
	if err != nil {
		return err
	}
	whole := false
	defer func() { db.readers.give(c, whole) }()
	tx := &Tx{Now: db.clock.now(), ctx: patience(ctx, db.engine), conn: c, clock: db.clock}
	err = f(tx)
	tx.conn = nil
	whole = ctx.Err() == nil
	return err
}

// readers are the connections for Read.
type readers struct {
	engine  Engine
	pool    *sql.DB
	permits chan struct{}
	closing chan struct{}
	mu      sync.Mutex
	idle    []*conn // the one used last is used next: its cache is warm
}

func newReaders(engine Engine, pool *sql.DB) *readers {
	n := max(4, 2*runtime.GOMAXPROCS(0))
	if engine == PostgreSQL {
		n = 16 // they wait for the server more than they compute
	}
	return &readers{engine: engine, pool: pool, permits: make(chan struct{}, n), closing: make(chan struct{})}
}

// begin gives a connection with an open read-only transaction.
func (r *readers) begin(ctx context.Context) (*conn, error) {
	select {
	case <-r.closing:
		return nil, errClosed()
	default:
	}
	select {
	case r.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to read: %w", ctx.Err())
	case <-r.closing:
		return nil, errClosed()
	}
	c, err := r.tryBegin(ctx, r.pop())
	if err != nil {
		<-r.permits
		return nil, fmt.Errorf("begin to read: %w", err)
	}
	return c, nil
}

// tryBegin begins on the idle connection, or on a new one when there is none or it has gone stale.
func (r *readers) tryBegin(ctx context.Context, idle *conn) (*conn, error) {
	if idle != nil {
		if err := r.start(ctx, idle); err == nil {
			return idle, nil
		}
		idle.drop()
	}
	c, err := connect(ctx, r.engine, r.pool)
	if err != nil {
		return nil, err
	}
	if r.engine == SQLite {
		err = c.run(patience(ctx, r.engine), `PRAGMA query_only = ON`)
	}
	if err == nil {
		err = r.start(ctx, c)
	}
	if err != nil {
		c.drop()
		return nil, err
	}
	return c, nil
}

func (r *readers) start(ctx context.Context, c *conn) error {
	if r.engine == SQLite {
		return c.run(patience(ctx, r.engine), `BEGIN`)
	}
	_, err := c.ExecContext(ctx, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`)
	return explain(err)
}

// give ends the transaction and takes the connection back, or drops it when something went wrong with it.
func (r *readers) give(c *conn, whole bool) {
	defer func() { <-r.permits }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if !whole || c.run(patience(ctx, r.engine), `ROLLBACK`) != nil {
		c.drop()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, c)
}

func (r *readers) pop() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.idle) == 0 {
		return nil
	}
	c := r.idle[len(r.idle)-1]
	r.idle = r.idle[:len(r.idle)-1]
	return c
}

// close waits for the reads that run and drops all connections.
func (r *readers) close() {
	close(r.closing)
	for range cap(r.permits) {
		r.permits <- struct{}{}
	}
	for c := r.pop(); c != nil; c = r.pop() {
		c.drop()
	}
}
