-- +goose Up
-- Meetings of a matter with numbered sets (会议材料, clause 14). Where a set is, its carrier and its loans say; here stands for whom it is, what was
-- found missing and why a set is no longer waited for. Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE meeting (
  id           TEXT   NOT NULL PRIMARY KEY,
  year         BIGINT NOT NULL,
  serial       BIGINT NOT NULL,
  matter       TEXT   NOT NULL REFERENCES matter (id),
  convener     TEXT   NOT NULL, -- who answers for its sets
  starts       BIGINT NOT NULL,
  ends         BIGINT NOT NULL, -- sets are due by then
  created      BIGINT NOT NULL,
  closed       BIGINT NOT NULL, -- 0: open
  closed_by    TEXT   NOT NULL,
  sealed_title BYTEA  NOT NULL,
  sealed_place BYTEA  NOT NULL,
  UNIQUE (year, serial)
);
CREATE INDEX meeting_matter ON meeting (matter, starts);
CREATE INDEX meeting_newest ON meeting (starts DESC, id DESC);
CREATE INDEX meeting_open ON meeting (convener, ends) WHERE closed = 0;

CREATE TABLE meeting_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);

CREATE TABLE meeting_set (
  id             TEXT   NOT NULL PRIMARY KEY,
  meeting        TEXT   NOT NULL REFERENCES meeting (id),
  n              BIGINT NOT NULL, -- in its meeting, from 1
  carrier        TEXT   NOT NULL REFERENCES carrier (id),
  participant    TEXT   NOT NULL,
  prepared       BIGINT NOT NULL,
  missed         BIGINT NOT NULL, -- when it was found missing; 0: it was not
  missed_by      TEXT   NOT NULL,
  sealed_finding BYTEA  NOT NULL,
  settled        BIGINT NOT NULL, -- when it was settled without coming back; 0: it was not
  settled_by     TEXT   NOT NULL,
  sealed_reason  BYTEA  NOT NULL,
  UNIQUE (meeting, n),
  UNIQUE (meeting, carrier)
);
CREATE INDEX meeting_set_carrier ON meeting_set (carrier, settled);
