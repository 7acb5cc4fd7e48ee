-- What a day shows of a client, so that it opens no chart. Like line, it is taken from the chart whenever that is saved.

-- +goose Up

ALTER TABLE client ADD COLUMN sheet bytea; -- sealed

-- +goose Down

ALTER TABLE client DROP COLUMN sheet;
