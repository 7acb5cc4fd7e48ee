-- A text from a number that several clients share. It waits on the worklist, in nobody's record, until a person says whose words
-- it has.

-- +goose Up

ALTER TABLE matter
    ADD COLUMN clients     text[] NOT NULL DEFAULT '{}', -- who shares the number; bound to the words by their seal
    ADD COLUMN assigned_to text   NOT NULL DEFAULT '',   -- client's id; empty with ended_at: nobody's
    ADD COLUMN reason      bytea;                        -- sealed: why it is nobody's

-- +goose Down

ALTER TABLE matter DROP COLUMN reason, DROP COLUMN assigned_to, DROP COLUMN clients;
