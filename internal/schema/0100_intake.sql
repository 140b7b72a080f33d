-- +goose Up
-- What was delivered to the firm, as who delivered it signed for it at the desk (收文签收). The things themselves are the carriers of the batch.
CREATE TABLE intake (
  batch         TEXT   NOT NULL PRIMARY KEY, -- of carriers
  matter        TEXT   NOT NULL REFERENCES matter (id),
  signed        BIGINT NOT NULL,
  received_by   TEXT   NOT NULL, -- who checked them and confirmed
  sealed_signer BYTEA  NOT NULL, -- name of who delivered
  sealed_ink    BYTEA  NOT NULL, -- what they drew, a PNG; empty: nothing
  sealed_absent BYTEA  NOT NULL  -- why they did not sign there: brought by a courier, …; empty text: they did
);
CREATE INDEX intake_matter ON intake (matter);
-- The register of deliveries has one row for each batch: its first copy.
CREATE INDEX carrier_delivered ON carrier (registered DESC, serial DESC, copy, matter, level, batch, id) WHERE copy = 1 AND origin <> 'made';
