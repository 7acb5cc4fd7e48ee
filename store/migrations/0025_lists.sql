-- What lists know of a client without opening the chart. It is taken from the chart whenever it is saved, and again when time
-- alone changes it; it is never read back into the chart.

-- +goose Up

ALTER TABLE client
    ADD COLUMN line         bytea,                        -- sealed: what the board says of the client
    ADD COLUMN moves        text[]  NOT NULL DEFAULT '{}', -- every role whose move it is
    ADD COLUMN line_version int     NOT NULL DEFAULT -1,   -- the chart_version that line was made from; builds before this one leave it behind
    ADD COLUMN line_form    int     NOT NULL DEFAULT 0;    -- of the function that made line and entries; 0: none has

-- A column of its own, so that the planner knows how rare it is.
ALTER TABLE client ADD COLUMN left_behind boolean NOT NULL GENERATED ALWAYS AS (line_version <> chart_version) STORED;

-- The board's order: who needs a look first, then by what is next.
CREATE INDEX client_board ON client ((NOT attention), (coalesce(next_due, 'infinity'::timestamptz)), id);
CREATE INDEX client_board_stage ON client (stage, (NOT attention), (coalesce(next_due, 'infinity'::timestamptz)), id);
CREATE INDEX client_line_form ON client (line_form);
CREATE INDEX client_left_behind ON client (id) WHERE left_behind;

-- Moments and amounts by which lists find a client. The kinds are in care/record/entry.go.
CREATE TABLE client_entry (
    client_id text        NOT NULL,            -- no reference: it would be looked up for every row, and no client is ever deleted
    kind      text        NOT NULL,
    who       text        NOT NULL,            -- a role, a clinician's id, or a fee set
    due       timestamptz NOT NULL,
    no        int         NOT NULL,            -- tells equal ones of a client apart
    until     timestamptz NOT NULL DEFAULT 'infinity',
    cents     bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (client_id, kind, who, due, no)
);
CREATE INDEX client_entry_by_due ON client_entry (kind, who, due, client_id);
CREATE INDEX client_entry_by_cents ON client_entry (who, cents DESC, client_id) WHERE kind = 'owed';

-- Results of messages that the lists do not know yet.
ALTER TABLE send_record ADD COLUMN listed boolean NOT NULL DEFAULT false;
CREATE INDEX send_record_unlisted ON send_record (client_id) WHERE NOT listed;

-- +goose Down

DROP INDEX send_record_unlisted;
ALTER TABLE send_record DROP COLUMN listed;
DROP TABLE client_entry;
DROP INDEX client_left_behind;
DROP INDEX client_line_form;
DROP INDEX client_board_stage;
DROP INDEX client_board;
ALTER TABLE client DROP COLUMN left_behind, DROP COLUMN line_form, DROP COLUMN line_version, DROP COLUMN moves, DROP COLUMN line;
