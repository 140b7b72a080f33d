-- +goose Up
-- Persons, their ways in, sessions and tokens. Columns named sealed_* hold vault fields bound to "table.column|row id".
-- administrator holds at most one of the three administrators' posts, and posts none of them: the table cannot say that one
-- person combines two.
CREATE TABLE person (
  id                TEXT   NOT NULL PRIMARY KEY,
  login_token       BYTEA  NOT NULL UNIQUE,
  sealed_login      BYTEA  NOT NULL,
  sealed_name       BYTEA  NOT NULL,
  sealed_department BYTEA  NOT NULL,
  sealed_licence    BYTEA  NOT NULL,
  posts             TEXT   NOT NULL CHECK (posts NOT LIKE '%system_admin%' AND posts NOT LIKE '%security_admin%' AND posts NOT LIKE '%auditor%'),
  administrator     TEXT   NOT NULL CHECK (administrator IN ('', 'system_admin', 'security_admin', 'auditor')),
  status            TEXT   NOT NULL CHECK (status IN ('invited', 'active', 'suspended', 'left')),
  unnamed           BIGINT NOT NULL, -- 1: whoever accepts the invitation gives name and login (the first security administrator)
  trained_until     BIGINT NOT NULL,
  pledge            BIGINT NOT NULL, -- version signed; 0: none
  pledged           BIGINT NOT NULL,
  joined            BIGINT NOT NULL, -- 0: the account was never opened
  sealed_password   BYTEA,           -- argon2id, as a PHC string
  password_set      BIGINT NOT NULL,
  sealed_totp       BYTEA,
  totp_step         BIGINT NOT NULL  -- the last time step that was accepted
);
CREATE INDEX person_administrator ON person (administrator, status);

CREATE TABLE person_gram (
  token  BYTEA NOT NULL,
  person TEXT  NOT NULL REFERENCES person (id),
  PRIMARY KEY (token, person)
);
CREATE INDEX person_gram_person ON person_gram (person);

-- Trainings and pledges, as they were recorded. until is when the next training is due; version is the pledge's.
CREATE TABLE qualification (
  id          TEXT   NOT NULL PRIMARY KEY,
  person      TEXT   NOT NULL REFERENCES person (id),
  subject     TEXT   NOT NULL CHECK (subject IN ('training', 'pledge')),
  kind        TEXT   NOT NULL,
  version     BIGINT NOT NULL,
  at          BIGINT NOT NULL,
  until       BIGINT NOT NULL,
  recorded_by TEXT   NOT NULL
);
CREATE INDEX qualification_person ON qualification (person, subject, at);

-- Guesses at a log-in name, known or not, so that the two cannot be told apart. A row ends with a log-in, an unlocking, or
-- when a day has passed without a guess.
CREATE TABLE login_attempt (
  login_token  BYTEA  NOT NULL PRIMARY KEY,
  failures     BIGINT NOT NULL, -- guesses taken and not yet proved right
  lockouts     BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  last         BIGINT NOT NULL
);
CREATE INDEX login_attempt_last ON login_attempt (last);

-- One-time links: an invitation, or a new log-in for somebody who lost theirs. Only the link's hash is kept.
CREATE TABLE invitation (
  hash    BYTEA  NOT NULL PRIMARY KEY,
  person  TEXT   NOT NULL REFERENCES person (id),
  expires BIGINT NOT NULL,
  used    BIGINT NOT NULL
);
CREATE INDEX invitation_person ON invitation (person);

CREATE TABLE recovery_code (
  token  BYTEA  NOT NULL PRIMARY KEY,
  person TEXT   NOT NULL REFERENCES person (id),
  used   BIGINT NOT NULL
);
CREATE INDEX recovery_code_person ON recovery_code (person, used);

CREATE TABLE passkey (
  id                TEXT   NOT NULL PRIMARY KEY,
  person            TEXT   NOT NULL REFERENCES person (id),
  credential_token  BYTEA  NOT NULL UNIQUE,
  sealed_credential BYTEA  NOT NULL,
  sealed_label      BYTEA  NOT NULL,
  created           BIGINT NOT NULL,
  used              BIGINT NOT NULL
);
CREATE INDEX passkey_person ON passkey (person);

-- The challenge of a passkey, from asking to answering. Each is taken once.
CREATE TABLE ceremony (
  id           TEXT   NOT NULL PRIMARY KEY,
  session      TEXT   NOT NULL, -- empty: a log-in by passkey alone
  purpose      TEXT   NOT NULL CHECK (purpose IN ('register', 'factor', 'login')),
  sealed_state BYTEA  NOT NULL,
  expires      BIGINT NOT NULL
);
CREATE INDEX ceremony_expires ON ceremony (expires);

-- A session begins with a password or a passkey and is live once everything that is asked for was shown.
CREATE TABLE session (
  id             TEXT   NOT NULL PRIMARY KEY,
  hash           BYTEA  NOT NULL UNIQUE,
  person         TEXT   NOT NULL REFERENCES person (id),
  stage          BIGINT NOT NULL, -- person.Stage
  strong         BIGINT NOT NULL,
  created        BIGINT NOT NULL,
  seen           BIGINT NOT NULL,
  expires        BIGINT NOT NULL,
  revoked        BIGINT NOT NULL,
  sealed_addr    BYTEA  NOT NULL,
  sealed_agent   BYTEA  NOT NULL,
  sealed_pending BYTEA            -- an authenticator's secret until its first code is shown
);
CREATE INDEX session_person ON session (person, revoked);

CREATE TABLE api_token (
  id          TEXT   NOT NULL PRIMARY KEY,
  hash        BYTEA  NOT NULL UNIQUE,
  person      TEXT   NOT NULL REFERENCES person (id),
  sealed_name BYTEA  NOT NULL,
  scopes      TEXT   NOT NULL,
  strong      BIGINT NOT NULL,
  created     BIGINT NOT NULL,
  expires     BIGINT NOT NULL,
  revoked     BIGINT NOT NULL,
  used        BIGINT NOT NULL
);
CREATE INDEX api_token_person ON api_token (person, revoked);
