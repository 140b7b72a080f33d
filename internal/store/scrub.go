package store

import "context"

// Scrub takes away what an update has left behind it. SQLite overwrites what is deleted in its file (secure_delete) but the log of
// pages still holds them as they were: the log is carried over and cut to nothing. PostgreSQL keeps former rows until they are vacuumed; its
// autovacuum does that, and its own log is kept as the database's administrator says.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	c, err := db.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	db.carrying.one.Lock() // else the engine turns this away, and nobody would notice
	defer db.carrying.one.Unlock()
	_, err = c.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}
