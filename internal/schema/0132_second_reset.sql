-- +goose Up
-- A new log-in of somebody with power over others (see person.Powers) opens only after a second person has confirmed it.
ALTER TABLE invitation ADD COLUMN by_person TEXT NOT NULL DEFAULT ''; -- who reset the log-in; empty: no second person is needed
ALTER TABLE invitation ADD COLUMN seconded BIGINT NOT NULL DEFAULT 0; -- when it was confirmed; 0: not yet
