package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNone is Get's answer when no row matches.
var ErrNone = errors.New("store: no such row")

var (
	errOver    = errors.New("store: the transaction is over")
	errReading = errors.New("store: a statement inside the scan of another")
	errWentOn  = errors.New("store: carried on after a failed statement")
	errDeep    = errors.New("store: savepoints nested too deeply")
)

// Tx is one caller's part of a transaction. It belongs to the f it was given to and is over when f returns.
type Tx struct {
	Now time.Time // UTC, whole milliseconds; the same for all that commits together and never before an earlier transaction's

	ctx     context.Context
	conn    *conn // nil when over
	clock   *clock
	depth   int   // savepoints entered
	failed  error // the statement after which only a rollback helps
	reading bool
}

// NewID gives a fresh id: a UUIDv7 in lower case, carrying Now, so that ids sort by age.
func (tx *Tx) NewID() string { return tx.clock.newID(tx.Now) }

// Exec runs a statement and counts the rows it changed.
func (tx *Tx) Exec(query string, args ...any) (rows int64, err error) {
	s, args, err := tx.statement(query, args)
	if err != nil {
		return 0, err
	}
	if rows, err = s.exec(tx.ctx, args); err != nil {
		return 0, tx.fail(query, err)
	}
	return rows, nil
}

// Row is the row under the cursor.
type Row interface{ Scan(dest ...any) error }

// Get gives the first row of the answer, or ErrNone.
func Get[T any](tx *Tx, scan func(Row) (T, error), query string, args ...any) (one T, err error) {
	found := false
	err = tx.each(query, args, func(r Row) (more bool, err error) {
		one, err = scan(r)
		found = true
		return false, err
	})
	if err == nil && !found {
		err = ErrNone
	}
	return one, err
}

// List gives all rows of the answer; none is an empty list and no error.
func List[T any](tx *Tx, scan func(Row) (T, error), query string, args ...any) (all []T, err error) {
	err = tx.each(query, args, func(r Row) (bool, error) {
		one, err := scan(r)
		all = append(all, one)
		return true, err
	})
	return all, err
}

// each shows the rows to visit until it wants no more.
func (tx *Tx) each(query string, args []any, visit func(Row) (more bool, err error)) error {
	s, args, err := tx.statement(query, args)
	if err != nil {
		return err
	}
	rows, err := s.query(tx.ctx, args)
	if err != nil {
		return tx.fail(query, err)
	}
	tx.reading = true
	defer func() { tx.reading = false; rows.Close() }()
	for more := true; more && rows.Next(); {
		if more, err = visit(rows); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return tx.fail(query, err)
	}
	return nil
}

// statement readies a query and its arguments.
func (tx *Tx) statement(query string, args []any) (statement, []any, error) {
	if err := tx.usable(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", title(query), err)
	}
	args, err := portable(args)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", title(query), err)
	}
	s, err := tx.conn.prepare(tx.ctx, query)
	if err != nil {
		return nil, nil, tx.fail(query, err)
	}
	return s, args, nil
}

func (tx *Tx) usable() error {
	switch {
	case tx.conn == nil:
		return errOver
	case tx.reading:
		return errReading
	case tx.failed != nil:
		return fmt.Errorf("%w: %w", errWentOn, tx.failed)
	}
	return nil
}

// fail remembers that a statement failed and says which.
func (tx *Tx) fail(query string, err error) error {
	if gone := tx.ctx.Err(); gone != nil {
		err = errors.Join(gone, err)
	}
	tx.failed = fmt.Errorf("%s: %w", title(query), explain(err))
	return tx.failed
}

// title is the beginning of a query, for the operator's log. Queries hold no data.
func title(query string) string {
	t := strings.Join(strings.Fields(query), " ")
	if len(t) > 60 {
		t = t[:60] + "…"
	}
	return t
}

// Savepoint runs f and undoes what it wrote when it fails or panics; the transaction goes on.
func (tx *Tx) Savepoint(f func() error) error {
	if err := tx.enter(); err != nil {
		return err
	}
	unwound := true
	defer func() {
		if unwound {
			_ = tx.leave(errWentOn)
		}
	}()
	err := f()
	unwound = false
	return tx.leave(err)
}

// maxDepth bounds nesting: the writer's, the door's, and a few of the acts.
const maxDepth = 9

// enter begins a savepoint.
func (tx *Tx) enter() error {
	if err := tx.usable(); err != nil {
		return err
	}
	if tx.depth == maxDepth {
		return errDeep
	}
	tx.depth++
	if err := tx.mark("SAVEPOINT s", tx.depth); err != nil {
		tx.depth--
		return err
	}
	return nil
}

// leave ends the savepoint entered last: its writes are kept when err is nil and no statement failed unhandled, else undone.
// It gives err, or what kept it from keeping the writes.
func (tx *Tx) leave(err error) error {
	depth := tx.depth
	tx.depth--
	if err == nil && tx.failed != nil {
		err = fmt.Errorf("%w: %w", errWentOn, tx.failed)
	}
	if err == nil {
		return tx.mark("RELEASE SAVEPOINT s", depth)
	}
	// SQLite ends the whole transaction by itself on some failures (disk full, I/O). What came after would commit statement
	// by statement, so failed is set again when there is no savepoint to roll back to.
	tx.failed = nil
	if undo := tx.mark("ROLLBACK TO SAVEPOINT s", depth); undo != nil {
		return errors.Join(err, undo)
	}
	if undo := tx.mark("RELEASE SAVEPOINT s", depth); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

func (tx *Tx) mark(verb string, depth int) error {
	statement := verb + string(rune('0'+depth))
	if err := tx.conn.run(tx.ctx, statement); err != nil {
		return tx.fail(statement, err)
	}
	return nil
}
