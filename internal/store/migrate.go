package store

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"mijuan/internal/problem"
)

// Migrate brings the tables up to date: each numbered *.sql of migrations that has not run yet, in its order. Processes that
// start together take turns. A database made by a newer program is refused.
func (db *DB) Migrate(ctx context.Context, migrations fs.FS) error {
	dialect := goose.DialectSQLite3
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db.pool, migrations, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	unlock, err := db.lockMigration(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", explain(err))
	}
	defer unlock()
	if err := climb(ctx, p); err != nil {
		return fmt.Errorf("migrate: %w", explain(err))
	}
	return nil
}

// climb runs what is missing. When it fails although the version rose meanwhile, another process was faster at a step, which
// leaves nothing behind in ours, and it goes on from there.
func climb(ctx context.Context, p *goose.Provider) error {
	for before := int64(-1); ; {
		has, knows, err := p.GetVersions(ctx)
		if err != nil {
			return err
		}
		if has > knows {
			return problem.New(problem.Unavailable, "数据由更新版本的密卷建立（数据版本 %d，本程序只认到 %d），请升级程序", has, knows)
		}
		if has == before {
			_, err = p.Up(ctx)
			return err
		}
		before = has
		if _, err := p.Up(ctx); err == nil {
			return nil
		}
	}
}

// lockMigration keeps other processes from migrating. SQLite has no lock that spans transactions; see climb.
func (db *DB) lockMigration(ctx context.Context) (unlock func(), err error) {
	if db.engine == SQLite {
		return func() {}, nil
	}
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := c.ExecContext(ctx, fmt.Sprintf(`SELECT pg_advisory_lock(%d)`, int64(lockMigration))); err != nil {
		c.Close()
		return nil, err
	}
	return func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf(`SELECT pg_advisory_unlock(%d)`, int64(lockMigration)))
		c.Close()
	}, nil
}
