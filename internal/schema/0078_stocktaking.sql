-- +goose Up
-- Stock-taking of carriers (盘点, clause 7.1.1): what ought to be there when a round was opened, and what was seen.
CREATE TABLE stock_round (
  id           TEXT   NOT NULL PRIMARY KEY,
  opened       BIGINT NOT NULL,
  opened_by    TEXT   NOT NULL,
  holder       TEXT   NOT NULL, -- whose carriers; empty: everybody's
  sealed_place BYTEA  NOT NULL, -- where: the beginning of the place; empty: everywhere
  closed       BIGINT NOT NULL,
  closed_by    TEXT   NOT NULL
);

CREATE TABLE stock_item (
  round             TEXT   NOT NULL REFERENCES stock_round (id),
  carrier           TEXT   NOT NULL REFERENCES carrier (id),
  expected          BIGINT NOT NULL, -- 1: it ought to be there; 0: it was seen all the same
  away              BIGINT NOT NULL, -- 1: it was off the premises when the round was opened
  seen              BIGINT NOT NULL,
  seen_by           TEXT   NOT NULL,
  elsewhere         BIGINT NOT NULL, -- 1: seen in another place than registered
  settled           BIGINT NOT NULL,
  settled_by        TEXT   NOT NULL,
  sealed_seen_place BYTEA,           -- where it was seen, if elsewhere
  sealed_note       BYTEA,           -- how a difference was settled
  PRIMARY KEY (round, carrier)
);
CREATE INDEX stock_item_seen ON stock_item (round, seen);
