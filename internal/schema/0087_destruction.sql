-- +goose Up
-- Destruction (销毁, clauses 7.1.4, 12). A list belongs to one matter; what stands on it outlives the things. Columns named sealed_* hold
-- vault fields bound to "table.column|row id".
CREATE TABLE destruction (
  id             TEXT   NOT NULL PRIMARY KEY,
  year           BIGINT NOT NULL,
  serial         BIGINT NOT NULL,
  matter         TEXT   NOT NULL REFERENCES matter (id),
  whole          BIGINT NOT NULL, -- 1: all that the matter has, and the matter's key
  stage          TEXT   NOT NULL, -- listed, appraised, done, withdrawn, kept (nothing on it was to be destroyed)
  asked          BIGINT NOT NULL,
  asked_by       TEXT   NOT NULL,
  appraiser      TEXT   NOT NULL,
  appraised      BIGINT NOT NULL,
  destroyer      TEXT   NOT NULL,
  method         TEXT   NOT NULL, -- see methods.json; empty: not arranged
  digital        TEXT   NOT NULL, -- of media
  witness1       TEXT   NOT NULL,
  witness2       TEXT   NOT NULL,
  arranged       BIGINT NOT NULL,
  ended          BIGINT NOT NULL,
  sheet          TEXT   NOT NULL, -- SHA-256 of the signed certificate
  approvers      TEXT   NOT NULL, -- ids of who approved, parted by commas, once it is done
  sealed_reason  BYTEA  NOT NULL,
  sealed_opinion BYTEA  NOT NULL,
  sealed_place   BYTEA  NOT NULL,
  UNIQUE (year, serial)
);
CREATE INDEX destruction_matter ON destruction (matter, stage);
CREATE INDEX destruction_stage ON destruction (stage, asked);

CREATE TABLE destruction_item (
  destruction   TEXT   NOT NULL REFERENCES destruction (id),
  kind          TEXT   NOT NULL, -- Material, Carrier
  thing         TEXT   NOT NULL,
  number        TEXT   NOT NULL,
  level         BIGINT NOT NULL,
  form          TEXT   NOT NULL, -- a carrier's form; empty: electronic
  origin        TEXT   NOT NULL, -- a carrier's origin; empty: unknown
  pages         BIGINT NOT NULL,
  custodian     TEXT   NOT NULL,
  verdict       TEXT   NOT NULL, -- destroy, keep, transfer; empty: not appraised
  early         BIGINT NOT NULL, -- 1: listed before its period was over
  keep_until    BIGINT NOT NULL,
  sealed_title  BYTEA  NOT NULL,
  PRIMARY KEY (destruction, kind, thing)
);
CREATE INDEX destruction_item_thing ON destruction_item (kind, thing);

-- Witnesses who were there and signed the certificate that is about to be kept.
CREATE TABLE destruction_witness (
  destruction TEXT   NOT NULL REFERENCES destruction (id),
  person      TEXT   NOT NULL,
  sheet       TEXT   NOT NULL,
  at          BIGINT NOT NULL,
  PRIMARY KEY (destruction, person, sheet) -- of two who begin at once neither undoes the other
);

CREATE TABLE destruction_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

-- Drafts and spoiled prints that were shredded on the spot.
CREATE TABLE waste (
  id          TEXT   NOT NULL PRIMARY KEY,
  person      TEXT   NOT NULL,
  at          BIGINT NOT NULL,
  level       BIGINT NOT NULL,
  pages       BIGINT NOT NULL,
  method      TEXT   NOT NULL,
  sealed_note BYTEA  NOT NULL
);
CREATE INDEX waste_at ON waste (at);
