-- +goose Up
-- Verifications of the ledger (package audit): one row each, so that every process knows of the one that runs and of what the last one
-- found. The sentence is made of a fixed text and numbers; what is wrong is no secret.
CREATE TABLE ledger_check (
    opened BIGINT NOT NULL PRIMARY KEY, -- the entry of its intent
    begun  BIGINT NOT NULL,
    until  BIGINT NOT NULL, -- after this time its process is taken to be gone
    done   BIGINT NOT NULL, -- entries looked at so far
    total  BIGINT NOT NULL,
    ended  BIGINT NOT NULL, -- 0: not yet
    failed BIGINT NOT NULL, -- 1: it could not be carried through
    size   BIGINT NOT NULL, -- entries that it was about
    wrong  BIGINT NOT NULL, -- 1: something was found
    first  BIGINT NOT NULL, -- the first wrong entry; 0: the fault is of no one entry
    many   BIGINT NOT NULL, -- entries that are wrong by themselves
    format TEXT   NOT NULL, -- what was found first, in words
    args   TEXT   NOT NULL
);
