-- +goose Up
-- Every page image that left: its 48-bit code and the ledger entry that let it out.
CREATE TABLE page_image (
  code     BIGINT PRIMARY KEY,
  seq      BIGINT NOT NULL,
  material TEXT NOT NULL REFERENCES material (id),
  version  BIGINT NOT NULL,
  page     BIGINT NOT NULL,
  person   TEXT NOT NULL,
  at       BIGINT NOT NULL
);
CREATE INDEX page_image_material ON page_image (material, at);
