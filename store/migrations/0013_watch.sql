-- The watch over messages: letters past their time without an end, matters that a person ended, and of what staff were
-- told by e-mail.

-- +goose Up

-- A letter that waits is claimed again and again; its time counts from the first.
ALTER TABLE letter ADD COLUMN first_at timestamptz NOT NULL DEFAULT now();
DROP INDEX letter_open;
CREATE INDEX letter_open ON letter (first_at) WHERE state IN ('planned', 'sending', 'unknown');

-- Texts that count towards a client's caps.
ALTER TABLE letter ADD COLUMN capped boolean NOT NULL DEFAULT false;
DROP INDEX letter_by_day;
CREATE INDEX letter_by_day ON letter (client_id, claimed_at) WHERE capped;

-- What a person ended stays, so that it is not found once more; what settled itself goes.
ALTER TABLE matter
    DROP COLUMN mailed_at,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by text NOT NULL DEFAULT '';       -- role/id

-- What staff were told by e-mail, each once. The key is a keyed hash: a task's name can say something about a person.
CREATE TABLE told (
    key bytea PRIMARY KEY,
    at  timestamptz NOT NULL
);

-- +goose Down

DROP TABLE told;
ALTER TABLE matter DROP COLUMN ended_by, DROP COLUMN ended_at, ADD COLUMN mailed_at timestamptz;
DROP INDEX letter_by_day;
DROP INDEX letter_open;
ALTER TABLE letter DROP COLUMN capped, DROP COLUMN first_at;
CREATE INDEX letter_by_day ON letter (client_id, channel, claimed_at);
CREATE INDEX letter_open ON letter (claimed_at) WHERE state IN ('planned', 'sending', 'unknown');
