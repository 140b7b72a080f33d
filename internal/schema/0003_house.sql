-- +goose Up
-- The firm's sealed keyring (docs/formats/keyring.md), so that a dump and the bucket are enough to recover, and its settings.
CREATE TABLE keyring (
  id     BIGINT PRIMARY KEY,
  sealed TEXT NOT NULL
);

CREATE TABLE setting (
  name   TEXT PRIMARY KEY,
  sealed BYTEA NOT NULL
);
