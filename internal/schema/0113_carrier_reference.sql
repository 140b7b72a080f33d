-- +goose Up
-- The sender's own number of what was delivered (来文字号), and by which request a copy that the firm made was approved.
ALTER TABLE carrier ADD COLUMN sealed_reference BYTEA;                 -- NULL: none
ALTER TABLE carrier ADD COLUMN approval TEXT NOT NULL DEFAULT '';      -- id of the request; empty: none was needed

UPDATE carrier SET approval = x.approval FROM (SELECT k.carrier, o.approval FROM output_copy k JOIN output o ON o.id = k.output WHERE k.carrier <> '') x WHERE x.carrier = carrier.id;
UPDATE carrier SET approval = x.approval FROM (SELECT e.carrier, MIN(e.approval) AS approval FROM media_export e WHERE e.carrier <> '' AND e.issued > 0 GROUP BY e.carrier) x WHERE x.carrier = carrier.id;
