-- The books of a month that was handed to the accountant stay as they were handed over. What happened in such a
-- month and is recorded later counts on the first day that is still open.

-- +goose Up

CREATE TABLE ledger_close (
    fee_set   text        NOT NULL CHECK (fee_set IN ('medical', 'psychotherapy')),
    month     date        NOT NULL CHECK (date_trunc('month', month) = month),  -- and every month before it
    sha256    bytea       NOT NULL,      -- of the journal that was exported
    closed_at timestamptz NOT NULL DEFAULT now(),
    by_id     text        NOT NULL,
    PRIMARY KEY (fee_set, month)
);

REVOKE UPDATE, DELETE ON ledger_close FROM kapflow_app;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_close
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

ALTER TABLE ledger_tx ADD COLUMN moved_to date;  -- NULL: it counts on occurred_on

-- HAZARD: the lock has a month close only between postings, never beside one that is under way.
-- +goose StatementBegin
CREATE FUNCTION ledger_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_from date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('ledger_close'));
    SELECT (max(month) + interval '1 month')::date INTO open_from FROM ledger_close WHERE fee_set = NEW.fee_set;
    NEW.moved_to := CASE WHEN NEW.occurred_on < open_from THEN open_from END;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER period BEFORE INSERT ON ledger_tx FOR EACH ROW EXECUTE FUNCTION ledger_period();

CREATE INDEX ledger_tx_by_day ON ledger_tx (fee_set, (coalesce(moved_to, occurred_on)), id);

-- +goose Down

DROP INDEX ledger_tx_by_day;
DROP TRIGGER period ON ledger_tx;
DROP FUNCTION ledger_period();
ALTER TABLE ledger_tx DROP COLUMN moved_to;
DROP TABLE ledger_close;
