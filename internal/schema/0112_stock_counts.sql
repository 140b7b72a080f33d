-- +goose Up
-- What a closed round came to, verdict by verdict and how much of it is settled, as JSON; empty: it goes on, or was closed before this was kept.
-- After the closing verdicts do not change.
ALTER TABLE stock_round ADD COLUMN counts TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_item ADD COLUMN outcome TEXT NOT NULL DEFAULT ''; -- see stocktaking.Outcome
