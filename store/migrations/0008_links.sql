-- Links: what stands behind the token in a message to a client. The token is nowhere kept: who reads this table cannot
-- open a page with it.

-- +goose Up

CREATE TABLE link (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32), -- SHA-256 of the token
    client_id  text        NOT NULL REFERENCES client,
    purpose    text        NOT NULL,
    about      text        NOT NULL,           -- appointment or check-in
    version    int         NOT NULL,           -- of the appointment
    channel    text        NOT NULL,
    letter     text        NOT NULL,           -- key of the message that carries it
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    uses_left  int         NOT NULL,           -- openings with the second factor
    tries_left int         NOT NULL,           -- wrong second factors
    code_hash  bytea,                          -- keyed hash of the code sent by text message last
    code_until timestamptz
);

CREATE INDEX link_by_client ON link (client_id);

-- Codes sent by text message: each costs money and a client's patience, so they are counted.
CREATE TABLE link_code (
    client_id text        NOT NULL REFERENCES client,
    sent_at   timestamptz NOT NULL
);

CREATE INDEX link_code_by_client ON link_code (client_id, sent_at);

-- Browsers that gave the second factor, each for a quarter of an hour after its last page.
CREATE TABLE link_pass (
    pass_hash  bytea PRIMARY KEY CHECK (octet_length(pass_hash) = 32),
    token_hash bytea       NOT NULL REFERENCES link ON DELETE CASCADE,
    until      timestamptz NOT NULL
);

CREATE INDEX link_pass_by_link ON link_pass (token_hash);

-- A date of birth, sealed, for the second factor. Optional: who has none gets a code by text message.
ALTER TABLE contact ADD COLUMN birth_date bytea;

-- +goose Down

ALTER TABLE contact DROP COLUMN birth_date;
DROP TABLE link_pass, link_code, link;
