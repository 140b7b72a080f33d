-- +goose Up
-- Which request pours into an upload; '': none does, or it ended in order. Who lost it to another writes nothing any more.
ALTER TABLE upload ADD COLUMN hold TEXT NOT NULL DEFAULT '';
