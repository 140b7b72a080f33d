package store_test

import (
	"context"
	"testing"
	"testing/fstest"

	"mijuan/internal/store"
	"mijuan/internal/storetest"
)

// notes is the table of these tests.
var notes = fstest.MapFS{"9000_note.sql": {Data: []byte(`-- +goose Up
CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL, body BYTEA);
CREATE UNIQUE INDEX note_n ON note (n);
`)}}

// open gives a fresh database with the table note.
func open(t testing.TB, engine store.Engine, change ...func(*store.Options)) *store.DB {
	t.Helper()
	db := storetest.Open(t, engine, change...)
	if err := db.Migrate(context.Background(), notes); err != nil {
		t.Fatal(err)
	}
	return db
}

func insert(t testing.TB, db *store.DB, id string, n int64) {
	t.Helper()
	if err := db.Update(context.Background(), func(tx *store.Tx) error { return add(tx, id, n) }); err != nil {
		t.Fatal(err)
	}
}

func add(tx *store.Tx, id string, n int64) error {
	_, err := tx.Exec(`INSERT INTO note (id, n) VALUES ($1, $2)`, id, n)
	return err
}

func number(r store.Row) (n int64, err error) { return n, r.Scan(&n) }
