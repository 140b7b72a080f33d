// Package job is work queued in the transaction that asks for it and done later by one worker of one process. A worker holds
// a lease while it works: when its process dies, the lease lapses and another takes over, so that work is begun at least
// once; a handler that calls Work.Done in the transaction of its effect has the effect exactly once. Work that fails is tried
// again, later each time, and parked for a person after too many attempts.
//
// Leases are judged by the processes' own clocks, which must agree within a small part of a lease.
package job

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mijuan/internal/problem"
	"mijuan/internal/store"
)

// State is where a piece of work stands.
type State uint8

const (
	Waiting State = iota + 1 // or being done
	Done
	Parked // failed too often, or for good
)

// Status is what can be told of a piece of work without opening it.
type Status struct {
	ID, Kind    string
	State       State
	Attempts    int
	Failure     problem.Kind // of the last attempt; 0 when there was none or it is internal
	Done, Total int64        // progress in the work's own unit
	Due         int64        // Unix ms: not before this time; once done or parked, since when
}

// Queue asks for work, to be done not before at (the zero time: now) and only if tx commits. The payload must be sealed.
func Queue(tx *store.Tx, kind string, payload []byte, at time.Time) (id string, err error) {
	id, due := tx.NewID(), tx.Now
	if at.After(due) {
		due = at
	}
	if payload == nil {
		payload = []byte{}
	}
	_, err = tx.Exec(`INSERT INTO job (id, kind, payload, state, due, lease, lease_until, attempts, failure, done, total, queued)
		VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, 0, 0, $6)`, id, kind, payload, Waiting, due.UnixMilli(), tx.Now.UnixMilli())
	if err != nil {
		return "", fmt.Errorf("queue %s: %w", kind, err)
	}
	return id, nil
}

const statusColumns = `id, kind, state, attempts, failure, done, total, due`

func scanStatus(r store.Row) (s Status, err error) {
	err = r.Scan(&s.ID, &s.Kind, &s.State, &s.Attempts, &s.Failure, &s.Done, &s.Total, &s.Due)
	return s, err
}

// Find tells how a piece of work stands; finished work is forgotten after a week. Unknown: store.ErrNone.
func Find(tx *store.Tx, id string) (Status, error) {
	return store.Get(tx, scanStatus, `SELECT `+statusColumns+` FROM job WHERE id = $1`, id)
}

// ListParked lists what waits for a person, the oldest first.
func ListParked(tx *store.Tx) ([]Status, error) {
	return store.List(tx, scanStatus, `SELECT `+statusColumns+` FROM job WHERE state = $1 ORDER BY id`, Parked)
}

// Resume gives parked work a fresh set of attempts, beginning now.
func Resume(tx *store.Tx, id string) error {
	n, err := tx.Exec(`UPDATE job SET state = $1, attempts = 0, due = $2 WHERE id = $3 AND state = $4`,
		Waiting, tx.Now.UnixMilli(), id, Parked)
	if err == nil && n == 0 {
		err = problem.New(problem.Conflict, "这项任务没有被搁置")
	}
	return err
}

// ErrLost is the answer to a worker whose lease has passed to another: it undoes what it was about to do.
var ErrLost = errors.New("job: the lease has passed to another worker")

// ErrHopeless in the chain of a handler's error parks the work at once.
var ErrHopeless = errors.New("job: trying again would not help")

// Work is one attempt at a piece of work, given to its handler.
type Work struct {
	ID, Kind string
	Payload  []byte
	Attempt  int // from 1
	db       *store.DB
	lease    string
}

// Done ends the work in the transaction of its effect, as the handler's last step. ErrLost, when another worker has it now,
// must fail the transaction.
func (w *Work) Done(tx *store.Tx) error {
	return w.update(tx, `state = $3, due = $4, payload = $5, failure = 0, lease = '', lease_until = 0`, Done, tx.Now.UnixMilli(), []byte{})
}

// Progress shows how far the work is. It writes durably: report steps that a person would notice.
func (w *Work) Progress(ctx context.Context, done, total int64) error {
	return w.db.Update(ctx, func(tx *store.Tx) error { return w.update(tx, `done = $3, total = $4`, done, total) })
}

func (w *Work) renew(tx *store.Tx, lease time.Duration) error {
	return w.update(tx, `lease_until = $3`, tx.Now.Add(lease).UnixMilli())
}

// release gives the work up until due; a kind of failure is kept to be shown.
func (w *Work) release(tx *store.Tx, due time.Time, attempts int, failure problem.Kind) error {
	return w.update(tx, `due = $3, attempts = $4, failure = $5, lease = '', lease_until = 0`, due.UnixMilli(), attempts, failure)
}

func (w *Work) park(tx *store.Tx, failure problem.Kind) error {
	return w.update(tx, `state = $3, due = $4, failure = $5, lease = '', lease_until = 0`, Parked, tx.Now.UnixMilli(), failure)
}

// update changes the row while the lease holds.
func (w *Work) update(tx *store.Tx, set string, args ...any) error {
	n, err := tx.Exec(`UPDATE job SET `+set+` WHERE id = $1 AND lease = $2`, append([]any{w.ID, w.lease}, args...)...)
	if err == nil && n == 0 {
		err = ErrLost
	}
	return err
}
