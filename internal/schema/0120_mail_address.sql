-- +goose Up
-- Where a person gets notices by mail (邮件提醒), sealed as "person.mail|id"; NULL: no address is known. mail_off 1: the person wants none.
ALTER TABLE person ADD COLUMN sealed_mail BYTEA;
ALTER TABLE person ADD COLUMN mail_off BIGINT NOT NULL DEFAULT 0;
