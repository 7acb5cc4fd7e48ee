-- Second factors of links. A PIN that a client and the practice agreed in person, sealed. Every wrong answer, so that tries are
-- counted for a client and a day as well as for a link: more links do not mean more guesses.

-- +goose Up

ALTER TABLE contact ADD COLUMN pin bytea;

CREATE TABLE link_try (
    client_id text        NOT NULL REFERENCES client,
    at        timestamptz NOT NULL
);
CREATE INDEX link_try_by_client ON link_try (client_id, at);
REVOKE UPDATE, DELETE ON link_try FROM kapflow_app;

-- +goose Down

DROP TABLE link_try;
ALTER TABLE contact DROP COLUMN pin;
