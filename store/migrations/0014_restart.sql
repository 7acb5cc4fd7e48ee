-- What lets a journey be started anew from its saved chart: results of what was sent, the epoch of each client's run, and
-- which worker builds are at work.

-- +goose Up

-- Grows by one with every restart of the client's journey. Saves of an earlier epoch are refused.
ALTER TABLE client ADD COLUMN epoch integer NOT NULL DEFAULT 0;

-- Results of each batch of messages, until a saved chart knows them. The body is sealed: it names visits and templates.
CREATE TABLE send_record (
    client_id text        NOT NULL REFERENCES client,
    epoch     integer     NOT NULL,
    no        integer     NOT NULL,
    at        timestamptz NOT NULL,
    body      bytea       NOT NULL,
    PRIMARY KEY (client_id, epoch, no)
);

-- Every build that ever worked for this practice, with the SHA-256 of its program: one build id is one program.
CREATE TABLE worker_build (
    build_id text        PRIMARY KEY,
    program  bytea       NOT NULL,
    first_at timestamptz NOT NULL
);

-- Workers that run now. A row that was not seen for half a minute belongs to a worker that is gone.
CREATE TABLE worker_seen (
    worker   text        PRIMARY KEY,
    build_id text        NOT NULL,
    seen_at  timestamptz NOT NULL
);

-- +goose Down

DROP TABLE worker_seen;
DROP TABLE worker_build;
DROP TABLE send_record;
ALTER TABLE client DROP COLUMN epoch;
