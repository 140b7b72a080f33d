-- +goose Up
CREATE TABLE job (
    id          TEXT   NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    payload     BYTEA  NOT NULL,
    due         BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    lease       TEXT   NOT NULL,
    attempts    BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    total       BIGINT NOT NULL,
    state       BIGINT NOT NULL,
    failure     TEXT   NOT NULL,
    queued      BIGINT NOT NULL,
    ended       BIGINT NOT NULL
);
CREATE INDEX job_due ON job (state, due);
