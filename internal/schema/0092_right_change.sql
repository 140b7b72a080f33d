-- +goose Up
-- What changed somebody's rights without a request (权限变更, clause 8.2): the first posts and those that were changed where nobody could
-- approve, accounts closed and opened, places that a lead gave or took, and those that a hand-over or a review moved.
CREATE TABLE right_change (
  id          TEXT   NOT NULL PRIMARY KEY,
  kind        TEXT   NOT NULL, -- posts, account, place
  person      TEXT   NOT NULL REFERENCES person (id),
  matter      TEXT   NOT NULL, -- of a place
  at          BIGINT NOT NULL,
  by_person   TEXT   NOT NULL, -- empty: the operator at the console
  sealed_what BYTEA  NOT NULL  -- JSON: before, after and why
);
CREATE INDEX right_change_at ON right_change (at);
CREATE INDEX right_change_person ON right_change (person, at);

-- Why a training or pledge was recorded by hand, and not given here.
ALTER TABLE qualification ADD COLUMN sealed_reason BYTEA;
