-- +goose Up
-- Requests for leave to do an act that the rules want approved (审批, clause 8.2), with their routes. Columns named sealed_* hold vault fields
-- bound to "table.column|row id".
CREATE TABLE approval (
  id              TEXT   NOT NULL PRIMARY KEY,
  year            BIGINT NOT NULL,
  serial          BIGINT NOT NULL,
  act             TEXT   NOT NULL, -- what is asked for, see access.Act
  kind            TEXT   NOT NULL, -- of the thing
  thing           TEXT   NOT NULL,
  matter          TEXT   NOT NULL, -- empty: the thing belongs to none
  level           BIGINT NOT NULL, -- of the thing when it was asked for
  owner           TEXT   NOT NULL, -- who answered for the thing then
  applicant       TEXT   NOT NULL,
  barred          TEXT   NOT NULL, -- somebody else who decides nothing of it: who goes along, who works for the applicant; empty: nobody
  asked           BIGINT NOT NULL,
  since           BIGINT NOT NULL, -- may be used from then
  until           BIGINT NOT NULL, -- to then; undecided it lapses then, too
  state           TEXT   NOT NULL, -- pending, approved, refused, withdrawn, used; lapsing follows from until
  stage           BIGINT NOT NULL, -- where it stands, from 1
  stage_since     BIGINT NOT NULL,
  ended           BIGINT NOT NULL, -- refused, withdrawn or used; 0: not
  entry           BIGINT NOT NULL, -- number in the ledger of the act that used it; 0: none
  sealed_purpose  BYTEA  NOT NULL,
  sealed_scope    BYTEA  NOT NULL,
  sealed_measures BYTEA  NOT NULL,
  UNIQUE (year, serial)
);
CREATE INDEX approval_use ON approval (thing, act, applicant, state);
CREATE INDEX approval_pending ON approval (until, id) WHERE state = 'pending';
CREATE INDEX approval_mine ON approval (applicant, asked);
CREATE INDEX approval_asked ON approval (asked, id);

-- One approval that a request needs.
CREATE TABLE approval_seat (
  id             TEXT   NOT NULL PRIMARY KEY,
  approval       TEXT   NOT NULL REFERENCES approval (id),
  stage          BIGINT NOT NULL,
  capacities     TEXT   NOT NULL, -- any of which may decide, parted by |
  decision       TEXT   NOT NULL, -- yes, no; empty: none yet
  decided        BIGINT NOT NULL,
  decided_by     TEXT   NOT NULL,
  capacity       TEXT   NOT NULL, -- in which it was decided
  instead_of     TEXT   NOT NULL, -- the director by whose delegation; empty: in one's own right
  sealed_opinion BYTEA  NOT NULL
);
CREATE INDEX approval_seat_of ON approval_seat (approval, stage);
CREATE INDEX approval_seat_by ON approval_seat (decided_by, approval);

CREATE TABLE approval_serial (
  year BIGINT NOT NULL PRIMARY KEY,
  last BIGINT NOT NULL
);
