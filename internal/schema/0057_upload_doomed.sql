-- +goose Up
-- When an upload was first seen lying there for a week, in Unix ms; 0: not yet. It is given up a week after that and no sooner, so
-- that a clock which jumps ahead does not take what somebody would still have filed.
ALTER TABLE upload ADD COLUMN doomed BIGINT NOT NULL DEFAULT 0;
