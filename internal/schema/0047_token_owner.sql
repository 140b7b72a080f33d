-- +goose Up
-- Tokens are found by what they were made of when a name is taken back or changed.
CREATE INDEX material_token_material ON material_token (material);
CREATE INDEX matter_token_matter ON matter_token (matter);
