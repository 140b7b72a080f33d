-- +goose Up
-- Requests for other rights (权限变更, clause 8.2): other posts, which a director or the committee approves and the security administrator
-- carries out, or a place in a matter's team, which its lead grants. What is asked for is sealed: it may name a matter.
CREATE TABLE right_request (
  id             TEXT   NOT NULL PRIMARY KEY,
  kind           TEXT   NOT NULL, -- posts, place
  person         TEXT   NOT NULL REFERENCES person (id),
  applicant      TEXT   NOT NULL REFERENCES person (id),
  matter         TEXT   NOT NULL, -- of a place; empty where there is none of that number, or the person may not have it
  asked          BIGINT NOT NULL,
  lapses         BIGINT NOT NULL, -- when it falls by itself, not decided or not carried out
  withdrawn      BIGINT NOT NULL, -- by the applicant; 0: not
  decision       TEXT   NOT NULL, -- approved, refused; empty: none
  decided        BIGINT NOT NULL,
  decided_by     TEXT   NOT NULL,
  done           BIGINT NOT NULL,
  done_by        TEXT   NOT NULL,
  sealed_wanted  BYTEA  NOT NULL,
  sealed_reason  BYTEA  NOT NULL,
  sealed_opinion BYTEA
);
CREATE INDEX right_request_open ON right_request (done, withdrawn, lapses);
CREATE INDEX right_request_person ON right_request (person, asked);
CREATE INDEX right_request_applicant ON right_request (applicant, asked);

-- A hand-over may be to another post in the firm instead of out of it: the posts to come, parted by commas.
ALTER TABLE departure ADD COLUMN moves TEXT NOT NULL DEFAULT '';

-- A round may be about one person, whose posts changed; empty: about everybody.
ALTER TABLE team_round ADD COLUMN person TEXT NOT NULL DEFAULT '';
