-- +goose Up
-- Passages that are open: effects whose intent is in the ledger and whose outcome is not yet. Nothing but package guard writes
-- this table. until is a lease that the process at work renews; when it has run out, another process records the outcome.
CREATE TABLE passage (
    seq    BIGINT NOT NULL PRIMARY KEY, -- ledger number of the intent
    door   TEXT   NOT NULL,             -- the process at work
    until  BIGINT NOT NULL,             -- Unix ms
    matter TEXT   NOT NULL,
    act    TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    thing  TEXT   NOT NULL
);
CREATE INDEX passage_until ON passage (until);
CREATE INDEX passage_door ON passage (door);
