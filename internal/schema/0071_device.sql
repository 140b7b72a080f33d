-- +goose Up
-- Devices that client material passes (设备登记, clauses 7.1.2, 8.7). Columns named sealed_* hold vault fields bound to "table.column|row id".
CREATE TABLE device (
  id            TEXT   NOT NULL PRIMARY KEY,
  number        BIGINT NOT NULL UNIQUE, -- counts from 1 and is never given twice
  kind          TEXT   NOT NULL,
  sealed_model  BYTEA  NOT NULL,
  sealed_serial BYTEA  NOT NULL,
  serial_token  BYTEA  NOT NULL UNIQUE,
  sealed_place  BYTEA  NOT NULL,
  level         BIGINT NOT NULL, -- the highest that may pass it; 0: none
  keeper        TEXT   NOT NULL REFERENCES person (id),
  state         TEXT   NOT NULL, -- use, repair, scrapped
  registered    BIGINT NOT NULL
);
CREATE INDEX device_keeper ON device (keeper);

-- What happened to a device, in its order; never changed.
CREATE TABLE device_event (
  id            TEXT   NOT NULL PRIMARY KEY,
  device        TEXT   NOT NULL REFERENCES device (id),
  at            BIGINT NOT NULL,
  by_person     TEXT   NOT NULL,
  what          TEXT   NOT NULL,
  sealed_detail BYTEA  NOT NULL -- JSON
);
CREATE INDEX device_event_of ON device_event (device, at);
