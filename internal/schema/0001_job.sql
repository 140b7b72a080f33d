-- +goose Up
-- Work to be done later (package job). payload is sealed by who queues it.
CREATE TABLE job (
    id          TEXT   NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    payload     BYTEA  NOT NULL,
    state       BIGINT NOT NULL, -- 1 waiting or running, 2 done, 3 parked
    due         BIGINT NOT NULL, -- not before this time; when done or parked: since when
    lease       TEXT   NOT NULL, -- who holds it; empty: nobody
    lease_until BIGINT NOT NULL, -- after this time it may be taken over
    attempts    BIGINT NOT NULL, -- begun so far
    failure     BIGINT NOT NULL, -- kind of the last failure (package problem); 0: none, or internal
    done        BIGINT NOT NULL, -- progress: done of total, in the work's own unit
    total       BIGINT NOT NULL,
    queued      BIGINT NOT NULL
);
CREATE INDEX job_due ON job (state, due, id);
