-- +goose Up
-- Reviews of teams (团队复核, clause 8.2). A round puts an end to the places of members until their lead keeps them.
CREATE TABLE team_round (
  id        TEXT   NOT NULL PRIMARY KEY,
  opened    BIGINT NOT NULL,
  opened_by TEXT   NOT NULL,
  due       BIGINT NOT NULL
);

-- One place in a team in one round.
CREATE TABLE team_review (
  round         TEXT   NOT NULL REFERENCES team_round (id),
  place         TEXT   NOT NULL REFERENCES member (id),
  matter        TEXT   NOT NULL REFERENCES matter (id),
  person        TEXT   NOT NULL,
  until_before  BIGINT NOT NULL, -- the place's end before the round; 0: none
  decision      TEXT   NOT NULL, -- kept, removed; empty: not decided
  decided       BIGINT NOT NULL,
  decided_by    TEXT   NOT NULL,
  sealed_reason BYTEA,
  PRIMARY KEY (round, place)
);
CREATE INDEX team_review_matter ON team_review (matter, round);
