-- +goose Up
-- Pages of slips and of incidents are found in the index.
CREATE INDEX take_out_newest ON take_out (asked DESC, id DESC);
CREATE INDEX incident_newest ON incident (found DESC, id DESC);
