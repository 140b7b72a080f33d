-- +goose Up
-- Clients, matters, parties, teams and walls. Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE client (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL,
  sealed_name BYTEA NOT NULL,
  sealed_identity BYTEA NOT NULL,
  name_token  BYTEA NOT NULL,
  created     BIGINT NOT NULL
);
CREATE INDEX client_name ON client (name_token);

CREATE TABLE matter (
  id             TEXT PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  year           BIGINT NOT NULL,
  serial         BIGINT NOT NULL,
  kind           TEXT NOT NULL,
  client         TEXT NOT NULL REFERENCES client (id),
  sealed_title   BYTEA NOT NULL,
  sealed_summary BYTEA NOT NULL,
  lead           TEXT NOT NULL,
  state          TEXT NOT NULL,
  opened         BIGINT NOT NULL,
  materials      BIGINT NOT NULL DEFAULT 0,
  sealed_key     BYTEA NOT NULL,
  recipient      TEXT NOT NULL,
  UNIQUE (year, serial)
);

-- The last serial given out in a year.
CREATE TABLE matter_serial (
  year BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);

CREATE TABLE party (
  id              TEXT PRIMARY KEY,
  matter          TEXT NOT NULL REFERENCES matter (id),
  role            TEXT NOT NULL,
  sealed_name     BYTEA NOT NULL,
  sealed_identity BYTEA NOT NULL
);
CREATE INDEX party_matter ON party (matter);

-- Who is on a matter's team (本案团队). Rows are ended, not deleted: the table is the register 权限变更 of team rights.
CREATE TABLE member (
  id        TEXT PRIMARY KEY,
  matter    TEXT NOT NULL REFERENCES matter (id),
  person    TEXT NOT NULL,
  duty      TEXT NOT NULL,
  clearance BIGINT NOT NULL,
  listed    BIGINT NOT NULL,
  since     BIGINT NOT NULL,
  until     BIGINT NOT NULL,
  granted_by TEXT NOT NULL
);
CREATE INDEX member_person ON member (person, until, matter);
CREATE INDEX member_matter ON member (matter, person, until);

CREATE TABLE wall (
  id     TEXT PRIMARY KEY,
  matter TEXT NOT NULL REFERENCES matter (id),
  person TEXT NOT NULL,
  sealed_reason BYTEA NOT NULL,
  set_by TEXT NOT NULL,
  since  BIGINT NOT NULL,
  lifted BIGINT NOT NULL
);
CREATE UNIQUE INDEX wall_standing ON wall (matter, person) WHERE lifted = 0;
CREATE INDEX wall_person ON wall (person, lifted, matter);

-- Keyed search tokens of titles, client and party names.
CREATE TABLE matter_token (
  token  BYTEA NOT NULL,
  matter TEXT NOT NULL REFERENCES matter (id),
  PRIMARY KEY (token, matter)
);
