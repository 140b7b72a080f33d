// Package schema holds every table of the program, as numbered migrations that read the same on SQLite and PostgreSQL.
package schema

import "embed"

// FS is given to store.DB.Migrate.
//
//go:embed *.sql
var FS embed.FS
