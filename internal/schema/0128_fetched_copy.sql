-- +goose Up
-- Who fetches an original holds one numbered copy of it, however often they fetch it.
CREATE UNIQUE INDEX carrier_fetched ON carrier (material, holder) WHERE form = 'fetched' AND state = 'held';
