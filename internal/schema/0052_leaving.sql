-- +goose Up
-- Leaving (离岗交接). What somebody answers for is not kept here: it is read from the records each time.
CREATE TABLE departure (
  id            TEXT   NOT NULL PRIMARY KEY,
  person        TEXT   NOT NULL REFERENCES person (id),
  begun         BIGINT NOT NULL,
  begun_by      TEXT   NOT NULL,
  last_day      TEXT   NOT NULL, -- 2006-01-02, in the firm's zone
  sealed_reason BYTEA  NOT NULL,
  witness       TEXT   NOT NULL REFERENCES person (id),
  witnessed     BIGINT NOT NULL, -- 0: not yet
  sheet         TEXT   NOT NULL, -- SHA-256 of the hand-over sheet that the witness signed; empty: none
  closed        BIGINT NOT NULL, -- 0: open
  closed_by     TEXT   NOT NULL,
  cancelled     BIGINT NOT NULL, -- 1: it was closed because the person stays
  sealed_ended  BYTEA            -- JSON: what ended with it
);
CREATE UNIQUE INDEX departure_open ON departure (person) WHERE closed = 0;
CREATE INDEX departure_begun ON departure (begun);

-- What was handed over to whom, or written off (successor empty, with a reason).
CREATE TABLE departure_item (
  id            TEXT   NOT NULL PRIMARY KEY,
  departure     TEXT   NOT NULL REFERENCES departure (id),
  kind          TEXT   NOT NULL,
  matter        TEXT   NOT NULL, -- empty: of no matter
  n             BIGINT NOT NULL,
  successor     TEXT   NOT NULL,
  sealed_reason BYTEA,
  by_person     TEXT   NOT NULL,
  at            BIGINT NOT NULL
);
CREATE INDEX departure_item_of ON departure_item (departure, at);

CREATE INDEX matter_lead ON matter (lead);
CREATE INDEX material_owner ON material (owner, matter, level);
