-- +goose Up
-- How documents of record are signed: the firm's own authority, people's keys, their certificates (which stay for verifying when a
-- key is gone), and the signed PDFs, sealed and found by the SHA-256 of their bytes.
CREATE TABLE signing_authority (
  id          BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  sealed_key  BYTEA  NOT NULL,
  certificate BYTEA  NOT NULL,
  made        BIGINT NOT NULL
);
CREATE TABLE signing_key (
  person      TEXT   NOT NULL PRIMARY KEY REFERENCES person (id),
  sealed_key  BYTEA  NOT NULL, -- docs/formats/signing-key.md
  fingerprint TEXT   NOT NULL,
  made        BIGINT NOT NULL
);
CREATE TABLE certificate (
  fingerprint TEXT   NOT NULL PRIMARY KEY,
  person      TEXT   NOT NULL REFERENCES person (id),
  der         BYTEA  NOT NULL,
  issued      BIGINT NOT NULL
);
CREATE INDEX certificate_person ON certificate (person);
CREATE TABLE signed_document (
  sha256     TEXT   NOT NULL PRIMARY KEY,
  sealed_pdf BYTEA  NOT NULL,
  at         BIGINT NOT NULL
);

-- An edition of the pledge has one text of each kind. Who signed an older one must sign it from required on.
CREATE TABLE pledge_edition (
  version      BIGINT NOT NULL PRIMARY KEY,
  published    BIGINT NOT NULL,
  required     BIGINT NOT NULL,
  published_by TEXT   NOT NULL -- empty: it came with the program
);
CREATE TABLE pledge_text (
  version BIGINT NOT NULL REFERENCES pledge_edition (version),
  kind    TEXT   NOT NULL CHECK (kind IN ('joining', 'yearly', 'leaving')),
  text    TEXT   NOT NULL,
  PRIMARY KEY (version, kind)
);

-- A signed pledge. It is never changed or withdrawn.
CREATE TABLE pledge (
  id                 TEXT   NOT NULL PRIMARY KEY,
  person             TEXT   NOT NULL REFERENCES person (id),
  kind               TEXT   NOT NULL CHECK (kind IN ('joining', 'yearly', 'leaving')),
  version            BIGINT NOT NULL REFERENCES pledge_edition (version),
  at                 BIGINT NOT NULL,
  sealed_particulars BYTEA  NOT NULL, -- name, posts, department, licence as signed
  document           TEXT   NOT NULL UNIQUE REFERENCES signed_document (sha256),
  certificate        TEXT   NOT NULL REFERENCES certificate (fingerprint),
  stamped            BIGINT NOT NULL  -- by a time-stamping authority; 0: not
);
CREATE INDEX pledge_person ON pledge (person, at);
CREATE INDEX pledge_at ON pledge (at);

-- Somebody is asked for the leaving pledge.
CREATE TABLE pledge_leaving (
  person   TEXT   NOT NULL PRIMARY KEY REFERENCES person (id),
  asked    BIGINT NOT NULL,
  asked_by TEXT   NOT NULL,
  signed   TEXT   NOT NULL -- the pledge; empty: not yet
);
