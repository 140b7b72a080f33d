-- +goose Up
-- What a list needs to know of each material before its page is cut, so that only the rows of the page are read whole.
DROP INDEX material_matter;
CREATE INDEX material_seen ON material (matter, received, id, level, state, proposer, reviewer);
