-- +goose Up
-- The whole ledger is read by outcome (the clause map, refusals) and by act; without these that is a scan inside the writer.
CREATE INDEX ledger_entry_outcome ON ledger_entry (outcome, seq);
CREATE INDEX ledger_entry_act ON ledger_entry (act, seq);
