-- +goose Up
-- A token that was let appoint, as directories of people were given, may keep the roster in step and no more.
UPDATE api_token SET scopes = REPLACE(scopes, 'appoint', 'syncRoster');
