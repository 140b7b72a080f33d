-- +goose Up
-- How many pages or pieces left, as a carrier that is a medium may hold more later; 0: it has not left.
ALTER TABLE take_out ADD COLUMN pages BIGINT NOT NULL DEFAULT 0;
UPDATE take_out SET pages = (SELECT c.pages FROM carrier c WHERE c.id = take_out.carrier) WHERE left_at > 0;
