-- +goose Up
-- Log-ins that the firm's own services prove. by_directory 1: the directory proves the password at log-in, and sealed_password is
-- for signing and for changes to the own account. The three administrators log in by what this program keeps, or whoever runs
-- the directory could take the posts that watch over it: the table cannot say otherwise.
ALTER TABLE person ADD COLUMN by_directory BIGINT NOT NULL DEFAULT 0 CHECK (by_directory = 0 OR administrator = '');

-- way is by what the session began: password, directory, passkey, provider.
ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'password';

-- Who is who at the firm's OpenID provider. Subjects are sealed ("identity.subject|id") and found by a keyed token over issuer and
-- subject.
CREATE TABLE identity (
  id             TEXT   NOT NULL PRIMARY KEY,
  person         TEXT   NOT NULL UNIQUE REFERENCES person (id),
  token          BYTEA  NOT NULL UNIQUE,
  sealed_subject BYTEA  NOT NULL,
  linked         BIGINT NOT NULL,
  linked_by      TEXT   NOT NULL,
  used           BIGINT NOT NULL  -- 0: never
);

-- A log-in that went to the provider, until it comes back. Each is taken once, by the browser that began it.
CREATE TABLE errand (
  id           TEXT   NOT NULL PRIMARY KEY,
  hash         BYTEA  NOT NULL UNIQUE, -- of the cookie
  session      TEXT   NOT NULL,        -- empty: a log-in; else the live session whose person is to be linked
  sealed_state BYTEA  NOT NULL,
  expires      BIGINT NOT NULL
);
CREATE INDEX errand_expires ON errand (expires);
