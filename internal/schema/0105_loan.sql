-- +goose Up
-- Loans of carriers (借阅, clause 10), one row each. What was said stands in the moves that a row names.
CREATE TABLE loan (
  id       TEXT   NOT NULL PRIMARY KEY, -- of the move by which the borrower took it
  carrier  TEXT   NOT NULL REFERENCES carrier (id),
  matter   TEXT   NOT NULL REFERENCES matter (id),
  borrower TEXT   NOT NULL,
  lender   TEXT   NOT NULL,
  outside  BIGINT NOT NULL, -- 1: the borrower is not of the matter's team
  approval TEXT   NOT NULL, -- by which it was lent outside; empty: none was needed
  at       BIGINT NOT NULL,
  due      BIGINT NOT NULL, -- as a recall left it
  offer    TEXT   NOT NULL, -- the move that says what for
  recall   TEXT   NOT NULL, -- the move that says why it is wanted back; empty: it is not
  recalled BIGINT NOT NULL,
  over     BIGINT NOT NULL, -- 0: still lent
  back     TEXT   NOT NULL  -- the move by which it was over, which says in what condition it came back
);
CREATE INDEX loan_newest ON loan (at DESC, id DESC);
CREATE INDEX loan_matter ON loan (matter, at);
CREATE INDEX loan_carrier ON loan (carrier, over);
CREATE INDEX loan_sides ON loan (matter, borrower, lender);
CREATE INDEX loan_borrower ON loan (borrower);
CREATE INDEX loan_lender ON loan (lender);
CREATE INDEX loan_open ON loan (due) WHERE over = 0;

INSERT INTO loan (id, carrier, matter, borrower, lender, outside, approval, at, due, offer, recall, recalled, over, back)
SELECT t.id, t.carrier, c.matter, t.to_person, t.from_person, 0, '', t.at, t.due,
  COALESCE((SELECT o.id FROM carrier_move o WHERE o.carrier = t.carrier AND o.deed = 'offered' AND o.at <= t.at ORDER BY o.at DESC, o.id DESC LIMIT 1), ''), '', 0,
  COALESCE((SELECT b.at FROM carrier_move b WHERE b.carrier = t.carrier AND b.deed IN ('taken', 'returned', 'lost', 'destroyed', 'wiped') AND b.at >= t.at AND b.id > t.id ORDER BY b.at, b.id LIMIT 1), 0),
  COALESCE((SELECT b.id FROM carrier_move b WHERE b.carrier = t.carrier AND b.deed IN ('taken', 'returned', 'lost', 'destroyed', 'wiped') AND b.at >= t.at AND b.id > t.id ORDER BY b.at, b.id LIMIT 1), '')
FROM carrier_move t JOIN carrier c ON c.id = t.carrier WHERE t.deed = 'taken' AND t.due > 0;

-- What is offered to somebody outside the team, and by which approval.
ALTER TABLE carrier ADD COLUMN offered_outside BIGINT NOT NULL DEFAULT 0;
ALTER TABLE carrier ADD COLUMN offered_leave TEXT NOT NULL DEFAULT '';

-- What was asked for: to lend a carrier to a named person outside the team. Its purpose stands in the request.
CREATE TABLE lending (
  approval TEXT   NOT NULL PRIMARY KEY,
  carrier  TEXT   NOT NULL REFERENCES carrier (id),
  borrower TEXT   NOT NULL,
  due      BIGINT NOT NULL
);
CREATE INDEX lending_carrier ON lending (carrier);
