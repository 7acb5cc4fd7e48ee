-- Real providers: what they report, who asked them to stop, and what a person should look at.

-- +goose Up

ALTER TABLE letter
    ADD COLUMN ref     text UNIQUE,                 -- opaque: by it a provider reports, and it says nothing about anybody
    ADD COLUMN fault   text NOT NULL DEFAULT '',    -- kind of trouble that ended it
    ADD COLUMN sent_to bytea;                       -- sealed: the address it left for

-- Letters whose end is not known, for the watchdog.
CREATE INDEX letter_open ON letter (claimed_at) WHERE state IN ('planned', 'sending', 'unknown');
-- Texts that count towards a client's caps.
CREATE INDEX letter_by_day ON letter (client_id, channel, claimed_at);

-- Numbers whose owner told us or the carrier to stop. It is our own register and it has the last word; a provider's
-- own list is a second net. By number and not by client: a family may share one.
CREATE TABLE opt_out (
    phone_index bytea PRIMARY KEY,                  -- keyed hash of the number
    source      text        NOT NULL,               -- reply, carrier
    at          timestamptz NOT NULL
);

-- What providers told us, each event once, whatever order and however often it comes. The event is claimed and its
-- effect on the letter written in one transaction; relayed_at says that the client's journey has heard of it.
CREATE TABLE provider_event (
    no          bigint GENERATED ALWAYS AS IDENTITY,
    provider    text        NOT NULL,
    event_id    text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('status', 'reply')),
    body        bytea       NOT NULL,               -- sealed JSON
    received_at timestamptz NOT NULL,
    relayed_at  timestamptz,
    PRIMARY KEY (provider, event_id)
);

CREATE INDEX provider_event_waiting ON provider_event (no) WHERE relayed_at IS NULL;

-- What a person should look at and no client's journey can hold: a channel whose provider refuses our account, a
-- message that is late, a text from an unknown number. It is on the coordinator's list until it is settled.
CREATE TABLE matter (
    kind       text        NOT NULL,
    about      text        NOT NULL,                -- letter's key, channel, event: opaque
    client_id  text        NOT NULL DEFAULT '',
    words      bytea       NOT NULL,                -- sealed
    since      timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,                -- when it was last found to be so
    mailed_at  timestamptz,
    PRIMARY KEY (kind, about)
);

-- +goose Down

DROP TABLE matter, provider_event, opt_out;
DROP INDEX letter_by_day;
DROP INDEX letter_open;
ALTER TABLE letter DROP COLUMN sent_to, DROP COLUMN fault, DROP COLUMN ref;
