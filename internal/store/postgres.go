package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// The advisory locks of a database (there are no others): one writer at a time over all processes, which is what SQLite does
// by itself and what the ledger's one tree needs; and one process that migrates.
const (
	lockWriter    = 0x6d696a75616e01
	lockMigration = 0x6d696a75616e02
)

func poolPostgres(address string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the database's address: %w", err)
	}
	config.RuntimeParams["application_name"] = "mijuan"
	config.RuntimeParams["timezone"] = "UTC"
	// A process that stops in the middle of a transaction must not keep the others from writing.
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`)
		return err
	}))
	return pool, nil
}
