package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/ncruces/go-sqlite3"
)

// statement is a prepared statement of one connection. Both engines' give values and errors in the same types.
type statement interface {
	// exec runs it and counts the rows that it changed.
	exec(ctx context.Context, args []any) (rows int64, err error)
	// query runs it as far as its rows are looked at. Only one set of rows is open at a time.
	query(ctx context.Context, args []any) (rows, error)
	Close() error
}

// rows are what a query answers, one after another.
type rows interface {
	Row
	Next() bool
	Err() error
	Close() error
}

// throughPool is a statement of PostgreSQL.
type throughPool struct{ *sql.Stmt }

func (s throughPool) exec(ctx context.Context, args []any) (int64, error) {
	result, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s throughPool) query(ctx context.Context, args []any) (rows, error) {
	r, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, err // and no rows: a nil *sql.Rows would be one
	}
	return r, nil
}

// direct is a statement of SQLite, which runs in this process. The general machinery of database/sql would ask the engine for each
// column's name and type with every query, at the price of the query itself.
type direct struct {
	*sqlite3.Stmt
	columns []any // the row under the cursor; texts and bytes in it belong to the engine
	open    bool  // its rows are being read
}

func newDirect(s *sqlite3.Stmt) *direct {
	return &direct{Stmt: s, columns: make([]any, s.ColumnCount())}
}

func (s *direct) exec(ctx context.Context, args []any) (int64, error) {
	if err := s.begin(ctx, args); err != nil {
		return 0, err
	}
	err := s.Stmt.Exec()
	if len(args) > 0 {
		err = errors.Join(err, s.ClearBindings())
	}
	return s.Conn().Changes(), err
}

func (s *direct) query(ctx context.Context, args []any) (rows, error) {
	if err := s.begin(ctx, args); err != nil {
		return nil, err
	}
	s.open = true
	return (*cursor)(s), nil
}

// begin binds the arguments.
func (s *direct) begin(ctx context.Context, args []any) error {
	s.Conn().SetInterrupt(ctx)
	for i, a := range args {
		if err := s.bind(i+1, a); err != nil {
			return errors.Join(err, s.ClearBindings())
		}
	}
	return nil
}

// bind takes what portable lets through.
func (s *direct) bind(place int, a any) error {
	switch a := a.(type) {
	case nil:
		return s.BindNull(place)
	case int64:
		return s.BindInt64(place, a)
	case string:
		return s.BindText(place, a)
	case []byte:
		return s.BindBlob(place, a)
	}
	return fmt.Errorf("%w, not %T", errType, a)
}

// cursor is a statement of SQLite while its rows are read.
type cursor direct

// Next moves to the next row.
func (c *cursor) Next() bool { return c.Step() }

// Close lets go of the rows. Closing again is harmless.
func (c *cursor) Close() error {
	if !c.open {
		return nil
	}
	c.open = false
	clear(c.columns)
	return errors.Join(c.Reset(), c.ClearBindings())
}

// Scan reads the row's columns, as database/sql would.
func (c *cursor) Scan(dest ...any) error {
	if len(dest) != len(c.columns) {
		return fmt.Errorf("store: %d columns are read into %d places", len(c.columns), len(dest))
	}
	if err := c.ColumnsRaw(c.columns...); err != nil {
		return err
	}
	for i, d := range dest {
		if err := read(d, c.columns[i]); err != nil {
			return fmt.Errorf("store: read column %d: %w", i+1, err)
		}
	}
	return nil
}

// read copies a column's value to where dest points: BIGINT to integers and what a
// comparison gives to booleans, TEXT and BYTEA to texts and bytes, NULL to bytes only,
// and whatever there is to any.
func read(dest, value any) error {
	if d, ok := dest.(*any); ok {
		*d = owned(value)
		return nil
	}
	switch v := value.(type) {
	case int64:
		return readNumber(dest, v)
	case []byte:
		return readBytes(dest, v)
	case nil:
		if d, ok := dest.(*[]byte); ok {
			*d = nil
			return nil
		}
	}
	return misread(dest, value)
}

// owned is a column's value as it can be kept: int64, string, []byte or nil.
func owned(value any) any {
	v, ok := value.([]byte)
	switch {
	case !ok:
		return value
	case len(v) == cap(v): // the engine has a zero behind a text only
		return append([]byte{}, v...)
	}
	return string(v)
}

func misread(dest, value any) error { return fmt.Errorf("a %T does not fit a %T", value, dest) }

func readNumber(dest any, v int64) error {
	switch d := dest.(type) {
	case *int64:
		*d = v
		return nil
	case *int:
		*d = int(v)
		return nil
	case *bool: // what PostgreSQL answers to a comparison
		if v == 0 || v == 1 {
			*d = v == 1
			return nil
		}
		return misread(dest, v)
	}
	switch d := reflect.ValueOf(dest).Elem(); {
	case d.CanInt() && !d.OverflowInt(v):
		d.SetInt(v)
	case d.CanUint() && v >= 0 && !d.OverflowUint(uint64(v)):
		d.SetUint(uint64(v))
	default:
		return misread(dest, v)
	}
	return nil
}

func readBytes(dest any, v []byte) error {
	switch d := dest.(type) {
	case *string:
		*d = string(v)
		return nil
	case *[]byte:
		*d = append(make([]byte, 0, len(v)), v...)
		return nil
	}
	d := reflect.ValueOf(dest).Elem()
	if d.Kind() != reflect.String {
		return misread(dest, v)
	}
	d.SetString(string(v))
	return nil
}
