-- +goose Up
-- Calls to be trained: of a training campaign, or of a new version of the course, whose id is the call's. Whoever is called and
-- learned nothing since closes when until has passed; person.trained_until is always reckoned from these rows and qualification.
CREATE TABLE training_call (
  id      TEXT   NOT NULL,
  person  TEXT   NOT NULL, -- empty: everybody
  at      BIGINT NOT NULL,
  until   BIGINT NOT NULL,
  version BIGINT NOT NULL, -- of the course that answers the call; 0: any
  PRIMARY KEY (id, person)
);
CREATE INDEX training_call_person ON training_call (person, at);

-- Versions of the course. sealed_text is the whole course in its canonical spelling, with the right answers; hash is of that text.
CREATE TABLE training_course (
  id           TEXT   NOT NULL PRIMARY KEY,
  number       BIGINT NOT NULL UNIQUE,
  hash         TEXT   NOT NULL UNIQUE,
  sealed_text  BYTEA  NOT NULL,
  required     BIGINT NOT NULL, -- until then the version before it is enough
  published    BIGINT NOT NULL,
  published_by TEXT   NOT NULL  -- person; empty: it came with the product
);

-- A round: somebody reads one version of the course and is tested on it, until a test is passed.
CREATE TABLE training_round (
  id     TEXT   NOT NULL PRIMARY KEY,
  person TEXT   NOT NULL REFERENCES person (id),
  course TEXT   NOT NULL REFERENCES training_course (id),
  begun  BIGINT NOT NULL,
  passed BIGINT NOT NULL -- 0: not yet
);
CREATE INDEX training_round_person ON training_round (person, course, passed);

-- How long a lesson was read, in ms. The clock runs for one lesson of a round at a time.
CREATE TABLE training_reading (
  round  TEXT   NOT NULL REFERENCES training_round (id),
  lesson TEXT   NOT NULL,
  spent  BIGINT NOT NULL, -- before opened
  opened BIGINT NOT NULL, -- 0: the clock stands
  done   BIGINT NOT NULL, -- 0: not yet
  PRIMARY KEY (round, lesson)
);

-- Tests. The seed says which questions were drawn and how they stand; it and the answers are sealed. A test that nobody handed in
-- before its deadline is a failed one. kind and campaign are set when it is passed.
CREATE TABLE training_test (
  id             TEXT   NOT NULL PRIMARY KEY,
  round          TEXT   NOT NULL REFERENCES training_round (id),
  person         TEXT   NOT NULL REFERENCES person (id),
  course         TEXT   NOT NULL REFERENCES training_course (id),
  sealed_seed    BYTEA  NOT NULL,
  questions      BIGINT NOT NULL,
  drawn          BIGINT NOT NULL,
  deadline       BIGINT NOT NULL,
  handed         BIGINT NOT NULL, -- 0: not yet, or never
  sealed_answers BYTEA,
  score          BIGINT NOT NULL, -- questions answered rightly
  passed         BIGINT NOT NULL,
  kind           TEXT   NOT NULL,
  campaign       TEXT   NOT NULL
);
CREATE INDEX training_test_round ON training_test (round, drawn);
CREATE INDEX training_test_person ON training_test (person, handed);
CREATE INDEX training_test_drawn ON training_test (drawn, id);

-- Campaigns. due is what people are told; access closes grace days later, which is the until of the campaign's calls.
CREATE TABLE training_campaign (
  id           TEXT   NOT NULL PRIMARY KEY,
  sealed_title BYTEA  NOT NULL,
  kind         TEXT   NOT NULL,
  posts        TEXT   NOT NULL, -- empty: everybody
  begun        BIGINT NOT NULL,
  begun_by     TEXT   NOT NULL,
  due          BIGINT NOT NULL,
  grace        BIGINT NOT NULL,
  withdrawn    BIGINT NOT NULL  -- 0: it stands
);
CREATE INDEX training_campaign_begun ON training_campaign (begun);
