-- +goose Up
-- What the balance of the whole firm is counted from, and where something may be wrong.
CREATE INDEX carrier_tally ON carrier (matter, level, state, fate);
