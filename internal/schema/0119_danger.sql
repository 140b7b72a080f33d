-- +goose Up
-- Hidden dangers (隐患, clause 3.4): found by anybody, mended by a named person within a term, checked by somebody else. What people write
-- of them is sealed.
CREATE TABLE danger (
  id              TEXT   NOT NULL PRIMARY KEY,
  number          TEXT   NOT NULL UNIQUE, -- as in YH-2026-003
  severity        TEXT   NOT NULL, -- see danger.Severity
  found           BIGINT NOT NULL, -- the day, at its beginning
  registered      BIGINT NOT NULL,
  finder          TEXT   NOT NULL, -- who registered it
  device          TEXT   NOT NULL, -- empty: it concerns none
  state           TEXT   NOT NULL, -- found, mending, mended, confirmed
  responsible     TEXT   NOT NULL, -- empty: nobody yet
  due             BIGINT NOT NULL, -- the last day, at its beginning; 0: none yet
  mended_by       TEXT   NOT NULL, -- of the last round
  rounds          BIGINT NOT NULL, -- how often it was said to be mended
  sealed_place    BYTEA  NOT NULL,
  sealed_what     BYTEA  NOT NULL,
  sealed_demand   BYTEA  NOT NULL  -- what the security officer asks for
);
CREATE INDEX danger_found ON danger (found, id);
CREATE INDEX danger_due ON danger (due, id);
CREATE INDEX danger_responsible ON danger (responsible, state);
CREATE INDEX danger_finder ON danger (finder);

-- Each time that it was said to be mended, with what the check came to.
CREATE TABLE danger_round (
  id               TEXT   NOT NULL PRIMARY KEY,
  danger           TEXT   NOT NULL REFERENCES danger (id),
  round            BIGINT NOT NULL, -- from 1
  mended           BIGINT NOT NULL,
  mended_by        TEXT   NOT NULL,
  checked          BIGINT NOT NULL, -- 0: not yet
  checked_by       TEXT   NOT NULL,
  passed           BIGINT NOT NULL, -- 1: it is mended; 0: sent back, or not checked
  sealed_measures  BYTEA  NOT NULL,
  sealed_statement BYTEA  NOT NULL,
  sealed_opinion   BYTEA  NOT NULL,
  UNIQUE (danger, round)
);

-- Who was named to mend it, each time.
CREATE TABLE danger_order (
  danger      TEXT   NOT NULL REFERENCES danger (id),
  n           BIGINT NOT NULL, -- from 1
  at          BIGINT NOT NULL,
  by_person   TEXT   NOT NULL,
  responsible TEXT   NOT NULL,
  due         BIGINT NOT NULL,
  instead     TEXT   NOT NULL, -- who left and handed it over; empty: the security officer's order
  PRIMARY KEY (danger, n)
);

CREATE TABLE danger_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);
