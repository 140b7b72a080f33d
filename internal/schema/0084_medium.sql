-- +goose Up
-- Removable media (移动存储介质, clause 7.2.4). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE medium (
  id            TEXT   NOT NULL PRIMARY KEY,
  number        BIGINT NOT NULL UNIQUE, -- counts from 1 and is never given twice
  form          TEXT   NOT NULL, -- see carrier.Form: stick, disk, optical
  vendor        TEXT   NOT NULL, -- USB ids, four hexadecimal digits each; empty: not a USB device
  product       TEXT   NOT NULL,
  sealed_model  BYTEA  NOT NULL,
  sealed_serial BYTEA  NOT NULL,
  serial_token  BYTEA  NOT NULL UNIQUE,
  level         BIGINT NOT NULL, -- the highest that may lie on it; 0: none
  keeper        TEXT   NOT NULL REFERENCES person (id),
  used_by       TEXT   NOT NULL, -- who had it last and was not checked since; empty: nobody
  carrier       TEXT   NOT NULL, -- the carrier that it is while it holds material; empty: it holds none
  state         TEXT   NOT NULL, -- held, ended
  registered    BIGINT NOT NULL
);
CREATE INDEX medium_keeper ON medium (keeper);
CREATE INDEX medium_carrier ON medium (carrier);

-- What happened to a medium, in its order; never changed.
CREATE TABLE medium_event (
  id            TEXT   NOT NULL PRIMARY KEY,
  medium        TEXT   NOT NULL REFERENCES medium (id),
  at            BIGINT NOT NULL,
  by_person     TEXT   NOT NULL,
  what          TEXT   NOT NULL,
  sealed_detail BYTEA  NOT NULL -- JSON
);
CREATE INDEX medium_event_of ON medium_event (medium, at);

-- A medium in somebody's hands, from the keeper's and back.
CREATE TABLE medium_loan (
  id             TEXT   NOT NULL PRIMARY KEY,
  medium         TEXT   NOT NULL REFERENCES medium (id),
  person         TEXT   NOT NULL, -- who uses it
  lent           BIGINT NOT NULL,
  lent_by        TEXT   NOT NULL,
  due            BIGINT NOT NULL,
  returned       BIGINT NOT NULL, -- 0: still out
  checker        TEXT   NOT NULL,
  wipe           TEXT   NOT NULL,
  sealed_purpose BYTEA  NOT NULL,
  sealed_device  BYTEA  NOT NULL, -- the computer that it is used at
  sealed_found   BYTEA  NOT NULL  -- what the check found
);
CREATE INDEX medium_loan_of ON medium_loan (medium, lent);
CREATE INDEX medium_loan_person ON medium_loan (person, returned);
