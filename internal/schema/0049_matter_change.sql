-- +goose Up
-- What was changed of a matter's data after it was opened, and what it said before. sealed_what holds both; the ledger keeps its
-- digest, so that a row that was touched shows.
CREATE TABLE matter_change (
  id          TEXT   NOT NULL PRIMARY KEY,
  matter      TEXT   NOT NULL REFERENCES matter (id),
  person      TEXT   NOT NULL,
  at          BIGINT NOT NULL,
  sealed_what BYTEA  NOT NULL
);
CREATE INDEX matter_change_matter ON matter_change (matter, at, id);
