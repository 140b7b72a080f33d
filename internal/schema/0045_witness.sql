-- +goose Up
-- How each witness was last asked for its cosignature. Nothing but package ledger writes this table. asked is also the claim
-- that keeps two processes from asking at once.
CREATE TABLE ledger_witness (
    witness TEXT   NOT NULL PRIMARY KEY,
    asked   BIGINT NOT NULL, -- Unix ms of the last attempt
    signed  BIGINT NOT NULL, -- Unix ms of the last attempt that brought a cosignature; 0: none yet
    failure BIGINT NOT NULL  -- kind of the last attempt's failure (package problem); 0: it did not fail
);
