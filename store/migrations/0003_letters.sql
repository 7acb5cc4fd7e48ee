-- Letters: every message ever planned, one row for each client, duty and channel. The row is claimed before the
-- message leaves and settled afterwards; neither provider tells a repeated message from a new one, so this row
-- is what keeps a client from getting the same message twice.

-- +goose Up

CREATE TABLE letter (
    no          bigint GENERATED ALWAYS AS IDENTITY,
    key         text PRIMARY KEY,
    client_id   text        NOT NULL REFERENCES client,
    duty        text        NOT NULL,
    channel     text        NOT NULL,
    template    text        NOT NULL,
    to_role     text        NOT NULL,
    about       text        NOT NULL,
    version     int         NOT NULL,
    state       text        NOT NULL,          -- only goes forward
    why         bytea,                         -- sealed: a provider's words may quote an address
    text        bytea,                         -- sealed
    provider_id text        NOT NULL DEFAULT '',
    late        boolean     NOT NULL,
    attempt     int         NOT NULL DEFAULT 1, -- how often it was claimed
    claimed_at  timestamptz NOT NULL,
    settled_at  timestamptz
);

CREATE INDEX letter_by_client ON letter (client_id, no);
CREATE INDEX letter_by_provider ON letter (provider_id) WHERE provider_id <> '';

-- What became of each duty, noted by the activity that did it. The journey hears of it a moment later; charts
-- that are read meanwhile show it from here.
CREATE TABLE handled (
    client_id text NOT NULL REFERENCES client,
    duty      text NOT NULL,
    outcome   text NOT NULL,
    PRIMARY KEY (client_id, duty)
);

-- The mailbox stands in for both providers when there are no credentials. Its key makes a message arrive once.
CREATE TABLE mailbox (
    no      bigint GENERATED ALWAYS AS IDENTITY,
    key     text PRIMARY KEY,
    channel text        NOT NULL,
    sent_to bytea       NOT NULL,
    subject bytea       NOT NULL,
    text    bytea       NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);

-- +goose Down

DROP TABLE mailbox, handled, letter;
