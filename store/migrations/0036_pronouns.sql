-- A client's pronouns, if they gave them.

-- +goose Up

ALTER TABLE contact ADD COLUMN pronouns bytea; -- sealed

-- +goose Down

ALTER TABLE contact DROP COLUMN pronouns;
