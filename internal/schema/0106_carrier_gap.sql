-- +goose Up
-- Numbers of carriers that were skipped (缺号, clause 7.1.1), with the custodian's word on why. Those of prints that came to nothing explain
-- themselves (output_copy).
CREATE TABLE carrier_gap (
  id            TEXT   NOT NULL PRIMARY KEY,
  matter        TEXT   NOT NULL REFERENCES matter (id),
  serial        BIGINT NOT NULL,
  copy          BIGINT NOT NULL, -- 0: the whole title
  sealed_reason BYTEA  NOT NULL,
  by_person     TEXT   NOT NULL,
  at            BIGINT NOT NULL,
  UNIQUE (matter, serial, copy)
);

-- Balances count what was given a number apart from what became of it.
CREATE INDEX carrier_move_registered ON carrier_move (carrier) WHERE deed = 'registered';
