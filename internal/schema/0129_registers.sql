-- +goose Up
-- What a page of a register reads stands in an index of its own, so that the page costs the same however large the firm is.
DROP INDEX loan_sides;
CREATE INDEX loan_sides ON loan (matter, borrower, lender, carrier);
CREATE INDEX destruction_ended ON destruction (stage, ended, id);

-- How an item of a stock-taking stands, and where in the order of its round's page, is told by the item alone.
ALTER TABLE stock_item ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_item ADD COLUMN matter TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_item ADD COLUMN verdict TEXT NOT NULL DEFAULT ''; -- see stocktaking.Verdict
UPDATE stock_item SET number = (SELECT c.number FROM carrier c WHERE c.id = stock_item.carrier), matter = (SELECT c.matter FROM carrier c WHERE c.id = stock_item.carrier),
  verdict = (SELECT CASE WHEN stock_item.seen > 0 AND c.ended > 0 AND c.ended < stock_item.seen THEN 'revived' WHEN stock_item.seen > 0 AND stock_item.expected = 0 THEN 'extra'
    WHEN stock_item.seen > 0 AND stock_item.elsewhere = 1 THEN 'moved' WHEN stock_item.seen > 0 THEN 'seen' WHEN stock_item.away = 1 THEN 'away' WHEN n.closed = 0 THEN 'waiting'
    WHEN c.ended = 0 OR c.ended > n.closed THEN 'missing' ELSE 'seen' END FROM carrier c, stock_round n WHERE c.id = stock_item.carrier AND n.id = stock_item.round);
CREATE INDEX stock_item_page ON stock_item (round, verdict, number, settled, matter, carrier);
