-- +goose Up
-- Reminders of the duty that outlives a post (离任后的义务, clause 23). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE leaver_reminder (
  id          TEXT   NOT NULL PRIMARY KEY,
  person      TEXT   NOT NULL REFERENCES person (id),
  at          BIGINT NOT NULL,
  by_person   TEXT   NOT NULL,
  manner      TEXT   NOT NULL, -- post, mail, person; ending: no letter, nobody is reminded any more
  sealed_note BYTEA  NOT NULL, -- where it was sent; why it ended
  document    TEXT   NOT NULL, -- SHA-256 of the signed letter; empty: none
  next        TEXT   NOT NULL  -- 2006-01-02; empty: never
);
CREATE INDEX leaver_reminder_of ON leaver_reminder (person, at);
