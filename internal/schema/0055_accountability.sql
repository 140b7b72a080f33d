-- +goose Up
-- Measures and rewards (奖惩, clause 22). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE measure (
  id           TEXT   NOT NULL PRIMARY KEY,
  person       TEXT   NOT NULL REFERENCES person (id),
  proposed     TEXT   NOT NULL, -- what was asked for: see accountability.Measure
  sealed_facts BYTEA  NOT NULL,
  happened     TEXT   NOT NULL, -- 2006-01-02
  opened       BIGINT NOT NULL,
  opened_by    TEXT   NOT NULL,
  reply_by     BIGINT NOT NULL, -- until then the person may reply before anything is decided
  sealed_reply BYTEA,
  replied      BIGINT NOT NULL, -- 0: not
  decided      TEXT   NOT NULL, -- what was decided; empty: open; 'none': nothing
  sealed_why   BYTEA,
  decided_at   BIGINT NOT NULL,
  decided_by   TEXT   NOT NULL
);
CREATE INDEX measure_person ON measure (person, opened);
CREATE INDEX measure_opened ON measure (opened);

-- Opinions on a measure, in their order.
CREATE TABLE measure_opinion (
  id          TEXT   NOT NULL PRIMARY KEY,
  measure     TEXT   NOT NULL REFERENCES measure (id),
  person      TEXT   NOT NULL,
  sealed_text BYTEA  NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX measure_opinion_of ON measure_opinion (measure, at);
