-- +goose Up
-- A director lets somebody approve in the director's place (授权, clauses 7.1.3, 8.2), from a moment to another. It stands only as
-- long as the director is one and is at work; the door reads it with the person.
CREATE TABLE delegation (
  id            TEXT   NOT NULL PRIMARY KEY,
  by_person     TEXT   NOT NULL REFERENCES person (id),
  person        TEXT   NOT NULL REFERENCES person (id),
  acts          TEXT   NOT NULL, -- names of acts, parted by commas
  given         BIGINT NOT NULL,
  since         BIGINT NOT NULL,
  until         BIGINT NOT NULL,
  ended         BIGINT NOT NULL, -- before its time; 0: not
  ended_by      TEXT   NOT NULL,
  sealed_reason BYTEA  NOT NULL,
  CHECK (person <> by_person AND since < until)
);
CREATE INDEX delegation_person ON delegation (person, until);
