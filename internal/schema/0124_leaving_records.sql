-- +goose Up
-- The posts in which a leaving began, which later changes leave as they were; the signed sheet of each write-off.
ALTER TABLE departure ADD COLUMN posts TEXT NOT NULL DEFAULT '';
ALTER TABLE departure_item ADD COLUMN sheet TEXT NOT NULL DEFAULT '';
