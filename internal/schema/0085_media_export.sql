-- +goose Up
-- Exports of materials to a removable medium (导出单, clause 7.2.4): chosen, scanned, approved, granted, taken out as one container.
CREATE TABLE media_export (
  id                TEXT   NOT NULL PRIMARY KEY,
  year              BIGINT NOT NULL,
  serial            BIGINT NOT NULL,
  matter            TEXT   NOT NULL REFERENCES matter (id),
  owner             TEXT   NOT NULL, -- who exports
  medium            TEXT   NOT NULL REFERENCES medium (id),
  loan              TEXT   NOT NULL REFERENCES medium_loan (id),
  format            TEXT   NOT NULL, -- see parcel.Format
  level             BIGINT NOT NULL, -- the highest of its materials
  state             TEXT   NOT NULL, -- draft, issued, written, ended
  created           BIGINT NOT NULL,
  lapses            BIGINT NOT NULL, -- of a draft or an issued one
  asked             TEXT   NOT NULL, -- the approval that was asked for last; empty: none yet
  approval          TEXT   NOT NULL, -- the one that was used; empty: none yet
  issued            BIGINT NOT NULL,
  written           BIGINT NOT NULL, -- when the container had left whole
  bytes             BIGINT NOT NULL, -- of the container, or how far it came before it broke off
  carrier           TEXT   NOT NULL,
  sealed_purpose    BYTEA  NOT NULL,
  sealed_passphrase BYTEA  NOT NULL, -- while issued; forgotten with the container
  UNIQUE (year, serial)
);
CREATE INDEX media_export_matter ON media_export (matter, created);
CREATE INDEX media_export_medium ON media_export (medium, created);
CREATE INDEX media_export_owner ON media_export (owner, state);

CREATE TABLE media_export_item (
  export      TEXT   NOT NULL REFERENCES media_export (id),
  position    BIGINT NOT NULL,
  material    TEXT   NOT NULL REFERENCES material (id),
  version     TEXT   NOT NULL,
  scanned     BIGINT NOT NULL, -- 0: not yet
  finding     TEXT   NOT NULL, -- clean, infected, unknown
  sealed_name BYTEA  NOT NULL, -- of a virus
  PRIMARY KEY (export, position)
);
CREATE INDEX media_export_item_material ON media_export_item (material);

CREATE TABLE media_export_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);
