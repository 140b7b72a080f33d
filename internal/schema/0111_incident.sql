-- +goose Up
-- Incidents (泄密事件, clause 21), which begin as drafts that the program makes: of what was taken out and is late, of pages that did not
-- come back, of carriers written off. What people write of them is sealed.
CREATE TABLE incident (
  id                 TEXT   NOT NULL PRIMARY KEY,
  year               BIGINT NOT NULL,
  serial             BIGINT NOT NULL,
  cause              TEXT   NOT NULL, -- see incident.Cause
  matter             TEXT   NOT NULL REFERENCES matter (id),
  carrier            TEXT   NOT NULL,
  slip               TEXT   NOT NULL, -- of the take-out; empty: none
  subject            TEXT   NOT NULL, -- the carrier's number
  level              BIGINT NOT NULL,
  found              BIGINT NOT NULL,
  found_by           TEXT   NOT NULL, -- empty: the program
  owner              TEXT   NOT NULL, -- who answered for the carrier
  companion          TEXT   NOT NULL, -- who went along; empty: nobody
  state              TEXT   NOT NULL, -- draft, closed, dismissed
  revised            BIGINT NOT NULL,
  revised_by         TEXT   NOT NULL,
  settled            BIGINT NOT NULL,
  settled_by         TEXT   NOT NULL,
  sealed_place       BYTEA  NOT NULL,
  sealed_others      BYTEA  NOT NULL,
  sealed_manner      BYTEA  NOT NULL,
  sealed_harm        BYTEA  NOT NULL,
  sealed_containment BYTEA  NOT NULL,
  sealed_remedies    BYTEA  NOT NULL,
  sealed_notices     BYTEA  NOT NULL,
  sealed_opinion     BYTEA  NOT NULL, -- of a closed one; the reason of a dismissed one
  UNIQUE (year, serial)
);
CREATE UNIQUE INDEX incident_once ON incident (cause, carrier, slip);
CREATE INDEX incident_found ON incident (state, found);

CREATE TABLE incident_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);
