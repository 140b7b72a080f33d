-- +goose Up
-- Until when a person's pledge holds: a new version of the pledge lowers it to the day from which the new one must be signed.
ALTER TABLE person ADD COLUMN pledged_until BIGINT NOT NULL DEFAULT 0;
UPDATE person SET pledged_until = 253402300799000 WHERE pledge > 0;
