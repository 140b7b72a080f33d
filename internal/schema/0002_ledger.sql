-- +goose Up
-- The ledger (docs/formats/ledger-entry.md). Nothing but package ledger writes these tables.

-- One row: the tree as its signed checkpoint has it. Within a transaction entries run ahead of it; each commit catches up.
CREATE TABLE ledger_head (
    id         BIGINT NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,
    time       BIGINT NOT NULL,
    checkpoint TEXT   NOT NULL
);

INSERT INTO ledger_head (id, size, time, checkpoint) VALUES (1, 0, 0, '');

-- One row an entry. digest is the SHA-256 of detail and opening the commitment to what is in it; both stay when detail,
-- which is sealed, is erased.
CREATE TABLE ledger_entry (
    seq        BIGINT NOT NULL PRIMARY KEY,
    time       BIGINT NOT NULL,
    matter     TEXT   NOT NULL,
    matter_seq BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    act        TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    thing      TEXT   NOT NULL,
    outcome    BIGINT NOT NULL,
    clauses    TEXT   NOT NULL,
    rules      TEXT   NOT NULL,
    digest     BYTEA,
    opening    BYTEA,
    detail     BYTEA
);

CREATE INDEX ledger_entry_matter ON ledger_entry (matter, seq);
CREATE INDEX ledger_entry_thing ON ledger_entry (thing, seq);
CREATE INDEX ledger_entry_actor ON ledger_entry (actor, seq);

-- The hashes of the tree in stored order, 32 bytes each; first is the stored index of a row's first hash.
CREATE TABLE ledger_node (
    first  BIGINT NOT NULL PRIMARY KEY,
    hashes BYTEA  NOT NULL
);

-- One row a witness: the last checkpoint that it cosigned, with its signature.
CREATE TABLE ledger_cosigned (
    witness    TEXT   NOT NULL PRIMARY KEY,
    size       BIGINT NOT NULL,
    checkpoint TEXT   NOT NULL
);
