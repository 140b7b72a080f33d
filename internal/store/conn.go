package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"
)

// keptStatements bounds a connection's prepared statements. Filters are composed from few parts, so a program that reaches
// it composes SQL from data.
const keptStatements = 400

// conn is one connection with its prepared statements. It is used by one goroutine at a time.
type conn struct {
	*sql.Conn
	engine   Engine
	prepared map[string]*sql.Stmt
}

// connect takes a connection of its own from the pool.
func connect(ctx context.Context, engine Engine, pool *sql.DB) (*conn, error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	return &conn{Conn: c, engine: engine, prepared: map[string]*sql.Stmt{}}, nil
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
func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := c.prepared[query]; s != nil {
		return s, nil
	}
	if len(c.prepared) >= keptStatements {
		c.forget()
	}
	text := query
	if c.engine == SQLite {
		text = numbered(query)
	}
	s, err := c.PrepareContext(ctx, text)
	if err == nil {
		c.prepared[query] = s
	}
	return s, err
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
		_, err = s.ExecContext(ctx)
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
