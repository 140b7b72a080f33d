-- +goose Up
-- Carriers sent out of the firm for good: to a court, an opponent, an expert (外发, clause 10), asked for and approved by level. One row for each
-- request, or for what needed none. What people write of it is sealed.
CREATE TABLE sending (
  id            TEXT   NOT NULL PRIMARY KEY,
  carrier       TEXT   NOT NULL REFERENCES carrier (id),
  matter        TEXT   NOT NULL REFERENCES matter (id),
  approval      TEXT   NOT NULL, -- the request for leave; empty: none was needed
  sender        TEXT   NOT NULL, -- who asked for it or sent it
  channel       TEXT   NOT NULL, -- see carrier.Channel
  asked         BIGINT NOT NULL,
  sent          BIGINT NOT NULL, -- 0: not yet
  receipted     BIGINT NOT NULL, -- when the receipt was noted; 0: not yet
  receipted_by  TEXT   NOT NULL,
  sealed_recipient    BYTEA NOT NULL,
  sealed_organisation BYTEA NOT NULL,
  sealed_basis        BYTEA NOT NULL,
  sealed_receipt      BYTEA NOT NULL -- waybill, who signed for it
);
CREATE INDEX sending_carrier ON sending (carrier);
CREATE INDEX sending_approval ON sending (approval);
CREATE INDEX sending_newest ON sending (sent DESC, id DESC);
