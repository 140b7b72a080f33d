-- +goose Up
-- Carriers taken off the premises (外带审批, clause 7.1.3): asked for by who holds the carrier, approved by the lead or the director by
-- level, and checked page by page when it comes back.
CREATE TABLE take_out (
  id             TEXT   NOT NULL PRIMARY KEY,
  year           BIGINT NOT NULL,
  serial         BIGINT NOT NULL,
  carrier        TEXT   NOT NULL REFERENCES carrier (id),
  applicant      TEXT   NOT NULL,
  companion      TEXT   NOT NULL, -- who goes along; empty: nobody has to
  approval       TEXT   NOT NULL, -- the request for leave
  measures       TEXT   NOT NULL, -- see carrier.Measure, parted by commas
  asked          BIGINT NOT NULL,
  due            BIGINT NOT NULL, -- back by
  left_at        BIGINT NOT NULL,
  back_at        BIGINT NOT NULL,
  checked_by     TEXT   NOT NULL,
  pages_back     BIGINT NOT NULL,
  sealed_place   BYTEA  NOT NULL,
  sealed_purpose BYTEA  NOT NULL,
  sealed_found   BYTEA  NOT NULL, -- what the check found
  UNIQUE (year, serial)
);
CREATE INDEX take_out_carrier ON take_out (carrier, asked);
CREATE INDEX take_out_open ON take_out (back_at, left_at);
CREATE INDEX take_out_approval ON take_out (approval);

CREATE TABLE take_out_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);
