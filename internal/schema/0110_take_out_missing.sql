-- +goose Up
-- Which pages did not come back, in ranges ("3-5, 9"); '': none, or nobody has counted yet.
ALTER TABLE take_out ADD COLUMN missing TEXT NOT NULL DEFAULT '';
