-- +goose Up
-- Whether a material holds personal information, and on what basis the firm handles it (clause 3.5). What came before was not asked.
ALTER TABLE material ADD COLUMN personal BIGINT NOT NULL DEFAULT 0;  -- 0: not asked, 1: none, 2: personal, 3: sensitive
ALTER TABLE material ADD COLUMN basis TEXT NOT NULL DEFAULT '';      -- see classification.Basis; empty: none yet
ALTER TABLE material ADD COLUMN sealed_ground BYTEA;                 -- purpose, or which law; NULL: nothing was written
CREATE INDEX material_baseless ON material (proposer) WHERE personal > 1 AND basis = '' AND state = 'proposed';

-- Each change of it: what stood before, what it was changed to, and why. The first answer stands on the material alone.
CREATE TABLE ground_change (
  id              TEXT   NOT NULL PRIMARY KEY,
  material        TEXT   NOT NULL REFERENCES material (id),
  person          TEXT   NOT NULL,
  at              BIGINT NOT NULL,
  before_personal BIGINT NOT NULL,
  before_basis    TEXT   NOT NULL,
  personal        BIGINT NOT NULL,
  basis           TEXT   NOT NULL,
  sealed_before   BYTEA,          -- what was written before; NULL: nothing
  sealed_reason   BYTEA  NOT NULL
);
CREATE INDEX ground_change_material ON ground_change (material, at);
