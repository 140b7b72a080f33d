-- +goose Up
-- Pages of destruction lists, and of what was destroyed, are found in the index.
CREATE INDEX destruction_newest ON destruction (asked DESC, id DESC);
CREATE INDEX destruction_done ON destruction (ended DESC, id DESC) WHERE stage = 'done';
