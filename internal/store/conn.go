package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	sqlite "github.com/ncruces/go-sqlite3/driver"
)

// keptStatements bounds a connection's prepared statements. Filters are composed from few parts, so a program that reaches
// it composes SQL from data.
const keptStatements = 400

// conn is one connection with its prepared statements. It is used by one goroutine at a time.
type conn struct {
	*sql.Conn
	engine   Engine
	lite     *sqlite3.Conn // SQLite's own connection; nil with PostgreSQL
	prepared map[string]statement
}

// connect takes a connection of its own from the pool.
func connect(ctx context.Context, engine Engine, pool *sql.DB) (*conn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	own := &conn{Conn: c, engine: engine, prepared: map[string]statement{}}
	if engine == SQLite {
		if err := c.Raw(func(raw any) error { own.lite = raw.(sqlite.Conn).Raw(); return nil }); err != nil {
			return nil, explain(err)
		}
	}
	return own, nil
}

// drop closes the connection for good instead of giving it back. SQLite closes only when its statements are; the server
// forgets them by itself.
func (c *conn) drop() {
	if c.engine == SQLite {
		c.forget()
	}
	_ = c.Raw(func(any) error { return driver.ErrBadConn })
}

// prepare gives the prepared statement of the query, written with $n placeholders.
func (c *conn) prepare(ctx context.Context, query string) (statement, error) {
	if s := c.prepared[query]; s != nil {
		return s, nil
	}
	if len(c.prepared) >= keptStatements {
		c.forget()
	}
	s, err := c.compile(ctx, query)
	if err == nil {
		c.prepared[query] = s
	}
	return s, err
}

func (c *conn) compile(ctx context.Context, query string) (statement, error) {
	if c.lite == nil {
		s, err := c.PrepareContext(ctx, query)
		return throughPool{s}, err
	}
	c.lite.SetInterrupt(ctx)
	s, more, err := c.lite.PrepareFlags(numbered(query), sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	if s == nil || strings.TrimSpace(more) != "" {
		return nil, errors.Join(fmt.Errorf("store: %q is not one statement", title(query)), s.Close())
	}
	return newDirect(s), nil
}

// forget closes the prepared statements.
func (c *conn) forget() {
	for _, s := range c.prepared {
		_ = s.Close()
	}
	clear(c.prepared)
}

// run executes a prepared statement that answers nothing.
func (c *conn) run(ctx context.Context, query string) error {
	s, err := c.prepare(ctx, query)
	if err == nil {
		_, err = s.exec(ctx, nil)
	}
	return explain(err)
}

// patience is the context a statement runs under. For SQLite it has no Done channel, which saves a goroutine a query: the
// engine asks Err now and then instead.
func patience(ctx context.Context, engine Engine) context.Context {
	if engine == SQLite {
		return polled{ctx}
	}
	return ctx
}

type polled struct{ context.Context }

func (polled) Done() <-chan struct{}       { return nil }
func (polled) Deadline() (time.Time, bool) { return time.Time{}, false }
