-- What a day shows of a client, so that it opens no chart; and the turns in which messages leave.

-- +goose Up

-- Like line, it is taken from the chart whenever that is saved.
ALTER TABLE client ADD COLUMN sheet bytea; -- sealed

-- When the next message may leave on each channel, for all workers together. The provider's limit is the practice's.
CREATE TABLE provider_turn (
    channel text        PRIMARY KEY,
    next_at timestamptz NOT NULL
);
REVOKE DELETE ON provider_turn FROM kapflow_app;

-- +goose Down

DROP TABLE provider_turn;
ALTER TABLE client DROP COLUMN sheet;
