-- +goose Up
-- How long things are kept, and what holds them (保管期限、保全冻结, clause 12). A period runs from the closing of the matter.
ALTER TABLE matter ADD COLUMN closed BIGINT NOT NULL DEFAULT 0;   -- 0: open
ALTER TABLE material ADD COLUMN was TEXT NOT NULL DEFAULT '';     -- of a restricted one: the state that it had

-- When matters were closed and opened again.
CREATE TABLE matter_closing (
  id            TEXT   NOT NULL PRIMARY KEY,
  matter        TEXT   NOT NULL REFERENCES matter (id),
  closed        BIGINT NOT NULL, -- 1: closed, 0: opened again
  person        TEXT   NOT NULL,
  sealed_reason BYTEA  NOT NULL,
  at            BIGINT NOT NULL
);
CREATE INDEX matter_closing_of ON matter_closing (matter, at);

-- The firm's own years of a class, where they differ from the defaults (internal/retention/periods.json).
CREATE TABLE keeping_period (
  class  TEXT   NOT NULL PRIMARY KEY,
  months BIGINT NOT NULL, -- 0: for good
  set_by TEXT   NOT NULL,
  at     BIGINT NOT NULL
);

-- The class that was set for a matter, a material or a carrier, and the day until which an appraisal keeps it.
CREATE TABLE keeping (
  kind    TEXT   NOT NULL, -- Matter, Material, Carrier
  thing   TEXT   NOT NULL,
  matter  TEXT   NOT NULL REFERENCES matter (id),
  class   TEXT   NOT NULL, -- empty: the matter's
  until   BIGINT NOT NULL, -- 0: as the class says
  set_by  TEXT   NOT NULL,
  at      BIGINT NOT NULL,
  PRIMARY KEY (kind, thing)
);
CREATE INDEX keeping_matter ON keeping (matter);

CREATE TABLE legal_hold (
  id            TEXT   NOT NULL PRIMARY KEY,
  kind          TEXT   NOT NULL, -- Matter, Material, Carrier
  thing         TEXT   NOT NULL,
  matter        TEXT   NOT NULL REFERENCES matter (id),
  set_by        TEXT   NOT NULL,
  since         BIGINT NOT NULL,
  lifted        BIGINT NOT NULL, -- 0: stands
  lifted_by     TEXT   NOT NULL,
  sealed_reason BYTEA  NOT NULL,
  sealed_lift   BYTEA  NOT NULL
);
CREATE UNIQUE INDEX legal_hold_standing ON legal_hold (kind, thing) WHERE lifted = 0;
CREATE INDEX legal_hold_matter ON legal_hold (matter, lifted);
