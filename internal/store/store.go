// Package store is the database, SQLite (encrypted) or PostgreSQL, behind one behaviour. Update is durable when it answers
// nil: many callers wait for one commit, each in a savepoint of its own, and writers run one after another over all processes,
// so what an f reads stays true until it commits. Read runs beside them on a snapshot. Both give a Tx with one clock reading.
//
// SQL is the subset that both engines share, with $1… placeholders, TEXT, BIGINT and BYTEA; a nil []byte is NULL. PostgreSQL's
// stricter ways hold on both: after a failed statement only a rollback helps (see Tx.Savepoint), rows are read to their end
// before the next statement, and text is valid UTF-8 without NUL.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"mijuan/internal/problem"
)

// Engine is the kind of database.
type Engine uint8

const (
	SQLite Engine = iota + 1
	PostgreSQL
)

// String names the engine.
func (e Engine) String() string {
	switch e {
	case SQLite:
		return "sqlite"
	case PostgreSQL:
		return "postgres"
	}
	return fmt.Sprintf("engine(%d)", uint8(e))
}

// Options say where the database is.
type Options struct {
	URL   string                   // postgres://…; empty for SQLite
	Path  string                   // the SQLite file; made, readable by its owner only, when it is not there
	Key   []byte                   // 32 bytes that seal the SQLite file; required with Path
	Now   func() time.Time         // the clock; nil is time.Now
	Fault func(point string) error // crash tests: asked at "before-commit" and "after-commit"; an error fails the group there
}

// DB is an open database, shared by all goroutines of the process.
type DB struct {
	engine   Engine
	pool     *sql.DB
	clock    *clock
	writer   *writer
	readers  *readers
	carrying *carrying
	close    func() error
}

// Open opens the database, making an empty one if the SQLite file is absent. A wrong key or a damaged file is
// problem.Damaged; a database that cannot be reached is problem.Unavailable.
func Open(ctx context.Context, o Options) (*DB, error) {
	db := &DB{engine: SQLite, clock: newClock(o.Now)}
	var err error
	if o.URL != "" {
		db.engine = PostgreSQL
		db.pool, err = poolPostgres(o.URL)
	} else {
		db.pool, err = poolSQLite(o.Path, o.Key)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db.readers = newReaders(db.engine, db.pool)
	db.carrying = newCarrying(db)
	db.writer = newWriter(db, o.Fault)
	db.close = sync.OnceValue(db.stop)
	if err := db.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return db, nil
}

// Engine tells which engine it is; nothing but tests and `doctor` should care.
func (db *DB) Engine() Engine { return db.engine }

// Ping asks the database for an answer.
func (db *DB) Ping(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		_, err := Get(tx, func(r Row) (n int64, err error) { return n, r.Scan(&n) }, `SELECT 1`)
		return err
	})
}

// Close waits for what runs and closes. Whoever comes later gets problem.Unavailable. Closing again is harmless.
func (db *DB) Close() error { return db.close() }

func (db *DB) stop() error {
	db.writer.close()
	db.carrying.close()
	db.readers.close()
	return db.pool.Close()
}

// errClosed answers those who come after Close.
func errClosed() error {
	return problem.New(problem.Unavailable, "系统正在停止，请稍后重试")
}
