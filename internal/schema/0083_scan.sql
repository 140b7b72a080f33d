-- +goose Up
-- A file that a scanner left in its folder (clause 7.1.2). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE scan (
  id          TEXT   NOT NULL PRIMARY KEY,
  device      TEXT   NOT NULL REFERENCES device (id),
  mark        BYTEA  NOT NULL UNIQUE, -- keyed token of device, name, size, time and content: the same file is never taken twice
  sealed_name BYTEA  NOT NULL,
  size        BIGINT NOT NULL,
  output      TEXT   NOT NULL, -- the request on which it lands; empty: a person has to say
  upload      TEXT   NOT NULL,
  material    TEXT   NOT NULL,
  state       TEXT   NOT NULL, -- see output.ScanState
  problem     TEXT   NOT NULL, -- why it waits: a Chinese sentence of the program's own
  found       BIGINT NOT NULL,
  until       BIGINT NOT NULL, -- while it is taken in: the process at it is gone after this time
  settled     BIGINT NOT NULL,
  settled_by  TEXT   NOT NULL
);
CREATE INDEX scan_state ON scan (state, device);
