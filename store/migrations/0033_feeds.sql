-- Calendar feeds: the address at which a calendar program of somebody who works here reads their own visits.
--
-- The secret in the address is kept as its keyed hash (HMAC-SHA-256 with the index key), and a keyed proof binds it to the person:
-- whoever can only write SQL makes no feed that opens, and gives none to somebody else. A person has one feed at most.

-- +goose Up

CREATE TABLE feed (
    person     text PRIMARY KEY,            -- id in the practice file
    token_hash bytea       NOT NULL UNIQUE,
    proof_hash bytea       NOT NULL,
    made_at    timestamptz NOT NULL,
    read_on    text        NOT NULL DEFAULT '' -- the practice's day of which the audit log has a row, such as 2026-11-28
);

-- +goose Down

DROP TABLE feed;
