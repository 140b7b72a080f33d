-- +goose Up
-- Notices by mail (邮件提醒): that something waits for somebody, and since when; never what it is about. The mail itself is a job that the
-- same transaction queues.
CREATE TABLE notice (
  id      TEXT   NOT NULL PRIMARY KEY,
  kind    TEXT   NOT NULL, -- see notice.Kind
  person  TEXT   NOT NULL REFERENCES person (id),
  about   TEXT   NOT NULL, -- id of the request, the loan, the campaign …; empty: the kind says it all
  turn    TEXT   NOT NULL, -- the stage or the day for which one notice is made
  number  TEXT   NOT NULL, -- of a request: year and serial; else empty
  due     BIGINT NOT NULL, -- 0: no day
  made    BIGINT NOT NULL,
  tries   BIGINT NOT NULL,
  state   TEXT   NOT NULL, -- waiting, sent, dropped (nothing waits any more), failed (given up)
  settled BIGINT NOT NULL, -- 0: waiting
  said    BIGINT NOT NULL, -- kind of the last failure (package problem); 0: none
  UNIQUE (kind, about, turn, person)
);
CREATE INDEX notice_state ON notice (state, settled);
