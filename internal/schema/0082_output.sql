-- +goose Up
-- Printing, copying and scanning (打印、复印、扫描; clause 7.1.2): asked for, approved by rule, done at a designated device, signed for.
-- Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE output (
  id           TEXT   NOT NULL PRIMARY KEY,
  year         BIGINT NOT NULL,
  serial       BIGINT NOT NULL,
  kind         TEXT   NOT NULL, -- print, copy, scan
  matter       TEXT   NOT NULL REFERENCES matter (id),
  material     TEXT   NOT NULL, -- what is printed; empty: a carrier is copied or scanned
  version      BIGINT NOT NULL, -- of the material
  carrier      TEXT   NOT NULL, -- what is copied or scanned; empty: a material is printed
  level        BIGINT NOT NULL,
  pages        TEXT   NOT NULL, -- as in 1-3,7; empty: all
  sheets       BIGINT NOT NULL, -- of one copy
  copies       BIGINT NOT NULL, -- wanted
  device       TEXT   NOT NULL REFERENCES device (id),
  requester    TEXT   NOT NULL REFERENCES person (id),
  purpose      TEXT   NOT NULL,
  sealed_title BYTEA  NOT NULL,
  sealed_note  BYTEA  NOT NULL,
  filing       TEXT   NOT NULL, -- of a scan: kinds and reviewer, as JSON
  approval     TEXT   NOT NULL, -- id; empty: the rules wanted none
  approvers    TEXT   NOT NULL, -- ids of who approved, parted by commas
  state        TEXT   NOT NULL, -- see output.State
  asked        BIGINT NOT NULL,
  ready        BIGINT NOT NULL, -- since when the release number waits
  lapses       BIGINT NOT NULL, -- until when it may be released
  pin          BYTEA  NOT NULL, -- keyed token of the release number; empty: none
  tries        BIGINT NOT NULL, -- wrong ones
  operator     TEXT   NOT NULL,
  released     BIGINT NOT NULL,
  ended        BIGINT NOT NULL,
  UNIQUE (year, serial)
);
CREATE INDEX output_state ON output (state, asked);
CREATE INDEX output_requester ON output (requester, state);
CREATE INDEX output_device ON output (device, state);
CREATE INDEX output_material ON output (material) WHERE material <> '';
CREATE INDEX output_newest ON output (asked DESC, id DESC);

CREATE TABLE output_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

-- One numbered copy. Its number is given before a sheet leaves, and explained whatever comes of it.
CREATE TABLE output_copy (
  id          TEXT   NOT NULL PRIMARY KEY,
  output      TEXT   NOT NULL REFERENCES output (id),
  n           BIGINT NOT NULL, -- in its output, from 1
  number      TEXT   NOT NULL UNIQUE,
  serial      BIGINT NOT NULL,
  copy        BIGINT NOT NULL,
  code        BIGINT NOT NULL, -- 48 bits in the pixels; 0: nothing was printed
  state       TEXT   NOT NULL, -- see output.CopyState
  job         BIGINT NOT NULL, -- the printer's number of it; 0: unknown
  until       BIGINT NOT NULL, -- while it is sent and followed: the process at it is gone after this time
  pages_made  BIGINT NOT NULL, -- progress
  reasons     TEXT   NOT NULL, -- what the printer says stands in the way: IPP keywords
  good        BIGINT NOT NULL, -- sheets that were counted
  spoiled     BIGINT NOT NULL, -- sheets that were shredded
  sealed_why  BYTEA  NOT NULL, -- of a void one
  settled     BIGINT NOT NULL,
  settled_by  TEXT   NOT NULL,
  carrier     TEXT   NOT NULL, -- that it became
  collector   TEXT   NOT NULL,
  collected   BIGINT NOT NULL
);
CREATE INDEX output_copy_of ON output_copy (output, n);
CREATE INDEX output_copy_open ON output_copy (until) WHERE state IN ('sending', 'sent');
CREATE UNIQUE INDEX output_copy_code ON output_copy (code) WHERE code <> 0;
