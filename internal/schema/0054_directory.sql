-- +goose Up
-- Where the roster comes from (名册来源). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE directory_entry (
  person          TEXT   NOT NULL PRIMARY KEY REFERENCES person (id),
  starts          TEXT   NOT NULL, -- 2006-01-02, when the person joined the firm; empty: nobody said
  external_token  BYTEA,           -- keyed token of the directory's own id, to find it by
  sealed_external BYTEA,
  modified        BIGINT NOT NULL
);
CREATE UNIQUE INDEX directory_entry_external ON directory_entry (external_token);

-- A list that was looked at and not yet confirmed. It is its bringer's alone, and ends with the confirmation or after a day.
CREATE TABLE directory_list (
  id          TEXT   NOT NULL PRIMARY KEY,
  person      TEXT   NOT NULL,
  at          BIGINT NOT NULL,
  sealed_list BYTEA  NOT NULL
);
CREATE INDEX directory_list_person ON directory_list (person);
