-- +goose Up
-- What was proposed for somebody and decided is nobody's to read beside the person's id: it is sealed. The columns proposed and decided are
-- empty from now on; whether a case is open, decided_at tells.
ALTER TABLE measure ADD COLUMN sealed_measures BYTEA; -- what was asked for, and after a line feed what was decided
