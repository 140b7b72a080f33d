-- +goose Up
-- Pages of the register of carriers are found in the index alone, however far back they are.
DROP INDEX carrier_newest;
CREATE INDEX carrier_newest ON carrier (registered DESC, serial DESC, copy, matter, level, state, holder, offered_to, id);
