package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Update runs f in a transaction and answers nil once what it wrote is durable. Waiting callers share one commit: they run
// one after another, each in a savepoint, and an f that fails or panics undoes only its own writes. An error of f is answered
// as it is; when the commit fails, everyone in the group gets problem.Unavailable and nothing is kept (or, if the connection
// broke while committing, it is not known). ctx is heeded until f begins, not after.
//
// f runs while others wait, so it waits for nothing but the database; calling Update inside f never ends.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	c := &call{ctx: ctx, turn: make(chan *Tx), left: make(chan error, 1), answer: make(chan error, 1)}
	select {
	case db.writer.queue <- c:
	case <-ctx.Done():
		return fmt.Errorf("wait to write: %w", ctx.Err())
	case <-db.writer.closing:
		return errClosed()
	}
	if tx := <-c.turn; tx != nil {
		c.run(tx, f)
	}
	return <-c.answer
}

// BeforeCommit registers f to run once a group, right before its commit and after every caller's part; its failure undoes the
// group. Register while wiring, before the first Update.
func (db *DB) BeforeCommit(f func(*Tx) error) { db.writer.hooks = append(db.writer.hooks, f) }

// Follow registers what tells the last time that any process gave to what it wrote, for PostgreSQL, where there may be several: a group of
// Updates is given no time before it, unless it is more than an hour ahead of this machine's clock. Register while wiring, before the first
// Update.
func (db *DB) Follow(latest func(*Tx) (time.Time, error)) { db.writer.latest = latest }

// call is one caller of Update. The caller's own goroutine runs f when the writer gives it the turn, so that a panic, an exit
// and the stack in a profile are the caller's.
type call struct {
	ctx    context.Context
	turn   chan *Tx   // closed without a Tx when there will be no turn
	left   chan error // what f answered
	answer chan error // the end of it
}

var errUnwound = errors.New("store: f panicked or left its goroutine")

func (c *call) run(tx *Tx, f func(*Tx) error) {
	err := errUnwound
	defer func() { c.left <- err }()
	err = f(tx)
}

// refuse ends a call that had no turn.
func (c *call) refuse(err error) {
	close(c.turn)
	c.answer <- err
}

// group is the callers that share a commit.
type group struct {
	ctx    context.Context
	began  time.Time
	now    time.Time
	conn   *conn
	done   []*call // ran well and wait for the commit
	broken error   // the transaction is lost
}

// A group takes in whoever waits until it has this many callers or is this old; the oldest of them waits no longer than that
// plus one f and the commit. Nobody waits for company.
const (
	groupSize     = 256
	groupAge      = 10 * time.Millisecond
	groupPatience = time.Minute
)

// admit gives c its turn.
func (g *group) admit(c *call, clock *clock) {
	if err := c.ctx.Err(); err != nil {
		c.refuse(fmt.Errorf("wait to write: %w", err))
		return
	}
	tx := g.tx(clock)
	if err := tx.enter(); err != nil {
		g.broken = err
		c.refuse(err)
		return
	}
	c.turn <- tx
	err := tx.leave(<-c.left)
	tx.conn = nil
	g.broken = tx.failed
	switch {
	case err != nil:
		c.answer <- err
	default:
		g.done = append(g.done, c)
	}
}

func (g *group) tx(clock *clock) *Tx {
	return &Tx{Now: g.now, ctx: g.ctx, conn: g.conn, clock: clock}
}
