-- +goose Up
-- Carriers (涉密载体): numbered physical things that hold material. Columns named sealed_* hold vault fields bound to
-- "table.column|row id". Rows are ended, never deleted: a number is used once.
CREATE TABLE carrier (
  id            TEXT   NOT NULL PRIMARY KEY,
  matter        TEXT   NOT NULL REFERENCES matter (id),
  number        TEXT   NOT NULL UNIQUE,
  serial        BIGINT NOT NULL, -- of the title in its matter
  copy          BIGINT NOT NULL, -- which copy of the title (份号)
  batch         TEXT   NOT NULL, -- of what was registered at once; a receipt is for a batch
  form          TEXT   NOT NULL, -- see carrier.Form
  origin        TEXT   NOT NULL, -- see carrier.Origin
  level         BIGINT NOT NULL,
  pages         BIGINT NOT NULL, -- or pieces
  sealed_title  BYTEA  NOT NULL,
  sealed_from   BYTEA  NOT NULL, -- who delivered it
  sealed_place  BYTEA  NOT NULL, -- room, cabinet, shelf
  sealed_use    BYTEA  NOT NULL, -- what it may be used for, and remarks
  state         TEXT   NOT NULL, -- held, offered, ended
  holder        TEXT   NOT NULL, -- who holds it, or held it last
  since         BIGINT NOT NULL, -- held by the holder since
  lender        TEXT   NOT NULL, -- to whom it goes back by due; empty: not lent
  due           BIGINT NOT NULL, -- 0: not lent
  offered_to    TEXT   NOT NULL,
  offered_due   BIGINT NOT NULL, -- 0: for good
  fate          TEXT   NOT NULL, -- how it ended: returned, destroyed, sent, lost; empty: it has not
  ended         BIGINT NOT NULL,
  registered    BIGINT NOT NULL,
  registered_by TEXT   NOT NULL
);
CREATE INDEX carrier_matter ON carrier (matter, serial, copy);
CREATE INDEX carrier_holder ON carrier (holder, state);
CREATE INDEX carrier_offered ON carrier (offered_to) WHERE state = 'offered';
CREATE INDEX carrier_due ON carrier (due) WHERE due > 0 AND state <> 'ended';
CREATE INDEX carrier_newest ON carrier (registered DESC, serial DESC, copy);
CREATE INDEX carrier_batch ON carrier (batch);

-- The last serial given to a title in a matter.
CREATE TABLE carrier_serial (
  matter TEXT   NOT NULL PRIMARY KEY REFERENCES matter (id),
  last   BIGINT NOT NULL
);

-- What happened to a carrier, in its order.
CREATE TABLE carrier_move (
  id          TEXT   NOT NULL PRIMARY KEY,
  carrier     TEXT   NOT NULL REFERENCES carrier (id),
  deed        TEXT   NOT NULL, -- see carrier.Deed
  by_person   TEXT   NOT NULL,
  from_person TEXT   NOT NULL,
  to_person   TEXT   NOT NULL,
  due         BIGINT NOT NULL,
  sealed_note BYTEA  NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX carrier_move_of ON carrier_move (carrier, at);
