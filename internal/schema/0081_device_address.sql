-- +goose Up
-- Where a printer answers (clause 7.1.2): set by who clears devices, never by who prints. Columns named sealed_* hold vault fields
-- bound to "table.column|row id".
CREATE TABLE device_address (
  device         TEXT  NOT NULL PRIMARY KEY REFERENCES device (id),
  sealed_address BYTEA NOT NULL,
  pin            TEXT  NOT NULL -- SHA-256 of the certificate, in hexadecimal; empty: not encrypted
);

-- What a carrier was made from: a material that was printed, or another carrier that was copied.
ALTER TABLE carrier ADD COLUMN material TEXT NOT NULL DEFAULT '';
ALTER TABLE carrier ADD COLUMN source TEXT NOT NULL DEFAULT '';
CREATE INDEX carrier_material ON carrier (material) WHERE material <> '';
CREATE INDEX carrier_source ON carrier (source) WHERE source <> '';

-- The last copy number given out of a title, from the first copy that the firm made itself. A number is given once, whether its copy
-- came to be or not.
CREATE TABLE carrier_copy (
  matter   TEXT   NOT NULL REFERENCES matter (id),
  serial   BIGINT NOT NULL,
  material TEXT   NOT NULL, -- whose prints have this serial; empty: none
  last     BIGINT NOT NULL,
  PRIMARY KEY (matter, serial)
);
CREATE UNIQUE INDEX carrier_copy_material ON carrier_copy (material) WHERE material <> '';
