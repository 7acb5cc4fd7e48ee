-- What each client adds to the practice's reports, so that they open no chart.

-- +goose Up

ALTER TABLE client
    ADD COLUMN outcome         bytea,                        -- sealed
    ADD COLUMN outcome_version int NOT NULL DEFAULT -1,      -- of the chart that it was taken from; -1: of none
    ADD COLUMN outcome_form    int NOT NULL DEFAULT 0;       -- of the function that made it
ALTER TABLE client ADD COLUMN outcome_behind boolean NOT NULL GENERATED ALWAYS AS (outcome_version <> chart_version) STORED;
CREATE INDEX client_outcome_behind ON client (id) WHERE outcome_behind;
CREATE INDEX client_outcome_form ON client (outcome_form);

-- +goose Down

DROP INDEX client_outcome_form;
DROP INDEX client_outcome_behind;
ALTER TABLE client DROP COLUMN outcome_behind, DROP COLUMN outcome_form, DROP COLUMN outcome_version, DROP COLUMN outcome;
