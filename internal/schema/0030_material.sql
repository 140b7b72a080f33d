-- +goose Up
-- Uploads, materials, their versions and levels. Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE upload (
  id           TEXT PRIMARY KEY,
  matter       TEXT NOT NULL REFERENCES matter (id),
  person       TEXT NOT NULL,
  sealed_name  BYTEA NOT NULL,
  size         BIGINT NOT NULL,
  received     BIGINT NOT NULL,
  state        TEXT NOT NULL,
  header       BYTEA,
  blob         TEXT NOT NULL,
  blob_state   TEXT NOT NULL,
  busy_until   BIGINT NOT NULL,
  digest_token BYTEA,
  type         TEXT NOT NULL,
  pages        BIGINT NOT NULL,
  sealed_advice BYTEA,
  created      BIGINT NOT NULL,
  touched      BIGINT NOT NULL
);
CREATE INDEX upload_person ON upload (person, matter, state);
CREATE INDEX upload_state ON upload (state, touched);

CREATE TABLE material (
  id           TEXT PRIMARY KEY,
  matter       TEXT NOT NULL REFERENCES matter (id),
  number       TEXT NOT NULL UNIQUE,
  serial       BIGINT NOT NULL,
  sealed_title BYTEA NOT NULL,
  sealed_name  BYTEA NOT NULL,
  kinds        BIGINT NOT NULL,
  client_asked BIGINT NOT NULL,
  level        BIGINT NOT NULL,
  state        TEXT NOT NULL,
  proposer     TEXT NOT NULL,
  reviewer     TEXT NOT NULL,
  owner        TEXT NOT NULL,
  received     BIGINT NOT NULL,
  UNIQUE (matter, serial)
);
CREATE INDEX material_received ON material (received, id);
CREATE INDEX material_matter ON material (matter, received, id);
CREATE INDEX material_reviewer ON material (reviewer, state, received);

-- One sealed object a row. Without its header a payload can never be opened again.
CREATE TABLE version (
  id           TEXT PRIMARY KEY,
  material     TEXT NOT NULL REFERENCES material (id),
  n            BIGINT NOT NULL,
  header       BYTEA NOT NULL,
  blob         TEXT NOT NULL UNIQUE,
  size         BIGINT NOT NULL,
  type         TEXT NOT NULL,
  pages        BIGINT NOT NULL,
  digest_token BYTEA NOT NULL,
  created      BIGINT NOT NULL,
  created_by   TEXT NOT NULL,
  UNIQUE (material, n)
);
CREATE INDEX version_digest ON version (digest_token);

-- Proposals and reviews in their order: the register 定密/变更.
CREATE TABLE leveling (
  id            TEXT PRIMARY KEY,
  material      TEXT NOT NULL REFERENCES material (id),
  kind          TEXT NOT NULL,
  person        TEXT NOT NULL,
  reviewer      TEXT NOT NULL,
  before_level  BIGINT NOT NULL,
  level         BIGINT NOT NULL,
  sealed_reason BYTEA NOT NULL,
  at            BIGINT NOT NULL
);
CREATE INDEX leveling_material ON leveling (material, at);

-- Leave to fetch an original for a while (clause 7.2.1), given by the lead lawyer or the director.
CREATE TABLE release (
  id            TEXT PRIMARY KEY,
  material      TEXT NOT NULL REFERENCES material (id),
  person        TEXT NOT NULL,
  given_by      TEXT NOT NULL,
  capacity      TEXT NOT NULL,
  sealed_reason BYTEA NOT NULL,
  given         BIGINT NOT NULL,
  until         BIGINT NOT NULL
);
CREATE INDEX release_material ON release (material, person, until);

CREATE TABLE material_token (
  token    BYTEA NOT NULL,
  material TEXT NOT NULL REFERENCES material (id),
  PRIMARY KEY (token, material)
);
